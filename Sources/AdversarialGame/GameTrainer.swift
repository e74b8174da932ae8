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
  private(set) var team: (any Team)?
  private let rows: TrainingRows
  let classifier: ClassifierPlayer
  let adversary: AdversaryPlayer?
  let evaluators: [GameEvaluator]
  /// H(z) of each attribute over the training rows; nil of continuous ones.
  private let entropies: [Double?]
  /// What the evaluators measure.
  private let measured: MeasuredPlayers
  /// The classifier as it plays during the adversary's pass.
  private let passScorer: ClassifierScorer

  var batches: BatchSchedule
  /// Whether the adversary has taken a step, so that its success means something.
  var isAdversaryTrained = false
  /// The measurements of the players as they are, by split; nil where they have moved since.
  private var measurements: [GameEvaluator.Measurement?]
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

  /// Trains through all phases, or through what is left of them after `resume`.
  ///
  /// - Parameters:
  ///   - steering: Whoever steers the game; nil leaves everything as it was set.
  ///   - onEpoch: Called after each epoch that is measured, with what it led to; decides whether to go on.
  ///   - onProgress: Called within epochs that go through mapped rows, after each window of them.
  ///   - isStateDue: Asked after each epoch, by its number within its phase, whether its state is wanted.
  ///   - onState: Called with the state of an epoch that is wanted, after the epoch has been reported.
  /// - Throws: `GameError.lossNotFinite`, or what a callback throws.
  public func train(
    steering: (any GameSteering)? = nil,
    onEpoch tell: (EpochReport) throws -> Decision = { _ in .proceed },
    onProgress tellProgress: (EpochProgress) throws -> Void = { _ in },
    isStateDue wantsState: (TrainingPhase, Int) -> Bool = { _, _ in false },
    onState keep: (GameState) throws -> Void = { _ in }
  ) throws -> Outcome {
    defer { team = nil }
    // Only one process decides; what it decides holds for all.
    func decided(_ body: () throws -> Bool) throws -> Bool { try team?.decided(body) ?? body() }
    func onEpoch(_ report: EpochReport) throws -> Decision {
      try decided { try tell(report) == .proceed } ? .proceed : .stop
    }
    func onProgress(_ progress: EpochProgress) throws {
      _ = try decided {
        try tellProgress(progress)
        return true
      }
    }
    func isStateDue(_ phase: TrainingPhase, _ epoch: Int) throws -> Bool { try decided { wantsState(phase, epoch) } }
    func onState(_ state: GameState) throws {
      _ = try decided {
        try keep(state)
        return true
      }
    }
    let start = position
    position = nil
    if start?.phase != .game { pretrainedPlayers = nil }
    let phases = TrainingPhase.allCases
    /// The epochs of a phase that are done; nil for all, because a later phase has begun.
    func done(_ phase: TrainingPhase) -> Int? {
      guard let start, let place = phases.firstIndex(of: phase) else { return 0 }
      if start.phase == phase { return start.epoch }
      return phases[place...].contains(start.phase) ? nil : 0
    }
    var isRunning = true
    var wasStopped = false
    let lastPhase: TrainingPhase =
      settings.gameEpochs > 0 ? .game : adversary != nil && settings.adversaryEpochs > 0 ? .adversary : .classifier
    func phase(
      _ phase: TrainingPhase, from first: Int = 1, epochs: Int, steering: (any GameSteering)? = nil,
      _ play: (Int) throws -> Void
    ) throws {
      // Whoever steers decides by how the players stand, so that nothing can be played before that is known.
      let playsAhead = playsAhead && steering?.looksBetweenEpochs != true
      var underWay:
        (epoch: Int, measurement: MeasurementUnderWay, gradientNorm: Double?, diagnostics: GradientDiagnostics?)?
      /// Reports the epoch that was measured while the next one was played. Where it is to be the last, the players
      /// go back to it.
      func finishReport() throws {
        guard let (epoch, measurement, gradientNorm, diagnostics) = underWay else { return }
        underWay = nil
        let results = measurement.wait()
        let report = try report(results, phase, epoch: epoch, of: epochs, diagnostics)
        steering?.didMeasure(
          reading(results[0], ofSplit: 0, gradientNorm: gradientNorm), after: epoch, of: self)
        guard try onEpoch(report) == .stop else { return }
        measured.putBack()
        measurements = results
        wasStopped = true
        isRunning = false
      }
      for epoch in stride(from: max(first, (done(phase) ?? epochs) + 1), through: epochs, by: 1) where isRunning {
        let decision: Decision
        do {
          decision = try played(steering, epoch) {
            steering?.willPlay(epoch, of: self)
            try play(epoch)
            playersMoved()
            return try steering?.didPlay(epoch, of: self) ?? .proceed
          }
        } catch {
          // What went wrong is of no account where the epoch before it was to be the last.
          try finishReport()
          guard isRunning else { return }
          throw error
        }
        try finishReport()
        guard isRunning else { return }
        let isDue = settings.evaluationInterval > 0 && epoch % settings.evaluationInterval == 0
        isRunning = decision == .proceed
        let diagnostics = classifier.takeDiagnostics()
        let keepsState = try isRunning && isStateDue(phase, epoch)
        // A state is that of an epoch which has been reported.
        if isDue && isRunning && epoch < epochs && playsAhead && !keepsState {
          measured.take()
          let measurement = MeasurementUnderWay(evaluators, withAdversary: isAdversaryTrained)
          underWay = (epoch, measurement, self.gradientNorm, diagnostics)
        } else if isDue || epoch == epochs || !isRunning {
          let measured = try soundReport(steering, epoch) {
            try report(measure(), phase, epoch: epoch, of: epochs, diagnostics)
          }
          if steering?.looksBetweenEpochs == false {
            steering?.didMeasure(reading(ofSplit: 0), after: epoch, of: self)
          }
          if try onEpoch(measured) == .stop {
            // Whoever stops at the very end has missed nothing.
            wasStopped = isRunning && (epoch < epochs || phase != lastPhase)
            isRunning = false
          }
        }
        if keepsState && isRunning { try onState(state(after: epoch, of: phase)) }
      }
    }

    var classifierEpochs = max(settings.classifierEpochs, start?.phase == .classifier ? start?.epoch ?? 0 : 0)
    func passOfClassifier(_ epoch: Int) throws {
      batches.shuffle(using: &classifierOrder)
      try forEachBatch { step, range in
        try check("classifier", .classifier, epoch, step + 1, stepClassifier(range, againstOpponent: false))
      } onWindow: { share in
        try onProgress(EpochProgress(phase: .classifier, epoch: epoch, plannedEpochs: classifierEpochs, share: share))
      }
    }
    try phase(.classifier, epochs: classifierEpochs, passOfClassifier)
    // Whoever steers may find that it is no start for a game yet.
    while isRunning && classifierEpochs > 0 && done(.classifier) != nil,
      steering?.isPretrained(after: classifierEpochs, self) == false
    {
      classifierEpochs += 1
      try phase(.classifier, from: classifierEpochs, epochs: classifierEpochs, passOfClassifier)
    }
    if adversary != nil {
      try phase(.adversary, epochs: settings.adversaryEpochs) { try passOfAdversary(.adversary, $0) }
    } else if start?.phase != .game {
      // The orders of these passes are drawn all the same, so that the game's steps fall on the same rows.
      for _ in 0..<max(0, settings.adversaryEpochs) { batches.shuffle(using: &passOrder) }
    }
    let pretrained: (splits: [SplitEvaluation], scores: [[Float]])
    if let pretrainedPlayers {
      let isTrained = isAdversaryTrained
      isAdversaryTrained = adversary != nil && settings.adversaryEpochs > 0
      pretrained = evaluate(pretrainedPlayers)
      isAdversaryTrained = isTrained
      playersMoved()
    } else {
      pretrained = (measure().map(\.split), evaluators.map(\.probabilities))
      pretrainedPlayers = snapshot().players
      steering?.begin(self)
    }
    try phase(.game, epochs: settings.gameEpochs, steering: steering) { epoch in
      switch settings.turns {
      case .passes:
        for _ in 0..<settings.adversaryPassesPerEpoch { try passOfAdversary(.game, epoch) }
        try stepsOfClassifier(epoch, onProgress)
      case .batches: try passOfBoth(epoch, onProgress)
      }
    }
    let final = measure().map(\.split)
    return Outcome(
      classifier: Classifier(network: classifier.network, parameters: classifier.storage.parameters),
      adversary: adversary?.storage.parameters, pretrained: pretrained.splits, final: final,
      pretrainedScores: pretrained.scores, finalScores: evaluators.map(\.probabilities), wasStopped: wasStopped)
  }

  /// Plays an epoch; where a loss is not finite, whoever steers may put players back that are sound, and decides.
  private func played(
    _ steering: (any GameSteering)?, _ epoch: Int, _ body: () throws -> Decision
  ) throws -> Decision {
    do {
      return try body()
    } catch let error as GameError {
      guard let steering else { throw error }
      return try steering.didFail(error, epoch, of: self)
    }
  }

  /// Makes a report; where a loss is not finite, of the players that whoever steers puts back.
  private func soundReport(
    _ steering: (any GameSteering)?, _ epoch: Int, _ body: () throws -> EpochReport
  ) throws -> EpochReport {
    do {
      return try body()
    } catch let error as GameError {
      guard let steering else { throw error }
      _ = try steering.didFail(error, epoch, of: self)
      return try body()
    }
  }

  // MARK: - Passes and steps

  /// Goes through the batches of a pass. Of mapped rows a window is fetched ahead, and given back when it is done with.
  private func forEachBatch(
    _ body: (Int, Range<Int>) throws -> Void, onWindow: (_ share: Double) throws -> Void = { _ in }
  ) throws {
    var window = 0
    fetch(window: 0)
    fetch(window: 1)
    for step in 0..<batches.batchCount {
      try body(step, batches.range(ofBatch: step))
      while window < batches.windowCount, batches.lastBatch(ofWindow: window) <= step {
        fetch(window: window + 2)
        release(window: window)
        window += 1
        try onWindow(Double(step + 1) / Double(batches.batchCount))
      }
    }
  }

  private func fetch(window: Int) {
    guard window < batches.windowCount else { return }
    for block in batches.blocks(ofWindow: window) { rows.features.prepare(rows: block) }
  }

  private func release(window: Int) {
    for block in batches.blocks(ofWindow: window) { rows.features.release(rows: block) }
  }

  /// A pass of the adversary over all training rows, the classifier frozen. Without an adversary only the order is
  /// drawn, so that the classifier steps on the same rows with and without one.
  private func passOfAdversary(_ phase: TrainingPhase, _ epoch: Int) throws {
    batches.shuffle(using: &passOrder)
    guard let adversary else { return }
    isAdversaryTrained = true
    passScorer.score(into: adversary.logits, representation: adversary.representation, team: team)
    for step in 0..<batches.batchCount {
      let range = batches.range(ofBatch: step)
      let loss = batches.order.withUnsafeBufferPointer { order in
        adversary.step(UnsafeBufferPointer(rebasing: order[range]))
      }
      try check("adversary", phase, epoch, step + 1, Double(loss))
    }
  }

  /// A pass in which both players step on every batch.
  private func passOfBoth(_ epoch: Int, _ onProgress: (EpochProgress) throws -> Void) throws {
    batches.shuffle(using: &passOrder)
    isAdversaryTrained = adversary != nil
    try forEachBatch { step, range in
      let (loss, opponentLoss) = batches.order.withUnsafeBufferPointer { order in
        classifier.stepBoth(UnsafeBufferPointer(rebasing: order[range]))
      }
      try check("classifier", .game, epoch, step + 1, Double(loss))
      try check("adversary", .game, epoch, step + 1, Double(opponentLoss ?? 0))
    } onWindow: { share in
      try onProgress(EpochProgress(phase: .game, epoch: epoch, plannedEpochs: settings.gameEpochs, share: share))
    }
  }

  /// The classifier's steps in one epoch of the game, the adversary frozen.
  private func stepsOfClassifier(_ epoch: Int, _ onProgress: (EpochProgress) throws -> Void) throws {
    let last = batches.batchCount - 1
    for step in 0..<settings.classifierBatchesPerEpoch {
      switch settings.classifierBatch {
      case .last:
        try check(
          "classifier", .game, epoch, step + 1, stepClassifier(batches.range(ofBatch: last), againstOpponent: true))
        for window in batches.windows(ofBatch: last) { release(window: window) }
      case .random:
        let choice = Int(batchChoice.below(UInt64(batches.batchCount)))
        try check(
          "classifier", .game, epoch, step + 1, stepClassifier(batches.range(ofBatch: choice), againstOpponent: true))
        for window in batches.windows(ofBatch: choice) { release(window: window) }
      case .full:
        try check("classifier", .game, epoch, step + 1, stepClassifier(0..<rows.rows, againstOpponent: true))
        rows.features.release(rows: 0..<rows.rows)
      case .all:
        batches.shuffle(using: &classifierOrder)
        try forEachBatch { index, range in
          try check("classifier", .game, epoch, index + 1, stepClassifier(range, againstOpponent: true))
        } onWindow: { share in
          let passes = settings.classifierBatchesPerEpoch
          try onProgress(
            EpochProgress(
              phase: .game, epoch: epoch, plannedEpochs: settings.gameEpochs,
              share: (Double(step) + share) / Double(passes)))
        }
      }
    }
  }

  private func stepClassifier(_ range: Range<Int>, againstOpponent: Bool) -> Double {
    batches.order.withUnsafeBufferPointer { order in
      Double(classifier.step(UnsafeBufferPointer(rebasing: order[range]), againstOpponent: againstOpponent))
    }
  }

  private func check(_ player: String, _ phase: TrainingPhase, _ epoch: Int, _ step: Int?, _ loss: Double) throws {
    if !loss.isFinite {
      throw GameError.lossNotFinite(
        player: player, phase: phase, epoch: epoch, step: step, value: loss.isNaN ? "NaN" : "\(loss)")
    }
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
  private var playsAhead: Bool { settings.evaluatesInParallel && settings.shuffleWindow == nil && team == nil }

  private func report(
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
