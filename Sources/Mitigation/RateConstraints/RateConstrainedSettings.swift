import Autograd
import NeuralNetworks

/// How a classifier is trained under constraints on rates.
public struct RateConstrainedSettings: Sendable, Hashable {
  /// The rows whose violations move the multipliers.
  public enum MultiplierRows: String, Sendable, Hashable, Codable, CaseIterable {
    /// Those of each mini-batch: cheap and noisy.
    case batch
    /// All training rows.
    case training
    /// The validation rows: two-dataset training, whose constraints generalise better (Cotter et al. 2019,
    /// arXiv:1807.00028).
    case validation
  }

  /// The loss of the objective.
  public var loss = ElementLoss.binaryCrossEntropy

  /// What stands for decisions where a gradient is needed.
  public var proxy = RateProxy.hinge

  /// What the multipliers are, and how they move.
  public var formulation = ConstraintMultipliers.Formulation.swapRegret
  public var multiplierUpdate = ConstraintMultipliers.Update.multiplicative()

  /// The step of the multipliers per unit of violation, > 0, and how it changes from update to update.
  public var multiplierRate = 1.0
  public var multiplierSchedule = LearningRateSchedule.constant

  /// The rows whose violations move the multipliers.
  public var multiplierRows = MultiplierRows.training

  /// How much each constraint is tightened, in standard errors of its rates on the rows whose violations move the
  /// multipliers: for noise, so that it holds on new rows too. Violations of mini-batches are not tightened.
  public var margin = 0.0

  /// The classifier's own optimizer.
  public var optimizer = OptimizerSettings()

  /// The classifier's steps on the objective alone, before the multipliers begin to move.
  public var pretrainingSteps = 0

  /// The iterations: each some steps of the classifier, then an update of the multipliers (with `.batch`, one after each
  /// step).
  public var iterations = 100

  /// The classifier's steps in an iteration.
  public var stepsPerIteration = 1

  /// An iterate is kept and reported after every so many iterations, and after the last.
  public var snapshotInterval = 10

  /// The rows of a mini-batch.
  public var batchSize = 512

  /// The rows of each kind that constraints tell apart, and that a batch has at least, where there are so many.
  public var minimumRowsPerKind = 8

  /// A constraint is warned about where a rate in it is about fewer rows than this.
  public var minimumSupport = 30

  /// A row is selected when its probability is at least this, inside 0...1.
  public var threshold = 0.5

  public init() {}
}
