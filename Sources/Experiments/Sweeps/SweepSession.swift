import FairnessMetrics
import RunRecords
import RunStore
import Synchronization
import Wording

/// The runs of one sweep, as far as they are done.
final class SweepSession: Sendable {
  /// What has been done, and what of it is the best.
  private struct State {
    var runs: [SweepRunner.Run] = []
    /// The statistics of the runs of the part under way, for choosing among its points.
    var outcomes: [(point: SweepPoint, metrics: [String: Double])] = []
    var keys: [String] = []
    var failure: (any Error)?
    var wasInterrupted = false
    var best: Double?
    /// The names of the statistics of the first run that came to its end.
    var known: [String]?
    /// Whether it was told that the index cannot be asked.
    var isStoreSilent = false
  }

  private let output: String
  private let store: RunStore
  private let isWorker: Bool
  private let jobs: Int
  private let work: SharedWork
  private let metrics: [String]
  /// The statistics that the sweep's file names.
  private let named: [String]
  private let objectives: [RunComparison.Objective]
  private let shown: RunComparison.Objective
  private let isCancelled: @Sendable () -> Bool
  private let onEvent: @Sendable (SweepRunner.Event) -> Void
  private let state = Mutex(State())
  /// Held while an event is told, so that one thread at a time does.
  private let events = Mutex(())

  /// - Parameters:
  ///   - isWorker: Whether the store learns nothing of what others do unless it looks at the folders again.
  ///   - first: The configuration of the first run, by whose rows and attributes the table is laid out.
  init(
    output: String, store: RunStore, isWorker: Bool = false, jobs: Int, sweep: SweepConfiguration,
    first: ExperimentConfiguration,
    isCancelled: @escaping @Sendable () -> Bool, onEvent: @escaping @Sendable (SweepRunner.Event) -> Void
  ) {
    self.output = output
    self.store = store
    self.isWorker = isWorker
    self.jobs = jobs
    work = SharedWork(jobs: jobs)
    self.isCancelled = isCancelled
    self.onEvent = onEvent
    let split = first.judgedSplit
    // What tells of the predictions and of the groups: of a number the errors, of which less is better.
    let isNumber = first.data.label.kind == .continuous
    let quality = isNumber ? ["rootMeanSquaredError", "rSquared"] : ["accuracy", "rocAUC"]
    let parity = isNumber ? "kolmogorovSmirnovDistance" : "pPercentRule"
    let ofGroups = first.data.groupNames.map { "\(split).\($0).\(parity)" }
    objectives =
      sweep.objectives ?? (["\(split).\(quality[0])"] + ofGroups).map { .init($0, isMaximized: !isNumber) }
    let shownOnes = sweep.metrics ?? quality.map { "\(split).\($0)" } + ofGroups
    let chosen = (sweep.halving.map { [$0.metric] } ?? []) + objectives.map(\.metric)
    metrics = chosen.reduce(into: shownOnes) { if !$0.contains($1) { $0.append($1) } }
    named =
      (sweep.halving.map { [$0.metric] } ?? []) + (sweep.metrics ?? []) + (sweep.objectives ?? []).map(\.metric)
    shown = sweep.halving.map { .init($0.metric, isMaximized: $0.isMaximized) } ?? objectives[0]
  }

  /// Does the runs that have not been done, and takes up the others.
  ///
  /// - Parameter keys: The keys of the runs' parameters.
  func carryOut(_ plan: [SweepPlan.Run], title: String, of keys: [String]) {
    // Seed by seed: all points of a seed share their prepared rows, and those that differ in λ what comes before a game.
    var kinds: [String: Int] = [:]
    let places = plan.indices.map { index -> (seed: Int, kind: Int, index: Int) in
      let configuration = plan[index].file.configuration
      let kind = SharedStarts.common(of: configuration).serialized(.compact)
      if kinds[kind] == nil { kinds[kind] = kinds.count }
      return (configuration.seed, kinds[kind] ?? 0, index)
    }
    let order = places.sorted { $0 < $1 }.map(\.index)
    state.withLock { state in
      state.keys = keys
      state.outcomes = []
    }
    var outcomes = [Outcome?](repeating: nil, count: plan.count)
    var open: [Int] = []
    for index in order {
      if let found = taken(plan[index]) {
        outcomes[index] = found
        note(found, plan[index])
      } else {
        open.append(index)
      }
    }
    onEvent(.rung(title, runs: plan.count, done: plan.count - open.count))
    carryOut(open, of: plan, into: &outcomes)
    RunClaim.clear(output: output)
    state.withLock { state in
      for (planned, outcome) in zip(plan, outcomes) {
        guard let outcome else { continue }
        state.runs.append(run(planned, outcome))
      }
    }
  }

