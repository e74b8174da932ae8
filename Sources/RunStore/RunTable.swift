import RunRecords

/// Runs and their values under some keys.
public struct RunTable: Sendable {
  /// A run and its values.
  public struct Row: Sendable {
    public var entry: RunEntry
    /// A value for each key; nil where the run has none.
    public var values: [RunValue?]
  }

  public var keys: [String]
  public var rows: [Row]

  /// Of several runs of one configuration and seed leaves the newest that came to its end, or else the newest.
  public mutating func leaveNewest() {
    struct Kind: Hashable {
      var configuration: String
      var seed: Int
    }
    func age(_ entry: RunEntry) -> (Int, String, String) {
      ([.finished, .stopped].contains(entry.status) ? 1 : 0, entry.started, entry.path)
    }
    var newest: [Kind: RunEntry] = [:]
    for row in rows {
      let kind = Kind(configuration: row.entry.identity.configuration, seed: row.entry.seed)
      if newest[kind].map({ age($0) < age(row.entry) }) ?? true { newest[kind] = row.entry }
    }
    let left = Set(newest.values.map(\.path))
    rows.removeAll { !left.contains($0.entry.path) }
  }
}

/// A field that every run has, by the name that conditions and columns use.
enum RunField: String, CaseIterable {
  case run, name, seed, status, started, seconds, version, identity, configuration, data

  func value(of entry: RunEntry) -> RunValue? {
    switch self {
    case .run: .text(entry.path)
    case .name: .text(entry.name)
    case .seed: .number(Double(entry.seed))
    case .status: .text(entry.status.rawValue)
    case .started: .text(entry.started)
    case .seconds: entry.seconds.map(RunValue.number)
    case .version: .text(entry.version)
    case .identity: .text(entry.identity.run)
    case .configuration: .text(entry.identity.configuration)
    case .data: .text(entry.identity.data)
    }
  }
}
