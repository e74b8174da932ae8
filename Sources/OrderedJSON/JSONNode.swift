/// Where a JSON value was written: a file with line and column, or an option of the command line.
public struct JSONPlace: Sendable, Hashable, CustomStringConvertible {
  /// The file or the option.
  public var source: String

  /// The line, counted from 1, or nil where the source has none.
  public var line: Int?

  /// The column in characters (Unicode scalars), counted from 1, or nil where the source has none.
  public var column: Int?

  public init(source: String, line: Int? = nil, column: Int? = nil) {
    self.source = source
    self.line = line
    self.column = column
  }

  /// `adult.json:12:5`, or the source alone.
  public var description: String {
    guard let line else { return source }
    guard let column else { return "\(source):\(line)" }
    return "\(source):\(line):\(column)"
  }
}

/// A JSON value and where it was written.
public struct JSONNode: Sendable {
  /// What a node holds.
  public enum Content: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONNode])
    case object([Member])
  }

  /// One key of an object, with the place of the key, and its value.
  public struct Member: Sendable {
    /// The key.
    public var key: String

    /// Where the key was written.
    public var place: JSONPlace

    /// The value.
    public var node: JSONNode

    public init(key: String, place: JSONPlace, node: JSONNode) {
      self.key = key
      self.place = place
      self.node = node
    }
  }

  /// The value.
  public var content: Content

  /// Where it was written.
  public var place: JSONPlace

  public init(_ content: Content, at place: JSONPlace) {
    self.content = content
    self.place = place
  }

  /// Creates a node from a value that was not read from a file; everything in it has the same place.
  public init(value: JSON, at place: JSONPlace) {
    self.place = place
    switch value {
    case .null: content = .null
    case .bool(let bool): content = .bool(bool)
    case .number(let number): content = .number(number)
    case .string(let text): content = .string(text)
    case .array(let elements): content = .array(elements.map { JSONNode(value: $0, at: place) })
    case .object(let members):
      content = .object(
        members.map { Member(key: $0.key, place: place, node: JSONNode(value: $0.value, at: place)) })
    }
  }

  /// The value without its places.
  public var value: JSON {
    switch content {
    case .null: .null
    case .bool(let bool): .bool(bool)
    case .number(let number): .number(number)
    case .string(let text): .string(text)
    case .array(let elements): .array(elements.map(\.value))
    case .object(let members): .object(members.map { JSON.Member($0.key, $0.node.value) })
    }
  }

  /// The value of a member, or nil where this is no object or has no such key.
  public subscript(key: String) -> JSONNode? {
    guard case .object(let members) = content else { return nil }
    return members.first { $0.key == key }?.node
  }
}
