import OrderedJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The folder of one run: `<output>/<name>/<yyyymmdd-HHMMss>-<6 hex>`.
///
/// The folder is made when everything that can be checked beforehand has been checked. Whole files are written under a
/// temporary name and renamed; epochs are appended line by line, so that a run killed at any instant leaves every
/// finished epoch. A folder with a `summary.json` is complete.
public struct RunFolder: Sendable, Equatable {
  /// The folder's path.
  public let path: String

  /// The folders above it that were made for it, the innermost last.
  private let madeFolders: [String]

  /// A folder that exists.
  ///
  /// - Throws: `RecordError` where there is none, or no run in it.
  public init(existing path: String) throws(RecordError) {
    guard FileAccess.isFolder(path) else {
      throw RecordError(.noInput, at: path, "is not the folder of a run. Check the path.")
    }
    madeFolders = []
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    guard FileAccess.exists(file("config.json")) else {
      throw RecordError(.noInput, at: path, "has no config.json, so it is not the folder of a run. Check the path.")
    }
  }

  private init(path: String, madeFolders: [String]) {
    self.path = path
    self.madeFolders = madeFolders
  }

  /// Makes the folder of a new run; two runs that start in the same second get different ones.
  ///
  /// - Parameters:
  ///   - output: The folder of the runs; made where it does not exist.
  ///   - name: The name of the experiment.
  ///   - configuration: The resolved configuration, seed included; its hash is part of the folder's name.
  ///   - time: Seconds since 1970-01-01 00:00 UTC.
  /// - Throws: `RecordError` of the kind `cannotCreate`.
  public static func create(
    in output: String, name: String, configuration: JSON, time: Int
  ) throws(RecordError) -> RunFolder {
    let parent = "\(output)/\(name)"
    let made = try FileAccess.makeFolders(parent)
    removeDrafts(in: parent)
    let base = "\(parent)/\(UTCTime(seconds: time).folderName)-\(fingerprint(of: configuration))"
    // It gets its name with its configuration in it: a run that is killed leaves no folder of which nobody knows what
    // it was to be.
    let draft = RunFolder(
      path: try FileAccess.makeUniqueFolder("\(parent)/\(draftPrefix)\(FileAccess.hostName)-\(getpid())"),
      madeFolders: made)
    do throws(RecordError) {
      try draft.write(configuration, to: "config.json")
      return RunFolder(path: try FileAccess.renameFolder(draft.path, toUnique: base), madeFolders: made)
    } catch {
      draft.remove()
      throw error
    }
  }

  private static let draftPrefix = ".new-"

  /// Removes what processes of this machine that are no more left of folders without a name.
  package static func removeDrafts(in parent: String) {
    let own = "\(draftPrefix)\(FileAccess.hostName)-"
    for name in (try? FileAccess.names(in: parent)) ?? [] where name.hasPrefix(own) {
      guard let process = pid_t(name.dropFirst(own.count).prefix { $0 != "-" }) else { continue }
      if kill(process, 0) != 0 && errno == ESRCH { FileAccess.remove("\(parent)/\(name)") }
    }
  }

  /// Checks beforehand that a run's folder can be made, without leaving anything.
  ///
  /// - Throws: `RecordError` of the kind `cannotCreate`.
  public static func check(output: String, name: String) throws(RecordError) {
    // The nearest folder above that exists decides; making and removing one asks the system itself.
    var path = "\(output)/\(name)"
    while !FileAccess.exists(path), let slash = path.lastIndex(of: "/") {
      path = slash == path.startIndex ? "/" : String(path[..<slash])
    }
    if !FileAccess.exists(path) { path = "." }
    guard FileAccess.isFolder(path) else {
      throw RecordError(.cannotCreate, at: path, "is a file, not a folder. Name another output folder with --output.")
    }
    let probe = "\(path)/.equipoise-\(getpid())"
    do throws(RecordError) {
      if try FileAccess.makeNewFolder(probe) { FileAccess.remove(probe) }
    } catch {
      throw RecordError(error.kind, at: path, error.message)
    }
  }

