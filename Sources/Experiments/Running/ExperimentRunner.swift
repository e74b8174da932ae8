import AdversarialGame
import FairnessEvaluation
import FairnessMetrics
import LinearAlgebra
import Mitigation
import ModelFiles
import OrderedJSON
import RunRecords
import TabularData

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Carries out one experiment: data, training, evaluation, records.
///
/// Everything that can be known to be wrong is found before the run's folder is made; what fails after that takes the
/// folder away again, so that no partial run stays behind.
public struct ExperimentRunner: Sendable {
  /// What a caller may show while a run goes on.
  public enum Event: Sendable {
    /// A stage begins: `reading`, `training`, `evaluation`, `audit`, `writing`.
    case stage(String)
    /// Something that the reader of the results should know.
    case notice(String)
    /// How far a stage of a long preparation is (`inspecting`, `reading`, `fitting`, `encoding`), or an epoch over
    /// mapped rows (`classifier epoch 1/2`); the share is in 0...1.
    case progress(String, share: Double)
    /// An epoch is done and measured: the `number`th of `total` over all phases.
    case epoch(EpochReport, number: Int, total: Int)
    /// An iterate of a training under constraints is kept and measured.
    case iterate(RateConstrainedIterate, total: Int)
  }

  /// What a run led to.
  public struct Result: Sendable {
    /// The folder with its records.
    public var folder: RunFolder
    public var summary: RunSummary
    /// The evaluation with intervals, slices and gates.
    public var evaluation: RunEvaluation
    /// What fresh adversaries read off the model; nil where the run was not audited.
    public var audit: AuditRecord?
    /// The predictions of every split, those of training first.
    public var predictions: [ShownPredictions]

    /// The rows that the closing pictures show: the test rows where there are any.
    public var shown: ShownPredictions { predictions[predictions.count - 1] }

    /// The verdict over the gates and the constraints: it fails where these are not met. Nil without any.
    public var verdict: Verdict? {
      summary.constraints?.status == .infeasible ? .fail : evaluation.verdict
    }
  }

  /// The predictions of one split before and after the game, with the groups of its rows.
  public struct ShownPredictions: Sendable {
    public var split: String
    /// The labels, 0 or 1.
    public var labels: [Float]
    /// The rows' weights; nil where all are 1.
    public var weights: [Float]?
    public var before: [Float]
    public var after: [Float]
    public var attributes: [SensitiveColumn]
  }

  let file: ConfigurationFile
  let configuration: ExperimentConfiguration
  let evaluatesInParallel: Bool
  let isCancelled: @Sendable () -> Bool

  /// Prepares the experiment of a configuration.
  ///
  /// - Parameter evaluatesInParallel: Whether the splits are measured at the same time; off where runs go on side by
  ///   side. The results do not depend on it.
  /// - Parameter isCancelled: Asked after every epoch; where it says yes, the run ends with `RunInterrupted`.
  public init(
    _ file: ConfigurationFile, evaluatesInParallel: Bool = true,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.isCancelled = isCancelled
    self.file = file
    self.evaluatesInParallel = evaluatesInParallel
    configuration = file.configuration
  }

