import Autograd
import FairnessMetrics
import LinearAlgebra
import NeuralNetworks
import TabularData

/// Trains a classifier against an adversary.
///
/// A *pass* is one sweep of a player over all training rows in mini-batches, in a new random order; a *step* is one
/// update on one mini-batch. Training has three phases:
///
/// 1. `classifierEpochs` passes of the classifier on L_y alone;
/// 2. `adversaryEpochs` passes of the adversary on the predictions of the frozen classifier;
/// 3. `gameEpochs` *epochs of the game*: a pass of the adversary with the classifier frozen, then a step of the
///    classifier on `L_y − Σⱼ dⱼ·L_z,ⱼ` with the adversary frozen (see `GameObjective`).
///
/// In a pass of the adversary the classifier's predictions are computed for all rows at once, as it does not change;
/// with its dropout on, each row's prediction has a mask of its own, as it would have in its mini-batch.
///
/// Between two epochs of the game whoever steers it (`GameSteering`) may change λ and the learning rates, look at the
/// players, keep them and put them back. A training can be kept at the end of any epoch (`GameState`), and go on from
/// there.
///
/// Without an adversary the epochs of the game are steps on L_y alone, on the same rows; λ = 0 gives the same classifier
/// bit for bit. Everything random comes from one seed, in a stream for each purpose.
///
/// The label may be binary, have several classes, or be a number (`Dataset.labelKind`): the classifier then has an output
/// for each class and L_y is the categorical cross-entropy, or it has one, and L_y is the squared error of the standardised
/// label. The game is the same; what aims at equalized odds or equal opportunity needs labels of 0 and 1.
///
/// - Source: Louppe, Kagan and Cranmer (2017), arXiv:1611.01046, algorithm 1, with the schedule of "Fairness in Machine
///   Learning with PyTorch".
public final class GameTrainer {
  /// What a callback decides after an epoch.
  public enum Decision: Sendable, Hashable {
    /// Go on.
    case proceed
    /// End the training with the players as they are.
    case stop
  }

  /// The result of a training.
  public struct Outcome: Sendable {
    /// The classifier at the end.
    public var classifier: Classifier
    /// The adversary's weights at the end; nil without one.
    public var adversary: Parameters<Float>?
    /// Both players before the game, on every split.
    public var pretrained: [SplitEvaluation]
    /// Both players at the end, on every split.
    public var final: [SplitEvaluation]
    /// The predictions before the game, for every split in order.
    public var pretrainedScores: [[Float]]
    /// The predictions at the end, for every split in order.
    public var finalScores: [[Float]]
    /// Whether a callback ended the training early.
    public var wasStopped: Bool
  }

  /// λ and how losses combine. May be changed between epochs of the game.
  public var objective: GameObjective {
    didSet { if objective != oldValue { applyObjective() } }
  }

  /// What both players' learning rates are multiplied by, > 0. May be changed between epochs of the game.
  public var learningRateFactor = 1.0 {
    didSet { if learningRateFactor != oldValue { applyLearningRate() } }
  }

  let settings: GameSettings
  /// Those who carry out the training together; nil for this process alone, and once the training is over.
  var team: (any Team)?
  let rows: TrainingRows
  let classifier: ClassifierPlayer
  let adversary: AdversaryPlayer?
  let evaluators: [GameEvaluator]
  /// H(z) of each attribute over the training rows; nil of continuous ones.
  private let entropies: [Double?]
  /// What the evaluators measure.
  let measured: MeasuredPlayers
  /// The classifier as it plays during the adversary's pass.
  let passScorer: ClassifierScorer

  var batches: BatchSchedule
  /// Whether the adversary has taken a step, so that its success means something.
  var isAdversaryTrained = false
  /// The measurements of the players as they are, by split; nil where they have moved since.
  var measurements: [GameEvaluator.Measurement?]
  var classifierOrder: RandomStream
  var passOrder: RandomStream
  var batchChoice: RandomStream
  /// Where dropout's bits come from: in the steps of each player, for each part of a batch, and in the adversary's pass.
  let noise: (classifier: [NoiseSource], adversary: [NoiseSource]?, pass: NoiseSource?)

