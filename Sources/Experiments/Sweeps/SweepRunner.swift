import OrderedJSON
import RunRecords
import RunStore
import Synchronization

/// Carries out a sweep: every point with every seed, several runs side by side in one process.
///
/// A run is known by its identity, that of its resolved configuration and its rows. One that came to its end before is
/// not done again, whoever did it; so a sweep that was interrupted goes on, and one that is extended does what is new. Runs
/// that were interrupted go on from their checkpoints. Several processes may carry out one sweep in one folder, on one
/// machine or on many: each run is done by one of them.
public struct SweepRunner: Sendable {
  /// What a caller may show while a sweep goes on.
  public enum Event: Sendable {
    /// Something that the reader of the results should know.
    case notice(String)
    /// A part of the sweep begins: its runs, and those of them that were done before.
    case rung(String, runs: Int, done: Int)
    /// A run has ended: the `number`th of those that had to be done.
    case ended(number: Int, of: Int, best: String)
  }

  /// One run of a sweep.
  public struct Run: Sendable {
    /// How a run came about.
    public enum Origin: String, Sendable {
      case trained
      case found
      case failed
    }

    public var point: SweepPoint
    public var seed: Int
    public var origin: Origin
    /// The run's folder; nil where it failed.
    public var folder: String?
    public var observation: RunComparison.Observation
  }

  /// What a sweep led to.
  public struct Result: Sendable {
    public var comparison: RunComparison
    public var runs: [Run]
    /// The first error, which gives the exit status; nil where no run failed.
    public var failure: (any Error)?
  }

  private let file: SweepFile
  private let jobs: Int
  private let isWorker: Bool
  private let isCancelled: @Sendable () -> Bool

  /// - Parameters:
  ///   - jobs: How many runs go on at the same time, at least 1.
  ///   - isWorker: Whether others carry out the same sweep on other machines: the index is then kept in memory, for a
  ///     database is no file that machines can share.
  ///   - isCancelled: Asked after every epoch; where it says yes, the sweep ends with `RunInterrupted`.
  public init(
    _ file: SweepFile, jobs: Int, isWorker: Bool = false, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    precondition(jobs > 0, "SweepRunner: \(jobs) jobs")
    self.file = file
    self.jobs = jobs
    self.isWorker = isWorker
    self.isCancelled = isCancelled
  }

  /// Carries out the sweep.
  ///
  /// Every configuration is checked before the first run; what fails later is in the result, and keeps no other run
  /// from its end.
  ///
  /// - Parameter onEvent: Called by one thread at a time.
  public func run(onEvent: @escaping @Sendable (Event) -> Void = { _ in }) throws -> Result {
    let plan = try file.plan()
    guard let first = plan.runs.first else {
      throw ConfigurationError(at: JSONPlace(source: file.path), "the sweep has no runs.")
    }
    for notice in file.notices(of: plan) { onEvent(.notice(notice)) }
    let output = first.file.configuration.output.directory
    try RunFolder.check(output: output, name: first.file.configuration.name)
    let session = SweepSession(
      output: output, store: try openStore(output, onEvent), isWorker: isWorker, jobs: jobs, sweep: file.sweep,
      first: first.file.configuration, isCancelled: isCancelled, onEvent: onEvent)
    if let halving = file.sweep.halving, let rungs = file.rungs {
      try halve(plan, halving, rungs, session)
    } else {
      session.carryOut(plan.runs, title: "sweep", of: file.sweep.parameters.map(\.name))
    }
    return try session.result()
  }

  /// How many runs the sweep has, and how many of them came to their end before; of a sweep with halving nil, for its
  /// later runs follow from the results of the first ones. Nothing is done.
  public func progress() throws -> (runs: Int, done: Int)? {
    guard file.sweep.halving == nil else { return nil }
    let plan = try file.plan().runs
    guard let first = plan.first?.file.configuration, FileAccess.isFolder(first.output.directory) else {
      return (plan.count, 0)
    }
    let output = first.output.directory
    let store = try RunStore(output: output, access: .memory)
    _ = try store.reindex()
    let session = SweepSession(
      output: output, store: store, jobs: jobs, sweep: file.sweep, first: first, isCancelled: isCancelled,
      onEvent: { _ in })
    return (plan.count, plan.count { session.isDone($0) })
  }

  /// The index of the folder, brought up to date; in memory where it cannot be written.
  private func openStore(_ output: String, _ onEvent: (Event) -> Void) throws -> RunStore {
    let store: RunStore
    do throws(RecordError) {
      if isWorker { try FileAccess.makeFolders(output) }
      store = try RunStore(output: output, access: isWorker ? .memory : .writing)
    } catch {
      onEvent(.notice("The index of runs cannot be used: \(error) The runs themselves are not touched by that."))
      store = try RunStore(output: output, access: .memory)
    }
    for damage in try store.reindex().damaged { onEvent(.notice("Left out: \(damage)")) }
    return store
  }

  /// Successive halving: the points of a rung with the best means go on to the next, with `factor` times the training.
  ///
  /// Every rung trains anew, so that a run of it is the run that anyone would get who asks for its configuration.
  ///
  /// - Source: Jamieson and Talwalkar (2016), "Non-stochastic best arm identification and hyperparameter optimization".
  private func halve(
    _ first: SweepPlan, _ halving: HalvingConfiguration, _ rungs: [Int], _ session: SweepSession
  ) throws {
    var plan = first
    for (number, rung) in rungs.enumerated() {
      session.carryOut(
        plan.runs, title: "rung \(number + 1)/\(rungs.count) (\(rung))",
        of: file.sweep.parameters.map(\.name) + [halving.resource])
      if isCancelled() { return }
      guard number + 1 < rungs.count else { return }
      let means = session.means(of: halving.metric, over: plan.points)
      // The first of equal points goes on; one without the statistic comes last.
      let order = plan.points.indices.sorted { one, other in
        guard let a = means[one], let b = means[other] else {
          return means[one] != nil || means[other] == nil && one < other
        }
        return a == b ? one < other : halving.isMaximized ? a > b : a < b
      }
      let best = order.prefix(halving.kept(of: plan.points.count)).filter { means[$0] != nil }
      guard !best.isEmpty else {
        return session.fail(
          ConfigurationError(
            at: JSONPlace(source: file.path), keyPath: "halving.metric",
            "halving.metric '\(halving.metric)' is no statistic of any run of the first \(number + 1) rungs, so that "
              + "none can go on.\(session.nearest(to: halving.metric))"))
      }
      plan = try SweepPlan(
        file, points: best.sorted().map { plan.points[$0] }, more: file.resource(of: rungs[number + 1]))
    }
  }
}
