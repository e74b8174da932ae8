/// A JSON number, kept as it is written, so that nothing is rounded before somebody asks for a type.
public struct JSONNumber: Sendable, Hashable {
  /// The number as JSON writes it.
  public let text: String

  /// A number in the text of a file, already checked against JSON's grammar.
  init(checked text: String) {
    self.text = text
  }

  /// A whole number.
  public init(_ value: some BinaryInteger) {
    text = String(value)
  }

  /// A number in its shortest text that reads back as the same number; whole numbers below 10¹⁵ without a fraction.
  ///
  /// - Precondition: `value` is finite, for JSON has no text for what is not.
  public init(_ value: Double) {
    precondition(value.isFinite, "JSONNumber: JSON cannot hold \(value)")
    if value == value.rounded(), abs(value) < 1e15, !(value == 0 && value.sign == .minus) {
      text = String(Int64(value))
    } else {
      text = value.description
    }
  }

  /// A single-precision number in its shortest text that reads back as the same single-precision number.
  ///
  /// - Precondition: `value` is finite.
  public init(_ value: Float) {
    precondition(value.isFinite, "JSONNumber: JSON cannot hold \(value)")
    if value == value.rounded(), abs(value) < 1e6, !(value == 0 && value.sign == .minus) {
      text = String(Int64(value))
    } else {
      text = value.description
    }
  }

  /// The nearest number in double precision; infinite where the text is out of its range.
  public var double: Double {
    Double(text) ?? .nan
  }

  /// The number as a whole one, or nil where it has a fraction or does not fit. `1e3` and `2.0` are whole.
  public var integer: Int? {
    if let value = Int(text) { return value }
    // Past 2⁵³ a double has lost digits, and would pass off another number as the one written.
    let value = double
    return value == value.rounded() && abs(value) <= 0x1p53 ? Int(value) : nil
  }
}