  /// The phase and the epoch after which the training goes on; nil for the beginning.
  var position: (phase: TrainingPhase, epoch: Int)?
  /// The players before the game, once it has begun.
  var pretrainedPlayers: GamePlayers?
  /// The norm of the last gradient of the training that this one goes on from.
  var lastGradientNorm: Double?
  /// The Euclidean norm of the classifier's last gradient; nil before its first step.
  var gradientNorm: Double? { classifier.gradientNorm ?? lastGradientNorm }

  /// Prepares a training.
  ///
  /// - Parameters:
  ///   - network: The classifier's architecture.
  ///   - adversary: The adversary; nil for a classifier that nobody plays against.
  ///   - objective: λ and how losses combine; one λ for each attribute of the data.
  ///   - splits: The data by name, the training rows first. All have the same features and attributes.
  ///   - seed: Determines everything random.
  ///   - team: The processes that carry out the training together, all with the same rows and settings; nil for this one
  ///     alone. The results are the same to the last bit, whatever their number.
  /// - Throws: `GameError.tooFewRows` where no mini-batch is full and incomplete ones are dropped.
  public init(
    network: Perceptron, adversary: (any Adversary)?, objective: GameObjective,
    splits: [(name: String, dataset: Dataset)], settings: GameSettings, seed: UInt64, team: (any Team)? = nil
  ) throws(GameError) {
    self.team = team
    guard let training = splits.first else { preconditionFailure("GameTrainer: no training rows") }
    precondition(
      adversary == nil
        || objective.lambda.count == training.dataset.sensitive.count + training.dataset.continuous.count,
      "GameTrainer: \(objective.lambda.count) λ for \(training.dataset.sensitive.count) attributes with groups and "
        + "\(training.dataset.continuous.count) continuous ones")
    let kind = training.dataset.labelKind
    precondition(
      network.outputs == kind.outputs && splits.allSatisfy { $0.dataset.labelKind == kind },
      "GameTrainer: \(network.outputs) outputs for a label that needs \(kind.outputs), of the same kind in all splits")
    precondition(
      kind == .binary || settings.criterion == .demographicParity && !(adversary is any TwoClassAdversary),
      "GameTrainer: criterion or adversary wants a label of 0 and 1")
    self.settings = settings
    self.objective = objective
    measurements = splits.map { _ in nil }
    let root = RandomStream(seed: seed)
    let rows = TrainingRows(
      training.dataset, criterion: settings.criterion, balancesGroups: settings.balancesGroups)
    self.rows = rows
    entropies =
      training.dataset.sensitive.map {
        $0.entropy(labels: training.dataset.labels, criterion: settings.criterion)
      } + training.dataset.continuous.map { _ in nil }
    do {
      batches = try BatchSchedule(
        rows: rows.rows, batchSize: settings.batchSize, dropLast: settings.dropLast, window: settings.shuffleWindow)
    } catch {
      throw .tooFewRows(rows: rows.rows, batchSize: settings.batchSize)
    }
    classifierOrder = root.split("classifier order")
    passOrder = root.split("adversary order")
    batchChoice = root.split("classifier batch")

    let width = network.hidden.last ?? network.inputs
    var adversaryWeights = root.split("adversary weights")
    var classifierWeights = root.split("classifier weights")
    let batchSizes = batches.sizes
    let largestBatch = settings.classifierBatch == .full ? max(rows.rows, settings.batchSize) : settings.batchSize
    noise = (
      Self.noise(root.split("classifier dropout"), batch: largestBatch),
      adversary.map { _ in Self.noise(root.split("adversary dropout"), batch: settings.batchSize) },
      settings.dropoutInAdversaryPass ? NoiseSource(root.split("pass dropout")) : nil
    )
    let adversaryNoise = noise.adversary ?? noise.classifier
    let opponent = adversary.map { adversary in
      AdversaryPlayer(
        adversary, parameters: adversary.initialParameters(using: &adversaryWeights), rows: rows,
        representationWidth: width, batchSizes: batchSizes, settings: settings.adversaryOptimizer,
        noise: adversaryNoise, team: team)
    }
    self.adversary = opponent
    classifier = ClassifierPlayer(
      network: network, parameters: network.initialParameters(using: &classifierWeights), rows: rows,
      opponent: opponent, settings: settings.classifierOptimizer, update: settings.update,
      diagnosesGradients: settings.diagnosesGradients, noise: noise.classifier, team: team)
    passScorer = ClassifierScorer(
      network: network, storage: classifier.storage, rows: rows.features,
      noise: noise.pass, keepsRepresentation: opponent?.readsRepresentation == true)
    let measured = MeasuredPlayers(classifier: classifier, adversary: opponent)
    self.measured = measured
    evaluators = splits.enumerated().map { index, split in
      GameEvaluator(
        split, features: index == 0 ? rows.features : nil, threshold: settings.threshold,
        criterion: settings.criterion, countsScores: index == splits.count - 1, players: measured)
    }
    applyObjective()
  }

