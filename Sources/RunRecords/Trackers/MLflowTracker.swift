import OrderedJSON

/// Writes a run into MLflow's file store: `mlruns` in the folder of the runs.
///
/// The experiment is the run's name; its id is a number made from it, so that processes that begin at the same time
/// agree. The artifacts are the run's own folder. MLflow 3.7 and later open file stores where the environment has
/// `MLFLOW_ALLOW_FILE_STORE=true`.
public final class MLflowTracker: RunTracker {
  public let title = "MLflow"

  /// MLflow's numbers of how a run is.
  private enum Status: Int {
    case running = 1
    case finished = 3
    case killed = 5
  }

  private let start: RunStart
  private let folder: String
  private let experiment: String
  private let run: String
  private let time: () -> Double
  private let startTime: Int
  private var buffer = ScalarBuffer()

  public init(_ start: RunStart, time: (() -> Double)? = nil) throws(RecordError) {
    self.start = start
    self.time = time ?? WallTime.now
    startTime = Int(self.time() * 1000)
    experiment = Self.experimentID(start.name)
    // MLflow wants 32 hexadecimal digits; the path of the folder is the run's alone.
    run = Self.hash(start.path, 0) + Self.hash(start.path, 1)
    let parent = "\(start.output)/mlruns/\(experiment)"
    folder = "\(parent)/\(run)"
    // Of a run that goes on, all epochs are written again.
    FileAccess.remove(folder)
    try FileAccess.makeFolders(parent)
    if !FileAccess.exists("\(parent)/meta.yaml") { try writeExperiment(to: parent) }
    for name in ["metrics", "params", "tags", "artifacts"] { try FileAccess.makeFolders("\(folder)/\(name)") }
    for (key, value) in start.configuration.leaves {
      let text = value.text ?? value.serialized(.line)
      // MLflow takes no longer ones.
      try FileAccess.writePlainly(Array(text.prefix(6000).utf8), to: "\(folder)/params/\(Self.safe(key))")
    }
    let tags = [
      ("mlflow.runName", start.folder.path.split(separator: "/").last.map(String.init) ?? start.path),
      ("mlflow.source.name", "equipoise"), ("mlflow.source.type", "LOCAL"),
      ("equipoise.version", start.environment.version),
      ("equipoise.folder", FileAccess.wholePath(start.folder.path)),
    ]
    for (key, value) in tags { try FileAccess.writePlainly(Array(value.utf8), to: "\(folder)/tags/\(key)") }
    try writeRun(.running, end: nil)
  }

  public func append(_ record: EpochRecord, number: Int) throws(RecordError) {
    let now = Int(time() * 1000)
    for scalar in record.scalars {
      buffer.add("\(now) \(scalar.value) \(number)\n", to: Self.safe(scalar.path.joined(separator: ".")))
    }
    if buffer.isDue { try flush() }
  }

  public func finish(_ summary: RunSummary, scores: [ScoreSample]) throws(RecordError) {
    let now = Int(time() * 1000)
    // The results of the kept model stand beside the curves, which end with the last epoch.
    for split in summary[.selected] ?? summary[.final] ?? [] {
      for scalar in split.scalars {
        buffer.add("\(now) \(scalar.value) 0\n", to: "final." + Self.safe(scalar.path.joined(separator: ".")))
      }
    }
    try flush()
    try writeRun(summary.status == .finished ? .finished : .killed, end: now)
  }

  public func suspend() throws(RecordError) {
    try flush()
    try writeRun(.killed, end: Int(time() * 1000))
  }

  public func abandon() {
    FileAccess.remove(folder)
  }

  private func flush() throws(RecordError) {
    try buffer.flush { name, text throws(RecordError) in
      let file = try AppendingFile(path: "\(folder)/metrics/\(name)", truncating: false)
      try file.append(text.utf8)
      try file.close(synchronizing: false)
    }
  }

  // MARK: - meta.yaml

  private func writeExperiment(to parent: String) throws(RecordError) {
    try writeYAML(
      [
        ("artifact_location", .string("file://\(FileAccess.wholePath(parent))")),
        ("creation_time", .number(JSONNumber(startTime))), ("experiment_id", .string(experiment)),
        ("last_update_time", .number(JSONNumber(startTime))), ("lifecycle_stage", "active"),
        ("name", .string(start.name)),
      ], to: "\(parent)/meta.yaml")
  }

  private func writeRun(_ status: Status, end: Int?) throws(RecordError) {
    try writeYAML(
      [
        ("artifact_uri", .string("file://\(FileAccess.wholePath(start.folder.path))")),
        ("end_time", end.map { .number(JSONNumber($0)) } ?? .null), ("entry_point_name", ""),
        ("experiment_id", .string(experiment)), ("lifecycle_stage", "active"), ("run_id", .string(run)),
        ("run_name", .string(start.folder.path.split(separator: "/").last.map(String.init) ?? start.path)),
        ("run_uuid", .string(run)), ("source_name", ""), ("source_type", 4), ("source_version", ""),
        ("start_time", .number(JSONNumber(startTime))), ("status", .number(JSONNumber(status.rawValue))),
        ("tags", .array([])), ("user_id", .string(start.environment.user ?? "")),
      ], to: "\(folder)/meta.yaml")
  }

  /// YAML in which every value is written as JSON, which YAML understands.
  private func writeYAML(_ members: [(String, JSON)], to path: String) throws(RecordError) {
    let text = members.map { "\($0): \($1.serialized(.line))\n" }.joined()
    try FileAccess.write(Array(text.utf8), to: path)
  }

  // MARK: - Names

  /// Eighteen digits from a name, as MLflow's own ids have.
  private static func experimentID(_ name: String) -> String {
    String(100_000_000_000_000_000 + fnv(name, 0) % 900_000_000_000_000_000)
  }

  private static func hash(_ text: String, _ salt: UInt8) -> String {
    let digits = String(fnv(text, salt), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func fnv(_ text: String, _ salt: UInt8) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in [salt] + Array(text.utf8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    // The last bytes reach the high digits only by mixing.
    hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
    return hash ^ hash >> 33
  }

  /// A name of those characters that MLflow takes and that stay within one folder. Where others are replaced, digits
  /// of a hash follow, so that different names stay different.
  package static func safe(_ name: String) -> String {
    let allowed = name.unicodeScalars.map { scalar -> Character in
      let isAllowed =
        "a"..."z" ~= scalar || "A"..."Z" ~= scalar || "0"..."9" ~= scalar || ["_", "-", ".", " ", ":"].contains(scalar)
      return isAllowed ? Character(scalar) : "_"
    }
    var text = String(allowed.prefix(200))
    if text.hasPrefix(".") { text = "_" + text.dropFirst() }
    return text == name ? text : "\(text)-\(hash(name, 0).prefix(8))"
  }
}
