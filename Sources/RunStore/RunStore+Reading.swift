import OrderedJSON
import RunRecords
import Wording

extension RunStore {
  /// What is asked of the store.
  public struct Query: Sendable {
    /// All must hold.
    public var conditions: [RunCondition] = []
    /// The keys of the values that are wanted.
    public var keys: [String] = []
    /// The key by which the runs are sorted; nil: by when they started.
    public var order: String?
    /// Whether the largest comes first; runs without a value come last either way.
    public var isDescending = true
    /// The most runs that are returned.
    public var limit: Int?

    public init() {}
  }

  /// The runs that fulfil the conditions, sorted.
  ///
  /// - Throws: `RunQueryError` where a key is neither a field, nor a statistic, nor a key of a configuration of any run
  ///   in the store; `RecordError`.
  public func runs(_ query: Query) throws -> RunTable {
    let entries = try entries()
    var columns: [String: (Int) -> RunValue?] = [:]
    let conditionKeys = query.conditions.map { ($0.key, "--where") }
    for (key, option) in conditionKeys + query.keys.map({ ($0, "--columns") })
      + (query.order.map { [($0, "--sort")] } ?? [])
    where columns[key] == nil {
      columns[key] = try column(key, of: entries, option: option)
    }
    func value(_ key: String, _ index: Int) -> RunValue? { columns[key].flatMap { $0(index) } }
    for condition in query.conditions {
      try condition.check(against: entries.indices.lazy.compactMap { value(condition.key, $0) })
    }
    var kept = entries.indices.filter { index in
      query.conditions.allSatisfy { $0.holds(for: value($0.key, index)) }
    }
    if let order = query.order {
      kept = kept.map { (index: $0, value: value(order, $0)) }.sorted { one, other in
        guard let a = one.value, let b = other.value else {
          return one.value != nil || other.value == nil && one.index < other.index
        }
        if a == b { return one.index < other.index }
        return query.isDescending ? RunValue.precedes(b, a) : RunValue.precedes(a, b)
      }.map(\.index)
    } else if query.isDescending {
      // The database has them in the order in which they started.
      kept.reverse()
    }
    if let limit = query.limit { kept = Array(kept.prefix(limit)) }
    return RunTable(
      keys: query.keys,
      rows: kept.map { index in
        RunTable.Row(entry: entries[index].entry, values: query.keys.map { value($0, index) })
      })
  }

  /// The runs of an identity that came to their end, the newest first.
  public func finished(_ identity: RunIdentity) throws(RecordError) -> [String] {
    try paths(identity, "status = 'finished'")
  }

  /// The runs of an identity that did not come to their end, the newest first.
  public func unfinished(_ identity: RunIdentity) throws(RecordError) -> [String] {
    try paths(identity, "status IN ('running', 'unfinished')")
  }

  private func paths(_ identity: RunIdentity, _ condition: String) throws(RecordError) -> [String] {
    var paths: [String] = []
    try using { database throws(DatabaseFault) in
      try database.rows(
        "SELECT path FROM runs WHERE identity = ? AND \(condition) ORDER BY started DESC, path DESC",
        [.text(identity.run)]
      ) { paths.append($0.text(0)) }
    }
    return paths
  }

  /// The epochs of a run that have been entered, as numbers of epochs and losses.
  public struct EpochLine: Sendable, Equatable {
    public var number: Int
    public var phase: String
    public var epoch: Int
    public var labelLoss: Double?
    public var adversaryLoss: Double?
    public var accuracy: Double?
    public var rocAUC: Double?
  }

  /// The epochs of a run, in order.
  public func epochs(of path: String) throws(RecordError) -> [EpochLine] {
    var lines: [EpochLine] = []
    try using { database throws(DatabaseFault) in
      try database.rows(
        """
        SELECT number, phase, epoch, labelLoss, adversaryLoss, accuracy, rocAUC FROM epochs
        WHERE run = (SELECT id FROM runs WHERE path = ?) ORDER BY number
        """, [.text(path)]
      ) { row in
        lines.append(
          EpochLine(
            number: row.integer(0), phase: row.text(1), epoch: row.integer(2), labelLoss: row.optionalReal(3),
            adversaryLoss: row.optionalReal(4), accuracy: row.optionalReal(5), rocAUC: row.optionalReal(6)))
      }
    }
    return lines
  }

  /// The names of the statistics that any run has, in the order in which they became known.
  public func metricKeys() throws(RecordError) -> [String] {
    try keys("SELECT name FROM keys WHERE EXISTS (SELECT 1 FROM metrics WHERE key = keys.id) ORDER BY id")
  }

  /// The keys whose values are not the same in all configurations, in the order of a configuration.
  public func differingKeys() throws(RecordError) -> [String] {
    // The two ends of a key's entries are found at once; those of each key are counted only where some configuration
    // lacks one.
    try keys(
      """
      SELECT name FROM keys
      WHERE (SELECT min(value) FROM parameters WHERE key = id) <> (SELECT max(value) FROM parameters WHERE key = id)
        OR (SELECT count(*) FROM parameters) < (SELECT count(*) FROM configurations)
            * (SELECT count(*) FROM keys WHERE EXISTS (SELECT 1 FROM parameters WHERE key = id))
          AND (SELECT count(*) FROM parameters WHERE key = id)
            BETWEEN 1 AND (SELECT count(*) FROM configurations) - 1
      ORDER BY id
      """)
  }