  /// A source for each part of a batch, that of the first part from the stream itself.
  private static func noise(_ stream: RandomStream, batch rows: Int) -> [NoiseSource] {
    (0..<BatchParts(rows: rows).count).map { NoiseSource($0 == 0 ? stream : stream.split(UInt64($0))) }
  }

  private func applyObjective() {
    guard let adversary else { return classifier.set(coefficients: [], opponentCoefficients: []) }
    precondition(
      objective.lambda.count == rows.attributes.count,
      "GameTrainer: \(objective.lambda.count) λ for \(rows.attributes.count) attributes")
    adversary.set(coefficients: objective.adversaryCoefficients)
    classifier.set(
      coefficients: objective.classifierCoefficients, opponentCoefficients: objective.adversaryCoefficients)
  }

  private func applyLearningRate() {
    precondition(
      learningRateFactor > 0 && learningRateFactor.isFinite,
      "GameTrainer: learning rates times \(learningRateFactor)")
    classifier.optimizer.settings.learningRate = settings.classifierOptimizer.learningRate * learningRateFactor
    adversary?.optimizer.settings.learningRate = settings.adversaryOptimizer.learningRate * learningRateFactor
  }

  // MARK: - Reports

  /// Measures all splits that are not measured yet.
  func measure() -> [GameEvaluator.Measurement] {
    if !measurements.contains(where: { $0 != nil }) {
      for (index, measurement) in measureSplits().enumerated() { measurements[index] = measurement }
    }
    return measurements.indices.map { measurement(ofSplit: $0) }
  }

  /// Measures one split.
  func measurement(ofSplit index: Int) -> GameEvaluator.Measurement {
    if let known = measurements[index] { return known }
    measured.take()
    let measurement = evaluators[index].measure(withAdversary: isAdversaryTrained, team: team)
    measurements[index] = measurement
    return measurement
  }

  /// Forgets what was measured, for the players have moved.
  func playersMoved() {
    for index in measurements.indices { measurements[index] = nil }
  }

  /// Measures all splits, each on a thread of its own where that is allowed; the numbers do not depend on it.
  private func measureSplits() -> [GameEvaluator.Measurement] {
    measured.take()
    guard settings.evaluatesInParallel && team == nil else {
      return evaluators.map { $0.measure(withAdversary: isAdversaryTrained, team: team) }
    }
    return MeasurementUnderWay.measured(evaluators, withAdversary: isAdversaryTrained)
  }

  /// Whether an epoch is measured while the next one is played. Mapped rows are not read from two places at once.
  var playsAhead: Bool { settings.evaluatesInParallel && settings.shuffleWindow == nil && team == nil }

  func report(
    _ measurements: [GameEvaluator.Measurement], _ phase: TrainingPhase, epoch: Int, of epochs: Int,
    _ diagnostics: GradientDiagnostics?
  ) throws -> EpochReport {
    let training = measurements[0]
    let losses = training.attributeLosses
    // The last step of a phase is followed by no loss that would show what it did.
    try check("classifier", phase, epoch, nil, training.labelLoss)
    for loss in losses { try check("adversary", phase, epoch, nil, loss) }
    var diagnostics = diagnostics
    diagnostics?.adversaryLosses = losses
    diagnostics?.entropies = entropies
    return EpochReport(
      phase: phase, epoch: epoch, plannedEpochs: epochs, labelLoss: training.labelLoss,
      adversaryLoss: losses.isEmpty ? nil : losses.reduce(0, +) / Double(losses.count), attributeLosses: losses,
      diagnostics: diagnostics, splits: measurements.map(\.split))
  }
}
