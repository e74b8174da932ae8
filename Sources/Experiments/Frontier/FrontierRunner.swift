import FairnessMetrics
import OrderedJSON
import RunRecords
import RunStore
import Synchronization

/// Carries out a frontier: every point with every seed, measured, averaged and recorded.
///
/// The result does not depend on the number of jobs. What fails takes the folder away again.
public struct FrontierRunner: Sendable {
  /// What a frontier led to.
  public struct Result: Sendable {
    public var folder: FrontierFolder
    public var record: FrontierRecord
  }

  /// A file of the folder beside the record: its name and its text.
  public typealias Attachment = (name: String, text: String)

  private let plan: FrontierPlan
  private let jobs: Int
  private let isCancelled: @Sendable () -> Bool

  /// - Parameters:
  ///   - jobs: How many runs go on at the same time, at least 1.
  ///   - isCancelled: Asked between epochs and points; where it says yes, the frontier ends with `RunInterrupted`.
  public init(_ plan: FrontierPlan, jobs: Int, isCancelled: @escaping @Sendable () -> Bool = { false }) {
    precondition(jobs > 0, "FrontierRunner: \(jobs) jobs")
    self.plan = plan
    self.jobs = jobs
    self.isCancelled = isCancelled
  }

  /// - Parameters:
  ///   - attachments: Makes the files beside `frontier.json`.
  ///   - onEnd: Called, by one thread at a time, with the number of runs that have ended and of all.
  /// - Throws: What each run throws, where all of them fail for it; `RecordError`, `RunInterrupted`.
  public func run(
    attachments: (FrontierRecord) -> [Attachment] = { _ in [] },
    onEnd: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws -> Result {
    let clock = StageClock()
    let configuration = plan.file.configuration
    try RunFolder.check(output: configuration.output.directory, name: configuration.name)
    let identity: JSON = [
      "configuration": configuration.json, "values": .array(plan.points.map { .number(JSONNumber($0.value)) }),
    ]
    let folder = try FrontierFolder(
      in: configuration.output.directory, name: configuration.name, identity: identity, time: Int(clock.startOfDay))
    do {
      let runs = try runsOfPoints(folder, onEnd)
      folder.removeRuns()
      let record = try FrontierAnalysis(plan, runs).record()
      let environment = runs.joined().lazy.compactMap { try? $0.get() }.first?.environment
      for (name, text) in attachments(record) { try folder.write(text, to: name) }
      try folder.write(record, configuration: configuration.json, environment: environment?.json ?? .null)
      return Result(folder: folder, record: record)
    } catch {
      folder.remove()
      throw error
    }
  }

  private typealias Outcome = Swift.Result<FrontierRun, any Error>

  /// The runs point by point, and in each in the order of the seeds.
  private func runsOfPoints(_ folder: FrontierFolder, _ onEnd: @escaping @Sendable (Int, Int) -> Void) throws
    -> [[Outcome]]
  {
    let seeds = plan.seeds
    let total = plan.points.count * seeds.count
    let ended = Mutex(0)
    let end: @Sendable () -> Void = {
      // Runs that are called off have not been carried out.
      if isCancelled() { return }
      ended.withLock {
        $0 += 1
        onEnd($0, total)
      }
    }
    let isByLayer: Bool =
      if case .bound = plan.axis { plan.file.configuration.constraints?.method == .layer } else { false }
    var bySeed: [[Outcome]] = []
    if isByLayer {
      let workers = min(jobs, seeds.count)
      let parts = Parallel.map(seeds.count, threads: workers) { index -> Swift.Result<[Outcome], any Error> in
        Swift.Result {
          try LayerFrontier(
            plan, seed: seeds[index], isParallel: jobs > workers, isCancelled: isCancelled
          ).runs(onEnd: end)
        }
      }
      for part in parts {
        switch part {
        case .success(let runs): bySeed.append(runs)
        case .failure(let error): bySeed.append(plan.points.map { _ in .failure(error) })
        }
      }
    } else {
      // Its runs are taken away at the end, and nobody looks for them.
      let store = try RunStore(output: folder.runs, access: .memory)
      let work = SharedWork(jobs: jobs)
      let runs = ConcurrentRuns.map(count: total, jobs: jobs) { index, isAlone -> Outcome in
        defer { end() }
        return Swift.Result {
          try run(
            plan.points[index % plan.points.count], seed: seeds[index / plan.points.count], folder, store, work,
            isAlone)
        }
      }
      bySeed = seeds.indices.map { Array(runs[$0 * plan.points.count..<($0 + 1) * plan.points.count]) }
    }
    if isCancelled() { throw RunInterrupted() }
    return plan.points.indices.map { point in bySeed.map { $0[point] } }
  }

  /// A run by whatever method the configuration names, in a folder of its own for as long as it goes on.
  private func run(
    _ point: FrontierPlan.Point, seed: Int, _ folder: FrontierFolder, _ store: RunStore, _ work: SharedWork,
    _ isAlone: Bool
  ) throws -> FrontierRun {
    if isCancelled() { throw RunInterrupted() }
    let file = try plan.file(at: point, seed: seed, FrontierRun.temporary(in: folder.runs))
    return try FrontierRun(
      running: file, metric: plan.metric, conditions: plan.conditions, store: store, work: work,
      isAlone: isAlone, isCancelled: isCancelled)
  }
}
