import OrderedJSON
import RunRecords
import Synchronization
import TabularData

/// What several runs of one process have in common: rows, read and prepared once and then only looked at, and what comes
/// before a game.
///
/// The results are those that every run would have alone.
public final class SharedWork: Sendable {
  /// A piece of work that one thread does while the others wait for it.
  private final class Once<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    func get(_ make: () throws -> Value) throws -> Value {
      try value.withLock { value in
        if let value { return value }
        let made = try make()
        value = made
        return made
      }
    }
  }

  let starts: SharedStarts
  /// The prepared data sets: those of the seeds under way, and a few more. Rows that a run still looks at live on until
  /// its end.
  private let prepared: Mutex<RecentValues<Once<PreparedRows>>>
  private let hashes = Mutex<[String: Once<[EnvironmentRecord.Source]>]>([:])

  /// - Parameter jobs: How many runs go on at the same time.
  public init(jobs: Int) {
    starts = SharedStarts(jobs: jobs)
    prepared = Mutex(RecentValues(capacity: jobs + 2))
  }

  /// The rows of a run, prepared by the first that asks.
  func rows(
    _ configuration: ExperimentConfiguration, folder: String, _ make: () throws -> PreparedRows
  ) throws -> PreparedRows {
    // All that the rows follow from; where the files lie belongs to it.
    let data = configuration.json["data"]?.serialized(.compact) ?? ""
    let key = "\(configuration.seed) \(folder) \(data)"
    return try prepared.withLock { $0.value(of: key, orElse: Once()) }.get(make)
  }

  /// The sources of a run's rows, as `environment.json` will list them; no rows are read, and no file is hashed twice.
  func sources(of file: ConfigurationFile) throws -> [EnvironmentRecord.Source] {
    let data = file.configuration.data
    let seed = UInt64(file.configuration.seed)
    if case .simulated = data.source { return try data.sources(seed: seed, located: file.located) }
    let all = file.configuration.json["data"]
    let key = [all?["source"], all?["split"]?["files"]].map { $0?.serialized(.compact) ?? "" }.joined() + file.folder
    let once = hashes.withLock { hashes in
      let once = hashes[key] ?? Once()
      hashes[key] = once
      return once
    }
    return try once.get { try data.sources(seed: seed, located: file.located) }
  }
}