  /// The path of the run that a text names: its path in the store or on the disk, its folder's name, or the beginning
  /// or the end of one that no other run has.
  ///
  /// - Throws: `RunQueryError` where there is none or more than one.
  public func resolve(_ text: String) throws -> String {
    let name = text.hasSuffix("/") ? String(text.dropLast()) : text
    guard !name.isEmpty else { throw RunQueryError("'\(text)'", "names no run. See equipoise runs list.") }
    let paths = try entries().map(\.entry.path)
    if let exact = paths.first(where: { $0 == name || "\(output)/\($0)" == name }) { return exact }
    // The copy of a run in another folder has its name, and is not the run. Links may lead to the folder of the runs, and
    // from there.
    if let slash = name.lastIndex(of: "/") {
      let (written, inside) = (FileAccess.writtenOut(name), FileAccess.writtenOut(output))
      let folder = FileAccess.absolutePath(name)
      let found = paths.filter { $0.hasSuffix(name[slash...]) }.first { path in
        "\(inside)/\(path)" == written || folder != nil && FileAccess.absolutePath("\(output)/\(path)") == folder
      }
      if let found { return found }
      if folder != nil {
        throw RunQueryError(name, "is no run in \(path). Name the folder of the runs with --output.")
      }
    }
    let near = paths.filter { path in
      let folder = path.split(separator: "/").last ?? ""
      return folder.hasPrefix(name) || folder.hasSuffix(name) || name.contains("/") && path.hasPrefix(name)
    }
    guard let found = near.first else {
      throw RunQueryError(name, "there is no such run in \(path). See equipoise runs list, or run reindex.")
    }
    guard near.count == 1 else {
      throw RunQueryError(name, "is the name of \(near.count) runs, such as \(found) and \(near[1]). Give more of it.")
    }
    return found
  }

  // MARK: - Columns

  /// A run with its numbers in the tables.
  private struct Numbered {
    var id: Int
    var configuration: Int
    var entry: RunEntry
  }

  private func entries() throws(RecordError) -> [Numbered] {
    var entries: [Numbered] = []
    try using { database throws(DatabaseFault) in
      try database.rows(
        """
        SELECT runs.id, path, name, seed, status, identity, configuration, hash, data, started, seconds, version, host,
          process
        FROM runs JOIN configurations ON configurations.id = configuration ORDER BY started, path
        """
      ) { row in
        let worker = row.isNull(13) ? nil : RunEntry.Worker(host: row.text(12), process: row.integer(13))
        let status = RunEntry.Status(
          RunEntry.Status(rawValue: row.text(4)) ?? .unfinished, of: worker, in: "\(output)/\(row.text(1))")
        entries.append(
          Numbered(
            id: row.integer(0), configuration: row.integer(6),
            entry: RunEntry(
              path: row.text(1), name: row.text(2), seed: row.integer(3), status: status,
              identity: RunIdentity(run: row.text(5), configuration: row.text(7), data: row.text(8)),
              started: row.text(9), seconds: row.optionalReal(10), version: row.text(11), worker: worker)))
      }
    }
    return entries
  }

  /// The values of a key by the position of the run.
  private func column(_ key: String, of entries: [Numbered], option: String) throws -> (Int) -> RunValue? {
    if let field = RunField(rawValue: key) { return { field.value(of: entries[$0].entry) } }
    var metrics: [Int: Double] = [:]
    var parameters: [Int: RunValue] = [:]
    var isKnown = false
    try using { database throws(DatabaseFault) in
      guard let id = try database.integer("SELECT id FROM keys WHERE name = ?", .text(key)) else { return }
      isKnown = true
      try database.rows("SELECT run, value FROM metrics WHERE key = ?", [.integer(id)]) {
        metrics[$0.integer(0)] = $0.real(1)
      }
      guard metrics.isEmpty else { return }
      // Equal values lie side by side.
      var last: (text: String, value: RunValue)?
      try database.rows("SELECT configuration, value FROM parameters WHERE key = ?", [.integer(id)]) { row in
        let text = row.text(1)
        if last?.text != text {
          last = (text, (try? JSONReader.read(text, source: "").value).map(RunValue.init) ?? .text(text))
        }
        parameters[row.integer(0)] = last?.value
      }
    }
    if !isKnown {
      let names = RunField.allCases.map(\.rawValue) + (try keys("SELECT name FROM keys ORDER BY id"))
      let inner = names.filter { $0.hasPrefix(key + ".") }
      if !inner.isEmpty {
        throw RunQueryError(option, "'\(key)' is no single value. Name one in it: \(Excerpt.list(inner)).")
      }
      let nearest = NearestName.find(key, among: names).map { " Did you mean '\($0)'?" } ?? ""
      throw RunQueryError(
        option, "no run has a value '\(key)': it is no field, no statistic and no key of a configuration.\(nearest)")
    }
    if metrics.isEmpty { return { parameters[entries[$0].configuration] } }
    return { metrics[entries[$0].id].map(RunValue.number) }
  }

  private func keys(_ sql: String) throws(RecordError) -> [String] {
    var names: [String] = []
    try using { database throws(DatabaseFault) in
      try database.rows(sql) { names.append($0.text(0)) }
    }
    return names
  }
}
