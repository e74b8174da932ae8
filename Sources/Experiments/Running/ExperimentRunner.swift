import AdversarialGame
import FairnessEvaluation
import FairnessMetrics
import LinearAlgebra
import Mitigation
import ModelFiles
import OrderedJSON
import RunRecords
import RunStore
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
    /// A stage begins: `reading`, `training`, `evaluation`, `writing`.
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
    /// The rows that the closing pictures show, the test rows where there are any, and their predictions.
    public var shown: ShownPredictions

    /// The verdict over the gates and the constraints: it fails where these are not met. Nil without any.
    public var verdict: Verdict? {
      summary.constraints?.status == .infeasible ? .fail : evaluation.verdict
    }
  }

  /// The predictions of one split before and after the game, with the groups of its rows.
  public struct ShownPredictions: Sendable {
    public var split: String
    public var before: [Float]
    public var after: [Float]
    public var attributes: [SensitiveColumn]
  }

  private let file: ConfigurationFile
  private let configuration: ExperimentConfiguration
  private let evaluatesInParallel: Bool
  private let store: RunStore?
  private let sharedRows: SharedRows?
  private let isCancelled: @Sendable () -> Bool

  /// Prepares the experiment of a configuration.
  ///
  /// - Parameter evaluatesInParallel: Whether the splits are measured at the same time; off where runs go on side by
  ///   side. The results do not depend on it.
  /// - Parameter store: The index of runs that the run enters itself in; nil: that of its output folder.
  /// - Parameter sharedRows: Where runs of one process find the rows that they have in common.
  /// - Parameter isCancelled: Asked after every epoch; where it says yes, the run ends with `RunInterrupted`.
  public init(
    _ file: ConfigurationFile, evaluatesInParallel: Bool = true, store: RunStore? = nil,
    sharedRows: SharedRows? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.isCancelled = isCancelled
    self.store = store
    self.sharedRows = sharedRows
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
    guard let training = data[.train], splits.count > 0 else {
      throw DataError(.badData, at: "data.split", "leaves no rows for training. Give train a larger share.")
    }
    let evaluator = try RunEvaluator(
      configuration.evaluation, title: "\(configuration.name), seed \(configuration.seed)",
      label: configuration.data.label.column, splits: splits, column: rows.column)
    let method = try prepare(training, splits: splits, window: rows.window, seed: seed)
    let folder = try RunFolder.create(
      in: output, name: configuration.name, configuration: configuration.json, time: Int(clock.startOfDay))
    var followers: RunFollowers?
    do {
      let environment = environment(rows, started: clock.startOfDay)
      try folder.write(environment)
      let followed = RunFollowers(
        RunStart(folder: folder, output: output, configuration: configuration.json, environment: environment),
        store: store, trackers: configuration.output.trackers)
      followers = followed
      for notice in followed.takeNotices() { onEvent(.notice(notice)) }
      onEvent(.stage("training"))
      let trained: TrainedModel
      switch method {
      case .game(let trainer, let settings):
        trained = TrainedModel(try train(trainer, settings, to: folder.epochLog(), followed, onEvent, &clock))
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
      for notice in trained.notices { onEvent(.notice(notice)) }
      notices += trained.notices
      onEvent(.stage("evaluation"))
      let evaluation = try evaluator.evaluate(trained.states, inParallel: evaluatesInParallel && rows.window == nil)
      clock.finish("evaluation")
      onEvent(.stage("writing"))
      try write(trained, data, splits: splits, files: rows.files, to: folder)
      try folder.write(evaluation.json, to: "evaluation.json")
      clock.finish("writing")
      let summary = RunSummary(
        name: configuration.name, seed: configuration.seed, status: trained.wasStopped ? .stopped : .finished,
        notices: notices, phases: trained.phases, constraints: trained.constraints, timing: clock.stages)
      try folder.write(summary)
      let last = splits.count - 1
      let shown = ShownPredictions(
        split: splits[last].0, before: trained.before[last], after: trained.after[last],
        attributes: splits[last].1.sensitive)
      let samples = configuration.output.trackers.isEmpty ? [] : shown.samples(configuration.training)
      followed.finish(summary, scores: samples)
      for notice in followed.takeNotices() { onEvent(.notice(notice)) }
      return Result(folder: folder, summary: summary, evaluation: evaluation, shown: shown)
    } catch {
      followers?.abandon()
      folder.remove()
      throw error
    }
  }

  // MARK: - Stages

  /// The rows, in memory, or mapped where they exceed the budget.
  private func prepareRows(
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
    guard let sharedRows else { return try readRows(seed: seed, &clock) }
    return try sharedRows.rows(self.configuration, folder: file.folder) { try readRows(seed: seed, &clock) }
  }

  /// Reads and prepares rows that are held in memory.
  private func readRows(seed: UInt64, _ clock: inout StageClock) throws -> PreparedRows {
    let configuration = configuration.data
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
      memory: configuration.memoryBudget.map {
        .init(budget: $0.bytes, cacheKey: nil, windowRows: nil, blockRows: nil)
      },
      notices: imputations.map(\.description), files: loaded.files, column: loaded.column)
  }

  /// What trains the model, checked as far as it can be before the run's folder is made.
  private enum TrainingMethod {
    case game(GameTrainer, GameSettings)
    case layer(ConstraintLayer)
    case rates(RateTraining, ConstraintsConfiguration)
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
    let trainer = try GameTrainer(
      network: configuration.network(features: training.featureCount),
      adversary: configuration.adversary(for: attributes), objective: configuration.objective(for: attributes),
      splits: splits, settings: settings, seed: seed)
    return .game(trainer, settings)
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
    _ trainer: GameTrainer, _ settings: GameSettings, to log: EpochLog, _ followers: RunFollowers,
    _ onEvent: (Event) -> Void, _ clock: inout StageClock
  ) throws -> GameTrainer.Outcome {
    let adversaryEpochs = configuration.adversary.name == nil ? 0 : settings.adversaryEpochs
    let before: [AdversarialGame.TrainingPhase: Int] = [
      .classifier: 0, .adversary: settings.classifierEpochs, .game: settings.classifierEpochs + adversaryEpochs,
    ]
    let total = settings.classifierEpochs + adversaryEpochs + settings.gameEpochs
    var timing = clock
    var phase: AdversarialGame.TrainingPhase?
    let outcome = try trainer.train { report in
      if let last = phase, last != report.phase { timing.finish(last.rawValue) }
      phase = report.phase
      if isCancelled() { throw RunInterrupted() }
      let record = EpochRecord(report)
      let number = (before[report.phase] ?? 0) + report.epoch
      try log.append(record)
      followers.append(record, number: number)
      for notice in followers.takeNotices() { onEvent(.notice(notice)) }
      onEvent(.epoch(report, number: number, total: total))
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

  private func write(
    _ trained: TrainedModel, _ data: PreparedData, splits: [(String, Dataset)],
    files: [(name: String, rows: Int)], to folder: RunFolder
  ) throws {
    let model = SavedModel(
      scorer: trained.scorer, encoder: data.encoder, schema: data.schema, label: data.label,
      sensitive: data.sensitive, threshold: configuration.evaluation.decisionThreshold)
    _ = try folder.makeFolder("model")
    for (name, bytes) in model.files { try folder.write(bytes, to: "model/\(name)") }
    guard configuration.output.predictions else { return }
    try writePredictions(trained.after, splits: splits, files: files, to: folder)
  }

  /// Writes `predictions.csv` some rows at a time, so that the text of many is never in memory.
  private func writePredictions(
    _ scores: [[Float]], splits: [(String, Dataset)], files: [(name: String, rows: Int)],
    to folder: RunFolder
  ) throws {
    let rule = DecisionRule<Float>(threshold: configuration.evaluation.decisionThreshold)
    let sensitive = configuration.output.sensitiveInPredictions ? splits[0].1.sensitive : []
    let names = files.count < 2 ? nil : files.map(\.name)
    try folder.write(to: "predictions.csv") { file throws(RecordError) in
      try file.append(PredictionsFile.header(groups: sensitive.map(\.name), withFile: names != nil))
      for ((name, dataset), scores) in zip(splits, scores) {
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
            decisions: scores.map { rule.selects($0) },
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

  private func environment(_ rows: PreparedRows, started: TimeInterval) -> EnvironmentRecord {
    let backend = ComputeBackend.current
    return EnvironmentRecord(
      version: EquipoiseVersion.current, commit: EquipoiseVersion.commit, platform: Platform.description,
      cores: ProcessInfo.processInfo.activeProcessorCount, blasCore: backend.coreName,
      blasThreads: backend.threadsPerProduct, kernels: backend.kernels, configurationFolder: file.folder,
      started: UTCTime(seconds: Int(started)).description, host: RunEntry.Worker.current.host, user: Platform.user,
      data: rows.sources, memory: rows.memory)
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
      splits: report.splits.map(\.record))
  }
}
