import AdversarialGame
import Autograd
import LinearAlgebra
import MetricExpressions
import NeuralNetworks
import TabularData

/// Trains a classifier under constraints on rates, as a game of two players with different losses.
///
/// The classifier takes steps on `w₀·loss + Σⱼ wⱼ·proxyⱼ`, on mini-batches that hold rows of every kind that constraints
/// tell apart; the multipliers w learn from the constraints as they stand, with the true 0–1 rates. Rates of a batch are
/// divided by the number of rows the rate is about in the whole training set (that is known), not in the batch, so that
/// they are unbiased; the authors divide by the batch's.
///
/// The iterates oscillate around the optimum, so they are kept by copy, and the best one, or the best mixture, is
/// chosen afterwards (see `IterateRecords`). Everything random comes from one seed, in a stream for each purpose. Not for
/// use by two threads at once.
///
/// - Source: Cotter, Jiang and Sridharan (2019), arXiv:1804.06500, algorithm 2.
public final class RateConstrainedTrainer {
  /// What may keep the result from meaning much: groups too small for a batch or for a judgement.
  public let warnings: [String]

  private let network: Perceptron
  private let settings: RateConstrainedSettings
  private let constraints: RateConstraintRows
  private let storage: ParameterStorage<Float>
  private let optimizer: Optimizer<Float>
  private let step: RateConstrainedStep
  private let training: IterateEvaluator
  private let validation: IterateEvaluator?
  private var batches: GroupBatches
  private var multipliers: ConstraintMultipliers

  /// Prepares a training.
  ///
  /// - Parameters:
  ///   - network: The classifier's architecture, with one output.
  ///   - constraints: The constraints, see `ConstraintReduction`.
  ///   - training: The training rows; the columns that constraints speak of are among their sensitive ones.
  ///   - validation: The validation rows, by which iterates are chosen; they move the multipliers where the settings
  ///     say so.
  ///   - settings: How to train.
  ///   - seed: Determines everything random.
  ///   - initial: Weights to begin with, such as those of a classifier trained without constraints.
  /// - Throws: `MitigationError` where a rate is about no rows, where no decisions on the training rows could meet the
  ///   constraints, or for settings that no training can follow.
  public init(
    network: Perceptron, constraints: [LinearConstraint], training: Dataset, validation: Dataset? = nil,
    settings: RateConstrainedSettings = .init(), seed: UInt64, initial: Parameters<Float>? = nil
  ) throws(MitigationError) {
    try settings.check(hasValidation: validation != nil, rows: training.rows)
    self.network = network
    self.settings = settings
    let rows = try RateConstraintRows(constraints, of: training, split: "training", threshold: settings.threshold)
    try rows.checkAttainable()
    self.constraints = rows

    let root = RandomStream(seed: seed)
    var weights = root.split("classifier weights")
    storage = ParameterStorage(initial ?? network.initialParameters(using: &weights))
    optimizer = Optimizer(settings.optimizer, of: storage)
    let (kinds, kindCount) = rows.kinds
    batches = GroupBatches(
      kinds: kinds, count: kindCount, batchSize: settings.batchSize, minimumRows: settings.minimumRowsPerKind,
      stream: root.split("batches"))
    multipliers = ConstraintMultipliers(
      settings.formulation, settings.multiplierUpdate, constraints: constraints.count,
      learningRate: settings.multiplierRate, schedule: settings.multiplierSchedule)
    let features = training.featureRows
    step = RateConstrainedStep(
      network: network, storage: storage, features: features, rows: rows, dataset: training,
      batchRows: batches.factors.count, settings: settings, noise: NoiseSource(root.split("classifier dropout")))
    self.training = IterateEvaluator(
      training, features: features, constraints: rows, network: network, storage: storage, settings: settings)
    var warnings = rows.warnings(batches: batches, settings: settings)
    if let validation {
      let validationRows = try RateConstraintRows(
        constraints, of: validation, split: "validation", threshold: settings.threshold)
      warnings += validationRows.supportWarnings(split: "validation", minimum: settings.minimumSupport)
      self.validation = IterateEvaluator(
        validation, features: validation.featureRows, constraints: validationRows, network: network, storage: storage,
        settings: settings)
    } else {
      self.validation = nil
    }
    self.warnings = warnings
  }

