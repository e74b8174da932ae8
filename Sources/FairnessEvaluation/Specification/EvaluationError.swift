/// Why an evaluation cannot be done as it was asked for.
public struct EvaluationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of the fault; the command line turns it into its exit status.
  public enum Kind: Sendable, Equatable {
    /// The options do not fit together (exit status 64).
    case usage
    /// The data do not fit the evaluation (exit status 65).
    case badData
  }

  /// The kind of the fault.
  public let kind: Kind

  /// Where the fault lies: an option, the file with its line, or nothing.
  public let place: String

  /// What was found, and what to do.
  public let message: String

  /// Lines to show below the message: a condition, and a caret under its fault.
  public let detail: [String]

  public init(_ kind: Kind, at place: String = "", _ message: String, detail: [String] = []) {
    self.kind = kind
    self.place = place
    self.message = message
    self.detail = detail
  }

  public var description: String { place.isEmpty ? message : "\(place): \(message)" }

  /// The exit status of the command line, after sysexits.
  public var exitStatus: Int32 {
    switch kind {
    case .usage: 64
    case .badData: 65
    }
  }
}
