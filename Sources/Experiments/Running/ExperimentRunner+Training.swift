import AdversarialGame
import FairnessMetrics
import Mitigation
import RunRecords
import TabularData

extension ExperimentRunner {
  /// What trains the model, checked as far as it can be before the run's folder is made.
  enum TrainingMethod {
    case game(GameTrainer, GameSettings, ScheduledGame)
    case target(GameTrainer, GameSettings, ConstrainedGame)
    case layer(ConstraintLayer)
    case rates(RateTraining, ConstraintsConfiguration)
    case mitigation(MitigatedRun)
  }

  /// The steps around the training; nil where there are none.
  func mitigatedRun(_ rows: PreparedRows, splits: [(String, Dataset)], seed: UInt64) throws -> MitigatedRun? {
    let counterfactuals = try configuration.pairedAttribute.map {
      try CounterfactualRows(rows.data, of: configuration.data.source, attribute: $0, seed: seed)
    }
    return try MitigatedRun(
      configuration, splits: splits, isMapped: rows.window != nil, counterfactuals: counterfactuals, seed: seed)
  }

  /// - Parameters:
  ///   - mitigation: The steps around the training; nil where there are none.
  ///   - splits: The rows as they were read, those of training first.
  func prepare(
    _ mitigation: MitigatedRun?, splits: [(String, Dataset)], window: ShuffleWindow?, seed: UInt64
  ) throws -> TrainingMethod {
    if team != nil, mitigation?.trains == true || [.layer, .rates].contains(configuration.constraints?.method) {
      throw DataError(
        .badData, at: "mpirun",
        "several processes can share the training of a game, and this run trains otherwise. Start "
          + "it without mpirun.")
    }
    if let mitigation, mitigation.trains { return .mitigation(mitigation) }
    let plain = mitigation?.prepared ?? splits
    if let constraints = configuration.constraints {
      let splits = plain.map { (name: $0.0, rows: $0.1) }
      switch constraints.method {
      case .layer:
        return .layer(
          try ConstraintLayer(constraints, splits: splits, seed: seed, isParallel: evaluatesInParallel))
      case .rates:
        return .rates(try RateTraining(configuration, constraints, splits: splits, seed: seed), constraints)
      case .game: break
      }
    }
    let splits = try withCrosses(plain)
    let training = splits[0].1
    let attributes = SensitiveAttribute.attributes(of: training)
    var settings = configuration.gameSettings
    settings.evaluatesInParallel = evaluatesInParallel
    settings.shuffleWindow = window
    guard window == nil || settings.classifierBatch != .full else {
      throw DataError(
        .badData, at: "training.classifierBatch",
        "is 'full', a step on all rows at once, and the rows exceed the memory. Choose last, random or all, or give "
          + "more memory.")
    }
    guard window == nil || configuration.adversary.reconstruction == 0 else {
      throw DataError(
        .badData, at: "adversary.reconstruction",
        "wants a decoder, which reads all features as plain numbers, and the rows exceed the memory. Set it to 0, or give "
          + "more memory.")
    }
    func trainer(_ objective: GameObjective) throws -> GameTrainer {
      try GameTrainer(
        network: configuration.network(features: training.featureCount, label: training.labelKind),
        adversary: configuration.adversary(
          for: attributes, features: training.featureCount, label: training.labelKind),
        objective: objective,
        splits: splits, settings: settings,
        seed: seed, team: team)
    }
    if let constraints = configuration.constraints {
      // The batch has a default of its own there, which few rows would not fill.
      settings.batchSize = min(settings.batchSize, max(1, training.rows))
      let game = try ConstrainedGame(configuration, constraints, splits: splits.map { (name: $0.0, rows: $0.1) })
      return .target(try trainer(game.steering.objective), settings, game)
    }
    return .game(
      try trainer(configuration.objective(for: attributes)), settings,
      configuration.schedules(for: attributes, rows: training))
  }

  /// The splits with the crosses of attributes that the game plays for.
  private func withCrosses(_ splits: [(String, Dataset)]) throws -> [(String, Dataset)] {
    var result = splits
    let place = "adversary.crosses"
    for (names, name) in zip(configuration.adversary.crosses, configuration.crossNames)
    where configuration.adversary.name != nil {
      do {
        // The groups of the training rows; a combination that they lack counts as missing elsewhere.
        let partition = try GroupPartition(splits[0].1.sensitive, attributes: names, for: place)
        for index in splits.indices {
          result[index].1.sensitive.append(
            SensitiveColumn(
              name: name, groups: partition.groups.map { $0.joined(separator: ",") }, privileged: nil,
              codes: try partition.codes(of: splits[index].1.sensitive, for: place)))
        }
      } catch {
        throw DataError(.badData, at: place, "cannot be made: \(error)")
      }
    }
    return result
  }

