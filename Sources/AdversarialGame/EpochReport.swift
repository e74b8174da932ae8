import FairnessMetrics

/// The stages of a training, in order.
public enum TrainingPhase: String, Sendable, Hashable, Codable, CaseIterable {
  /// The classifier alone.
  case classifier
  /// The adversary alone, on the predictions of the frozen classifier.
  case adversary
  /// The game of both.
  case game
}

/// How far an epoch is.
public struct EpochProgress: Sendable, Hashable {
  public var phase: TrainingPhase

  /// The epoch within the phase, from 1.
  public var epoch: Int

  /// The number of epochs that the phase was planned for.
  public var plannedEpochs: Int

  /// The share of the epoch's steps that are done, in 0...1.
  public var share: Double
}

/// What an epoch led to, measured with dropout off.
public struct EpochReport: Sendable, Hashable {
  /// The stage of the training.
  public var phase: TrainingPhase

  /// The epoch within the phase, from 1.
  public var epoch: Int

  /// The number of epochs that the phase was planned for.
  public var plannedEpochs: Int

  /// L_y: the classifier's mean cross-entropy over the training rows, in nats; of a number its mean squared error, in
  /// variances of the label.
  public var labelLoss: Double

  /// L_z: the mean over attributes of the adversary's losses over the training rows, without λ; nil where there is
  /// no adversary or it is not trained yet.
  public var adversaryLoss: Double?

  /// The adversary's loss for each attribute over the training rows, in the order of the data set's attributes.
  public var attributeLosses: [Double]

  /// How the classifier's two gradients stood to each other; nil where nobody asked, or outside the game.
  public var diagnostics: GradientDiagnostics?

  /// How the classifier does on each split, in the order given to the trainer, training rows first.
  public var splits: [SplitEvaluation]
}

/// How the classifier does on the rows of one split.
public struct SplitEvaluation: Sendable, Hashable {
  /// `train`, `validation` or `test`.
  public var name: String

  public var evaluation: ClassifierEvaluation

  /// How the scores are spread over 0...1, group by group; nil where nobody asked.
  public var scoreCounts: ScoreCounts?
}
