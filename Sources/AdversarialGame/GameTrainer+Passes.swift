extension GameTrainer {
  /// Goes through the batches of a pass. Of mapped rows a window is fetched ahead, and given back when it is done with.
  func forEachBatch(
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

  /// A pass of the classifier alone.
  ///
  /// - Parameter epochs: The passes that are planned.
  func passOfClassifier(_ epoch: Int, of epochs: Int, _ onProgress: (EpochProgress) throws -> Void) throws {
    batches.shuffle(using: &classifierOrder)
    try forEachBatch { step, range in
      try check("classifier", .classifier, epoch, step + 1, stepClassifier(range, againstOpponent: false))
    } onWindow: { share in
      try onProgress(EpochProgress(phase: .classifier, epoch: epoch, plannedEpochs: epochs, share: share))
    }
  }

  /// A pass of the adversary over all training rows, the classifier frozen. Without an adversary only the order is
  /// drawn, so that the classifier steps on the same rows with and without one.
  func passOfAdversary(_ phase: TrainingPhase, _ epoch: Int) throws {
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
  func passOfBoth(_ epoch: Int, _ onProgress: (EpochProgress) throws -> Void) throws {
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
  func stepsOfClassifier(_ epoch: Int, _ onProgress: (EpochProgress) throws -> Void) throws {
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

  func stepClassifier(_ range: Range<Int>, againstOpponent: Bool) -> Double {
    batches.order.withUnsafeBufferPointer { order in
      Double(classifier.step(UnsafeBufferPointer(rebasing: order[range]), againstOpponent: againstOpponent))
    }
  }

  func check(_ player: String, _ phase: TrainingPhase, _ epoch: Int, _ step: Int?, _ loss: Double) throws {
    if !loss.isFinite {
      throw GameError.lossNotFinite(
        player: player, phase: phase, epoch: epoch, step: step, value: loss.isNaN ? "NaN" : "\(loss)")
    }
  }
}
