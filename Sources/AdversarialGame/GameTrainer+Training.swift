extension GameTrainer {
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
      classifier: Classifier(
        network: classifier.network, label: rows.label, parameters: classifier.storage.parameters),
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
}