  /// Runs the experiment.
  ///
  /// - Parameter onEvent: Called on the same thread, in order.
  /// - Throws: `ConfigurationError`, `DataError`, `EvaluationError`, `GameError`, `RecordError`.
  public func run(onEvent: (Event) -> Void = { _ in }) throws -> Result {
    var clock = StageClock()
    let output = configuration.output.directory
    try RunFolder.check(output: output, name: configuration.name)

    onEvent(.stage("reading"))
    let seed = UInt64(configuration.seed)
    let rows = try prepareRows(seed: seed, onEvent, &clock)
    let data = rows.data
    clock.finish("preparation")
    var notices = data.warnings.map(\.description) + rows.notices
    for notice in notices { onEvent(.notice(notice)) }

    let splits = TabularData.SplitName.allCases.compactMap { name in data[name].map { (name.rawValue, $0) } }
    guard data[.train] != nil, splits.count > 0 else {
      throw DataError(.badData, at: "data.split", "leaves no rows for training. Give train a larger share.")
    }
    let evaluator = try RunEvaluator(
      configuration.evaluation, title: "\(configuration.name), seed \(configuration.seed)",
      label: configuration.data.label.column, splits: splits, column: rows.column)
    let mitigation = try MitigatedRun(configuration, splits: splits, isMapped: rows.window != nil, seed: seed)
    let method: TrainingMethod
    if let mitigation, mitigation.trains {
      method = .mitigation(mitigation)
    } else {
      let prepared = mitigation?.prepared ?? splits
      method = try prepare(prepared[0].1, splits: prepared, window: rows.window, seed: seed)
    }
    for notice in mitigation?.notices ?? [] { onEvent(.notice(notice)) }
    notices += mitigation?.notices ?? []
    let folder = try RunFolder.create(
      in: output, name: configuration.name, configuration: configuration.json, time: Int(clock.startOfDay))
    do {
      try folder.write(environment(rows, started: clock.startOfDay))
      onEvent(.stage("training"))
      var trained: TrainedModel
      switch method {
      case .mitigation(let mitigation):
        trained = try mitigation.train(epochLog: folder.epochLog())
        clock.finish("mitigation")
      case .game(let trainer, let settings, let schedules):
        let outcome = try train(trainer, settings, schedules, to: folder.epochLog(), onEvent, &clock)
        trained = TrainedModel(outcome, collapses: schedules.incidents)
      case .target(let trainer, let settings, let game):
        let outcome = try train(trainer, settings, game.steering, to: folder.epochLog(), onEvent, &clock)
        trained = TrainedModel(outcome, try choose(game, trainer, outcome), collapses: game.steering.incidents)
        clock.finish("selection")
      case .layer(let layer):
        trained = try fit(layer)
        try folder.epochLog().close()
        clock.finish("constraints")
      case .rates(let training, let constraints):
        for warning in training.warnings { onEvent(.notice(warning)) }
        notices += training.warnings
        trained = try fit(training, iterations: constraints.rates.iterations, to: folder.iterateLog(), onEvent)
        try folder.epochLog().close()
        clock.finish("constraints")
      }
      if let mitigation {
        trained = try mitigation.finish(trained)
        clock.finish("decision")
        if isCancelled() { throw RunInterrupted() }
      }
      for notice in trained.notices { onEvent(.notice(notice)) }
      // Collapses have been told as they happened.
      notices += trained.collapses.map(\.description) + trained.notices
      onEvent(.stage("evaluation"))
      let evaluation = try evaluator.evaluate(trained.states, inParallel: evaluatesInParallel && rows.window == nil)
      clock.finish("evaluation")
      let model = savedModel(trained, data)
      let audit = try audit(
        model, trained.keptPhase?.splits, splits, isMapped: rows.window != nil, onEvent, &notices)
      if audit != nil { clock.finish("audit") }
      onEvent(.stage("writing"))
      if let audit { try folder.write(audit) }
      try write(model, trained.after, before: trained.before, splits: splits, files: rows.files, to: folder)
      try folder.write(evaluation.json, to: "evaluation.json")
      try folder.write(ScoresRecord(of: trained.states, on: splits[splits.count - 1]))
      clock.finish("writing")
      let summary = RunSummary(
        name: configuration.name, seed: configuration.seed, status: trained.wasStopped ? .stopped : .finished,
        notices: notices, phases: trained.phases, constraints: trained.constraints,
        collapses: trained.collapses.map {
          .init(epoch: $0.epoch, signs: $0.signs.map(\.description), restoredEpoch: $0.restoredEpoch)
        }, levelledDown: trained.levelledDown, timing: clock.stages)
      try folder.write(summary)
      return Result(
        folder: folder, summary: summary, evaluation: evaluation, audit: audit,
        predictions: splits.enumerated().map { index, split in
          ShownPredictions(
            split: split.0, labels: split.1.labels, weights: split.1.weights, before: trained.before[index],
            after: trained.after[index], attributes: split.1.sensitive)
        })
    } catch {
      folder.remove()
      throw error
    }
  }

  // MARK: - Stages

  /// The rows, in memory, or mapped where they exceed the budget.
  func prepareRows(
    seed: UInt64, _ onEvent: (Event) -> Void, _ clock: inout StageClock
  ) throws -> PreparedRows {
    let configuration = configuration.data
    let budget = configuration.memoryBudget
    if let budget {
      do throws(DataError) {
        let mapped = try configuration.mapped(seed: seed, budget: budget, located: file.located) {
          progress throws(DataError) in
          if isCancelled() { throw DataError(.inputOutput, at: "the preparation", "was interrupted.") }
          onEvent(.progress(progress.stage.rawValue, share: progress.share))
        }
        if let mapped { return mapped }
      } catch {
        if isCancelled() { throw RunInterrupted() }
        throw error
      }
    }
    let loaded = try configuration.load(seed: seed, located: file.located)
    clock.finish("reading")
    let recipe = configuration.recipe(seed: seed)
    let data =
      switch loaded.tables {
      case .whole(let table): try recipe.prepare(table, missingMarkers: loaded.missingMarkers)
      case .parts(let parts): try recipe.prepare(parts, missingMarkers: loaded.missingMarkers)
      }
    let imputations = try data.imputations(
      in: loaded.sources.map(\.name).joined(separator: " + "), column: loaded.column)
    return PreparedRows(
      data: data, sources: loaded.sources,
      memory: budget.map { .init(budget: $0.bytes, cacheKey: nil, windowRows: nil, blockRows: nil) },
      notices: imputations.map(\.description), files: loaded.files, column: loaded.column)
  }

