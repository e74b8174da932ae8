import FairnessMetrics
import OrderedJSON

/// A run that begins, as those see it who follow it.
public struct RunStart: Sendable {
  /// The run's folder.
  public var folder: RunFolder

  /// The folder of the runs.
  public var output: String

  /// The resolved configuration.
  public var configuration: JSON

  public var environment: EnvironmentRecord

  public init(folder: RunFolder, output: String, configuration: JSON, environment: EnvironmentRecord) {
    self.folder = folder
    self.output = output.count > 1 && output.hasSuffix("/") ? String(output.dropLast()) : output
    self.configuration = configuration
    self.environment = environment
  }

  /// The name of the experiment.
  public var name: String { configuration["name"]?.text ?? "" }

  public var seed: Int { configuration["seed"]?.integer ?? 0 }

  /// The run's folder, beginning at the folder of the runs: `adult/20260131-120000-1a2b3c`.
  public var path: String {
    folder.path.hasPrefix(output + "/") ? String(folder.path.dropFirst(output.count + 1)) : folder.path
  }
}

/// Scores of some rows, for a picture of how they are distributed.
public struct ScoreSample: Sendable {
  /// What they are scores of: `test`, `test/sex/Female`.
  public var name: String

  /// The number of epochs after which the classifier gave them, over all stages.
  public var epoch: Int

  /// The scores, in 0...1.
  public var scores: [Float]

  public init(_ name: String, epoch: Int, scores: [Float]) {
    self.name = name
    self.epoch = epoch
    self.scores = scores
  }
}

/// What follows a run to its end and writes down what it sees for somebody else: an index, or the files of another
/// program. The run's own records do not depend on it.
public protocol RunTracker: AnyObject {
  /// What messages call it, such as "the index of runs".
  var title: String { get }

  /// An epoch is done; `number` counts over all stages, from 1.
  func append(_ record: EpochRecord, number: Int) throws(RecordError)

  /// The run has come to its end, and its records are written.
  func finish(_ summary: RunSummary, scores: [ScoreSample]) throws(RecordError)

  /// The run failed, and its folder is taken away.
  func abandon()

  /// The run was interrupted, and its folder stays, so that it can go on: then it is followed from its beginning again.
  func suspend() throws(RecordError)
}
