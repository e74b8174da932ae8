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
