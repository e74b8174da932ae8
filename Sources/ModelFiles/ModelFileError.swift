/// What is wrong with a model's files: where, what was found, and what to do about it.
public struct ModelFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of the fault; the command line turns it into its exit status.
  public enum Kind: Sendable, Equatable {
    /// The file does not exist or cannot be read.
    case noInput
    /// The file is damaged, foreign, or of a newer format.
    case badData
  }

  public let kind: Kind

  /// The file.
  public let place: String

  /// What was found, and what to do.
  public let message: String

  public init(_ kind: Kind, at place: String, _ message: String) {
    self.kind = kind
    self.place = place
    self.message = message
  }

  public var description: String { "\(place): \(message)" }
}
