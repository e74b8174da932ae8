import FairnessMetrics
import OrderedJSON
import RunRecords

extension RunStore {
  /// What a look through the folders came to.
  public struct Reindexing: Sendable, Equatable {
    /// The runs that were read, because they were new or had changed.
    public var read: Int
    /// The runs that stood in the store as they are.
    public var unchanged: Int
    /// The entries whose folders are gone.
    public var removed: Int
    /// The folders whose records cannot be read, each with the reason.
    public var damaged: [String]

    public init(read: Int = 0, unchanged: Int = 0, removed: Int = 0, damaged: [String] = []) {
      self.read = read
      self.unchanged = unchanged
      self.removed = removed
      self.damaged = damaged
    }
  }

  /// A run as its folder has it.
  private struct Found: Sendable {
    var entry: RunEntry
    var configuration: ResolvedConfiguration
    var metrics: [(key: String, value: Double)]
    var epochs: [EpochRecord]
    var stamp: String?
  }

  /// Brings the store to what the folders say: new and changed runs are read, entries without a folder go, and those of
  /// which the records cannot be read.
  ///
  /// A run that another process is at work on keeps its entry.
  ///
  /// - Parameter everything: Whether runs are read again that have not changed.
  public func reindex(everything: Bool = false) throws(RecordError) -> Reindexing {
    let present = try folders()
    var known: [String: (stamp: String?, isLeft: Bool)] = [:]
    try using { database throws(DatabaseFault) in
      try database.rows("SELECT path, stamp, status, host, process FROM runs") { row in
        let worker = row.isNull(4) ? nil : RunEntry.Worker(host: row.text(3), process: row.integer(4))
        // One that is told to be unfinished is read again: another process may have gone on with it and left it.
        let isAtWork =
          row.text(2) == RunEntry.Status.running.rawValue
          && RunEntry.Status(.running, of: worker, in: "\(output)/\(row.text(0))") == .running
        known[row.text(0)] = (row.isNull(1) ? nil : row.text(1), isAtWork)
      }
    }
    var result = Reindexing()
    var wanted: [String] = []
    var lost: [String] = []
    for path in present {
      let stamp = FileStamp.text(ofFileAt: "\(output)/\(path)/summary.json")
      if let entry = known[path], stamp == nil ? entry.isLeft : entry.stamp == stamp && !everything {
        result.unchanged += 1
      } else {
        wanted.append(path)
      }
    }
    // Some hundred at a time: few transactions, and no process waits for long.
    for start in stride(from: 0, to: wanted.count, by: 200) {
      let batch = Array(wanted[start..<min(start + 200, wanted.count)])
      var found: [Found] = []
      for (path, outcome) in zip(batch, read(batch)) {
        switch outcome {
        case .success(let run): found.append(run)
        case .failure(let error):
          lost.append(path)
          result.damaged.append(error.place.hasSuffix(path) ? "\(error)" : "\(path): \(error)")
        }
      }
      result.read += found.count
      try writing { database throws(DatabaseFault) in
        for run in found {
          let number = try Self.insert(run.entry, run.configuration, stamp: run.stamp, into: database)
          try Self.removeResults(of: number, in: database)
          try Self.insert(run.metrics, of: number, into: database)
          try Self.insert(run.epochs.enumerated().map { ($0 + 1, $1) }, of: number, into: database)
        }
      }
    }
    let there = Set(present)
    let gone = known.keys.filter { !there.contains($0) }
    result.removed = gone.count
    // What was known of a run whose records cannot be read any more is no longer true of it.
    let untrue = gone + lost.filter { known[$0] != nil }
    if !untrue.isEmpty {
      try writing { database throws(DatabaseFault) in
        for path in untrue {
          guard let run = try Self.run(path, in: database) else { continue }
          try Self.removeResults(of: run, in: database)
          try database.run("DELETE FROM runs WHERE id = ?", .integer(run))
        }
        try database.run("DELETE FROM configurations WHERE id NOT IN (SELECT configuration FROM runs)")
        try database.run("DELETE FROM parameters WHERE configuration NOT IN (SELECT id FROM configurations)")
      }
    }
    return result
  }

  /// Makes a damaged index anew; the old file goes only where it cannot be read as one.
  public static func repaired(output: String) throws(RecordError) -> RunStore {
    do throws(RecordError) {
      let store = try RunStore(output: output, access: .writing)
      let isSound = try store.using { database throws(DatabaseFault) in
        try database.text("PRAGMA quick_check(1)") == "ok"
      }
      if isSound { return store }
    } catch  where error.kind == .badData && error.message.hasPrefix("is damaged") {
      // Made again below.
    }
    removeFiles("\(output)/\(fileName)")
    return try RunStore(output: output, access: .writing)
  }

  /// Whether there are runs that nobody has entered, such as those of a cluster's workers.
  public func lacksRuns() throws(RecordError) -> Bool {
    var known: Set<String> = []
    try using { database throws(DatabaseFault) in
      try database.rows("SELECT path FROM runs") { known.insert($0.text(0)) }
    }
    return try !folders(besides: known).isEmpty
  }

  /// The folders of runs, beginning at the output folder.
  ///
  /// - Parameter known: Those that are not wanted.
  private func folders(besides known: Set<String> = []) throws(RecordError) -> [String] {
    var found: [String] = []
    for name in try FileAccess.names(in: output) where !name.hasPrefix(".") {
      guard let runs = try? FileAccess.names(in: "\(output)/\(name)") else { continue }
      for path in runs.map({ "\(name)/\($0)" }) where !known.contains(path) {
        let folder = "\(output)/\(path)"
        // A run that was killed before it had told where it goes on had done nothing yet.
        guard FileAccess.isPlainFile("\(folder)/config.json"),
          FileAccess.isPlainFile("\(folder)/environment.json") || FileAccess.isPlainFile("\(folder)/summary.json")
        else { continue }
        found.append(path)
      }
    }
    return found
  }

  private func read(_ paths: [String]) -> [Swift.Result<Found, RecordError>] {
    Parallel.map(paths.count, threads: paths.count) { index in
      do throws(RecordError) {
        return .success(try read(paths[index]))
      } catch {
        return .failure(error)
      }
    }
  }

  private func read(_ path: String) throws(RecordError) -> Found {
    let folder = try RunFolder(existing: "\(output)/\(path)")
    let stamp = FileStamp.text(ofFileAt: folder.file("summary.json"))
    let configuration = ResolvedConfiguration(try folder.json("config.json"))
    var entry = RunEntry(
      path: path, configuration: configuration, environment: try folder.environment(), status: .unfinished)
    var metrics: [(key: String, value: Double)] = []
    if stamp != nil {
      let summary = try folder.summary()
      entry.status = RunEntry.Status(summary.status)
      entry.seconds = summary.seconds
      metrics = summary.metrics
    }
    let epochs = FileAccess.exists(folder.file("epochs.jsonl")) ? try folder.epochs() : []
    return Found(entry: entry, configuration: configuration, metrics: metrics, epochs: epochs, stamp: stamp)
  }
}

extension RunEntry.Status {
  /// How a run ended.
  public init(_ status: RunSummary.Status) {
    self =
      switch status {
      case .finished: .finished
      case .stopped: .stopped
      }
  }
}