  /// How long the first and the later looks at what other processes do lie apart, in milliseconds: those at work on runs
  /// of a tenth of a second should not be awaited for longer, nor a shared folder be asked often for hours.
  private static let (shortestPause, longestPause) = (10, 400)

  /// Does runs, those first that no other process is at work on; what others do is awaited, and done where they do not
  /// come to the end of it.
  private func carryOut(_ open: [Int], of plan: [SweepPlan.Run], into outcomes: inout [Outcome?]) {
    let ended = Atomic(0)
    var waiting = open
    var isTold = false
    var pause = Self.shortestPause
    while true {
      let round = waiting
      let ends = ConcurrentRuns.map(count: round.count, jobs: jobs) { position, isAlone -> Outcome? in
        let planned = plan[round[position]]
        guard let outcome = self.carryOut(planned, isAlone: isAlone) else { return nil }
        self.note(outcome, planned)
        let number = ended.add(1, ordering: .relaxed).newValue
        self.events.withLock { _ in
          self.onEvent(.ended(number: number, of: open.count, best: self.best))
        }
        return outcome
      }
      for (index, outcome) in zip(round, ends) { outcomes[index] = outcome }
      waiting = zip(round, ends).filter { $0.1 == nil }.map(\.0)
      if waiting.isEmpty { return }
      if !isTold {
        onEvent(.notice("Another process is at work on \(waiting.count) of the runs; they are awaited."))
        isTold = true
      }
      if waiting.count == round.count {
        FileAccess.pause(milliseconds: pause)
        pause = min(2 * pause, Self.longestPause)
      } else {
        pause = Self.shortestPause
      }
    }
  }

  /// The means of a statistic over the runs of the part that was just done.
  func means(of metric: String, over points: [SweepPoint]) -> [Double?] {
    let outcomes = state.withLock { $0.outcomes }
    var values: [SweepPoint: [Double]] = [:]
    for outcome in outcomes {
      if let value = outcome.metrics[metric] { values[outcome.point, default: []].append(value) }
    }
    return points.map { point in
      values[point].map { $0.reduce(0, +) / Double($0.count) }
    }
  }

  /// The result; `SweepInterrupted` where the sweep was told to end.
  func result() throws -> SweepRunner.Result {
    let state = state.withLock { $0 }
    if state.wasInterrupted {
      throw SweepInterrupted(runs: state.runs.count, done: state.runs.count { $0.folder != nil })
    }
    return SweepRunner.Result(
      comparison: RunComparison(
        keys: state.keys, metrics: metrics, observations: state.runs.map(\.observation), objectives: objectives),
      runs: state.runs, failure: state.failure)
  }

  // MARK: - One run

  /// What became of a run.
  private enum Outcome: Sendable {
    case trained(folder: String, RunSummary)
    case found(folder: String, RunSummary)
    case failed(any Error)
  }

  /// The run that came to its end before, if there is one.
  private func taken(_ planned: SweepPlan.Run) -> Outcome? { identity(of: planned).flatMap { taken($0) } }

  /// Whether a run came to its end before.
  func isDone(_ planned: SweepPlan.Run) -> Bool { taken(planned) != nil }

  /// By what a run will be known; nil where its rows cannot be read, so that it will fail.
  private func identity(of planned: SweepPlan.Run) -> RunIdentity? {
    guard let sources = try? work.sources(of: planned.file) else { return nil }
    return RunIdentity(configuration: planned.file.configuration.json, sources: sources)
  }

  private func taken(_ identity: RunIdentity) -> Outcome? {
    for path in asked({ () throws(RecordError) in try store.finished(identity) }) ?? [] {
      // The folder decides, not the index.
      let folder = "\(output)/\(path)"
      if let summary = try? RunFolder(existing: folder).summary(), summary.status == .finished {
        return .found(folder: folder, summary)
      }
    }
    return nil
  }

  /// What the store says; nil where it cannot be asked, which is told once: runs are then done that were done before.
  private func asked<Value>(_ question: () throws(RecordError) -> Value) -> Value? {
    do throws(RecordError) {
      return try question()
    } catch {
      let isFirst = state.withLock { state -> Bool in
        defer { state.isStoreSilent = true }
        return !state.isStoreSilent
      }
      if isFirst {
        events.withLock { _ in
          onEvent(.notice("The index of runs cannot be asked what was done before: \(error)"))
        }
      }
      return nil
    }
  }

