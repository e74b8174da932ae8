import OrderedJSON
import RunRecords

/// A configuration together with the file it came from.
public struct ConfigurationFile: Sendable, Equatable {
  /// The largest file that is read, in bytes; the longest of ours has some thousands.
  static let largestSize = 4 << 20

  /// The configuration, overrides included.
  public var configuration: ExperimentConfiguration

  /// The path of the file as it was given.
  public var path: String

  /// What is said without effect: keys that the method does not use, conditions that demand nothing.
  public var notices: [String] = []

  /// Reads a file, puts the overrides in place one after the other, and checks the whole.
  ///
  /// - Throws: `ConfigurationError` with the place of the first fault: the file with its line, or the override.
  public init(path: String, overrides: [ConfigurationOverride] = []) throws(ConfigurationError) {
    try self.init(Self.bytes(path), source: path, overrides: overrides)
  }

  /// The content of a file of JSON; `ConfigurationError` where it cannot be read.
  public static func bytes(_ path: String) throws(ConfigurationError) -> [UInt8] {
    do {
      return try FileAccess.read(path, limit: largestSize)
    } catch {
      throw ConfigurationError(.noInput, at: JSONPlace(source: path), error.message)
    }
  }

  /// Reads the content of a file.
  public init(_ bytes: [UInt8], source path: String, overrides: [ConfigurationOverride] = []) throws(ConfigurationError)
  {
    try self.init(Self.tree(bytes, source: path), path: path, overrides: overrides)
  }

  /// Reads a tree.
  ///
  /// - Parameter path: The file at whose folder relative paths start.
  init(_ tree: JSONNode, path: String, overrides: [ConfigurationOverride]) throws(ConfigurationError) {
    var tree = tree
    for override in overrides {
      let needsAll = override.leadsThroughDefaults(of: tree)
      tree = try override.applied(to: tree, resolved: needsAll ? try? ExperimentConfiguration(tree).json : nil)
    }
    self.path = path
    configuration = try ExperimentConfiguration(tree)
    notices = configuration.constraints?.notices(tree) ?? []
  }

  /// The content of a file as a tree.
  static func tree(_ bytes: [UInt8], source: String) throws(ConfigurationError) -> JSONNode {
    do {
      return try JSONReader.read(bytes, source: source, allowsComments: true)
    } catch {
      throw ConfigurationError(error)
    }
  }

  /// The folder of the file, at which the relative paths in it start.
  public var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The folder of the runs, as the program can open it.
  public var output: String { configuration.output.directory }

  /// A path of the configuration as the program can open it.
  public func located(_ path: String) -> String {
    path.hasPrefix("/") || folder == "." ? path : "\(folder)/\(path)"
  }
}
