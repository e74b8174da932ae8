/// How a classifier is trained under constraints on rates (`constraints.method: rates`).
public struct RatesConfiguration: Sendable, Equatable {
  /// The loss of the objective.
  public enum Loss: String, CaseIterable, Sendable {
    case hinge
    case crossEntropy
    case squaredError
  }

  /// What stands for decisions where a gradient is needed.
  public enum Proxy: String, CaseIterable, Sendable {
    case hinge
    case logistic
    case ramp
    case sigmoid
  }

  /// What the multipliers learn without.
  public enum Regret: String, CaseIterable, Sendable {
    /// Without swap regret: the stationary distribution of a stochastic matrix.
    case swap
    /// Without external regret: a distribution over objective and constraints.
    case external
    /// Plain Lagrange multipliers, beside an objective that weighs 1.
    case lagrangian
  }

  /// How the multipliers move.
  public enum Update: String, CaseIterable, Sendable {
    case multiplicative
    case additive
  }

  /// The rows whose violations move the multipliers.
  public enum MultiplierRows: String, CaseIterable, Sendable {
    case batch
    case training
    case validation
  }

  /// The loss of the objective.
  public var loss: Loss = .hinge

  /// What stands for decisions where a gradient is needed.
  public var proxy: Proxy = .hinge

  /// How steep the sigmoid proxy is.
  public var sharpness = 1.0

  /// The player of the multipliers.
  public var multipliers = Multipliers()

  /// The classifier's steps on the objective alone; nil for as many as follow under the constraints.
  public var pretrainingSteps: Int?

  /// The iterations: each some steps of the classifier, then an update of the multipliers.
  public var iterations = 100

  /// The classifier's steps in an iteration.
  public var stepsPerIteration = 20

  /// An iterate is kept after every so many iterations, and after the last.
  public var snapshotEvery = 10

  /// The rows of a mini-batch.
  public var batchSize = 512

  /// The rows of each kind that constraints tell apart, and that a batch has at least.
  public var minimumRowsPerGroup = 8

  public init() {}

  /// The player of the multipliers.
  public struct Multipliers: Sendable, Equatable {
    /// What they learn without.
    public var regret: Regret = .swap

    /// How they move.
    public var update: Update

    /// The share that no weight falls below, divided by the number of weights.
    public var minimumRadius = 0.001

    /// The largest sum of Lagrange multipliers; nil for none.
    public var bound: Double?

    /// The step per unit of violation. Default: 20 for multiplicative updates, 2 for additive ones.
    public var learningRate: Double

    /// How the step falls with the updates; nil where it stays.
    public var decay: LearningRateDecay?

    /// The rows whose violations move them; nil for validation rows where there are any, or else training rows.
    public var rows: MultiplierRows?

    /// The defaults of an update.
    public init(_ update: Update = .multiplicative) {
      self.update = update
      learningRate = update == .multiplicative ? 20 : 2
    }
  }
}

// MARK: - Keys

extension RatesConfiguration {
  private typealias Field = ConfigurationField<RatesConfiguration>

  static let section = ConfigurationSection<RatesConfiguration>(
    defaults: RatesConfiguration(),
    fields: [
      Field("loss", \.loss, .choice, "The loss of the objective, which stands for the error rate."),
      Field(
        "proxy", \.proxy, .choice,
        "What stands for a decision in the classifier's view of a constraint: hinge max(0, 1 + s), logistic "
          + "log2(1 + e^s), ramp min(1, hinge), sigmoid 1/(1 + e^(-sharpness·s)), s being how far the logit lies above "
          + "the threshold."),
      Field(
        "sharpness", \.sharpness, .number(.above(0)),
        onlyWhere: .init(text: "proxy is sigmoid", holds: { $0.proxy == .sigmoid }), "How steep the sigmoid is."),
      Field(
        "multipliers", \.multipliers, Multipliers.section.codec,
        "The player of the multipliers, which sees the constraints as they stand."),
      Field(
        "pretrainingSteps", \.pretrainingSteps, .optional(.integer(0...1_000_000_000), sample: 1000),
        "The classifier's steps on the objective alone, which give the classifier to compare with; null: as many as "
          + "follow under the constraints."),
      Field(
        "iterations", \.iterations, .integer(1...1_000_000_000),
        "The iterations: each some steps of the classifier, then an update of the multipliers."),
      Field(
        "stepsPerIteration", \.stepsPerIteration, .integer(1...1_000_000), "The classifier's steps in an iteration."),
      Field(
        "snapshotEvery", \.snapshotEvery, .integer(1...1_000_000_000),
        "An iterate is kept, by copy, after every so many iterations, and after the last."),
      Field("batchSize", \.batchSize, .integer(1...16_777_216), "The rows of a mini-batch."),
      Field(
        "minimumRowsPerGroup", \.minimumRowsPerGroup, .integer(1...1_000_000),
        "The rows that a batch has at least of every kind that the constraints tell apart, by group and label; with too "
          + "small a batch there are fewer, and a warning."),
    ])
}

extension RatesConfiguration.Multipliers {
  private typealias Field = ConfigurationField<RatesConfiguration.Multipliers>

  static let section = ConfigurationSection<RatesConfiguration.Multipliers>(
    defaults: .init(),
    fields: [
      Field(
        "regret", \.regret, .choice,
        "What they learn without: swap or external regret, as a distribution over objective and constraints, or "
          + "lagrangian: plain Lagrange multipliers beside an objective that weighs 1."),
      Field(
        "update", \.update, .choice,
        "How they move: by factors (multiplicative) or by steps that are projected back (additive)."),
      Field(
        "minimumRadius", \.minimumRadius, .number(.open(0, 1)),
        onlyWhere: .init(text: "update is multiplicative", holds: { $0.update == .multiplicative }),
        "The share that no weight falls below, divided by the number of weights, so that each can come back."),
      Field(
        "bound", \.bound, .optional(.number(.above(0)), sample: 10),
        onlyWhere: .init(text: "regret is lagrangian", holds: { $0.regret == .lagrangian }),
        "The largest sum of the multipliers; null: none, which multiplicative updates do not allow."),
      Field(
        "learningRate", \.learningRate, .number(.above(0)),
        "The step per unit of violation. Left out: 20 for multiplicative updates, 2 for additive ones."),
      Field(
        "decay", \.decay,
        .optional(LearningRateDecay.section.codec, sample: LearningRateDecay(.inverseTime, rate: 1, steps: 100)),
        "How the step falls with the updates; null: it stays."),
      Field(
        "rows", \.rows, .optional(.choice, sample: .validation),
        "The rows whose violations move them: those of each batch, all of training, or validation; null: validation "
          + "rows where there are any (two-dataset training), or else training rows."),
    ],
    start: { node, path in
      // An unknown name is told by its own field; until then any defaults do.
      .init(node["update"]?.value.text.flatMap(RatesConfiguration.Update.init(rawValue:)) ?? .multiplicative)
    },
    finish: { multipliers, node, path in
      if multipliers.regret == .lagrangian && multipliers.update == .multiplicative && multipliers.bound == nil {
        throw path.appending("bound").failure(
          at: node.place, "is null, but multiplicative updates need a bound on the sum. Give one, or choose additive.")
      }
    })
}
