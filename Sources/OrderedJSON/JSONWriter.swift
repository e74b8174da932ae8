extension JSON {
  /// How much room a written value takes.
  public enum Layout: Sendable {
    /// Everything on one line, as a line of a JSON Lines file.
    case compact
    /// Everything on one line, with spaces between, for people.
    case line
    /// A member a line, indented by two spaces; arrays and objects of plain values on one line where they fit.
    case pretty
  }

  /// The value as JSON text. Equal values give equal bytes, whatever the platform.
  public func serialized(_ layout: Layout = .pretty) -> String {
    var text = ""
    switch layout {
    case .compact: writeCompact(to: &text)
    case .line: writeCompact(to: &text, spaced: true)
    case .pretty:
      writePretty(to: &text, indentation: 0, used: 0)
      text += "\n"
    }
    return text
  }

  /// A string as JSON writes it, in quotation marks; control characters, direction marks and line separators, which
  /// could disguise what follows them on a terminal, are escaped.
  public static func quoted(_ string: String) -> String {
    // Most texts have nothing that is escaped.
    if string.utf8.allSatisfy({ (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
      return "\"\(string)\""
    }
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
          for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
          }
        default: text.unicodeScalars.append(scalar)
        }
      }
    }
    return text + "\""
  }

  private static let lineWidth = 100

  private var isPlain: Bool {
    switch self {
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    default: true
    }
  }

  /// Whether the value may stand on one line of a pretty text: plain values, and one level of them.
  private var fitsOnOneLine: Bool {
    switch self {
    case .array(let elements): elements.allSatisfy(\.isPlain)
    case .object(let members): members.count <= 4 && members.allSatisfy { $0.value.isPlain }
    default: true
    }
  }

  private func writeCompact(to text: inout String, spaced: Bool = false) {
    let comma = spaced ? ", " : ","
    switch self {
    case .null: text += "null"
    case .bool(let bool): text += bool ? "true" : "false"
    case .number(let number): text += number.text
    case .string(let string): text += Self.quoted(string)
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { text += comma }
        element.writeCompact(to: &text, spaced: spaced)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += comma }
        text += Self.quoted(member.key) + (spaced ? ": " : ":")
        member.value.writeCompact(to: &text, spaced: spaced)
      }
      text += "}"
    }
  }

  /// - Parameters:
  ///   - indentation: The columns before the line on which the value starts.
  ///   - used: The columns already taken on that line.
  private func writePretty(to text: inout String, indentation: Int, used: Int) {
    if fitsOnOneLine {
      var line = ""
      writeCompact(to: &line, spaced: true)
      if isPlain || used + line.count <= Self.lineWidth {
        text += line
        return
      }
    }
    let inner = indentation + 2
    let margin = String(repeating: " ", count: inner)
    let closing = "\n" + String(repeating: " ", count: indentation)
    switch self {
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        text += (index > 0 ? ",\n" : "\n") + margin
        element.writePretty(to: &text, indentation: inner, used: inner)
      }
      text += closing + "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        let key = Self.quoted(member.key) + ": "
        text += (index > 0 ? ",\n" : "\n") + margin + key
        member.value.writePretty(to: &text, indentation: inner, used: inner + key.count)
      }
      text += closing + "}"
    default: writeCompact(to: &text, spaced: true)
    }
  }
}
