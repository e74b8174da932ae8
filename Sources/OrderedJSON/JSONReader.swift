/// Reads JSON text (RFC 8259) into nodes that know their places.
///
/// Stricter than the standard asks: a repeated key is an error, and so is nesting beyond a limit. A byte-order mark at
/// the start is skipped. Work and memory grow with the length of the text, whatever it holds.
public struct JSONReader {
  private let bytes: [UInt8]
  private let source: String
  private let allowsComments: Bool
  private let depthLimit: Int
  private var offset = 0
  private var line = 1
  /// The offset up to which columns have been counted, and the column there, so that counting never goes back.
  private var counted = (offset: 0, column: 1)
  private var keyPath: [String] = []

  /// Reads a whole text.
  ///
  /// - Parameters:
  ///   - bytes: The text in UTF-8.
  ///   - source: The name of the file or option, for messages.
  ///   - allowsComments: Whether `// …` and `/* … */` may stand where white space may.
  ///   - depthLimit: How many arrays and objects may lie in one another.
  /// - Throws: `JSONError` with the place of the first fault.
  public static func read(
    _ bytes: [UInt8], source: String, allowsComments: Bool = false, depthLimit: Int = 64
  ) throws(JSONError) -> JSONNode {
    var reader = JSONReader(
      bytes: bytes, source: source, allowsComments: allowsComments, depthLimit: depthLimit)
    return try reader.document()
  }

  /// Reads a whole text that is already a string.
  public static func read(
    _ text: String, source: String, allowsComments: Bool = false, depthLimit: Int = 64
  ) throws(JSONError) -> JSONNode {
    try read(Array(text.utf8), source: source, allowsComments: allowsComments, depthLimit: depthLimit)
  }

  private init(bytes: [UInt8], source: String, allowsComments: Bool, depthLimit: Int) {
    self.bytes = bytes
    self.source = source
    self.allowsComments = allowsComments
    self.depthLimit = depthLimit
  }

