import FairnessMetrics
import Mitigation
import OrderedJSON
import RunRecords
import RunStore

/// Carries out a comparison: every method at every value of its knob with every seed.
///
/// The result does not depend on the number of jobs. What fails takes the folder away again.
public struct ComparisonRunner: Sendable {
  /// What a comparison led to.
  public struct Result: Sendable {
    public var folder: FrontierFolder
    public var record: ComparisonRecord
  }

  private let plan: ComparisonPlan
  private let jobs: Int
  private let isCancelled: @Sendable () -> Bool

  /// - Parameters:
  ///   - jobs: How many runs go on at the same time, at least 1.
  ///   - isCancelled: Asked between epochs and runs; where it says yes, the comparison ends with `RunInterrupted`.
  public init(_ plan: ComparisonPlan, jobs: Int, isCancelled: @escaping @Sendable () -> Bool = { false }) {
    precondition(jobs > 0, "ComparisonRunner: \(jobs) jobs")
    self.plan = plan
    self.jobs = jobs
    self.isCancelled = isCancelled
  }

  /// - Parameters:
  ///   - attachments: Makes the files beside `comparison.json`.
  ///   - onEnd: Called, by one thread at a time, with the number of runs that have ended and of all.
  /// - Throws: What a run throws, where all fail; `RecordError`, `RunInterrupted`.
  public func run(
    attachments: (ComparisonRecord) -> [FrontierRunner.Attachment] = { _ in [] },
    onEnd: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws -> Result {
    let clock = StageClock()
    let name = plan.file.name
    try RunFolder.check(output: plan.output, name: name)
    let folder = try FrontierFolder(
      in: plan.output, name: name, kind: "comparison", identity: plan.file.json, time: Int(clock.startOfDay))
    do {
      let runs = try outcomes(folder, onEnd)
      folder.removeRuns()
      let record = try self.record(runs)
      let environment = runs.joined().lazy.compactMap { try? $0.get() }.first?.environment
      for (name, text) in attachments(record) { try folder.write(text, to: name) }
      let members =
        (record.json.members ?? []) + [
          .init("comparison", plan.file.json), .init("environment", environment?.json ?? .null),
        ]
      try folder.write(JSON.object(members).serialized(), to: "comparison.json")
      return Result(folder: folder, record: record)
    } catch {
      folder.remove()
      throw error
    }
  }

  private typealias Outcome = Swift.Result<FrontierRun, any Error>

  /// The runs point by point, and in each in the order of the seeds.
  private func outcomes(
    _ folder: FrontierFolder, _ onEnd: @escaping @Sendable (Int, Int) -> Void
  ) throws -> [[Outcome]] {
    let seeds = plan.file.seeds
    let total = plan.points.count * seeds.count
    // Its runs are taken away at the end, and nobody looks for them.
    let store = try RunStore(output: folder.runs, access: .memory)
    let work = SharedWork(jobs: jobs)
    @Sendable func outcome(_ index: Int, isAlone: Bool) -> Outcome {
      Swift.Result {
        if isCancelled() { throw RunInterrupted() }
        let file = try plan.file(
          at: plan.points[index / seeds.count], seed: seeds[index % seeds.count],
          FrontierRun.temporary(in: folder.runs))
        return try FrontierRun(
          running: file, metric: plan.metric, conditions: [], store: store, work: work,
          isAlone: isAlone, isCancelled: isCancelled)
      }
    }
    let runs = ConcurrentRuns.map(
      count: total, jobs: jobs, onEnd: { _, _, ended in onEnd(ended, total) }, body: outcome)
    if isCancelled() { throw RunInterrupted() }
    return plan.points.indices.map { Array(runs[$0 * seeds.count..<($0 + 1) * seeds.count]) }
  }

  /// - Throws: The first error, where no run has a result.
  private func record(_ runs: [[Outcome]]) throws -> ComparisonRecord {
    guard let example = runs.joined().lazy.compactMap({ try? $0.get() }).first else {
      for run in runs.joined() { _ = try run.get() }
      preconditionFailure("ComparisonRunner: no runs")
    }
    let confidence = plan.first.evaluation.specification.confidence
    var methods = plan.file.methods.map { ComparisonRecord.Method(name: $0.name, knob: $0.knob, points: []) }
    for (point, results) in zip(plan.points, runs) {
      methods[point.method].points.append(
        .init(
          value: point.value ?? 0, settings: point.settings, seeds: plan.file.seeds, results: results,
          metric: plan.metric, conditions: [], confidence: confidence))
    }
    var notices: [String] = []
    if plan.file.seeds.count < 2 { notices.append("One seed gives no intervals: name several.") }
    if example.judgedOn == "train" {
      notices.append(
        "There are no validation rows: points are chosen on the rows that were trained on. Give 'validation' a share.")
    }
    for method in methods {
      for point in method.points {
        if let failure = point.failures.first {
          notices.append(
            "\(method.name): \(point.failures.count) runs failed; seed \(failure.seed): \(failure.message)")
        }
        if !point.nearlyConstant.isEmpty {
          notices.append(
            "\(method.name)\(method.knob.map { " (\($0) \(point.value))" } ?? ""): nearly every row gets the same decision "
              + "with \(point.nearlyConstantText): parity without use, so that this point is not in the Pareto set.")
        }
      }
    }
    // The Pareto set over all methods.
    let places = methods.indices.flatMap { method in methods[method].points.indices.map { (method, $0) } }
    let scored = places.map { method, point -> TradeOff.Point? in
      methods[method].points[point].tradeOff(isGreaterBetter: plan.isGreaterBetter)
    }
    for index in TradeOff.paretoSet(scored) { methods[places[index].0].points[places[index].1].isPareto = true }
    return ComparisonRecord(
      name: plan.file.name, metric: plan.metric.expressionText, isGreaterBetter: plan.isGreaterBetter,
      seeds: plan.file.seeds, confidence: confidence, judgedOn: example.judgedOn, bounds: plan.file.bounds,
      methods: methods, notices: notices)
  }
}
