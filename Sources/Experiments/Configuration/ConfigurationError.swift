import OrderedJSON

/// What is wrong with a configuration: where it stands, which key it is about, what was found and what to do.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of the fault; the command line turns it into its exit status.
  public enum Kind: Sendable, Equatable {
    /// The file does not exist or cannot be read (exit status 66).
    case noInput
    /// The content is wrong (exit status 78).
    case badConfiguration
    /// An option of the command line cannot be read (exit status 64).
    case usage
  }

  /// The kind of the fault.
  public let kind: Kind

  /// The file with line and column, or the option of the command line.
  public let place: JSONPlace

  /// The keys that lead to the fault, with array indices: `data.sensitive.0.keep`; empty at the top.
  public let keyPath: String

  /// What was found, and what to do, in a sentence or two.
  public let message: String

  /// Lines to show below the message: a condition, and a caret under its fault.
  public let detail: [String]

  public init(
    _ kind: Kind = .badConfiguration, at place: JSONPlace, keyPath: String = "", _ message: String,
    detail: [String] = []
  ) {
    self.detail = detail
    self.kind = kind
    self.place = place
    self.keyPath = keyPath
    self.message = message
  }

  /// `adult.json:12:18: training.batchSize should be a whole number in 1...16777216, found "32".`
  public var description: String { "\(place): \(message)" }

  /// The exit status of the command line, after sysexits.
  public var exitStatus: Int32 {
    switch kind {
    case .noInput: 66
    case .badConfiguration: 78
    case .usage: 64
    }
  }
}

extension ConfigurationError {
  init(_ error: JSONError) {
    self.init(at: error.place, keyPath: error.keyPath.joined(separator: "."), error.message)
  }
}

/// The keys that lead to a value: `data.sensitive.0.keep`.
struct ConfigurationPath: Sendable, Equatable, CustomStringConvertible {
  /// What the whole is called where no key leads to the fault.
  var root = "the configuration"
  var keys: [String] = []

  func appending(_ key: String) -> ConfigurationPath {
    ConfigurationPath(root: root, keys: keys + [key])
  }

  /// The path as a message names it.
  var description: String {
    keys.isEmpty ? root : keys.joined(separator: ".")
  }

  /// An error about the value at this path; `message` goes on after the path.
  func failure(at place: JSONPlace, _ message: String) -> ConfigurationError {
    ConfigurationError(at: place, keyPath: keys.joined(separator: "."), "\(self) \(message)")
  }
}
