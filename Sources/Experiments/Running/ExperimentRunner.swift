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
/// folder away again, so that no partial run stays behind. Where the training was interrupted, or the disk was full, and
/// its state has been kept, the folder stays, and another run can go on from there.
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
    /// The labels, of their kind.
    public var labels: [Float]
    public var labelKind: LabelKind
    /// The rows' weights; nil where all are 1.
    public var weights: [Float]?
    public var before: [Float]
    public var after: [Float]
    public var attributes: [SensitiveColumn]
  }

  let file: ConfigurationFile
  let configuration: ExperimentConfiguration
  let evaluatesInParallel: Bool
  let store: RunStore?
  let sharedWork: SharedWork?
  let resumption: Resumption
  let team: (any Team)?
  let teamStart: TeamStart?
  let isCancelled: @Sendable () -> Bool

  /// Prepares the experiment of a configuration.
  ///
  /// - Parameter evaluatesInParallel: Whether the splits are measured at the same time; off where runs go on side by
  ///   side. The results do not depend on it.
  /// - Parameter store: The index of runs that the run enters itself in; nil: that of its output folder.
  /// - Parameter sharedWork: Where runs of one process find what they have in common.
  /// - Parameter resumption: Whether the run goes on where an unfinished one was. It ends with the bytes that it would
  ///   have had without the interruption.
  /// - Parameter team: The processes that carry out the run together; nil for this one alone. The first of them writes
  ///   and reports, and only there `run` returns. The results are those of one process.
  /// - Parameter isCancelled: Asked after every epoch; where it says yes, the run ends with `RunInterrupted`.
  public init(
    _ file: ConfigurationFile, evaluatesInParallel: Bool = true, store: RunStore? = nil,
    sharedWork: SharedWork? = nil, resumption: Resumption = .never, team: (any Team)? = nil,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.resumption = resumption
    self.team = team
    teamStart = team.map { TeamStart($0) }
    self.isCancelled = isCancelled
    self.store = store
    self.sharedWork = sharedWork
    self.file = file
    self.evaluatesInParallel = evaluatesInParallel
    configuration = file.configuration
  }

  /// Runs the experiment.
  ///
  /// - Parameter onEvent: Called on the same thread, in order.
  /// - Throws: `ConfigurationError`, `DataError`, `EvaluationError`, `GameError`, `RecordError`; `TeamEnded` where the
  ///   share of this process is done.
  public func run(onEvent: (Event) -> Void = { _ in }) throws -> Result {
    if let team, team.rank > 0 {
      try help(team, onEvent)
      throw TeamEnded()
    }
    do {
      return try lead(onEvent: onEvent)
    } catch {
      teamStart?.fail()
      throw error
    }
  }

  private func lead(onEvent: (Event) -> Void) throws -> Result {
    var clock = StageClock()
    let output = configuration.output.directory
    try RunFolder.check(output: output, name: configuration.name)

    onEvent(.stage("reading"))
    let seed = UInt64(configuration.seed)
    let rows = try prepareRows(seed: seed, onEvent, &clock)
    let data = rows.data
    clock.finish("preparation")
    var notices = file.notices + data.warnings.map(\.description)
    // What is kept on this machine is told, and is no part of the records: they are those of a run that finds it there.
    for notice in notices + rows.notices { onEvent(.notice(notice)) }

    let splits = TabularData.SplitName.allCases.compactMap { name in data[name].map { (name.rawValue, $0) } }
    guard data[.train] != nil, splits.count > 0 else {
      throw DataError(.badData, at: "data.split", "leaves no rows for training. Give train a larger share.")
    }
    let evaluator = try RunEvaluator(
      configuration.evaluation, title: "\(configuration.name), seed \(configuration.seed)",
      label: configuration.data.label.column, splits: splits, column: rows.column)
    let mitigation = try mitigatedRun(rows, splits: splits, seed: seed)
    func prepareTraining() throws -> TrainingMethod {
      try prepare(mitigation, splits: splits, window: rows.window, seed: seed)
    }
    var method = try prepareTraining()
    for notice in mitigation?.notices ?? [] { onEvent(.notice(notice)) }
    notices += mitigation?.notices ?? []
    let identity = RunIdentity(configuration: configuration.json, sources: rows.sources)
    let shared = sharedWork?.starts.entry(of: configuration, sources: rows.sources)
    let found = resumption.find(
      in: output, name: configuration.name, identity: identity, sources: rows.sources)
    let folder =
      try found?.folder
      ?? RunFolder.create(
        in: output, name: configuration.name, configuration: configuration.json, time: Int(clock.startOfDay))
    // Held to the end, so that nobody else takes the run for one that was left.
    let lock = found?.lock ?? ((try? FileLock.onExisting(folder.file("config.json"))) ?? nil)
    defer { withExtendedLifetime(lock) {} }
    let checkpoints = RunCheckpoints(
      folder.checkpoints, of: identity.run, everyEpochs: configuration.output.checkpointEveryEpochs)
    var followers: RunFollowers?
    do {
      var environment = environment(rows, started: clock.startOfDay)
      var start: RunCheckpoint?
      if found != nil {
        start = try goOn(in: folder, checkpoints, &method, prepareTraining, &environment, onEvent)
      }
      try folder.write(environment)
      let followed = RunFollowers(
        RunStart(folder: folder, output: output, configuration: configuration.json, environment: environment),
        store: store, trackers: configuration.output.trackers)
      followers = followed
      if start != nil {
        let epochs = try folder.epochs()
        followed.append(epochs, numbers: numbers(of: epochs))
      }
      for notice in followed.takeNotices() { onEvent(.notice(notice)) }
      onEvent(.stage("training"))
      func course() throws -> TrainingCourse {
        TrainingCourse(
          log: try folder.epochLog(), followers: followed, checkpoints: checkpoints, start: start, shared: shared)
      }
      var trained = try carryOut(method, course, folder, &notices, &clock, onEvent)
      if let mitigation {
        trained = try mitigation.finish(trained)
        clock.finish("decision")
        if isCancelled() { throw RunInterrupted() }
      }
      for notice in trained.notices { onEvent(.notice(notice)) }
      // Collapses have been told as they happened.
      notices += trained.collapses.map(\.description) + trained.notices
      onEvent(.stage("evaluation"))
      let evaluation = try evaluator.evaluate(
        trained.states, inParallel: evaluatesInParallel && rows.window == nil, shared: shared)
      clock.finish("evaluation")
      let model = savedModel(trained, data)
      let audit = try audit(
        model, trained.keptPhase?.splits, splits, isMapped: rows.window != nil, onEvent, &notices)
      if audit != nil { clock.finish("audit") }
      onEvent(.stage("writing"))
      if let audit { try folder.write(audit) }
      try write(model, trained, evaluation, splits: splits, files: rows.files, to: folder)
      clock.finish("writing")
      let summary = RunSummary(configuration, trained, notices: notices, timing: clock.stages)
      try folder.write(summary)
      folder.checkpoints.remove()
      let result = Result(
        folder: folder, summary: summary, evaluation: evaluation, audit: audit,
        predictions: splits.enumerated().map { index, split in
          ShownPredictions(
            split: split.0, labels: split.1.labels, labelKind: split.1.labelKind, weights: split.1.weights,
            before: trained.before[index],
            after: trained.after[index], attributes: split.1.sensitive)
        })
      let samples =
        configuration.output.trackers.isEmpty || result.shown.labelKind != .binary
        ? [] : result.shown.samples(configuration.training)
      followed.finish(summary, scores: samples)
      for notice in followed.takeNotices() { onEvent(.notice(notice)) }
      return result
    } catch {
      guard let kept = Self.canGoOn(from: error, in: folder) else {
        followers?.abandon()
        folder.remove()
        throw error
      }
      followers?.suspend()
      throw kept
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
    guard let sharedWork else { return try readRows(seed: seed, &clock) }
    return try sharedWork.rows(self.configuration, folder: file.folder) { try readRows(seed: seed, &clock) }
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
}

/// A run was told to end before its end.
public struct RunInterrupted: Error, Sendable, Equatable, CustomStringConvertible {
  /// The folder with the state from which the run can go on; nil where nothing of it is left.
  public var folder: String?

  public init(folder: String? = nil) { self.folder = folder }

  public var description: String {
    folder.map { "interrupted; the run goes on from its last epoch with --resume, its records are in \($0)" }
      ?? "interrupted; the records of the unfinished run are taken away"
  }
}
