/// One training, from its beginning or from where another one was kept, through all phases: what `GameTrainer.train` does.
final class TrainingUnderWay {
  /// What whoever follows a training is told, and asked.
  enum Occasion {
    /// An epoch has been measured. Whether the training is to go on?
    case epoch(EpochReport)
    /// A part of an epoch has been played. The answer is of no account.
    case progress(EpochProgress)
    /// An epoch of a phase has been played. Whether its state is wanted?
    case isStateDue(TrainingPhase, epoch: Int)
    /// The state that was wanted. The answer is of no account.
    case state(GameState)
  }

  /// Called with an occasion; the answer is yes or no. The same on all ranks of a team.
  typealias Follower = (Occasion) throws -> Bool

  /// An epoch that is measured on other threads while the next one is played.
  private struct EpochAhead {
    let epoch: Int
    let measurement: MeasurementUnderWay
    let gradientNorm: Double?
    let diagnostics: GradientDiagnostics?
  }

  private let trainer: GameTrainer
  private let settings: GameSettings
  private let steering: (any GameSteering)?
  /// Where the training begins; nil for the beginning.
  private let start: (phase: TrainingPhase, epoch: Int)?
  private var ahead: EpochAhead?
  private var isRunning = true
  private var wasStopped = false

  /// - Parameter steering: Whoever steers the game.
  init(_ trainer: GameTrainer, steering: (any GameSteering)?) {
    self.trainer = trainer
    self.steering = steering
    settings = trainer.settings
    start = trainer.position
    trainer.position = nil
    if start?.phase != .game { trainer.pretrainedPlayers = nil }
  }

  // MARK: - Phases

  func run(_ follower: Follower) throws -> GameTrainer.Outcome {
    try playClassifier(follower)
    try playAdversary(follower)
    let pretrained = pretrained()
    try playGame(follower)
    let final = trainer.measure().map(\.split)
    return GameTrainer.Outcome(
      classifier: trainer.classifier(trainer.classifier.storage.parameters),
      adversary: trainer.adversary?.storage.parameters, pretrained: pretrained.splits, final: final,
      pretrainedScores: pretrained.scores, finalScores: trainer.evaluators.map(\.probabilities),
      wasStopped: wasStopped)
  }

  /// The passes of the classifier alone, and those that whoever steers adds: it may find that they led to no start for a
  /// game yet.
  private func playClassifier(_ follower: Follower) throws {
    var epochs = max(settings.classifierEpochs, start?.phase == .classifier ? start?.epoch ?? 0 : 0)
    func play(from first: Int) throws {
      try self.play(.classifier, from: first, epochs: epochs, follower) { epoch in
        try trainer.passOfClassifier(epoch, of: epochs) { _ = try follower(.progress($0)) }
      }
    }
    try play(from: 1)
    while isRunning && epochs > 0 && done(.classifier) != nil, steering?.isPretrained(after: epochs, trainer) == false {
      epochs += 1
      try play(from: epochs)
    }
  }

  private func playAdversary(_ follower: Follower) throws {
    if trainer.adversary != nil {
      try play(.adversary, epochs: settings.adversaryEpochs, follower) { try trainer.passOfAdversary(.adversary, $0) }
    } else if start?.phase != .game {
      // The orders of these passes are drawn all the same, so that the game's steps fall on the same rows.
      for _ in 0..<max(0, settings.adversaryEpochs) { trainer.batches.shuffle(using: &trainer.passOrder) }
    }
  }

  /// How the players do before the game. Where the training goes on within it, they are put in for that moment.
  private func pretrained() -> (splits: [SplitEvaluation], scores: [[Float]]) {
    guard let players = trainer.pretrainedPlayers else {
      let result = (trainer.measure().map(\.split), trainer.evaluators.map(\.probabilities))
      trainer.pretrainedPlayers = trainer.snapshot().players
      steering?.begin(trainer)
      return result
    }
    let isTrained = trainer.isAdversaryTrained
    trainer.isAdversaryTrained = trainer.adversary != nil && settings.adversaryEpochs > 0
    defer {
      trainer.isAdversaryTrained = isTrained
      trainer.playersMoved()
    }
    return trainer.evaluate(players)
  }

  private func playGame(_ follower: Follower) throws {
    try play(.game, epochs: settings.gameEpochs, steering: steering, follower) { epoch in
      let onProgress: (EpochProgress) throws -> Void = { _ = try follower(.progress($0)) }
      switch settings.turns {
      case .passes:
        for _ in 0..<settings.adversaryPassesPerEpoch { try trainer.passOfAdversary(.game, epoch) }
        try trainer.stepsOfClassifier(epoch, onProgress)
      case .batches: try trainer.passOfBoth(epoch, onProgress)
      }
    }
  }

  // MARK: - Epochs

