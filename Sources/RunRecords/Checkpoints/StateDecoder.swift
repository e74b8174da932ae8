/// Turns the bytes of a checkpoint back into values.
package enum StateDecoder {
  /// The value that the bytes hold.
  ///
  /// - Throws: `DecodingError` where they hold none of this type.
  package static func value<Value: Decodable>(_ type: Value.Type, from bytes: ArraySlice<UInt8>) throws -> Value {
    guard let tree = StateValue(bytes) else {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "the bytes are no state"))
    }
    return try decode(type, tree, at: [])
  }

  fileprivate static func decode<Value: Decodable>(
    _ type: Value.Type, _ value: StateValue, at path: [any CodingKey]
  ) throws -> Value {
    var found: Any?
    switch (value, Value.self) {
    case (.words(let words), is [Float].Type): found = words.map(Float.init(bitPattern:))
    case (.words(let words), is [Int32].Type): found = words.map(Int32.init(bitPattern:))
    case (.words(let words), is [UInt32].Type): found = words
    case (.longWords(let words), is [Double].Type): found = words.map(Double.init(bitPattern:))
    case (.longWords(let words), is [UInt64].Type): found = words
    default: return try Value(from: TreeDecoder(codingPath: path, value: value))
    }
    guard let found = found as? Value else { throw mismatch(type, path) }
    return found
  }

  fileprivate static func mismatch(_ type: Any.Type, _ path: [any CodingKey]) -> DecodingError {
    .typeMismatch(type, .init(codingPath: path, debugDescription: "the state holds another type"))
  }
}

private struct TreeDecoder: Decoder {
  let codingPath: [any CodingKey]
  let userInfo: [CodingUserInfoKey: Any] = [:]
  let value: StateValue

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .map(let members) = value else { throw StateDecoder.mismatch(type, codingPath) }
    return KeyedDecodingContainer(KeyedContainer(codingPath: codingPath, members: members))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .list(let values) = value else { throw StateDecoder.mismatch([Any].self, codingPath) }
    return ListContainer(codingPath: codingPath, values: values)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer {
    SingleContainer(codingPath: codingPath, value: value)
  }
}

private struct KeyedContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let codingPath: [any CodingKey]
  let members: [String: StateValue]
  var allKeys: [Key] { members.keys.sorted().compactMap { Key(stringValue: $0) } }

  func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }

  func decodeNil(forKey key: Key) throws -> Bool { try member(key) == StateValue.none }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try StateDecoder.decode(type, member(key), at: codingPath + [key])
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try part(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try part(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { TreeDecoder(codingPath: codingPath, value: .map(members)) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try part(key) }

  private func part(_ key: Key) throws -> TreeDecoder {
    TreeDecoder(codingPath: codingPath + [key], value: try member(key))
  }

  private func member(_ key: Key) throws -> StateValue {
    guard let member = members[key.stringValue] else {
      throw DecodingError.keyNotFound(
        key, .init(codingPath: codingPath, debugDescription: "the state has no such part"))
    }
    return member
  }
}

private struct ListContainer: UnkeyedDecodingContainer {
  let codingPath: [any CodingKey]
  let values: [StateValue]
  var currentIndex = 0
  var count: Int? { values.count }
  var isAtEnd: Bool { currentIndex >= values.count }

  init(codingPath: [any CodingKey], values: [StateValue]) {
    self.codingPath = codingPath
    self.values = values
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, values[currentIndex] == StateValue.none else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value = try StateDecoder.decode(type, next(), at: codingPath)
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try part().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try part().unkeyedContainer() }
  mutating func superDecoder() throws -> any Decoder { try part() }

  private mutating func part() throws -> TreeDecoder {
    defer { currentIndex += 1 }
    return TreeDecoder(codingPath: codingPath, value: try next())
  }

  private func next() throws -> StateValue {
    guard !isAtEnd else {
      throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: "the list is too short"))
    }
    return values[currentIndex]
  }
}

private struct SingleContainer: SingleValueDecodingContainer {
  let codingPath: [any CodingKey]
  let value: StateValue

  func decodeNil() -> Bool { value == StateValue.none }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .flag(let flag) = value else { throw StateDecoder.mismatch(type, codingPath) }
    return flag
  }

  func decode(_ type: String.Type) throws -> String {
    guard case .text(let text) = value else { throw StateDecoder.mismatch(type, codingPath) }
    return text
  }

  func decode(_ type: Double.Type) throws -> Double {
    guard case .double(let bits) = value else { throw StateDecoder.mismatch(type, codingPath) }
    return Double(bitPattern: bits)
  }

  func decode(_ type: Float.Type) throws -> Float {
    guard case .float(let bits) = value else { throw StateDecoder.mismatch(type, codingPath) }
    return Float(bitPattern: bits)
  }

  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try StateDecoder.decode(type, value, at: codingPath)
  }

  private func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
    let number: Value? =
      switch value {
      case .signed(let value): Value(exactly: value)
      case .unsigned(let value): Value(exactly: value)
      default: nil
      }
    guard let number else { throw StateDecoder.mismatch(type, codingPath) }
    return number
  }
}
