import Mitigation
import OrderedJSON

/// How long and in which portions the networks train.
public struct TrainingConfiguration: Sendable, Equatable {
  /// On which rows the classifier takes its step of a game epoch.
  public enum ClassifierBatch: String, CaseIterable, Sendable {
    /// The last mini-batch of the adversary's pass.
    case last
    /// A random mini-batch.
    case random
    /// Every mini-batch of a pass of its own, a step on each.
    case all
    /// All training rows as one batch.
    case full
  }

  /// The number of rows in a mini-batch.
  public var batchSize = 32

  /// Whether the last mini-batch of a pass is left out where it is smaller.
  public var dropLast = true

  /// Passes of the classifier alone, before the game.
  public var classifierEpochs = 2

  /// Passes of the adversary alone, before the game.
  public var adversaryEpochs = 5

  /// Epochs of the game.
  public var gameEpochs = 164

  /// On which rows the classifier takes its step of a game epoch.
  public var classifierBatch: ClassifierBatch = .last

  /// The classifier's steps in a game epoch; with `all`, its passes.
  public var classifierBatchesPerEpoch = 1

  /// How both learning rates change over the epochs of the game.
  public var pace: PaceSchedule = .constant

  /// What is done where the game collapses; nil for putting the last sound networks back where λ is sought for a target,
  /// and a warning elsewhere.
  public var onCollapse: CollapseGuard.Response?

  public init() {}
}

/// Where the records go, and what is in them.
public struct OutputConfiguration: Sendable, Equatable {
  /// The folder in which the run's folder is made; a relative path starts at the working folder.
  public var directory = "runs"

  /// Whether every row's score is written.
  public var predictions = true

  /// Whether the sensitive columns stand beside the scores.
  public var sensitiveInPredictions = true

  /// Whether the run ends with a report.
  public var report = true

  /// After how many epochs the run's state is kept, so that it can go on from there; 0 for never, nil for about every two
  /// seconds.
  public var checkpointEveryEpochs: Int?

  /// The programs for which the run's course is written too.
  public var trackers: [Tracker] = []

  /// A program that shows the course of runs.
  public enum Tracker: String, CaseIterable, Sendable {
    case tensorboard
    case mlflow
    case dvclive
  }

  public init() {}
}

// MARK: - Keys

extension TrainingConfiguration {
  private typealias Field = ConfigurationField<TrainingConfiguration>

  static let section = ConfigurationSection<TrainingConfiguration>(
    defaults: TrainingConfiguration(),
    fields: [
      Field("batchSize", \.batchSize, .integer(1...16_777_216), "The number of rows in a mini-batch."),
      Field(
        "dropLast", \.dropLast, .boolean, "Whether the last mini-batch of a pass is left out where it is smaller."),
      Field(
        "classifierEpochs", \.classifierEpochs, .integer(0...1_000_000),
        "Passes of the classifier alone, before the game."),
      Field(
        "adversaryEpochs", \.adversaryEpochs, .integer(0...1_000_000),
        "Passes of the adversary alone, before the game."),
      Field("gameEpochs", \.gameEpochs, .integer(0...1_000_000), "Epochs of the game."),
      Field(
        "classifierBatch", \.classifierBatch, .choice,
        "On which rows the classifier takes its step of a game epoch: the last mini-batch of the adversary's pass, a "
          + "random one, all of a pass of its own, or all training rows as one full batch."),
      Field(
        "classifierBatchesPerEpoch", \.classifierBatchesPerEpoch, .integer(1...1_000_000),
        "The classifier's steps in a game epoch; with \"all\", its passes."),
      Field(
        "pace", \.pace, .choice,
        "How both learning rates change over the epochs of the game, beside what the optimizers do step by step: "
          + "constant; inverseTime, divided by the epoch, from 1; cosine, along half a cosine towards 0."),
      Field(
        "onCollapse", \.onCollapse, .optional(.choice, sample: .rollBack),
        "What is done where the game collapses, so that every row is decided alike or a loss breaks out: warn; "
          + "rollBack, which puts back the last sound networks and lowers lambda and the learning rates. Null: rollBack "
          + "with constraints.method game, else warn."),
    ])
}

extension OutputConfiguration {
  private typealias Field = ConfigurationField<OutputConfiguration>

  static let section = ConfigurationSection<OutputConfiguration>(
    defaults: OutputConfiguration(),
    fields: [
      Field(
        "directory", \.directory, .text(.notEmpty),
        "The folder in which the run's folder is made; a relative path starts at the working folder."),
      Field("predictions", \.predictions, .boolean, "Whether every row's score is written."),
      Field(
        "sensitiveInPredictions", \.sensitiveInPredictions, .boolean,
        "Whether the sensitive columns stand beside the scores."),
      Field(
        "report", \.report, .boolean,
        "Whether 'equipoise run' makes report.html at the end, one page to be opened in a browser. For the runs of a sweep, "
          + "'equipoise report' does."),
      Field(
        "checkpointEveryEpochs", \.checkpointEveryEpochs, .optional(.integer(0...1_000_000), sample: 10),
        "After how many epochs the state of the training is kept, from which run --resume and sweep go on; 0: never. "
          + "Null: every two seconds or more, so that it takes a fiftieth of the time at most. No result depends on it."
      ),
      Field(
        "trackers", \.trackers, .list(.choice, distinct: true),
        "The programs for which the course of the run is written too: \"tensorboard\" and \"dvclive\" in the run's "
          + "folder, \"mlflow\" in mlruns beside the runs."),
    ])
}
