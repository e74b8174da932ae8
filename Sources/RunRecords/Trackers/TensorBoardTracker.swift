/// Writes what `tensorboard --logdir` shows: `tensorboard/events.out.tfevents.…` in the run's folder.
public final class TensorBoardTracker: RunTracker {
  public let title = "TensorBoard"

  private let file: AppendingFile
  private let time: () -> Double

  /// - Parameter time: The clock, in seconds since 1970-01-01 00:00 UTC.
  public init(_ start: RunStart, time: (() -> Double)? = nil) throws(RecordError) {
    self.time = time ?? WallTime.now
    // Of a run that goes on, all epochs are written again.
    FileAccess.remove(start.folder.file("tensorboard"))
    let folder = try start.folder.makeFolder("tensorboard")
    let now = self.time()
    let name = "events.out.tfevents.\(Int(now)).\(start.environment.host ?? "localhost").\(WallTime.process).0"
    file = try AppendingFile(path: "\(folder)/\(name)", truncating: false)
    try file.append(TensorBoardEvents.start(time: now))
  }

  public func append(_ record: EpochRecord, number: Int) throws(RecordError) {
    let values = record.scalars.map { (tag: $0.path.joined(separator: "/"), value: $0.value) }
    try file.append(TensorBoardEvents.scalars(values, step: number, time: time()))
  }

  public func finish(_ summary: RunSummary, scores: [ScoreSample]) throws(RecordError) {
    for sample in scores {
      try file.append(
        TensorBoardEvents.histogram("scores/\(sample.name)", sample.scores, step: sample.epoch, time: time()))
    }
    try file.close(synchronizing: true)
  }

  public func suspend() throws(RecordError) { try file.close(synchronizing: true) }

  public func abandon() {
    // The file goes with the run's folder.
  }
}
