/// Why a record could not be written or read: where, what was found, and what to do.
public struct RecordError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of the fault; the command line turns it into its exit status.
  public enum Kind: Sendable, Equatable {
    /// What should be read does not exist (exit status 66).
    case noInput
    /// What was read is no record of this version (exit status 65).
    case badData
    /// The output cannot be made (exit status 73).
    case cannotCreate
    /// Reading or writing failed under way (exit status 74).
    case inputOutput
  }

  /// The kind of the fault.
  public let kind: Kind

  /// The file or folder, with its line where there is one.
  public let place: String

  /// What was found, and what to do: two short sentences.
  public let message: String

  public init(_ kind: Kind, at place: String, _ message: String) {
    self.kind = kind
    self.place = place
    self.message = message
  }

  public var description: String { "\(place): \(message)" }

  /// The exit status of the command line, after sysexits.
  public var exitStatus: Int32 {
    switch kind {
    case .noInput: 66
    case .badData: 65
    case .cannotCreate: 73
    case .inputOutput: 74
    }
  }
}
