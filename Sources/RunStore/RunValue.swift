import OrderedJSON

/// A value of a run: a field, a statistic, or a key of its configuration.
public enum RunValue: Sendable, Hashable {
  case number(Double)
  case text(String)
  /// Neither a number nor a text: true, null, a list.
  case other(JSON)

  /// The value of a configuration's key.
  public init(_ json: JSON) {
    switch json {
    case .number(let number): self = .number(number.double)
    case .string(let text): self = .text(text)
    default: self = .other(json)
    }
  }

  /// The value as JSON.
  public var json: JSON {
    switch self {
    case .number(let number): number.isFinite ? .number(JSONNumber(number)) : .null
    case .text(let text): .string(text)
    case .other(let json): json
    }
  }

  /// The value as a cell of a table or a condition: a text as it is, all else as JSON.
  public var description: String {
    if case .text(let text) = self { text } else { json.serialized(.line) }
  }

  /// Whether a value stands before another in a sorted list: numbers by size, then texts, then the rest.
  static func precedes(_ one: RunValue, _ other: RunValue) -> Bool {
    switch (one, other) {
    case (.number(let one), .number(let other)): one < other
    case (.number, _): true
    case (_, .number): false
    case (.text(let one), .text(let other)): one < other
    case (.text, _): true
    case (_, .text): false
    case (.other, .other): one.description.utf8.lexicographicallyPrecedes(other.description.utf8)
    }
  }
}

extension RunValue: CustomStringConvertible {}
