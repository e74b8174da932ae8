import FairnessMetrics
import MetricExpressions
import Mitigation
import RunRecords

extension FrontierRecord.Point {
  /// From the runs of one point, one for each seed.
  ///
  /// - Parameters:
  ///   - seeds: The runs' seeds, in the order of `results`.
  ///   - metric: What is traded against accuracy.
  ///   - conditions: What every run was measured by, in the order of its samples' conditions.
  init(
    value: Double, settings: [String], seeds: [Int], results: [Result<FrontierRun, any Error>],
    metric: MetricCondition, conditions: [MetricCondition], confidence: Double
  ) {
    var runs: [FrontierRun] = []
    var failures: [FrontierRecord.Failure] = []
    var nearlyConstant: [Int] = []
    for (seed, result) in zip(seeds, results) {
      switch result {
      case .success(let run):
        runs.append(run)
        if run.isNearlyConstant { nearlyConstant.append(seed) }
      case .failure(let error): failures.append(.init(seed: seed, "\(error)"))
      }
    }
    func measurement(_ samples: [FrontierRun.Sample]) -> FrontierRecord.Measurement {
      FrontierRecord.Measurement(samples, confidence: confidence, range: metric.range)
    }
    let tests = runs.compactMap(\.test)
    var statuses: [String: Int] = [:]
    for status in runs.compactMap(\.status) { statuses[status.rawValue, default: 0] += 1 }
    self.init(
      value: value, settings: settings, judged: measurement(runs.map(\.judged)),
      test: tests.isEmpty ? nil : measurement(tests),
      conditions: conditions.enumerated().map { index, condition in
        let values = runs.map { $0.judged.conditions[index] }
        let value = RepeatedEstimate(values, confidence: confidence, range: condition.range)
        return FrontierRecord.Condition(
          condition.text, value: value, holds: condition.holds(value.mean),
          seedsHolding: values.count(where: condition.holds))
      },
      statuses: statuses, nearlyConstant: nearlyConstant, failures: failures)
  }

  /// The point as one of a trade-off; nil where a mean does not exist, or is one over predictors of which some decide
  /// nearly all rows alike: parity without use is no point of a trade-off.
  func tradeOff(isGreaterBetter: Bool) -> TradeOff.Point? {
    guard nearlyConstant.isEmpty, let accuracy = judged.accuracy.mean.value, let metric = judged.metric.mean.value
    else { return nil }
    return (accuracy, isGreaterBetter ? metric : -metric)
  }
}

extension FrontierRecord.Measurement {
  /// The means of some runs' samples.
  ///
  /// - Parameter range: What the metric can be.
  fileprivate init(_ samples: [FrontierRun.Sample], confidence: Double, range: ClosedRange<Double>) {
    func estimate(_ values: [MetricValue]) -> RepeatedEstimate { RepeatedEstimate(values, confidence: confidence) }
    self.init(
      accuracy: estimate(samples.map(\.accuracy)), rocAUC: estimate(samples.map(\.rocAUC)),
      selectionRate: estimate(samples.map(\.selectionRate)),
      metric: RepeatedEstimate(samples.map(\.metric), confidence: confidence, range: range))
  }
}

extension MetricCondition {
  /// What the expression can be: a single metric has its range, of a composed one nothing is known.
  fileprivate var range: ClosedRange<Double> {
    switch normalized.expression {
    case .term(let term): term.range
    case .smallest(let operands) where operands.allSatisfy(\.isRate),
      .largest(let operands) where operands.allSatisfy(\.isRate):
      0...1
    default: -.infinity...(.infinity)
    }
  }

  /// Whether a value of the expression meets the bound; one that does not exist does not.
  fileprivate func holds(_ value: MetricValue) -> Bool {
    guard let number = value.value else { return false }
    let (_, relation, bound) = normalized
    return Gate(relation, bound).holds(number)
  }
}

extension MetricExpression {
  /// Whether it is a single metric in 0...1.
  fileprivate var isRate: Bool {
    if case .term(let term) = self { term.range == 0...1 } else { false }
  }
}
