import OrderedJSON
import RunRecords
import RunStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Trains a run again and compares the records byte by byte.
public struct RunVerifier: Sendable {
  /// What became of one file.
  public struct File: Sendable, Equatable {
    /// How two files of a name stand to each other.
    public enum Outcome: Sendable, Equatable {
      case equal(bytes: Int)
      /// Where they part, in words; and, where both hold numbers at the same places, how far these are apart at most.
      case different(String, largestDifference: Double?)
      /// Only the run has it.
      case missing
      /// Only the repetition has it.
      case added
    }

    public var name: String
    public var outcome: Outcome
  }

  /// What a verification found.
  public struct Result: Sendable {
    public var files: [File]
    /// What stands in the run's folder and is no record of its training, such as an export; it is not compared.
    public var others: [String]
    /// What was not the same as then, and may explain differences; in sentences.
    public var reasons: [String]
    public var seconds: Double

    /// Whether every file is equal.
    public var isEqual: Bool {
      files.allSatisfy { if case .equal = $0.outcome { true } else { false } }
    }
  }

  private let folder: RunFolder
  private let environment: EnvironmentRecord
  private let summary: RunSummary
  private let isCancelled: @Sendable () -> Bool

  /// Reads the records of a run that came to its end.
  ///
  /// - Throws: `RecordError` where it did not, or its records are damaged.
  public init(run: String, isCancelled: @escaping @Sendable () -> Bool = { false }) throws(RecordError) {
    folder = try RunFolder(existing: run)
    summary = try folder.summary()
    environment = try folder.environment()
    self.isCancelled = isCancelled
  }

  /// Trains again, in a folder for temporary files that is taken away at the end, and compares.
  public func verify(onEvent: (ExperimentRunner.Event) -> Void = { _ in }) throws -> Result {
    let scratch = try Self.makeScratch()
    defer { FileAccess.remove(scratch) }
    var file = try ConfigurationFile(
      path: folder.file("config.json"),
      overrides: [
        ConfigurationOverride("output.directory", .string(scratch), origin: "the folder for temporary files"),
        ConfigurationOverride("output.trackers", .array([]), origin: "verify"),
        ConfigurationOverride("output.checkpointEveryEpochs", 0, origin: "verify"),
      ])
    file.path = "\(environment.configurationFolder)/config.json"
    let start = ContinuousClock.now
    let repeated = try ExperimentRunner(file, isCancelled: isCancelled).run(onEvent: onEvent)
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    let (files, others) = try compare(with: repeated.folder)
    return Result(
      files: files, others: others,
      reasons: Self.reasons(environment, try repeated.folder.environment()),
      seconds: Double(seconds) + Double(attoseconds) * 1e-18)
  }

  /// What a training writes, whatever its configuration. What else only the run's folder has was made of it later.
  private static let records: Set = [
    "epochs.jsonl", "evaluation.json", "iterates.jsonl", "model", "predictions.csv", "scores.json", "summary.json",
  ]

  /// What stands in a run's folder and tells of the machine or the time, or is a page or curves of the same numbers.
  private static let incomparable: Set = [
    "config.json", "environment.json", "checkpoint", "tensorboard", "dvclive", "report.html",
  ]

  /// The files of a run that depend on nothing but configuration, rows and seed. Of the summary that is all but the
  /// times.
  private static func names(in folder: RunFolder) throws(RecordError) -> [String] {
    var names: [String] = []
    for name in try FileAccess.names(in: folder.path)
    where !incomparable.contains(name) && !FileAccess.isTemporary(name) {
      if FileAccess.isFolder(folder.file(name)) {
        for inner in try FileAccess.names(in: folder.file(name)) { names.append("\(name)/\(inner)") }
      } else {
        names.append(name)
      }
    }
    return names
  }

  private func compare(with repeated: RunFolder) throws(RecordError) -> (files: [File], others: [String]) {
    let written = Set(try Self.names(in: repeated))
    /// The file or folder within the run's folder that a name begins with.
    func top(_ name: String) -> String { String(name.prefix { $0 != "/" }) }
    let found = Set(try Self.names(in: folder))
    let others = Set(found.subtracting(written).map(top)).subtracting(Self.records).subtracting(written.map(top))
    let names = found.union(written).filter { !others.contains(top($0)) }
    var files: [File] = []
    for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let outcome: File.Outcome
      if !FileAccess.exists(repeated.file(name)) {
        outcome = .missing
      } else if !FileAccess.exists(folder.file(name)) {
        outcome = .added
      } else {
        let (one, other) =
          name == "summary.json"
          ? (try Self.untimed(folder), try Self.untimed(repeated))
          : (try FileAccess.read(folder.file(name)), try FileAccess.read(repeated.file(name)))
        outcome =
          one == other
          ? .equal(bytes: one.count) : FileDifference(one, other, isText: !name.hasSuffix(".safetensors")).outcome
      }
      files.append(File(name: name, outcome: outcome))
    }
    return (files, others.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
  }

  /// The summary without the times, which no two runs have in common, and without notices: some tell of keys that were
  /// written without effect, and the configuration of the records has all keys.
  private static func untimed(_ folder: RunFolder) throws(RecordError) -> [UInt8] {
    var summary = try folder.summary()
    summary.timing = []
    summary.notices = []
    return Array(summary.json.serialized().utf8)
  }

  private static func makeScratch() throws(RecordError) -> String {
    let parent = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    return try FileAccess.makeUniqueFolder(
      "\(parent)/equipoise-verify-\(ProcessInfo.processInfo.processIdentifier)")
  }

  /// What may explain differences.
  static func reasons(_ then: EnvironmentRecord, _ now: EnvironmentRecord) -> [String] {
    var reasons: [String] = []
    for (old, new) in zip(then.data, now.data) where old.sha256 != new.sha256 {
      reasons.append(
        "The rows are others: \(old.name) had the SHA-256 \(old.sha256 ?? "none") then and has \(new.sha256 ?? "none") "
          + "now. Nothing can be equal.")
    }
    if then.data.count != now.data.count { reasons.append("The rows come from another number of files.") }
    func compare(_ what: String, _ old: String?, _ new: String?, _ why: String) {
      if old != new { reasons.append("\(what): \(old ?? "unknown") then, \(new ?? "unknown") now. \(why)") }
    }
    compare("Version", then.version, now.version, "Another version may do otherwise; its change log tells.")
    compare("Commit", then.commit, now.commit, "Other code may do otherwise.")
    compare(
      "Kernels", then.kernels, now.kernels,
      "They sum in another order, so that the last bits differ, and training "
        + "makes them grow.")
    compare(
      "OpenBLAS's processor type", then.blasCore, now.blasCore, "Its products are rounded otherwise in the last bits.")
    compare("Threads of OpenBLAS", String(then.blasThreads), String(now.blasThreads), "Sums may be split otherwise.")
    compare(
      "Platform", then.platform, now.platform, "Its mathematical functions may be rounded otherwise in the last bits.")
    if then.memory != now.memory {
      reasons.append("The memory was limited otherwise, so that rows were shuffled otherwise.")
    }
    return reasons
  }
}