  /// Six hexadecimal digits that tell configurations apart: 24 bits of FNV-1a over the compact text.
  public static func fingerprint(of configuration: JSON) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in configuration.serialized(.compact).utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    let digits = String((hash ^ hash >> 24 ^ hash >> 48) & 0xff_ffff, radix: 16)
    return String(repeating: "0", count: 6 - digits.count) + digits
  }

  public static func == (one: RunFolder, other: RunFolder) -> Bool {
    one.path == other.path
  }

  /// The path of a file in the folder.
  public func file(_ name: String) -> String {
    "\(path)/\(name)"
  }

  /// Makes a folder in the folder, such as `model`; one that exists is as good. Returns its path.
  public func makeFolder(_ name: String) throws(RecordError) -> String {
    try FileAccess.makeFolders(file(name))
    return file(name)
  }

  /// Whether the run has come to its end.
  public var isComplete: Bool { FileAccess.exists(file("summary.json")) }

  /// Removes the folder, all that is in it, and those made for it that are empty then; for a run that failed before
  /// there was anything to keep.
  public func remove() {
    FileAccess.remove(path)
    FileAccess.removeEmpty(madeFolders)
  }

  // MARK: - Writing

  /// Writes a JSON file; it is there whole or not at all.
  public func write(_ json: JSON, to name: String) throws(RecordError) {
    try FileAccess.write(Array(json.serialized().utf8), to: file(name))
  }

  /// Writes any file; it is there whole or not at all.
  public func write(_ bytes: [UInt8], to name: String) throws(RecordError) {
    try FileAccess.write(bytes, to: file(name))
  }

  /// Writes any file piece by piece; it is there whole or not at all.
  package func write(
    to name: String, _ body: (AppendingFile) throws(RecordError) -> Void
  ) throws(RecordError) {
    try FileAccess.write(to: file(name), body)
  }

  /// Writes `environment.json`.
  public func write(_ environment: EnvironmentRecord) throws(RecordError) {
    try write(environment.json, to: "environment.json")
  }

  /// Writes `scores.json`, on one line: a number a line would be a long file.
  public func write(_ scores: ScoresRecord) throws(RecordError) {
    try write(Array((scores.json.serialized(.compact) + "\n").utf8), to: "scores.json")
  }

  /// Writes `summary.json`, by which the run is complete; the last thing to be written.
  public func write(_ summary: RunSummary) throws(RecordError) {
    try write(summary.json, to: "summary.json")
  }

  /// Makes the folder of a run that was interrupted ready to go on: what was half written goes.
  ///
  /// - Parameter length: The bytes of `epochs.jsonl` that stay; the lines after them are written again.
  package func prepareToGoOn(keepingEpochs length: Int) throws(RecordError) {
    for folder in [path, file("model"), file("checkpoint")] { FileAccess.removeTemporaries(in: folder) }
    try FileAccess.truncate(file("epochs.jsonl"), to: length)
    try FileAccess.truncate(file("iterates.jsonl"), to: 0)
  }

  /// Opens `epochs.jsonl`, to which lines are added.
  public func epochLog() throws(RecordError) -> EpochLog {
    try EpochLog(path: file("epochs.jsonl"))
  }

  // MARK: - Reading

  /// Reads a JSON file of the folder.
  public func json(_ name: String) throws(RecordError) -> JSON {
    do {
      return try JSONReader.read(try FileAccess.read(file(name)), source: file(name)).value
    } catch let error as JSONError {
      throw RecordError(.badData, at: error.place.description, "\(error.message) The record is damaged.")
    } catch let error as RecordError {
      throw error
    } catch {
      throw RecordError(.inputOutput, at: file(name), "\(error)")
    }
  }

  /// Reads `summary.json`.
  public func summary() throws(RecordError) -> RunSummary {
    guard isComplete else {
      throw RecordError(.noInput, at: path, "has no summary.json: the run did not come to its end.")
    }
    return try RunSummary(json("summary.json"), at: file("summary.json"))
  }

  /// Reads `environment.json`.
  public func environment() throws(RecordError) -> EnvironmentRecord {
    try EnvironmentRecord(json("environment.json"), at: file("environment.json"))
  }

  /// Reads `scores.json`; nil where there is none, as in the folders of earlier versions.
  public func scores() throws(RecordError) -> ScoresRecord? {
    guard FileAccess.exists(file("scores.json")) else { return nil }
    return try ScoresRecord(json("scores.json"), at: file("scores.json"))
  }

  /// Reads `epochs.jsonl`. A last line without its end is one that was being written when the run was killed; it is
  /// left out.
  public func epochs() throws(RecordError) -> [EpochRecord] {
    try EpochLog.read(file("epochs.jsonl"))
  }
}