  /// What trains the model, checked as far as it can be before the run's folder is made.
  private enum TrainingMethod {
    case game(GameTrainer, GameSettings, ScheduledGame)
    case target(GameTrainer, GameSettings, ConstrainedGame)
    case layer(ConstraintLayer)
    case rates(RateTraining, ConstraintsConfiguration)
    case mitigation(MitigatedRun)
  }

  private func prepare(
    _ training: Dataset, splits: [(String, Dataset)], window: ShuffleWindow?, seed: UInt64
  ) throws -> TrainingMethod {
    if let constraints = configuration.constraints {
      let splits = splits.map { (name: $0.0, rows: $0.1) }
      switch constraints.method {
      case .layer:
        return .layer(
          try ConstraintLayer(constraints, splits: splits, seed: seed, isParallel: evaluatesInParallel))
      case .rates:
        return .rates(try RateTraining(configuration, constraints, splits: splits, seed: seed), constraints)
      case .game: break
      }
    }
    let attributes = SensitiveAttribute.attributes(of: training.sensitive)
    var settings = configuration.gameSettings
    settings.evaluatesInParallel = evaluatesInParallel
    settings.shuffleWindow = window
    guard window == nil || settings.classifierBatch != .full else {
      throw DataError(
        .badData, at: "training.classifierBatch",
        "is 'full', a step on all rows at once, and the rows exceed the memory. Choose last, random or all, or give "
          + "more memory.")
    }
    func trainer(_ objective: GameObjective) throws -> GameTrainer {
      try GameTrainer(
        network: configuration.network(features: training.featureCount),
        adversary: configuration.adversary(for: attributes, features: training.featureCount), objective: objective,
        splits: splits, settings: settings,
        seed: seed)
    }
    if let constraints = configuration.constraints {
      let game = try ConstrainedGame(configuration, constraints, splits: splits.map { (name: $0.0, rows: $0.1) })
      return .target(try trainer(game.steering.objective), settings, game)
    }
    return .game(
      try trainer(configuration.objective(for: attributes)), settings,
      configuration.schedules(for: attributes, rows: training))
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
      ? PoissonBootstrap(seed: UInt64(configuration.seed), draws: specification.draws) : nil
  }

  private func train(
    _ trainer: GameTrainer, _ settings: GameSettings, _ steering: any WatchedGame, to log: EpochLog,
    _ onEvent: (Event) -> Void, _ clock: inout StageClock
  ) throws -> GameTrainer.Outcome {
    let adversaryEpochs = configuration.adversary.name == nil ? 0 : settings.adversaryEpochs
    let before: [AdversarialGame.TrainingPhase: Int] = [
      .classifier: 0, .adversary: settings.classifierEpochs, .game: settings.classifierEpochs + adversaryEpochs,
    ]
    let total = settings.classifierEpochs + adversaryEpochs + settings.gameEpochs
    var timing = clock
    var phase: AdversarialGame.TrainingPhase?
    var told = 0
    let attributes = configuration.data.sensitiveNames
    let outcome = try trainer.train(steering: steering) { report in
      if let last = phase, last != report.phase { timing.finish(last.rawValue) }
      phase = report.phase
      if isCancelled() { throw RunInterrupted() }
      var record = EpochRecord(report)
      record.diagnostics = report.diagnostics.map { .init($0, attributes: attributes) }
      if report.phase == .game {
        record.lambda = zip(attributes, steering.changingLambda ?? []).map { AttributeLambda($0, $1) }
        record.notices = steering.incidents.dropFirst(told).map(\.description)
        told = steering.incidents.count
        for notice in record.notices { onEvent(.notice(notice)) }
      }
      try log.append(record)
      onEvent(.epoch(report, number: (before[report.phase] ?? 0) + report.epoch, total: total))
      return .proceed
    } onProgress: { progress in
      if isCancelled() { throw RunInterrupted() }
      onEvent(
        .progress(
          "\(progress.phase.rawValue) epoch \(progress.epoch)/\(progress.plannedEpochs)", share: progress.share))
    }
    if let last = phase { timing.finish(last.rawValue) }
    clock = timing
    try log.close()
    return outcome
  }

  private func savedModel(_ trained: TrainedModel, _ data: PreparedData) -> SavedModel {
    SavedModel(
      scorer: trained.scorer, encoder: data.encoder, schema: data.schema, label: data.label,
      sensitive: data.sensitive, threshold: configuration.evaluation.decisionThreshold)
  }

