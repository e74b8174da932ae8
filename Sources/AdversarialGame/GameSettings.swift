import NeuralNetworks
import TabularData

/// How the game is played. The defaults are those of the article's PyTorch notebook.
public struct GameSettings: Sendable, Hashable {
  /// The rows on which the classifier takes a step of the game.
  public enum ClassifierBatch: String, Sendable, Hashable, Codable, CaseIterable {
    /// The last mini-batch of the adversary's pass.
    case last
    /// A mini-batch drawn at random.
    case random
    /// Every mini-batch of another pass, one step on each.
    case all
    /// All training rows at once.
    case full
  }

  /// The rows of a mini-batch.
  public var batchSize = 32

  /// Whether a pass leaves out the rows at its end that do not fill a mini-batch.
  public var dropLast = true

  /// The passes that train the classifier alone, before the game.
  public var classifierEpochs = 2

  /// The passes that train the adversary alone, after these.
  public var adversaryEpochs = 5

  /// The epochs of the game.
  public var gameEpochs = 164

  public var classifierBatch = ClassifierBatch.last

  /// How often the classifier steps in an epoch of the game; for `.all`, how many passes it makes. With `.last` each
  /// step is on the same batch.
  public var classifierBatchesPerEpoch = 1

  /// The passes that the adversary makes in an epoch of the game.
  public var adversaryPassesPerEpoch = 1

  /// What the game aims at.
  public var criterion = GameCriterion.demographicParity

  /// In which order the players move in an epoch of the game. With `.batches` the classifier steps on every batch, and
  /// the keys about its batches, the adversary's passes and dropout in them mean nothing.
  public var turns = GameTurns.passes

  /// What the classifier makes of the two gradients.
  public var update = ClassifierUpdate.combined

  /// Whether the gradients are compared at every step of the classifier against the adversary, which costs a second
  /// derivative. Where one is projected they always are.
  public var diagnosesGradients = false

  /// Whether the classifier's dropout is on while the adversary trains on its predictions, as the notebook has it.
  public var dropoutInAdversaryPass = true

  /// Whether the groups of an attribute weigh the same in the adversary's loss, whatever their sizes.
  public var balancesGroups = false

  /// How training rows that are mapped from a file are shuffled, a window at a time; nil: all together.
  public var shuffleWindow: ShuffleWindow?

  public var classifierOptimizer = OptimizerSettings()
  public var adversaryOptimizer = OptimizerSettings()

  /// A row is selected when its prediction is at least this, in 0...1.
  public var threshold = 0.5

  /// Metrics are computed after every so many epochs, and after the last of a phase; 0 for the last only.
  public var evaluationInterval = 1

  /// Whether the splits are measured at the same time, a thread each, and an epoch while the next one is played; off
  /// where runs go on side by side. The results do not depend on it.
  public var evaluatesInParallel = true

  public init() {}
}
