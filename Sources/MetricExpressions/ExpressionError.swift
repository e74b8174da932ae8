/// What is wrong with a condition, and where in its text.
public struct ExpressionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The text of the condition.
  public let text: String

  /// The place of the fault in characters, counted from 0.
  public let column: Int

  /// What was found, and what to do.
  public let message: String

  public init(_ text: String, column: Int, _ message: String) {
    self.text = text
    self.column = column
    self.message = message
  }

  /// The condition, and under it a caret at the fault; on one line, with a space for whatever would break it.
  public var excerpt: [String] {
    let line = String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    return ["  \(line)", "  \(String(repeating: " ", count: column))^"]
  }

  /// The message and the excerpt.
  public var description: String { ([message] + excerpt).joined(separator: "\n") }
}
