import FairnessMetrics
import OrderedJSON
import RunRecords

extension RunStore {
  /// An epoch and its number over all stages, counted from 1.
  public typealias NumberedEpoch = (number: Int, record: EpochRecord)

  /// Enters a run whose folder has just been made, or that goes on.
  public func begin(_ entry: RunEntry, configuration: ResolvedConfiguration) throws(RecordError) {
    try writing { database throws(DatabaseFault) in
      _ = try Self.insert(entry, configuration, stamp: nil, into: database)
    }
  }

  /// Enters epochs of a run, all in one transaction; nothing where the run is not in the store.
  public func append(_ epochs: [NumberedEpoch], to path: String) throws(RecordError) {
    guard !epochs.isEmpty else { return }
    try writing { database throws(DatabaseFault) in
      guard let run = try Self.run(path, in: database) else { return }
      try Self.insert(epochs, of: run, into: database)
    }
  }

  /// Enters the end of a run, with its last epochs, in one transaction.
  ///
  /// - Parameter epochs: Those that have not been entered yet.
  public func finish(
    _ entry: RunEntry, configuration: ResolvedConfiguration, summary: RunSummary, epochs: [NumberedEpoch] = []
  ) throws(RecordError) {
    let stamp = FileStamp.text(ofFileAt: "\(output)/\(entry.path)/summary.json")
    try writing { database throws(DatabaseFault) in
      let run = try Self.insert(entry, configuration, stamp: stamp, into: database)
      try Self.insert(epochs, of: run, into: database)
      try Self.insert(summary.metrics, of: run, into: database)
    }
  }

  /// Takes a run out of the store; nothing where it is not in it.
  public func remove(_ path: String) throws(RecordError) {
    try writing { database throws(DatabaseFault) in
      guard let run = try Self.run(path, in: database) else { return }
      try Self.removeResults(of: run, in: database)
      try database.run("DELETE FROM runs WHERE id = ?", .integer(run))
    }
  }

  // MARK: - Within a transaction

  static func run(_ path: String, in database: Database) throws(DatabaseFault) -> Int? {
    try database.integer("SELECT id FROM runs WHERE path = ?", .text(path))
  }

  /// Enters a run, in the place of an entry of the same folder; returns its number.
  static func insert(
    _ entry: RunEntry, _ configuration: ResolvedConfiguration, stamp: String?, into database: Database
  ) throws(DatabaseFault) -> Int {
    let group = try insert(configuration, hash: entry.identity.configuration, into: database)
    try database.run(
      """
      INSERT INTO runs (path, name, seed, status, identity, configuration, data, started, seconds, version, host,
        process, stamp)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
      ON CONFLICT (path) DO UPDATE SET name = ?2, seed = ?3, status = ?4, identity = ?5, configuration = ?6, data = ?7,
        started = ?8, seconds = ?9, version = ?10, host = ?11, process = ?12, stamp = ?13
      """,
      .text(entry.path), .text(entry.name), .integer(entry.seed), .text(entry.status.rawValue),
      .text(entry.identity.run), .integer(group), .text(entry.identity.data), .text(entry.started),
      DatabaseValue(entry.seconds), .text(entry.version), DatabaseValue(entry.worker?.host),
      DatabaseValue(entry.worker?.process), DatabaseValue(stamp))
    return try run(entry.path, in: database) ?? 0
  }

  private static func insert(
    _ configuration: ResolvedConfiguration, hash: String, into database: Database
  ) throws(DatabaseFault) -> Int {
    let find = "SELECT id FROM configurations WHERE hash = ?"
    if let known = try database.integer(find, .text(hash)) { return known }
    try database.run("INSERT INTO configurations (hash) VALUES (?)", .text(hash))
    let group = database.lastInsertedRow
    for (key, value) in configuration.parameters {
      try database.run(
        "INSERT OR IGNORE INTO parameters VALUES (?, ?, ?)", .integer(try self.key(key, in: database)),
        .text(value.serialized(.compact)), .integer(group))
    }
    return group
  }

  static func insert(_ epochs: [NumberedEpoch], of run: Int, into database: Database) throws(DatabaseFault) {
    for (number, record) in epochs {
      let judged = record.splits.last?.evaluation
      try database.run(
        "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", .integer(run), .integer(number),
        .text(record.phase.rawValue), .integer(record.epoch), DatabaseValue(record.labelLoss.finite),
        DatabaseValue(record.adversaryLoss.finite), DatabaseValue(judged?.accuracy.finite),
        DatabaseValue(judged?.rocAUC.finite))
    }
  }

  static func insert(
    _ metrics: [(key: String, value: Double)], of run: Int, into database: Database
  ) throws(DatabaseFault) {
    for (key, value) in metrics {
      try database.run(
        "INSERT OR REPLACE INTO metrics VALUES (?, ?, ?)", .integer(try self.key(key, in: database)), .integer(run),
        .real(value))
    }
  }

  static func removeResults(of run: Int, in database: Database) throws(DatabaseFault) {
    // By the keys, for the table lies in their order.
    try database.run("DELETE FROM metrics WHERE key IN (SELECT id FROM keys) AND run = ?", .integer(run))
    try database.run("DELETE FROM epochs WHERE run = ?", .integer(run))
  }

  /// The number of a key; a new one gets the next.
  private static func key(_ name: String, in database: Database) throws(DatabaseFault) -> Int {
    if let known = try database.integer("SELECT id FROM keys WHERE name = ?", .text(name)) { return known }
    try database.run("INSERT INTO keys (name) VALUES (?)", .text(name))
    return database.lastInsertedRow
  }
}

extension MetricValue {
  /// The value, where it exists and is finite.
  fileprivate var finite: Double? { value.flatMap { $0.isFinite ? $0 : nil } }
}
