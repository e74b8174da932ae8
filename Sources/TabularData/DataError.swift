/// What is wrong with data: where, what was found, and what to do about it, in one message.
public struct DataError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of the fault; the command line turns it into its exit status.
  public enum Kind: Sendable, Equatable {
    /// The input does not exist or cannot be read.
    case noInput
    /// The input exists, and its content is wrong.
    case badData
    /// The output cannot be made.
    case cannotCreate
    /// Reading or writing failed underway.
    case inputOutput
  }

  /// The kind of the fault.
  public let kind: Kind

  /// The place: a file, with its 1-based line where there is one (`adult.csv:17`), or a column.
  public let place: String

  /// What was found, and what to do: two short sentences.
  public let message: String

  /// Lines to show below the message: a condition, and a caret under its fault.
  public let detail: [String]

  public init(_ kind: Kind, at place: String, _ message: String, detail: [String] = []) {
    self.kind = kind
    self.place = place
    self.message = message
    self.detail = detail
  }

  public var description: String { "\(place): \(message)" }
}
