import RunRecords

/// Keeps the index up to date while a run goes on: entered at its start, its epochs about once a second in one
/// transaction, its results at the end.
public final class StoreTracker: RunTracker {
  /// The time between two entries of epochs.
  private static let interval = Duration.seconds(1)

  private let store: RunStore
  private let ownsStore: Bool
  private var entry: RunEntry
  private let configuration: ResolvedConfiguration
  private var waiting: [RunStore.NumberedEpoch] = []
  private var lastWrite = ContinuousClock.now

  public let title = "the index of runs"

  /// Opens the store of the folder of the runs, and enters the run.
  ///
  /// - Parameter store: The store, where it is open already.
  public init(_ start: RunStart, store: RunStore? = nil) throws(RecordError) {
    ownsStore = store == nil
    self.store = if let store { store } else { try RunStore(output: start.output, access: .writing) }
    configuration = ResolvedConfiguration(start.configuration)
    entry = RunEntry(
      path: start.path, configuration: configuration, environment: start.environment, status: .running,
      worker: .current)
    do throws(RecordError) {
      try self.store.begin(entry, configuration: configuration)
    } catch {
      if ownsStore { self.store.removeIfNew(holdingAtMost: entry.path) }
      throw error
    }
  }

  public func append(_ record: EpochRecord, number: Int) throws(RecordError) {
    waiting.append((number, record))
    let now = ContinuousClock.now
    guard now - lastWrite >= Self.interval else { return }
    lastWrite = now
    try store.append(waiting, to: entry.path)
    waiting.removeAll(keepingCapacity: true)
  }

  public func finish(_ summary: RunSummary, scores: [ScoreSample]) throws(RecordError) {
    entry.status = RunEntry.Status(summary.status)
    entry.seconds = summary.seconds
    entry.worker = nil
    try store.finish(entry, configuration: configuration, summary: summary, epochs: waiting)
    waiting = []
  }

  public func suspend() throws(RecordError) {
    entry.status = .unfinished
    entry.worker = nil
    try store.begin(entry, configuration: configuration)
    try store.append(waiting, to: entry.path)
    waiting = []
  }

  public func abandon() {
    // What is left of the entry goes with the next reindexing.
    try? store.remove(entry.path)
    if ownsStore { store.removeIfNew(holdingAtMost: entry.path) }
  }
}