  /// Trains.
  ///
  /// - Parameter onIterate: Called with each iterate that is kept; decides whether to go on.
  /// - Throws: `MitigationError.lossNotFinite`, or what `onIterate` throws.
  public func train(
    onIterate: (RateConstrainedIterate) throws -> GameTrainer.Decision = { _ in .proceed }
  ) throws -> RateConstrainedOutcome {
    step.set(objective: 1, constraints: [Double](repeating: 0, count: multipliers.count))
    for _ in 0..<settings.pretrainingSteps { try takeStep(iteration: 0) }
    step.set(objective: multipliers.objectiveWeight, constraints: multipliers.constraintWeights)
    let pretrained = storage.parameters

    var iterates: [RateConstrainedIterate] = []
    var wasStopped = false
    for iteration in 1...settings.iterations where !wasStopped {
      for _ in 0..<settings.stepsPerIteration {
        try takeStep(iteration: iteration)
        if settings.multiplierRows == .batch {
          learn(from: step.violations(batch: batches))
        }
      }
      let isDue = iteration % settings.snapshotInterval == 0 || iteration == settings.iterations
      let measured: (training: IterateMeasurement, validation: IterateMeasurement?)? =
        isDue ? (try training.measurement(iteration), try validation?.measurement(iteration)) : nil
      let weights = (multipliers.objectiveWeight, multipliers.constraintWeights)
      switch settings.multiplierRows {
      case .batch: break
      case .training:
        learn(from: measured?.training.violations(margin: settings.margin) ?? training.tightenedViolations())
      case .validation:
        let evaluator = validation ?? training
        learn(from: measured?.validation?.violations(margin: settings.margin) ?? evaluator.tightenedViolations())
      }
      if let measured {
        let iterate = RateConstrainedIterate(
          iteration: iteration, parameters: storage.parameters, training: measured.training,
          validation: measured.validation, objectiveWeight: weights.0, constraintWeights: weights.1)
        iterates.append(iterate)
        wasStopped = try onIterate(iterate) == .stop && iteration < settings.iterations
      }
    }
    return RateConstrainedOutcome(
      constraints: constraints.constraints, pretrained: pretrained, iterates: iterates, multipliers: multipliers,
      wasStopped: wasStopped)
  }

  private func takeStep(iteration: Int) throws(MitigationError) {
    batches.advance()
    let loss = step.run(batches)
    guard loss.isFinite else {
      throw .lossNotFinite(iteration: iteration, value: loss.isNaN ? "NaN" : "\(loss)")
    }
    optimizer.step(gradient: step.gradient)
  }

  private func learn(from violations: [Double]) {
    multipliers.learn(violations: violations)
    step.set(objective: multipliers.objectiveWeight, constraints: multipliers.constraintWeights)
  }
}

extension RateConstrainedSettings {
  /// Refuses what no training can follow.
  func check(hasValidation: Bool, rows: Int) throws(MitigationError) {
    func require(_ isMet: Bool, _ message: String) throws(MitigationError) {
      if !isMet { throw .settings(message) }
    }
    try require(rows > 0, "there are no training rows.")
    try require(iterations >= 1, "'iterations' is \(iterations); there must be at least one.")
    try require(stepsPerIteration >= 1, "'stepsPerIteration' is \(stepsPerIteration); there must be at least one.")
    try require(snapshotInterval >= 1, "'snapshotInterval' is \(snapshotInterval); it must be at least 1.")
    try require(batchSize >= 1, "'batchSize' is \(batchSize); a batch has at least one row.")
    try require(pretrainingSteps >= 0, "'pretrainingSteps' is \(pretrainingSteps); it cannot be below 0.")
    try require(margin >= 0 && margin.isFinite, "'margin' is \(margin); it must be at least 0.")
    try require(
      multiplierRate > 0 && multiplierRate.isFinite, "'multiplierRate' is \(multiplierRate); it must be above 0.")
    try require(threshold > 0 && threshold < 1, "'threshold' is \(threshold); it must lie inside 0...1.")
    if case .sigmoid(let sharpness) = proxy {
      try require(
        sharpness > 0 && sharpness.isFinite, "the proxy's 'sharpness' is \(sharpness); it must be above 0.")
    }
    if case .multiplicative(let radius) = multiplierUpdate {
      try require(
        radius > 0 && radius < 1, "the multipliers' 'minimumRadius' is \(radius); it must lie inside 0...1.")
      if case .lagrangian(nil) = formulation {
        throw .settings("multiplicative updates of Lagrange multipliers need a bound on their sum. Give one.")
      }
    }
    if case .lagrangian(let bound?) = formulation {
      try require(bound > 0 && bound.isFinite, "the multipliers' bound is \(bound); it must be above 0.")
    }
    if multiplierRows == .validation {
      try require(
        hasValidation, "the multipliers are to learn from validation rows, but there are none. Split some off.")
    }
  }
}
