import OrderedJSON
import TabularData
import Wording

/// How a value of the configuration is read, checked and written, together with its shape.
struct ConfigurationCodec<Value: Sendable>: Sendable {
  /// What the value looks like in JSON.
  var shape: ConfigurationShape

  /// Reads and checks the value; throws `ConfigurationError`.
  var read: @Sendable (JSONNode, ConfigurationPath) throws -> Value

  /// Writes the value in full, every default spelled out.
  var write: @Sendable (Value) -> JSON

  /// The same JSON for another type.
  func map<Other>(
    _ wrap: @escaping @Sendable (Value) -> Other, _ unwrap: @escaping @Sendable (Other) -> Value
  ) -> ConfigurationCodec<Other> {
    ConfigurationCodec<Other>(
      shape: shape,
      read: { [read] node, path in wrap(try read(node, path)) },
      write: { [write] value in write(unwrap(value)) })
  }

  /// The same, refusing values for which `fault` gives a sentence that goes on after the path.
  func refusing(_ fault: @escaping @Sendable (Value) -> String?) -> ConfigurationCodec {
    var codec = self
    codec.read = { [read] node, path in
      let value = try read(node, path)
      if let fault = fault(value) { throw path.failure(at: node.place, fault) }
      return value
    }
    return codec
  }
}

/// An error that names what was expected and what was found.
func mismatch(_ shape: ConfigurationShape, _ node: JSONNode, _ path: ConfigurationPath, _ remedy: String = "")
  -> ConfigurationError
{
  path.failure(
    at: node.place, "should be \(shape.expectation), found \(excerpt(node.value)).\(remedy.isEmpty ? "" : " " + remedy)"
  )
}

/// A value as a message shows it, cut where it is long.
func excerpt(_ value: JSON) -> String {
  switch value {
  case .object(let members): return members.isEmpty ? "an empty object" : "an object"
  case .array(let elements): return elements.isEmpty ? "an empty list" : "a list"
  default:
    let text = value.serialized(.compact)
    return text.count <= 60 ? text : text.prefix(57) + "…"
  }
}

// MARK: - Plain values

extension ConfigurationCodec<JSON> {
  /// Any value, as it is.
  static var anyValue: Self {
    Self(shape: .anything, read: { node, _ in node.value }, write: { $0 })
  }

  /// Any object, as it is.
  static var anyObject: Self {
    Self(
      shape: .anyObject,
      read: { node, path in
        guard case .object = node.content else { throw mismatch(.anyObject, node, path) }
        return node.value
      }, write: { $0 })
  }
}

extension ConfigurationCodec<Bool> {
  static var boolean: Self {
    let shape = ConfigurationShape.boolean
    return Self(
      shape: shape,
      read: { node, path in
        guard case .bool(let value) = node.content else { throw mismatch(shape, node, path) }
        return value
      },
      write: { .bool($0) })
  }
}

extension ConfigurationCodec<Int> {
  static func integer(_ range: ClosedRange<Int>) -> Self {
    let shape = ConfigurationShape.integer(range)
    return Self(
      shape: shape,
      read: { node, path in
        guard case .number(let number) = node.content, let value = number.integer, range.contains(value) else {
          throw mismatch(shape, node, path, quotedNumberRemedy(node))
        }
        return value
      },
      write: { .number(JSONNumber($0)) })
  }
}

extension ConfigurationCodec<Double> {
  static func number(_ range: NumberRange) -> Self {
    let shape = ConfigurationShape.number(range)
    return Self(
      shape: shape,
      read: { node, path in
        guard case .number(let number) = node.content, range.contains(number.double) else {
          throw mismatch(shape, node, path, quotedNumberRemedy(node))
        }
        return number.double
      },
      write: { .number(JSONNumber($0)) })
  }
}

/// The advice where a number stands in quotation marks.
private func quotedNumberRemedy(_ node: JSONNode) -> String {
  guard case .string(let text) = node.content, Double(text)?.isFinite == true else { return "" }
  return "Write the number without quotation marks."
}

extension ConfigurationCodec<String> {
  static func text(_ rule: TextRule) -> Self {
    let shape = ConfigurationShape.text(rule)
    return Self(
      shape: shape,
      read: { node, path in
        guard case .string(let value) = node.content, rule.allows(value) else { throw mismatch(shape, node, path) }
        return value
      },
      write: { .string($0) })
  }
}