  private mutating func document() throws(JSONError) -> JSONNode {
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
      offset = 3
      counted = (3, 1)
    } else if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
      throw failure("the text is UTF-16. Save it as UTF-8.")
    }
    try skipSpace()
    guard offset < bytes.count else { throw failure("the text is empty. It should hold one JSON value.") }
    let node = try value(depth: 0)
    try skipSpace()
    guard offset == bytes.count else {
      throw failure("\(found) after the end of the value. Remove what follows the value, or check the brackets.")
    }
    return node
  }

  // MARK: - Values

  private mutating func value(depth: Int) throws(JSONError) -> JSONNode {
    let start = place
    guard offset < bytes.count else { throw failure("the text ends where a value should stand.") }
    switch bytes[offset] {
    case UInt8(ascii: "{"): return try JSONNode(.object(readMembers(depth: depth + 1)), at: start)
    case UInt8(ascii: "["): return try JSONNode(.array(readElements(depth: depth + 1)), at: start)
    case UInt8(ascii: "\""): return try JSONNode(.string(readString()), at: start)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return try JSONNode(.number(readNumber()), at: start)
    default:
      let word = upcomingWord
      let content: JSONNode.Content
      switch word {
      case "true": content = .bool(true)
      case "false": content = .bool(false)
      case "null": content = .null
      case "": throw failure("\(found) where a value should stand.")
      default:
        throw failure(
          "'\(word)' is not a JSON value. Put text in quotation marks; the words of JSON are true, false and null.")
      }
      offset += word.utf8.count
      return JSONNode(content, at: start)
    }
  }

  private mutating func readElements(depth: Int) throws(JSONError) -> [JSONNode] {
    try enter(depth)
    var elements: [JSONNode] = []
    offset += 1
    try skipSpace()
    if take("]") { return elements }
    while true {
      keyPath.append(String(elements.count))
      try skipSpace()
      elements.append(try value(depth: depth))
      keyPath.removeLast()
      try skipSpace()
      if take("]") { return elements }
      guard take(",") else { throw failure("\(found) where a comma or the end ] of the list should stand.") }
    }
  }

  private mutating func readMembers(depth: Int) throws(JSONError) -> [JSONNode.Member] {
    try enter(depth)
    var members: [JSONNode.Member] = []
    var known = KnownKeys()
    offset += 1
    try skipSpace()
    if take("}") { return members }
    members.reserveCapacity(8)
    while true {
      try skipSpace()
      let keyPlace = place
      guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
        throw failure("\(found) where a key in quotation marks should stand.")
      }
      let key = try readString()
      keyPath.append(key)
      if let earlier = known.place(of: key, among: members) {
        throw JSONError(
          at: keyPlace, keyPath: keyPath,
          "the key \(JSON.quoted(key)) occurs twice, first at line \(earlier.line ?? 1). Keep one of them.")
      }
      try skipSpace()
      guard take(":") else { throw failure("\(found) where the colon after the key should stand.") }
      try skipSpace()
      members.append(JSONNode.Member(key: key, place: keyPlace, node: try value(depth: depth)))
      keyPath.removeLast()
      try skipSpace()
      if take("}") { return members }
      guard take(",") else { throw failure("\(found) where a comma or the end } of the object should stand.") }
    }
  }

  private func enter(_ depth: Int) throws(JSONError) {
    if depth > depthLimit {
      throw JSONError(at: currentPlace(), keyPath: keyPath, "values are nested more than \(depthLimit) deep.")
    }
  }

  // MARK: - Numbers and strings

  private mutating func readNumber() throws(JSONError) -> JSONNumber {
    let start = offset
    _ = take("-")
    if take("0") {
      if let byte = peek, isDigit(byte) { throw failure("a number does not start with 0. Remove the leading zero.") }
    } else {
      try digits()
    }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return JSONNumber(checked: String(decoding: bytes[start..<offset], as: UTF8.self))
  }

  private mutating func digits() throws(JSONError) {
    guard let byte = peek, isDigit(byte) else { throw failure("\(found) where a digit should stand.") }
    while let byte = peek, isDigit(byte) { offset += 1 }
  }

  private mutating func readString() throws(JSONError) -> String {
    let start = place
    offset += 1
    var content: [UInt8] = []
    // What has no escapes is taken from the text in one piece.
    var piece = offset
    // All bits of all bytes.
    var bits: UInt8 = 0
    while true {
      guard let byte = peek else {
        throw JSONError(at: start, keyPath: keyPath, "the text in quotation marks that starts here does not end.")
      }
      switch byte {
      case UInt8(ascii: "\""):
        let last = bytes[piece..<offset]
        offset += 1
        if content.isEmpty && bits < 0x80 {
          // ASCII, which most keys and values are, needs no look at its encoding.
          return last.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        }
        guard let string = String(validating: content + last, as: UTF8.self) else {
          throw JSONError(at: start, keyPath: keyPath, "the text is not UTF-8. Save the file as UTF-8.")
        }
        return string
      case UInt8(ascii: "\\"):
        content += bytes[piece..<offset]
        try escape(into: &content)
        piece = offset
      case 0..<0x20: throw failure("\(found) inside quotation marks. Write it as an escape, such as \\n or \\t.")
      default:
        bits |= byte
        offset += 1
      }
    }
  }

  private mutating func escape(into content: inout [UInt8]) throws(JSONError) {
    let start = place
    offset += 1
    let letter = peek ?? 0
    offset += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0c)
    case UInt8(ascii: "n"): content.append(0x0a)
    case UInt8(ascii: "r"): content.append(0x0d)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      var code = hexadecimal()
      if let high = code, 0xd800...0xdbff ~= high {
        let isPair = take("\\") && take("u")
        let low = isPair ? hexadecimal() : nil
        code = low.flatMap { 0xdc00...0xdfff ~= $0 ? 0x10000 + (high - 0xd800) << 10 + ($0 - 0xdc00) : nil }
      }
      guard let scalar = code.flatMap(Unicode.Scalar.init) else {
        throw JSONError(at: start, keyPath: keyPath, "an escape \\u… that is no character.")
      }
      content.append(contentsOf: Array(String(scalar).utf8))
    default:
      throw JSONError(
        at: start, keyPath: keyPath, "an escape that JSON does not have. Write a backslash itself as \\\\.")
    }
  }

  private mutating func hexadecimal() -> UInt32? {
    guard offset + 4 <= bytes.count else { return nil }
    let digits = bytes[offset..<offset + 4]
    guard digits.allSatisfy({ isDigit($0) || 0x41...0x46 ~= $0 || 0x61...0x66 ~= $0 }) else { return nil }
    offset += 4
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }

  // MARK: - Bytes and places

  private mutating func skipSpace() throws(JSONError) {
    while let byte = peek {
      switch byte {
      case 0x20, 0x09, 0x0d: offset += 1
      case 0x0a: newLine()
      case UInt8(ascii: "/") where allowsComments: try skipComment()
      default: return
      }
    }
  }

  private mutating func skipComment() throws(JSONError) {
    let start = place
    offset += 1
    if take("/") {
      while let byte = peek, byte != 0x0a { offset += 1 }
    } else if take("*") {
      while true {
        guard let byte = peek else {
          throw JSONError(at: start, keyPath: keyPath, "the comment that starts here does not end.")
        }
        if byte == 0x0a {
          newLine()
        } else if take("*") {
          if take("/") { return }
        } else {
          offset += 1
        }
      }
    } else {
      offset -= 1
      throw failure("\(found) where a value, a comma or a bracket should stand.")
    }
  }

  private mutating func newLine() {
    offset += 1
    line += 1
    counted = (offset, 1)
  }

  private var peek: UInt8? {
    offset < bytes.count ? bytes[offset] : nil
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }

  /// The letters, digits and signs at the current place, where a bare word stands in a value's stead.
  private var upcomingWord: String {
    let end =
      bytes[offset...].prefix(40).firstIndex {
        !(isDigit($0) || 0x41...0x5a ~= $0 || 0x61...0x7a ~= $0 || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "+"))
      } ?? min(offset + 40, bytes.count)
    return String(decoding: bytes[offset..<end], as: UTF8.self)
  }

  /// What stands at the current place, as the start of a message.
  private var found: String {
    guard let byte = peek else { return "the text ends" }
    switch byte {
    case 0x21...0x7e: return "found '\(Unicode.Scalar(byte))'"
    case 0x80...: return "found a character outside ASCII"
    default: return "found the byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
    }
  }

  private var place: JSONPlace {
    mutating get {
      counted = (offset, column)
      return currentPlace()
    }
  }

  /// Columns count Unicode scalars: all bytes but UTF-8's continuation bytes.
  private var column: Int {
    let end = min(offset, bytes.count)
    guard counted.offset < end else { return counted.column }
    return counted.column + bytes[counted.offset..<end].count { $0 & 0xc0 != 0x80 }
  }

  private func currentPlace() -> JSONPlace {
    JSONPlace(source: source, line: line, column: column)
  }

  private func failure(_ message: String) -> JSONError {
    JSONError(at: currentPlace(), keyPath: keyPath, message)
  }
}

/// The keys of an object so far: few of them are compared with one another, as a dictionary costs more.
private struct KnownKeys {
  private static let few = 16
  private var indices: [String: Int] = [:]

  /// The place of an earlier member of the same key.
  mutating func place(of key: String, among members: [JSONNode.Member]) -> JSONPlace? {
    guard members.count >= Self.few else { return members.first { $0.key == key }?.place }
    if indices.isEmpty {
      for (index, member) in members.enumerated() { indices[member.key] = index }
    }
    if let index = indices[key] { return members[index].place }
    indices[key] = members.count
    return nil
  }
}