  /// The epochs of a phase that are done; nil for all, because a later phase has begun.
  private func done(_ phase: TrainingPhase) -> Int? {
    let phases = TrainingPhase.allCases
    guard let start, let place = phases.firstIndex(of: phase) else { return 0 }
    if start.phase == phase { return start.epoch }
    return phases[place...].contains(start.phase) ? nil : 0
  }

  /// The phase with which the training ends.
  private var lastPhase: TrainingPhase {
    if settings.gameEpochs > 0 { return .game }
    return trainer.adversary != nil && settings.adversaryEpochs > 0 ? .adversary : .classifier
  }

  /// Plays the epochs of a phase that are left, and measures and reports those that are due.
  ///
  /// - Parameter steering: Whoever steers this phase.
  private func play(
    _ phase: TrainingPhase, from first: Int = 1, epochs: Int, steering: (any GameSteering)? = nil,
    _ follower: Follower, _ turn: (Int) throws -> Void
  ) throws {
    // Whoever steers decides by how the players stand, so that nothing can be played before that is known.
    let playsAhead = trainer.playsAhead && steering?.looksBetweenEpochs != true
    for epoch in stride(from: max(first, (done(phase) ?? epochs) + 1), through: epochs, by: 1) where isRunning {
      let decision: GameTrainer.Decision
      do {
        decision = try played(epoch, steering, turn)
      } catch {
        // What went wrong is of no account where the epoch before it was to be the last.
        try reportEpochAhead(phase, of: epochs, steering, follower)
        guard isRunning else { return }
        throw error
      }
      try reportEpochAhead(phase, of: epochs, steering, follower)
      guard isRunning else { return }
      isRunning = decision == .proceed
      let isDue = settings.evaluationInterval > 0 && epoch % settings.evaluationInterval == 0
      let diagnostics = trainer.classifier.takeDiagnostics()
      let keepsState = try isRunning && follower(.isStateDue(phase, epoch: epoch))
      // A state is that of an epoch which has been reported.
      if isDue && isRunning && epoch < epochs && playsAhead && !keepsState {
        trainer.measured.take()
        ahead = EpochAhead(
          epoch: epoch,
          measurement: MeasurementUnderWay(trainer.evaluators, withAdversary: trainer.isAdversaryTrained),
          gradientNorm: trainer.gradientNorm, diagnostics: diagnostics)
      } else if isDue || epoch == epochs || !isRunning {
        let report = try soundReport(epoch, steering) {
          try trainer.report(trainer.measure(), phase, epoch: epoch, of: epochs, diagnostics)
        }
        if steering?.looksBetweenEpochs == false {
          steering?.didMeasure(trainer.reading(ofSplit: 0), after: epoch, of: trainer)
        }
        if try !follower(.epoch(report)) {
          // Whoever stops at the very end has missed nothing.
          wasStopped = isRunning && (epoch < epochs || phase != lastPhase)
          isRunning = false
        }
      }
      if keepsState && isRunning { _ = try follower(.state(trainer.state(after: epoch, of: phase))) }
    }
  }

  /// Plays an epoch; where a loss is not finite, whoever steers may put players back that are sound, and decides.
  private func played(
    _ epoch: Int, _ steering: (any GameSteering)?, _ turn: (Int) throws -> Void
  ) throws -> GameTrainer.Decision {
    do {
      steering?.willPlay(epoch, of: trainer)
      try turn(epoch)
      trainer.playersMoved()
      return try steering?.didPlay(epoch, of: trainer) ?? .proceed
    } catch let error as GameError {
      guard let steering else { throw error }
      return try steering.didFail(error, epoch, of: trainer)
    }
  }

  /// Makes a report; where a loss is not finite, of the players that whoever steers puts back.
  private func soundReport(
    _ epoch: Int, _ steering: (any GameSteering)?, _ report: () throws -> EpochReport
  ) throws -> EpochReport {
    do {
      return try report()
    } catch let error as GameError {
      guard let steering else { throw error }
      _ = try steering.didFail(error, epoch, of: trainer)
      return try report()
    }
  }

  /// Reports the epoch that was measured while the next one was played, if any. Where it is to be the last, the players
  /// go back to it.
  private func reportEpochAhead(
    _ phase: TrainingPhase, of epochs: Int, _ steering: (any GameSteering)?, _ follower: Follower
  ) throws {
    guard let ahead else { return }
    self.ahead = nil
    let results = ahead.measurement.wait()
    let report = try trainer.report(results, phase, epoch: ahead.epoch, of: epochs, ahead.diagnostics)
    steering?.didMeasure(
      trainer.reading(results[0], ofSplit: 0, gradientNorm: ahead.gradientNorm), after: ahead.epoch, of: trainer)
    guard try !follower(.epoch(report)) else { return }
    trainer.measured.putBack()
    trainer.measurements = results
    wasStopped = true
    isRunning = false
  }
}
