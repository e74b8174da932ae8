/// Text from data, as messages show it.
package enum Excerpt {
  /// In single quotation marks, at most 40 characters, control characters and broken UTF-8 as escapes.
  package static func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return quoted(text) }
    let shown = bytes.prefix(40).map { byte in
      byte >= 0x20 && byte < 0x7f
        ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return "'" + shown.joined() + (bytes.count > 40 ? "…" : "") + "'"
  }

  package static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let shown = scalars.prefix(40).map { scalar in
      scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
        ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }
    return "'" + shown.joined() + (scalars.count > 40 ? "…" : "") + "'"
  }

  /// Several, separated by commas: the first `limit` of them and the number of the rest.
  package static func list(_ texts: some Collection<String>, limit: Int = 8) -> String {
    list(quoted: texts.map { quoted($0) }, limit: limit)
  }

  /// The same for texts that are quoted already.
  package static func list(quoted texts: [String], limit: Int = 8) -> String {
    let shown = texts.prefix(limit).joined(separator: ", ")
    return texts.count > limit ? "\(shown) and \(texts.count - limit) more" : shown
  }

  /// The same as part of a sentence, the last one behind "and": `'a', 'b' and 'c'`.
  package static func sentence(quoted texts: [String], limit: Int = 8) -> String {
    guard texts.count > 1, texts.count <= limit else { return list(quoted: texts, limit: limit) }
    return texts.dropLast().joined(separator: ", ") + " and " + texts[texts.count - 1]
  }
}
