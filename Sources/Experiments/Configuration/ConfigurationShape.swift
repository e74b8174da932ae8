import OrderedJSON

/// What a value of the configuration may look like.
///
/// The one description from which messages, the JSON Schema and the commented example are made; the codec that reads
/// the value carries it, so that none of them can drift from what is read.
indirect enum ConfigurationShape: Sendable {
  /// Any value at all.
  case anything
  /// Any object; what is in it is described elsewhere.
  case anyObject
  case boolean
  case integer(ClosedRange<Int>)
  case number(NumberRange)
  case text(TextRule)
  case choice([String])
  /// A list of at least `minimum` elements; `distinct` where no element may occur twice.
  case list(ConfigurationShape, minimum: Int, distinct: Bool)
  /// An object with any keys, whose values have one shape.
  case map(ConfigurationShape)
  case section([FieldShape])
  /// A value or null; `sample` is a value to show where null is the default.
  case nullable(ConfigurationShape, sample: JSON?)
  /// One of several shapes, each with a value to show.
  case anyOf([(shape: ConfigurationShape, sample: JSON)])

  /// A key of a section.
  struct FieldShape: Sendable {
    var key: String
    var help: String
    var shape: ConfigurationShape
    /// The value where the key is left out, or nil where it may not be.
    var defaultValue: JSON?
    /// Whether the key has a meaning only with certain values of others, so that it may be left out all the same.
    var isConditional = false
  }

  /// The shape in words, to follow "should be": `a whole number in 1...64`.
  var expectation: String {
    switch self {
    case .anything: "any JSON value"
    case .anyObject: "an object"
    case .boolean: "true or false"
    case .integer(let range): "a whole number in \(range.lowerBound)...\(range.upperBound)"
    case .number(let range): range.expectation
    case .text(let rule): rule.expectation
    case .choice(let names):
      names.count == 1 ? JSON.quoted(names[0]) : "one of " + names.map(JSON.quoted).joined(separator: ", ")
    case .list(let element, 0, let distinct):
      "a list, each element \(element.expectation)\(distinct ? ", none twice" : "")"
    case .list(let element, let minimum, let distinct):
      "a list of at least \(minimum), each element \(element.expectation)\(distinct ? ", none twice" : "")"
    case .map(let value): "an object whose values are each \(value.expectation)"
    case .section(let fields):
      fields.first { $0.defaultValue == nil }.map { "an object with the key '\($0.key)'" } ?? "an object"
    case .nullable(let shape, _): "\(shape.expectation), or null"
    case .anyOf(let alternatives): alternatives.map(\.shape.expectation).joined(separator: ", or ")
    }
  }
}

/// The numbers that a key takes; always finite.
struct NumberRange: Sendable {
  var lower: Double
  var lowerIsIncluded: Bool
  var upper: Double
  var upperIsIncluded: Bool

  /// Every finite number.
  static let finite = NumberRange(
    lower: -.infinity, lowerIsIncluded: false, upper: .infinity, upperIsIncluded: false)

  /// `lower` and more.
  static func atLeast(_ lower: Double) -> NumberRange {
    NumberRange(lower: lower, lowerIsIncluded: true, upper: .infinity, upperIsIncluded: false)
  }

  /// More than `lower`.
  static func above(_ lower: Double) -> NumberRange {
    NumberRange(lower: lower, lowerIsIncluded: false, upper: .infinity, upperIsIncluded: false)
  }

  /// From `lower` to `upper`, both included.
  static func closed(_ lower: Double, _ upper: Double) -> NumberRange {
    NumberRange(lower: lower, lowerIsIncluded: true, upper: upper, upperIsIncluded: true)
  }

  /// From `lower`, included, to `upper`, left out.
  static func halfOpen(_ lower: Double, _ upper: Double) -> NumberRange {
    NumberRange(lower: lower, lowerIsIncluded: true, upper: upper, upperIsIncluded: false)
  }

  /// Between `lower` and `upper`, both left out.
  static func open(_ lower: Double, _ upper: Double) -> NumberRange {
    NumberRange(lower: lower, lowerIsIncluded: false, upper: upper, upperIsIncluded: false)
  }

  func contains(_ value: Double) -> Bool {
    value.isFinite && (lowerIsIncluded ? value >= lower : value > lower)
      && (upperIsIncluded ? value <= upper : value < upper)
  }

  var expectation: String {
    guard lower.isFinite else { return "a number" }
    let low = JSONNumber(lower).text
    guard upper.isFinite else {
      return lowerIsIncluded ? "a number of at least \(low)" : "a number greater than \(low)"
    }
    let high = JSONNumber(upper).text
    return switch (lowerIsIncluded, upperIsIncluded) {
    case (true, true): "a number in \(low)...\(high)"
    case (true, false): "a number of at least \(low) and less than \(high)"
    case (false, true): "a number greater than \(low) and at most \(high)"
    case (false, false): "a number between \(low) and \(high)"
    }
  }
}

/// The texts that a key takes.
enum TextRule: Sendable {
  /// Any text, the empty one too.
  case any
  /// Any text but the empty one.
  case notEmpty
  /// A name that is safe as a folder's on every file system.
  case name

  /// The regular expression of the JSON Schema.
  var pattern: String? {
    switch self {
    case .any: nil
    case .notEmpty: "."
    case .name: "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$"
    }
  }

  var expectation: String {
    switch self {
    case .any: "a text"
    case .notEmpty: "a text that is not empty"
    case .name: "a text of at most 100 letters, digits, '_', '-' and '.', not starting with '.' or '-'"
    }
  }

  func allows(_ text: String) -> Bool {
    switch self {
    case .any: return !text.utf8.contains(0)
    case .notEmpty: return !text.isEmpty && !text.utf8.contains(0)
    case .name:
      let isPlain = text.utf8.allSatisfy {
        0x30...0x39 ~= $0 || 0x41...0x5a ~= $0 || 0x61...0x7a ~= $0 || [0x5f, 0x2e, 0x2d].contains($0)
      }
      return isPlain && 1...100 ~= text.utf8.count && !text.hasPrefix(".") && !text.hasPrefix("-")
    }
  }
}