  /// Trains the model.
  ///
  /// - Parameters:
  ///   - course: Whom a game tells of its epochs, and where it begins.
  ///   - notices: What the records are to say; what the training warns of is added.
  func carryOut(
    _ method: TrainingMethod, _ course: () throws -> TrainingCourse, _ folder: RunFolder, _ notices: inout [String],
    _ clock: inout StageClock, _ onEvent: (Event) -> Void
  ) throws -> TrainedModel {
    func warn(_ warnings: [String]) {
      for warning in warnings { onEvent(.notice(warning)) }
      notices += warnings
    }
    switch method {
    case .mitigation(let mitigation):
      defer { clock.finish("mitigation") }
      return try mitigation.train()
    case .game(let trainer, let settings, let schedules):
      let outcome = try train(trainer, settings, schedules, course(), onEvent, &clock)
      return TrainedModel(outcome, collapses: schedules.incidents)
    case .target(let trainer, let settings, let game):
      warn(game.warnings)
      let outcome = try train(trainer, settings, game.steering, course(), onEvent, &clock)
      defer { clock.finish("selection") }
      return TrainedModel(outcome, try choose(game, trainer, outcome), collapses: game.steering.incidents)
    case .layer(let layer):
      defer { clock.finish("constraints") }
      return try fit(layer)
    case .rates(let training, let constraints):
      warn(training.warnings)
      defer { clock.finish("constraints") }
      return try fit(training, iterations: constraints.rates.iterations, to: folder.iterateLog(), onEvent)
    }
  }

  private func choose(
    _ game: ConstrainedGame, _ trainer: GameTrainer, _ outcome: GameTrainer.Outcome
  ) throws -> ConstrainedGame.Outcome {
    try game.outcome(
      of: trainer, pretrainedScores: outcome.pretrainedScores, bootstrap: bootstrap,
      confidence: configuration.evaluation.specification.confidence, seed: UInt64(configuration.seed))
  }

  private func fit(_ layer: ConstraintLayer) throws -> TrainedModel {
    let outcome = try layer.fit(bootstrap: bootstrap, confidence: configuration.evaluation.specification.confidence)
    if isCancelled() { throw RunInterrupted() }
    return TrainedModel(outcome, layer)
  }

  private func fit(
    _ training: RateTraining, iterations: Int, to log: IterateLog, _ onEvent: (Event) -> Void
  ) throws -> TrainedModel {
    let outcome = try training.fit(
      bootstrap: bootstrap, confidence: configuration.evaluation.specification.confidence
    ) { iterate in
      if isCancelled() { throw RunInterrupted() }
      try log.append(iterate.record)
      onEvent(.iterate(iterate, total: iterations))
      return .proceed
    }
    try log.close()
    return TrainedModel(outcome, training)
  }

  /// What draws the intervals of conditions; nil where none are wanted.
  private var bootstrap: PoissonBootstrap? {
    let specification = configuration.evaluation.specification
    return specification.intervals
      ? PoissonBootstrap(seed: UInt64(specification.seed), draws: specification.draws) : nil
  }

  private func train(
    _ trainer: GameTrainer, _ settings: GameSettings, _ steering: any WatchedGame, _ course: TrainingCourse,
    _ onEvent: (Event) -> Void, _ clock: inout StageClock
  ) throws -> GameTrainer.Outcome {
    func number(_ epoch: Int, of phase: AdversarialGame.TrainingPhase) -> Int {
      epochs(before: phase, addedPasses: steering.addedPasses) + epoch
    }
    var timing = clock
    // That under way, by the reports so far; its last report ends it.
    var phase: AdversarialGame.TrainingPhase?
    var told = 0
    if let start = course.start {
      timing.goOn(from: start.stages)
      told = start.toldIncidents
    }
    // Whoever is told a target decides itself when a classifier is trained enough for a game.
    let shared = team == nil && steering is ScheduledGame ? course.shared : nil
    var epochsToShare: [EpochRecord] = []
    if course.start == nil, let start = shared?.start {
      var state = start.state
      state.lambda = trainer.objective.lambda
      // A state that does not fit changes nothing.
      if (try? trainer.resume(state)) != nil {
        for record in start.epochs { try course.log.append(record) }
        course.followers.append(start.epochs, numbers: numbers(of: start.epochs))
      }
    }
    try passTeamStart(course.start)
    let firstStage = timing.stages.count - (course.start.map { $0.stages.count - 1 } ?? 0)
    let attributes = configuration.gameNames
    var isInterrupted = false
    var isKept = false
    var isShared = false
    // The records of a run that goes on from a checkpoint began with the run before.
    let offered = course.start == nil ? shared : nil
    let outcome = try trainer.train(steering: steering) { report in
      phase = report.phase
      if isCancelled() && !course.checkpoints.isOn { throw RunInterrupted() }
      var record = EpochRecord(report)
      record.diagnostics = report.diagnostics.map { .init($0, attributes: attributes) }
      if report.phase == .game {
        record.lambda = zip(attributes, steering.changingLambda ?? []).map { AttributeLambda($0, $1) }
        record.notices = steering.incidents.dropFirst(told).map(\.description)
        told = steering.incidents.count
        for notice in record.notices { onEvent(.notice(notice)) }
      }
      let number = number(report.epoch, of: report.phase)
      try course.log.append(record)
      if report.phase == .classifier { epochsToShare.append(record) }
      course.followers.append(record, number: number)
      for notice in course.followers.takeNotices() { onEvent(.notice(notice)) }
      onEvent(
        .epoch(
          report, number: number,
          total: self.epochs(before: .game, addedPasses: steering.addedPasses) + settings.gameEpochs))
      if report.epoch == report.plannedEpochs {
        timing.finish(report.phase.rawValue)
        phase = nil
      }
      return .proceed
    } onProgress: { progress in
      if isCancelled() && !course.checkpoints.isOn { throw RunInterrupted() }
      onEvent(
        .progress(
          "\(progress.phase.rawValue) epoch \(progress.epoch)/\(progress.plannedEpochs)", share: progress.share))
    } isStateDue: { phase, epoch in
      isShared =
        phase == .classifier && epoch == settings.classifierEpochs && offered.map { $0.start == nil } ?? false
      isInterrupted = course.checkpoints.isOn && isCancelled()
      isKept = course.checkpoints.isOn && (isInterrupted || course.checkpoints.isDue(number(epoch, of: phase)))
      return isKept || isShared
    } onState: { state in
      if isShared { offered?.keep(SharedStarts.Start(state: state, epochs: epochsToShare)) }
      guard isKept else { return }
      let stages = timing.stages.dropFirst(firstStage).map { RunCheckpoint.Stage(name: $0.stage, seconds: $0.seconds) }
      // A checkpoint must not be ahead of the records that it goes on with.
      try course.log.synchronize()
      try course.checkpoints.write(
        RunCheckpoint(
          game: state, steering: steering.steeringState, epochsLength: course.log.length, toldIncidents: told,
          stages: stages + [.init(name: state.phase.rawValue, seconds: timing.present)]),
        epochs: number(state.epoch, of: state.phase))
      if isInterrupted { throw RunInterrupted() }
    }
    if let last = phase { timing.finish(last.rawValue) }
    clock = timing
    try course.log.close()
    return outcome
  }

