/// A JSON value whose members keep their order and whose numbers keep their text.
///
/// Foundation's coders drop repeated keys, the order of members and the place of a value in its file; a configuration
/// needs all three, and records need the same bytes on every platform.
public indirect enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSON])
  case object([Member])

  /// One key of an object and its value.
  public struct Member: Sendable, Hashable {
    /// The key.
    public var key: String

    /// The value.
    public var value: JSON

    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// The value of a member, or nil where this is no object or has no such key.
  public subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The members of an object, or nil.
  public var members: [Member]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The elements of an array, or nil.
  public var elements: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The text of a string, or nil.
  public var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The value of a number in double precision, or nil.
  public var double: Double? {
    if case .number(let number) = self { number.double } else { nil }
  }

  /// The value of a whole number, or nil.
  public var integer: Int? {
    if case .number(let number) = self { number.integer } else { nil }
  }
}

extension JSON {
  /// The values by the keys that lead to them, such as `adversary.lambda.race`: a list of plain values is one value, the
  /// elements of other lists are counted from 0.
  package var leaves: [(key: String, value: JSON)] {
    var found: [(key: String, value: JSON)] = []
    collectLeaves(at: "", into: &found)
    return found
  }

  private func collectLeaves(at path: String, into found: inout [(key: String, value: JSON)]) {
    let prefix = path.isEmpty ? "" : path + "."
    switch self {
    case .object(let members) where !members.isEmpty:
      for member in members { member.value.collectLeaves(at: prefix + member.key, into: &found) }
    case .array(let elements) where elements.contains { $0.members != nil }:
      for (index, element) in elements.enumerated() { element.collectLeaves(at: prefix + String(index), into: &found) }
    default: found.append((path, self))
    }
  }
}

// Not by nil: an optional value would turn into JSON's null without a word.
extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
  public init(floatLiteral value: Double) { self = .number(JSONNumber(value)) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Member($0.0, $0.1) }) }
}
