import OrderedJSON

/// How a network's parameters follow their gradients.
public struct OptimizerConfiguration: Sendable, Equatable {
  /// The algorithms.
  public enum Name: String, CaseIterable, Sendable {
    case adam
    case sgd
    case adagrad
  }

  /// The algorithm.
  public var name: Name

  /// The learning rate at the first step, > 0. Default: Adam 0.001, SGD and Adagrad 0.01.
  public var learningRate: Double

  /// Adam: the decay of the running mean of the gradients, in 0..<1.
  public var beta1 = 0.9

  /// Adam: the decay of the running mean of their squares, in 0..<1.
  public var beta2 = 0.999

  /// Adam and Adagrad: what is added to the root of the squares, > 0. Default: Adam 10⁻⁸, Adagrad 10⁻¹⁰.
  public var epsilon: Double

  /// SGD: the share of the last step that is taken again, in 0..<1.
  public var momentum = 0.0

  /// How much of each parameter is added to its gradient, ≥ 0.
  public var weightDecay = 0.0

  /// How the learning rate falls, or nil where it stays.
  public var decay: LearningRateDecay?

  /// The largest Euclidean length of the gradient over all parameters, or nil for no limit.
  public var gradientClip: Double?

  /// The defaults of an algorithm.
  public init(_ name: Name = .adam) {
    self.name = name
    learningRate = name == .adam ? 0.001 : 0.01
    epsilon = name == .adagrad ? 1e-10 : 1e-8
  }
}

/// How the learning rate η falls with the number of steps t, counted from 0.
public struct LearningRateDecay: Sendable, Equatable {
  /// The curves.
  public enum Schedule: String, CaseIterable, Sendable {
    /// η·rate^(t/steps).
    case exponential
    /// η/(1 + rate·t/steps).
    case inverseTime
  }

  /// The curve.
  public var schedule: Schedule

  /// The rate, > 0.
  public var rate: Double

  /// The number of steps in which the rate acts once, > 0.
  public var steps: Int

  /// Whether t/steps is rounded down, so that the rate falls in stairs.
  public var staircase: Bool

  public init(_ schedule: Schedule, rate: Double, steps: Int, staircase: Bool = false) {
    self.schedule = schedule
    self.rate = rate
    self.steps = steps
    self.staircase = staircase
  }
}

// MARK: - Keys

extension OptimizerConfiguration {
  private typealias Field = ConfigurationField<OptimizerConfiguration>

  static let section = ConfigurationSection<OptimizerConfiguration>(
    defaults: OptimizerConfiguration(),
    fields: [
      Field("name", \.name, .choice, "The algorithm."),
      Field(
        "learningRate", \.learningRate, .number(.above(0)),
        "The learning rate at the first step. Left out: 0.001 for adam, 0.01 for sgd and adagrad."),
      Field(
        "beta1", \.beta1, .number(.halfOpen(0, 1)), onlyWhere: .init(text: "name is adam", holds: { $0.name == .adam }),
        "The decay of the running mean of the gradients."),
      Field(
        "beta2", \.beta2, .number(.halfOpen(0, 1)), onlyWhere: .init(text: "name is adam", holds: { $0.name == .adam }),
        "The decay of the running mean of the squared gradients."),
      Field(
        "epsilon", \.epsilon, .number(.above(0)),
        onlyWhere: .init(text: "name is adam or adagrad", holds: { $0.name != .sgd }),
        "What is added to the root of the squares. Left out: 1e-8 for adam, 1e-10 for adagrad."),
      Field(
        "momentum", \.momentum, .number(.halfOpen(0, 1)),
        onlyWhere: .init(text: "name is sgd", holds: { $0.name == .sgd }),
        "The share of the last step that is taken again."),
      Field(
        "weightDecay", \.weightDecay, .number(.atLeast(0)), "How much of each parameter is added to its gradient."),
      Field(
        "decay", \.decay,
        .optional(LearningRateDecay.section.codec, sample: LearningRateDecay(.exponential, rate: 0.96, steps: 1000)),
        "How the learning rate falls with the steps; null: it stays."),
      Field(
        "gradientClip", \.gradientClip, .optional(.number(.above(0)), sample: 1),
        "The largest Euclidean length of the gradient over all parameters; null: no limit."),
    ],
    start: { node, path in
      // An unknown name is told by its own field; until then any defaults do.
      OptimizerConfiguration(node["name"]?.value.text.flatMap(Name.init(rawValue:)) ?? .adam)
    })
}

extension LearningRateDecay {
  private typealias Field = ConfigurationField<LearningRateDecay>

  static let section = ConfigurationSection<LearningRateDecay>(
    defaults: LearningRateDecay(.exponential, rate: 0.96, steps: 1000),
    fields: [
      Field(
        "schedule", \.schedule, .choice, required: true,
        "The curve: exponential is rate^(t/steps), inverseTime is 1/(1 + rate·t/steps), t the steps taken."),
      Field("rate", \.rate, .number(.above(0)), required: true, "The rate."),
      Field(
        "steps", \.steps, .integer(1...1_000_000_000), required: true,
        "The number of steps in which the rate acts once."),
      Field(
        "staircase", \.staircase, .boolean, "Whether t/steps is rounded down, so that the rate falls in stairs."),
    ])
}