extension ConfigurationCodec where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the cases of an enumeration, by name.
  static var choice: Self {
    let names = Value.allCases.map(\.rawValue)
    let shape = ConfigurationShape.choice(names)
    return Self(
      shape: shape,
      read: { node, path in
        guard case .string(let name) = node.content else { throw mismatch(shape, node, path) }
        guard let value = Value(rawValue: name) else {
          let nearest = NearestName.find(name, among: names).map { "Did you mean \(JSON.quoted($0))?" }
          throw mismatch(shape, node, path, nearest ?? "")
        }
        return value
      },
      write: { .string($0.rawValue) })
  }
}

// MARK: - Compositions

extension ConfigurationCodec {
  /// A list of values.
  static func list<Element: Hashable>(
    _ element: ConfigurationCodec<Element>, minimum: Int = 0, maximum: Int = 1_000_000, distinct: Bool = false,
    remedy: String = ""
  ) -> Self where Value == [Element] {
    let shape = ConfigurationShape.list(element.shape, minimum: minimum, distinct: distinct)
    return Self(
      shape: shape,
      read: { node, path in
        guard case .array(let nodes) = node.content, nodes.count >= minimum else {
          throw mismatch(shape, node, path, remedy)
        }
        guard nodes.count <= maximum else {
          throw path.failure(at: node.place, "has \(nodes.count) elements; at most \(maximum) are allowed.")
        }
        var values: [Element] = []
        var seen: Set<Element> = []
        for (index, node) in nodes.enumerated() {
          let value = try element.read(node, path.appending(String(index)))
          if distinct, !seen.insert(value).inserted {
            throw path.failure(at: node.place, "has \(excerpt(node.value)) twice. Keep one of them.")
          }
          values.append(value)
        }
        return values
      },
      write: { .array($0.map(element.write)) })
  }

  /// A value, or null for nil. `sample` is shown where null is the default.
  static func optional<Wrapped>(_ wrapped: ConfigurationCodec<Wrapped>, sample: Wrapped? = nil) -> Self
  where Value == Wrapped? {
    let shape = ConfigurationShape.nullable(wrapped.shape, sample: sample.map(wrapped.write))
    return Self(
      shape: shape,
      read: { node, path in
        if case .null = node.content { return nil }
        do {
          return try wrapped.read(node, path)
        } catch let error as ConfigurationError where error.place == node.place {
          // Only where the value itself is of the wrong kind is null worth a mention.
          switch (node.content, wrapped.shape) {
          case (.object, _), (.array, .list): throw error
          case (.string(let text), .text) where !text.isEmpty: throw error
          default: throw mismatch(shape, node, path)
          }
        }
      },
      write: { value in value.map(wrapped.write) ?? .null })
  }

  /// An object whose keys are names, in the order of the file.
  static func map<Element>(_ element: ConfigurationCodec<Element>) -> Self where Value == [NamedValue<Element>] {
    let shape = ConfigurationShape.map(element.shape)
    return Self(
      shape: shape,
      read: { node, path in
        guard case .object(let members) = node.content else { throw mismatch(shape, node, path) }
        return try members.map { member in
          NamedValue(member.key, try element.read(member.node, path.appending(member.key)))
        }
      },
      write: { values in .object(values.map { JSON.Member($0.name, element.write($0.value)) }) })
  }

  /// One form of a value that has several.
  struct Alternative: Sendable {
    var codec: ConfigurationCodec
    /// A value of this form, for the schema and the example.
    var sample: Value
    /// Whether a JSON value is meant to be of this form.
    var isMeant: @Sendable (JSONNode) -> Bool
    /// Whether a value is written in this form.
    var holds: @Sendable (Value) -> Bool

    /// A form that is an object with a key of its own.
    static func keyed(
      _ key: String, _ codec: ConfigurationCodec, sample: Value, holds: @escaping @Sendable (Value) -> Bool
    ) -> Alternative {
      Alternative(codec: codec, sample: sample, isMeant: { $0[key] != nil }, holds: holds)
    }
  }

  /// A value in one of several forms; the first that is meant reads it.
  static func anyOf(_ alternatives: [Alternative]) -> Self {
    let shape = ConfigurationShape.anyOf(alternatives.map { ($0.codec.shape, $0.codec.write($0.sample)) })
    return Self(
      shape: shape,
      read: { node, path in
        guard let alternative = alternatives.first(where: { $0.isMeant(node) }) else {
          throw mismatch(shape, node, path)
        }
        return try alternative.codec.read(node, path)
      },
      write: { value in
        // The forms cover every value; the first would write one that none claims.
        (alternatives.first { $0.holds(value) } ?? alternatives[0]).codec.write(value)
      })
  }
}

/// A value under a name.
public struct NamedValue<Value: Sendable>: Sendable {
  /// The name.
  public var name: String

  /// The value.
  public var value: Value

  public init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }
}

extension NamedValue: Equatable where Value: Equatable {}
extension NamedValue: Hashable where Value: Hashable {}
