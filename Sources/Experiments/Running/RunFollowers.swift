import RunRecords
import RunStore

/// Those who follow a run. One that cannot go on is left behind with a notice: a run never fails for its followers.
final class RunFollowers {
  private var trackers: [any RunTracker] = []

  /// Those that were left behind; what they wrote goes with the run where it fails.
  private var leftBehind: [any RunTracker] = []

  /// What the reader of the results should know, until it is taken.
  private var notices: [String] = []

  /// Starts what the configuration asks for.
  ///
  /// - Parameters:
  ///   - store: The index, where it is open already.
  ///   - trackers: The programs that the configuration names.
  init(_ start: RunStart, store: RunStore?, trackers: [OutputConfiguration.Tracker]) {
    add("the index of runs") { () throws(RecordError) in try StoreTracker(start, store: store) }
    for tracker in trackers {
      switch tracker {
      case .tensorboard: add("TensorBoard") { () throws(RecordError) in try TensorBoardTracker(start) }
      case .mlflow: add("MLflow") { () throws(RecordError) in try MLflowTracker(start) }
      case .dvclive: add("DVCLive") { () throws(RecordError) in try DVCLiveTracker(start) }
      }
    }
  }

  private func add(_ title: String, _ make: () throws(RecordError) -> any RunTracker) {
    do throws(RecordError) {
      trackers.append(try make())
    } catch {
      tell(title, error)
    }
  }

  func append(_ record: EpochRecord, number: Int) {
    forEach { tracker throws(RecordError) in try tracker.append(record, number: number) }
  }

  func finish(_ summary: RunSummary, scores: [ScoreSample]) {
    forEach { tracker throws(RecordError) in try tracker.finish(summary, scores: scores) }
  }

  /// Takes over the epochs from before an interruption.
  func append(_ earlier: [EpochRecord], numbers: [Int]) {
    for (record, number) in zip(earlier, numbers) { append(record, number: number) }
  }

  func suspend() {
    forEach { tracker throws(RecordError) in try tracker.suspend() }
  }

  func abandon() {
    for tracker in trackers + leftBehind { tracker.abandon() }
  }

  /// The notices since the last call.
  func takeNotices() -> [String] {
    defer { notices = [] }
    return notices
  }

  private func forEach(_ body: (any RunTracker) throws(RecordError) -> Void) {
    var staying: [any RunTracker] = []
    for tracker in trackers {
      do throws(RecordError) {
        try body(tracker)
        staying.append(tracker)
      } catch {
        leftBehind.append(tracker)
        tell(tracker.title, error)
      }
    }
    trackers = staying
  }

  private func tell(_ title: String, _ error: RecordError) {
    notices.append("This run is missing from \(title): \(error) Its own records are not touched by that.")
  }
}
