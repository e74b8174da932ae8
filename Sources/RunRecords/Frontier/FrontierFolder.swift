import OrderedJSON

/// The folder of a frontier: `<output>/<name>/frontier-<yyyymmdd-HHMMss>-<6 hex>`.
///
/// Its files are written under a temporary name and renamed, `frontier.json` last: a folder with that file is complete.
/// The runs behind the points stand in `runs` while they go on, and are taken away when they have been measured: each
/// can be had again, to the same bytes, with the settings that `frontier.json` gives for its point.
public struct FrontierFolder: Sendable {
  /// The folder's path.
  public let path: String

  private let madeFolders: [String]

  /// Makes the folder.
  ///
  /// - Parameters:
  ///   - output: The folder of all runs.
  ///   - name: The name of the experiment.
  ///   - kind: The beginning of the folder's name: a comparison has its own.
  ///   - identity: What tells frontiers apart; its hash is part of the folder's name.
  ///   - time: Seconds since 1970-01-01 00:00 UTC.
  /// - Throws: `RecordError` of the kind `cannotCreate`.
  public init(
    in output: String, name: String, kind: String = "frontier", identity: JSON, time: Int
  ) throws(RecordError) {
    let parent = "\(output)/\(name)"
    let made = try FileAccess.makeFolders(parent)
    let base = "\(parent)/\(kind)-\(UTCTime(seconds: time).folderName)-\(RunFolder.fingerprint(of: identity))"
    path = try FileAccess.makeUniqueFolder(base)
    madeFolders = made
  }

  /// The folder of the runs behind the points, while they go on.
  public var runs: String { "\(path)/runs" }

  /// Takes away the runs behind the points.
  public func removeRuns() { FileAccess.remove(runs) }

  /// Removes the folder and all that is in it; for a frontier that failed.
  public func remove() {
    FileAccess.remove(path)
    FileAccess.removeEmpty(madeFolders)
  }

  /// Writes a file; it is there whole or not at all.
  public func write(_ text: String, to name: String) throws(RecordError) {
    try FileAccess.write(Array(text.utf8), to: "\(path)/\(name)")
  }

  /// Writes `frontier.json`, by which the frontier is complete; the last thing to be written.
  ///
  /// - Parameters:
  ///   - configuration: The configuration that was varied, every default spelled out.
  ///   - environment: The version, the machine and the data.
  public func write(_ record: FrontierRecord, configuration: JSON, environment: JSON) throws(RecordError) {
    let members =
      (record.json.members ?? []) + [
        .init("configuration", configuration), .init("environment", environment),
      ]
    try write(JSON.object(members).serialized(), to: "frontier.json")
  }

  // MARK: - Files elsewhere

  /// Checks beforehand that a file can be written, without leaving anything.
  ///
  /// - Throws: `RecordError` of the kind `cannotCreate`.
  public static func checkFile(_ path: String) throws(RecordError) {
    guard !FileAccess.isFolder(path) else {
      throw RecordError(.cannotCreate, at: path, "is a folder, not a file. Name a file.")
    }
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard FileAccess.isFolder(folder) else {
      throw RecordError(.cannotCreate, at: path, "the folder '\(folder)' does not exist. Make it, or name another.")
    }
  }

  /// Writes a file; it is there whole or not at all.
  public static func writeFile(_ text: String, to path: String) throws(RecordError) {
    try FileAccess.write(Array(text.utf8), to: path)
  }
}