  /// Does a run, or goes on with it where it was interrupted; nil where another process is at work on it.
  private func carryOut(_ planned: SweepPlan.Run, isAlone: Bool) -> Outcome? {
    if isCancelled() { return .failed(RunInterrupted()) }
    do {
      var claim: RunClaim?
      var resumption = Resumption.never
      if let identity = identity(of: planned) {
        // Another process may have done it in the meantime, up to the moment in which it gave its claim back.
        if let found = taken(identity) { return found }
        claim = try RunClaim(identity, output: output)
        if claim == nil { return nil }
        if isWorker { _ = asked({ () throws(RecordError) in try store.reindex() }) }
        if let found = taken(identity) { return found }
        resumption = .among(asked({ () throws(RecordError) in try store.unfinished(identity) }) ?? [])
      }
      defer { withExtendedLifetime(claim) {} }
      let result = try ExperimentRunner(
        planned.file, evaluatesInParallel: isAlone, store: store, sharedWork: work, resumption: resumption,
        isCancelled: isCancelled
      ).run()
      return .trained(folder: result.folder.path, result.summary)
    } catch {
      return .failed(error)
    }
  }

  private func note(_ outcome: Outcome, _ planned: SweepPlan.Run) {
    var unknown: [String] = []
    state.withLock { state in
      switch outcome {
      case .trained(_, let summary), .found(_, let summary):
        if state.known == nil {
          let known = summary.metrics.map(\.key)
          state.known = known
          unknown = named.filter { !known.contains($0) }
        }
        let metrics = Dictionary(summary.metrics.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        state.outcomes.append((planned.point, metrics))
        if let value = metrics[shown.metric] {
          state.best = state.best.map { shown.isMaximized ? max($0, value) : min($0, value) } ?? value
        }
      case .failed(let error):
        if error is RunInterrupted { state.wasInterrupted = true } else { state.failure = state.failure ?? error }
      }
    }
    for name in unknown {
      // Whoever misspelt a name should know before all runs are done.
      events.withLock { _ in
        onEvent(.notice("The first run has no statistic '\(name)'.\(nearest(to: name))"))
      }
    }
  }

  /// Ends the sweep with an error, its runs told all the same.
  func fail(_ error: any Error) {
    state.withLock { $0.failure = $0.failure ?? error }
  }

  /// What a misspelt statistic was probably meant to be, as a sentence behind another one; empty where nobody knows.
  func nearest(to name: String) -> String {
    let known = state.withLock { $0.known } ?? []
    return NearestName.find(name, among: known).map { " Did you mean '\($0)'?" } ?? ""
  }

  private func run(_ planned: SweepPlan.Run, _ outcome: Outcome) -> SweepRunner.Run {
    let configuration = planned.file.configuration
    // Runs of one point differ in their seeds alone.
    let group = RunIdentity(configuration: configuration.json, sources: []).configuration
    var observation = RunComparison.Observation(
      configuration: group, parameters: planned.parameters, seed: configuration.seed,
      metrics: metrics.map { _ in nil })
    let origin: SweepRunner.Run.Origin
    var folder: String?
    switch outcome {
    case .trained(let path, let summary), .found(let path, let summary):
      let values = Dictionary(summary.metrics.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
      observation.metrics = metrics.map { values[$0] }
      folder = path
      origin = if case .found = outcome { .found } else { .trained }
    case .failed(let error):
      observation.failure = "\(error)"
      origin = .failed
    }
    return SweepRunner.Run(
      point: planned.point, seed: configuration.seed, origin: origin, folder: folder, observation: observation)
  }

  /// The best value so far, for the display.
  private var best: String {
    state.withLock { state in
      state.best.map { "best \(shown.metric) \(($0 * 10_000).rounded() / 10_000)" } ?? ""
    }
  }
}

extension ExperimentConfiguration {
  /// The last part of the split, by whose rows a run is judged.
  fileprivate var judgedSplit: String {
    switch data.split {
    case .fractions(let split):
      split.fractions.test > 0 ? "test" : split.fractions.validation > 0 ? "validation" : "train"
    case .column, .files: "test"
    }
  }
}

/// A sweep that was told to end before it was done.
public struct SweepInterrupted: Error, Sendable, Equatable, CustomStringConvertible {
  public var runs: Int
  /// How many of them came to their end.
  public var done: Int

  public var description: String {
    "interrupted; \(done) of \(runs) runs are done, and the same command goes on with the others"
  }
}
