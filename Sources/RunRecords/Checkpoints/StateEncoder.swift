/// Turns encodable values into the bytes of a checkpoint.
package enum StateEncoder {
  /// The bytes of a value. Equal values have equal bytes.
  package static func bytes(of value: some Encodable) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try encode(value, at: []).write(to: &bytes)
    return bytes
  }

  fileprivate static func encode<Value: Encodable>(_ value: Value, at path: [any CodingKey]) throws -> StateValue {
    // An array is asked for its type first: an empty one can be cast to any other.
    switch Value.self {
    case is [Float].Type: if let values = value as? [Float] { return .words(values.map(\.bitPattern)) }
    case is [Int32].Type: if let values = value as? [Int32] { return .words(values.map(UInt32.init(bitPattern:))) }
    case is [UInt32].Type: if let values = value as? [UInt32] { return .words(values) }
    case is [Double].Type: if let values = value as? [Double] { return .longWords(values.map(\.bitPattern)) }
    case is [UInt64].Type: if let values = value as? [UInt64] { return .longWords(values) }
    default: break
    }
    let tree = TreeEncoder(codingPath: path)
    try value.encode(to: tree)
    return tree.root.value
  }
}

/// A value that is still being put together; containers fill it after they have been handed out.
private final class PartialValue {
  private enum Content {
    case value(StateValue)
    case list([PartialValue])
    case map([String: PartialValue])
  }

  private var content = Content.value(.none)

  init(_ value: StateValue = .none) { content = .value(value) }

  var value: StateValue {
    switch content {
    case .value(let value): value
    case .list(let parts): .list(parts.map(\.value))
    case .map(let parts): .map(parts.mapValues(\.value))
    }
  }

  var count: Int { if case .list(let parts) = content { parts.count } else { 0 } }

  func set(_ value: StateValue) { content = .value(value) }

  func becomeList() { if case .list = content {} else { content = .list([]) } }

  func becomeMap() { if case .map = content {} else { content = .map([:]) } }

  func append(_ part: PartialValue) {
    guard case .list(var parts) = content else {
      content = .list([part])
      return
    }
    parts.append(part)
    content = .list(parts)
  }

  func insert(_ part: PartialValue, _ key: String) {
    guard case .map(var parts) = content else {
      content = .map([key: part])
      return
    }
    parts[key] = part
    content = .map(parts)
  }
}

private struct TreeEncoder: Encoder {
  let codingPath: [any CodingKey]
  let userInfo: [CodingUserInfoKey: Any] = [:]
  let root: PartialValue

  init(codingPath: [any CodingKey], root: PartialValue = PartialValue()) {
    self.codingPath = codingPath
    self.root = root
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    root.becomeMap()
    return KeyedEncodingContainer(KeyedContainer(codingPath: codingPath, root: root))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    root.becomeList()
    return ListContainer(codingPath: codingPath, root: root)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleContainer(codingPath: codingPath, root: root)
  }
}

private struct KeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let codingPath: [any CodingKey]
  let root: PartialValue

  func encodeNil(forKey key: Key) throws { root.insert(PartialValue(), key.stringValue) }

  func encode(_ value: some Encodable, forKey key: Key) throws {
    root.insert(PartialValue(try StateEncoder.encode(value, at: codingPath + [key])), key.stringValue)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    part(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { part(key).unkeyedContainer() }
  func superEncoder() -> any Encoder { TreeEncoder(codingPath: codingPath, root: root) }
  func superEncoder(forKey key: Key) -> any Encoder { part(key) }

  private func part(_ key: Key) -> TreeEncoder {
    let part = PartialValue()
    root.insert(part, key.stringValue)
    return TreeEncoder(codingPath: codingPath + [key], root: part)
  }
}

private struct ListContainer: UnkeyedEncodingContainer {
  let codingPath: [any CodingKey]
  let root: PartialValue
  var count: Int { root.count }

  func encodeNil() throws { root.append(PartialValue()) }

  func encode(_ value: some Encodable) throws {
    root.append(PartialValue(try StateEncoder.encode(value, at: codingPath)))
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    part().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { part().unkeyedContainer() }
  func superEncoder() -> any Encoder { part() }

  private func part() -> TreeEncoder {
    let part = PartialValue()
    root.append(part)
    return TreeEncoder(codingPath: codingPath, root: part)
  }
}

private struct SingleContainer: SingleValueEncodingContainer {
  let codingPath: [any CodingKey]
  let root: PartialValue

  func encodeNil() throws { root.set(.none) }
  func encode(_ value: Bool) throws { root.set(.flag(value)) }
  func encode(_ value: String) throws { root.set(.text(value)) }
  func encode(_ value: Double) throws { root.set(.double(value.bitPattern)) }
  func encode(_ value: Float) throws { root.set(.float(value.bitPattern)) }
  func encode(_ value: Int) throws { root.set(.signed(Int64(value))) }
  func encode(_ value: Int8) throws { root.set(.signed(Int64(value))) }
  func encode(_ value: Int16) throws { root.set(.signed(Int64(value))) }
  func encode(_ value: Int32) throws { root.set(.signed(Int64(value))) }
  func encode(_ value: Int64) throws { root.set(.signed(value)) }
  func encode(_ value: UInt) throws { root.set(.unsigned(UInt64(value))) }
  func encode(_ value: UInt8) throws { root.set(.unsigned(UInt64(value))) }
  func encode(_ value: UInt16) throws { root.set(.unsigned(UInt64(value))) }
  func encode(_ value: UInt32) throws { root.set(.unsigned(UInt64(value))) }
  func encode(_ value: UInt64) throws { root.set(.unsigned(value)) }
  func encode(_ value: some Encodable) throws { root.set(try StateEncoder.encode(value, at: codingPath)) }
}