  /// The epochs of the phases before a phase.
  private func epochs(before phase: AdversarialGame.TrainingPhase, addedPasses: Int) -> Int {
    let settings = configuration.gameSettings
    let adversaryEpochs = configuration.adversary.name == nil ? 0 : settings.adversaryEpochs
    return switch phase {
    case .classifier: 0
    case .adversary: settings.classifierEpochs + addedPasses
    case .game: settings.classifierEpochs + addedPasses + adversaryEpochs
    }
  }

  /// The numbers of a run's epochs over all phases.
  func numbers(of records: [EpochRecord]) -> [Int] {
    let passes = records.last { $0.phase == .classifier }?.epoch ?? 0
    let added = max(0, passes - configuration.gameSettings.classifierEpochs)
    return records.map { record in
      epochs(before: AdversarialGame.TrainingPhase(record.phase), addedPasses: added) + record.epoch
    }
  }
}

/// Whom a training tells of its epochs, and where it begins.
struct TrainingCourse {
  let log: EpochLog
  let followers: RunFollowers
  let checkpoints: RunCheckpoints
  /// The state from which the training goes on; nil for the beginning.
  let start: RunCheckpoint?
  /// What runs that differ in λ alone leave to one another; nil where there are no others.
  let shared: SharedStarts.Entry?
}

extension EpochRecord {
  /// The record of an epoch's report.
  init(_ report: EpochReport) {
    self.init(
      phase: RunRecords.TrainingPhase(report.phase), epoch: report.epoch,
      labelLoss: .defined(report.labelLoss),
      adversaryLoss: report.adversaryLoss.map { .defined($0) } ?? .undefined("no adversary is trained yet"),
      splits: report.splits.map(\.record), scores: report.splits.last?.scoreCounts)
  }
}

extension RunRecords.TrainingPhase {
  init(_ phase: AdversarialGame.TrainingPhase) {
    self =
      switch phase {
      case .classifier: .classifier
      case .adversary: .adversary
      case .game: .game
      }
  }
}

extension AdversarialGame.TrainingPhase {
  fileprivate init(_ phase: RunRecords.TrainingPhase) {
    self =
      switch phase {
      case .classifier: .classifier
      case .adversary: .adversary
      case .game: .game
      }
  }
}

extension RunRecords.SplitName {
  /// The name that records give to a split of the prepared data.
  ///
  /// - Precondition: The split is one of theirs: rows of another one would be recorded as rows of training.
  init(ofSplit name: String) {
    guard let split = RunRecords.SplitName(rawValue: name) else { preconditionFailure("no split is called '\(name)'") }
    self = split
  }
}

extension AdversarialGame.SplitEvaluation {
  /// The same, as records hold it.
  var record: RunRecords.SplitEvaluation {
    RunRecords.SplitEvaluation(RunRecords.SplitName(ofSplit: name), evaluation)
  }
}
