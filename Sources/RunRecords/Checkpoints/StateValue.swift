/// A value as a checkpoint holds it: a tree of plain values, in which long rows of numbers are one leaf.
///
/// In bytes a leaf is a tag and its value, little-endian; texts, rows and lists have their length before them. Numbers
/// keep every bit, NaN and infinities included.
enum StateValue: Sendable, Equatable {
  case none
  case flag(Bool)
  case signed(Int64)
  case unsigned(UInt64)
  case double(UInt64)
  case float(UInt32)
  case text(String)
  case list([StateValue])
  case map([String: StateValue])
  /// Numbers of 4 bytes: `[Float]`, `[Int32]` or `[UInt32]` by their bits.
  case words([UInt32])
  /// Numbers of 8 bytes: `[Double]` or `[UInt64]` by their bits.
  case longWords([UInt64])

  /// Deeper trees than any state is.
  private static let deepest = 64

  // MARK: - Writing

  /// Appends the bytes of the value.
  func write(to bytes: inout [UInt8]) {
    switch self {
    case .none: bytes.append(0)
    case .flag(let flag): bytes += [1, flag ? 1 : 0]
    case .signed(let value): Self.append(2, UInt64(bitPattern: value), to: &bytes)
    case .unsigned(let value): Self.append(3, value, to: &bytes)
    case .double(let bits): Self.append(4, bits, to: &bytes)
    case .float(let bits):
      bytes.append(5)
      withUnsafeBytes(of: bits.littleEndian) { bytes += $0 }
    case .text(let text):
      Self.append(6, UInt64(text.utf8.count), to: &bytes)
      bytes += text.utf8
    case .list(let values):
      Self.append(7, UInt64(values.count), to: &bytes)
      for value in values { value.write(to: &bytes) }
    case .map(let members):
      Self.append(8, UInt64(members.count), to: &bytes)
      // In the order of their keys, so that equal states are equal bytes.
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        StateValue.text(key).write(to: &bytes)
        value.write(to: &bytes)
      }
    case .words(let words):
      Self.append(9, UInt64(words.count), to: &bytes)
      words.map(\.littleEndian).withUnsafeBytes { bytes += $0 }
    case .longWords(let words):
      Self.append(10, UInt64(words.count), to: &bytes)
      words.map(\.littleEndian).withUnsafeBytes { bytes += $0 }
    }
  }

  private static func append(_ tag: UInt8, _ value: UInt64, to bytes: inout [UInt8]) {
    bytes.append(tag)
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  // MARK: - Reading

  /// Reads a value that fills the bytes; nil where they hold none, or more than one.
  init?(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    guard let value = Self.read(&rest, depth: 0), rest.isEmpty else { return nil }
    self = value
  }

  private static func read(_ bytes: inout ArraySlice<UInt8>, depth: Int) -> StateValue? {
    guard depth < deepest, let tag = bytes.popFirst() else { return nil }
    switch tag {
    case 0: return StateValue.none
    case 1: return bytes.popFirst().map { .flag($0 != 0) }
    case 2: return number(&bytes).map { .signed(Int64(bitPattern: $0)) }
    case 3: return number(&bytes).map { .unsigned($0) }
    case 4: return number(&bytes).map { .double($0) }
    case 5: return numbers(1, &bytes, UInt32.self).map { .float($0[0]) }
    case 6: return text(&bytes).map { .text($0) }
    case 7:
      // Every value takes a byte at least, so that no length is believed that the bytes cannot hold.
      guard let count = length(&bytes, of: 1) else { return nil }
      var values: [StateValue] = []
      values.reserveCapacity(min(count, 1 << 12))
      for _ in 0..<count {
        guard let value = read(&bytes, depth: depth + 1) else { return nil }
        values.append(value)
      }
      return .list(values)
    case 8:
      guard let count = length(&bytes, of: 2) else { return nil }
      var members: [String: StateValue] = [:]
      for _ in 0..<count {
        guard bytes.popFirst() == 6, let key = text(&bytes), let value = read(&bytes, depth: depth + 1),
          members.updateValue(value, forKey: key) == nil
        else { return nil }
      }
      return .map(members)
    case 9: return length(&bytes, of: 4).flatMap { numbers($0, &bytes, UInt32.self) }.map { .words($0) }
    case 10: return length(&bytes, of: 8).flatMap { numbers($0, &bytes, UInt64.self) }.map { .longWords($0) }
    default: return nil
    }
  }

  /// A length of values of `size` bytes each, as far as there are so many.
  private static func length(_ bytes: inout ArraySlice<UInt8>, of size: UInt64) -> Int? {
    guard let count = number(&bytes), count <= UInt64(bytes.count) / size else { return nil }
    return Int(count)
  }

  private static func text(_ bytes: inout ArraySlice<UInt8>) -> String? {
    guard let count = length(&bytes, of: 1) else { return nil }
    defer { bytes = bytes.dropFirst(count) }
    return String(validating: bytes.prefix(count), as: UTF8.self)
  }

  private static func number(_ bytes: inout ArraySlice<UInt8>) -> UInt64? { numbers(1, &bytes, UInt64.self)?[0] }

  private static func numbers<Word: FixedWidthInteger>(
    _ count: Int, _ bytes: inout ArraySlice<UInt8>, _ type: Word.Type
  ) -> [Word]? {
    let size = count * MemoryLayout<Word>.size
    guard bytes.count >= size else { return nil }
    defer { bytes = bytes.dropFirst(size) }
    return [Word](unsafeUninitializedCapacity: count) { buffer, initialized in
      bytes.prefix(size).withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      for index in 0..<count { buffer[index] = Word(littleEndian: buffer[index]) }
      initialized = count
    }
  }
}
