/// What is wrong with a JSON text, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where the fault lies.
  public let place: JSONPlace

  /// The keys that lead to the fault, with array indices: `data.sensitive.0`; empty at the top.
  public let keyPath: [String]

  /// What was found and what to do, in a sentence or two.
  public let message: String

  public init(at place: JSONPlace, keyPath: [String] = [], _ message: String) {
    self.place = place
    self.keyPath = keyPath
    self.message = message
  }

  public var description: String { "\(place): \(message)" }
}
