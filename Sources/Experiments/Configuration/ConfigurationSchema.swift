import OrderedJSON

extension ExperimentConfiguration {
  /// The JSON Schema (draft 2020-12) of a configuration, from which editors complete and check.
  public static var schema: JSON {
    section.codec.shape.documentSchema(title: "Configuration of an Equipoise experiment")
  }
}

extension ConfigurationShape {
  /// The schema of a whole file of this shape, in which `$schema` may stand.
  func documentSchema(title: String) -> JSON {
    var members: [JSON.Member] = [
      .init("$schema", "https://json-schema.org/draft/2020-12/schema"), .init("title", .string(title)),
    ]
    for member in schema.members ?? [] {
      guard member.key == "properties", let properties = member.value.members else {
        members.append(member)
        continue
      }
      let own = JSON.Member("$schema", ["description": "The schema that an editor checks against.", "type": "string"])
      members.append(.init("properties", .object([own] + properties)))
    }
    return .object(members)
  }

  /// The shape as JSON Schema.
  var schema: JSON {
    switch self {
    case .anything: return .object([])
    case .anyObject: return ["type": "object"]
    case .boolean: return ["type": "boolean"]
    case .integer(let range):
      return [
        "type": "integer", "minimum": .number(JSONNumber(range.lowerBound)),
        "maximum": .number(JSONNumber(range.upperBound)),
      ]
    case .number(let range): return range.schema
    case .text(let rule):
      return .object(
        [.init("type", "string")] + (rule.pattern.map { [JSON.Member("pattern", .string($0))] } ?? []))
    case .choice(let names): return ["enum": .array(names.map(JSON.string))]
    case .list(let element, let minimum, let distinct):
      var members: [JSON.Member] = [.init("type", "array"), .init("items", element.schema)]
      if minimum > 0 { members.append(.init("minItems", .number(JSONNumber(minimum)))) }
      if distinct { members.append(.init("uniqueItems", true)) }
      return .object(members)
    case .map(let value): return ["type": "object", "additionalProperties": value.schema]
    case .section(let fields): return Self.sectionSchema(fields)
    case .nullable(.choice(let names), _): return ["enum": .array(names.map(JSON.string) + [.null])]
    case .nullable(.anyOf(let alternatives), _):
      return ["anyOf": .array(alternatives.map(\.shape.schema) + [["type": "null"]])]
    case .nullable(let shape, _): return ["anyOf": [shape.schema, ["type": "null"]]]
    case .anyOf(let alternatives): return ["anyOf": .array(alternatives.map(\.shape.schema))]
    }
  }

  private static func sectionSchema(_ fields: [FieldShape]) -> JSON {
    var members: [JSON.Member] = [.init("type", "object")]
    let properties = fields.map { field in
      var property: [JSON.Member] = [.init("description", .string(field.help))]
      property += field.shape.schema.members ?? []
      // A section's own keys carry their defaults; repeating them here would only make the schema long.
      if let value = field.defaultValue, !field.shape.isSection { property.append(.init("default", value)) }
      return JSON.Member(field.key, .object(property))
    }
    members.append(.init("properties", .object(properties)))
    let required = fields.filter { $0.defaultValue == nil && !$0.isConditional }.map { JSON.string($0.key) }
    if !required.isEmpty { members.append(.init("required", .array(required))) }
    members.append(.init("additionalProperties", false))
    return .object(members)
  }

  private var isSection: Bool {
    if case .section = self { true } else { false }
  }

  /// The shape of the value under a key or index, or nil where there is none.
  func member(_ key: String) -> ConfigurationShape? {
    switch self {
    case .section(let fields): fields.first { $0.key == key }?.shape
    case .map(let value): value
    case .list(let element, _, _): Int(key).flatMap { $0 >= 0 ? element : nil }
    case .nullable(let shape, _): shape.member(key)
    case .anyOf(let alternatives): alternatives.lazy.compactMap { $0.shape.member(key) }.first
    default: nil
    }
  }

  /// Whether a value may be an object with any keys.
  var allowsAnyKeys: Bool {
    switch self {
    case .map: true
    case .nullable(let shape, _): shape.allowsAnyKeys
    case .anyOf(let alternatives): alternatives.contains { $0.shape.allowsAnyKeys }
    default: false
    }
  }
}

extension NumberRange {
  fileprivate var schema: JSON {
    var members: [JSON.Member] = [.init("type", "number")]
    if lower.isFinite {
      members.append(.init(lowerIsIncluded ? "minimum" : "exclusiveMinimum", .number(JSONNumber(lower))))
    }
    if upper.isFinite {
      members.append(.init(upperIsIncluded ? "maximum" : "exclusiveMaximum", .number(JSONNumber(upper))))
    }
    return .object(members)
  }
}