  private func write(
    _ model: SavedModel, _ scores: [[Float]], before: [[Float]], splits: [(String, Dataset)],
    files: [(name: String, rows: Int)], to folder: RunFolder
  ) throws {
    _ = try folder.makeFolder("model")
    for (name, bytes) in model.files { try folder.write(bytes, to: "model/\(name)") }
    guard configuration.output.predictions else { return }
    try writePredictions(
      scores, before: before == scores ? nil : before, splits: splits, files: files,
      to: folder)
  }

  /// Writes `predictions.csv` some rows at a time, so that the text of many is never in memory.
  private func writePredictions(
    _ scores: [[Float]], before: [[Float]]?, splits: [(String, Dataset)], files: [(name: String, rows: Int)],
    to folder: RunFolder
  ) throws {
    let rule = DecisionRule<Float>(threshold: configuration.evaluation.decisionThreshold)
    let sensitive = configuration.output.sensitiveInPredictions ? splits[0].1.sensitive : []
    let names = files.count < 2 ? nil : files.map(\.name)
    try folder.write(to: "predictions.csv") { file throws(RecordError) in
      try file.append(
        PredictionsFile.header(
          groups: sensitive.map(\.name), withFile: names != nil, withBefore: before != nil))
      for (index, (name, dataset)) in splits.enumerated() {
        let (scores, before) = (scores[index], before?[index])
        let split = RunRecords.SplitName(rawValue: name) ?? .train
        for start in stride(from: 0, to: dataset.rows, by: 1 << 14) {
          let range = start..<min(start + (1 << 14), dataset.rows)
          let scores = Array(scores[range])
          let places = dataset.sourceRows[range].map { RowPlace($0, in: files) }
          let part = PredictionsFile(
            rows: places.map(\.row),
            files: names.map {
              PredictionsFile.GroupColumn(name: "file", groups: $0, codes: places.map { Int32($0.file) })
            },
            splits: scores.map { _ in split }, labels: Array(dataset.labels[range]), scores: scores,
            decisions: scores.map { rule.selects($0) }, scoresBefore: before.map { Array($0[range]) },
            groups: sensitive.indices.map { index in
              let column = dataset.sensitive[index]
              return PredictionsFile.GroupColumn(
                name: column.name, groups: column.groups, codes: Array(column.codes[range]))
            })
          try file.append(part.lines)
        }
      }
    }
  }

  func environment(_ rows: PreparedRows, started: TimeInterval) -> EnvironmentRecord {
    let backend = ComputeBackend.current
    return EnvironmentRecord(
      version: EquipoiseVersion.current, commit: EquipoiseVersion.commit, platform: Platform.description,
      cores: ProcessInfo.processInfo.activeProcessorCount, blasCore: backend.coreName,
      blasThreads: backend.threadsPerProduct, kernels: backend.kernels, configurationFolder: file.folder,
      started: UTCTime(seconds: Int(started)).description, data: rows.sources,
      memory: rows.memory)
  }
}

/// A run was told to end before its end; nothing of it is left.
public struct RunInterrupted: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String { "interrupted; the records of the unfinished run are taken away" }
}

/// Measures the stages of a run by the wall clock.
struct StageClock {
  let startOfDay = Date().timeIntervalSince1970
  private var last = ContinuousClock.now
  private(set) var stages: [RunSummary.StageTime] = []

  /// Ends the present stage under a name, and begins the next.
  mutating func finish(_ stage: String) {
    let now = ContinuousClock.now
    let (seconds, attoseconds) = (now - last).components
    stages.append(.init(stage, seconds: Double(seconds) + Double(attoseconds) * 1e-18))
    last = now
  }
}

/// Where a row of several files stands.
private struct RowPlace {
  var file = 0
  var row: Int

  /// - Parameter row: The position counted over all files.
  init(_ row: Int, in files: [(name: String, rows: Int)]) {
    self.row = row
    while file + 1 < files.count, self.row >= files[file].rows {
      self.row -= files[file].rows
      file += 1
    }
  }
}

extension EpochRecord {
  /// The record of an epoch's report.
  init(_ report: EpochReport) {
    self.init(
      phase: RunRecords.TrainingPhase(rawValue: report.phase.rawValue) ?? .game, epoch: report.epoch,
      labelLoss: .defined(report.labelLoss),
      adversaryLoss: report.adversaryLoss.map { .defined($0) } ?? .undefined("no adversary is trained yet"),
      splits: report.splits.map(\.record), scores: report.splits.last?.scoreCounts)
  }
}

extension AdversarialGame.SplitEvaluation {
  /// The same, as records hold it.
  var record: RunRecords.SplitEvaluation {
    RunRecords.SplitEvaluation(RunRecords.SplitName(rawValue: name) ?? .train, evaluation)
  }
}
