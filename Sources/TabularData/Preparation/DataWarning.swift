/// Something about data that did not stop the work and that its reader should know.
public struct DataWarning: Sendable, Equatable, Hashable, Codable, CustomStringConvertible {
  /// What it is about: a file, a table, a column.
  public var place: String

  /// What was found and what was done about it.
  public var message: String

  public init(at place: String, _ message: String) {
    self.place = place
    self.message = message
  }

  public var description: String { "\(place): \(message)" }
}
