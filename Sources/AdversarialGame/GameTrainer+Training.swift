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
    onEpoch: (EpochReport) throws -> Decision = { _ in .proceed },
    onProgress: (EpochProgress) throws -> Void = { _ in },
    isStateDue: (TrainingPhase, Int) -> Bool = { _, _ in false },
    onState: (GameState) throws -> Void = { _ in }
  ) throws -> Outcome {
    defer { team = nil }
    func answer(_ occasion: TrainingUnderWay.Occasion) throws -> Bool {
      switch occasion {
      case .epoch(let report): return try onEpoch(report) == .proceed
      case .progress(let progress): try onProgress(progress)
      case .isStateDue(let phase, let epoch): return isStateDue(phase, epoch)
      case .state(let state): try onState(state)
      }
      return true
    }
    return try TrainingUnderWay(self, steering: steering).run { occasion in
      // Only one process decides; what it decides holds for all.
      try team?.decided { try answer(occasion) } ?? answer(occasion)
    }
  }
}
