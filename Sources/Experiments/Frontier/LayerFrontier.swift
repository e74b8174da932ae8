import Dispatch
import FairnessMetrics
import MetricExpressions
import RunRecords
import Synchronization
import TabularData

/// The runs of one seed of a frontier over bounds by `constraints.method: layer`.
///
/// The networks do not depend on the bounds: they are trained once, and each bound costs no more than the search for its
/// multipliers. Every run is, to the last bit, what it would be alone.
struct LayerFrontier {
  private let plan: FrontierPlan
  private let seed: Int
  private let isParallel: Bool
  private let isCancelled: @Sendable () -> Bool

  /// - Parameter isParallel: Whether folds are trained, and bounds fitted, at the same time.
  init(_ plan: FrontierPlan, seed: Int, isParallel: Bool, isCancelled: @escaping @Sendable () -> Bool) {
    self.plan = plan
    self.seed = seed
    self.isParallel = isParallel
    self.isCancelled = isCancelled
  }

  /// The run of every point, in their order.
  ///
  /// - Parameter onEnd: Called, by one thread at a time, when a run has ended.
  /// - Throws: What stands in the way of every point: the data, the networks.
  func runs(onEnd: @escaping @Sendable () -> Void) throws -> [Result<FrontierRun, any Error>] {
    let files = try plan.points.map { try plan.file(at: $0, seed: seed) }
    let runner = ExperimentRunner(files[0], evaluatesInParallel: isParallel, isCancelled: isCancelled)
    var clock = StageClock()
    let rows = try runner.prepareRows(seed: UInt64(seed), { _ in }, &clock)
    let splits = TabularData.SplitName.allCases.compactMap { name in
      rows.data[name].map { (name: name.rawValue, rows: $0) }
    }
    guard splits.first?.name == TabularData.SplitName.train.rawValue else {
      throw DataError(.badData, at: "data.split", "leaves no rows for training. Give train a larger share.")
    }
    let environment = runner.environment(rows, started: clock.startOfDay)
    // A bound that cannot be met is a result of its point; only where none can is it one of all.
    let layers = files.map { file -> Result<ConstraintLayer, any Error> in
      Result { () throws -> ConstraintLayer in
        guard let constraints = file.configuration.constraints else {
          throw DataError(.badData, at: "constraints", "is null. Give the conditions to vary.")
        }
        return try ConstraintLayer(constraints, splits: splits, seed: UInt64(seed), isParallel: isParallel)
      }
    }
    let found = layers.compactMap { try? $0.get() }
    // Where there is none, the first one's error is thrown.
    let networks = try (found.first ?? layers[0].get()).trainNetworks()
    if isCancelled() { throw RunInterrupted() }
    let results = Mutex([Result<FrontierRun, any Error>?](repeating: nil, count: layers.count))
    let fit: @Sendable (Int) -> Void = { index in
      let result = Result<FrontierRun, any Error> { () throws -> FrontierRun in
        if isCancelled() { throw RunInterrupted() }
        let outcome = try layers[index].get().fit(networks, bootstrap: nil, confidence: 0.95)
        return try run(outcome, splits, environment)
      }
      results.withLock {
        $0[index] = result
        onEnd()
      }
    }
    if isParallel {
      DispatchQueue.concurrentPerform(iterations: layers.count, execute: fit)
    } else {
      layers.indices.forEach(fit)
    }
    return results.withLock { $0.compactMap { $0 } }
  }

  private func run(
    _ outcome: ConstraintLayer.Outcome, _ splits: [(name: String, rows: Dataset)], _ environment: EnvironmentRecord
  ) throws -> FrontierRun {
    func sample(_ rows: Dataset, _ scores: [Float]) throws -> FrontierRun.Sample {
      try FrontierRun.Sample(
        scores: scores, labels: rows.labels, weights: rows.weights, sensitive: rows.sensitive, threshold: 0.5,
        metric: plan.metric, conditions: plan.conditions)
    }
    func place(_ name: TabularData.SplitName) -> Int? { splits.firstIndex { $0.name == name.rawValue } }
    let test = try place(.test).map { try sample(splits[$0].rows, outcome.after[$0]) }
    if let validation = place(.validation) {
      return FrontierRun(
        judgedOn: "validation", judged: try sample(splits[validation].rows, outcome.after[validation]), test: test,
        status: outcome.record.status, environment: environment)
    }
    return FrontierRun(
      judgedOn: "out of fold", judged: try sample(splits[0].rows, outcome.outOfFold), test: test,
      status: outcome.record.status, environment: environment)
  }
}
