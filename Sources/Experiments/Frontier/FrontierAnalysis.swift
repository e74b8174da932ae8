import FairnessMetrics
import MetricExpressions
import Mitigation
import RunRecords

/// From the runs of a frontier to its record.
package struct FrontierAnalysis {
  private let plan: FrontierPlan
  /// Point by point, and in each in the order of the seeds.
  private let runs: [[Result<FrontierRun, any Error>]]

  package init(_ plan: FrontierPlan, _ runs: [[Result<FrontierRun, any Error>]]) {
    self.plan = plan
    self.runs = runs
  }

  /// - Throws: The first error, where no run has a result.
  package func record() throws -> FrontierRecord {
    let all = runs.joined()
    guard let example = all.lazy.compactMap({ try? $0.get() }).first else {
      for run in all { _ = try run.get() }
      preconditionFailure("FrontierAnalysis: no runs")
    }
    let confidence = plan.file.configuration.evaluation.specification.confidence
    var points = zip(plan.points, runs).map { point, results in
      FrontierRecord.Point(
        value: point.value, settings: point.settings, seeds: plan.seeds, results: results, metric: plan.metric,
        conditions: plan.conditions, confidence: confidence)
    }
    let scored = points.map { $0.tradeOff(isGreaterBetter: plan.isGreaterBetter) }
    for index in TradeOff.paretoSet(scored) { points[index].isPareto = true }
    let knee: FrontierRecord.Choice =
      TradeOff.knee(scored).map { .point($0.index) }
      ?? .none("fewer than three points are in the Pareto set, or none lies beyond the line between its ends")
    return FrontierRecord(
      name: plan.file.configuration.name, axis: plan.axis, metric: plan.metric.expressionText,
      isGreaterBetter: plan.isGreaterBetter, seeds: plan.seeds, confidence: confidence, judgedOn: example.judgedOn,
      points: points, knee: knee, cheapestFeasible: cheapestFeasible(points, on: example.judgedOn),
      notices: notices(points))
  }

  /// The most accurate of the points at which the means over the seeds meet all conditions, and no seed stands in the
  /// way: each has a result with a value for every condition, that is neither infeasible nor nearly constant.
  private func cheapestFeasible(_ points: [FrontierRecord.Point], on rows: String) -> FrontierRecord.Choice {
    guard !plan.conditions.isEmpty else { return .none("the configuration has no conditions (constraints.require)") }
    let inTheMean = points.indices.filter { points[$0].conditions.allSatisfy(\.holds) }
    let feasible = inTheMean.filter { index in
      let point = points[index]
      return point.failures.isEmpty && point.nearlyConstant.isEmpty
        && point.statuses[ConstraintsRecord.Status.infeasible.rawValue] == nil
        && point.conditions.allSatisfy { $0.value.count == plan.seeds.count }
    }
    func accuracy(_ index: Int) -> Double { points[index].judged.accuracy.mean.value ?? -1 }
    // Of equally accurate points the first.
    let best = feasible.reduce(nil as Int?) { best, index in
      best.map { accuracy(index) > accuracy($0) ? index : $0 } ?? index
    }
    if let best { return .point(best) }
    guard !inTheMean.isEmpty else {
      return .none("at no point do the means over the seeds (\(rows)) meet all conditions")
    }
    let values = inTheMean.map { "\(points[$0].value)" }.joined(separator: ", ")
    return .none(
      "where the means over the seeds (\(rows)) meet all conditions (\(plan.axis.title) \(values)), a seed failed, is "
        + "infeasible or nearly constant, or has no value for a condition")
  }

  private func notices(_ points: [FrontierRecord.Point]) -> [String] {
    var notices: [String] = []
    if case .bound = plan.axis { notices += plan.file.notices }
    if plan.seeds.count < 2 {
      notices.append("One seed gives no intervals: name several with --seeds, such as 1...5.")
    }
    for point in points where !point.failures.isEmpty {
      notices.append(
        "\(plan.axis.title) \(point.value): \(point.failures.count) of \(plan.seeds.count) runs failed; seed "
          + "\(point.failures[0].seed): \(point.failures[0].message)")
    }
    let nearlyConstant = points.filter { !$0.nearlyConstant.isEmpty }
    if !nearlyConstant.isEmpty {
      let told = nearlyConstant.map { point in
        let all = point.nearlyConstant.count == plan.seeds.count
        return "\(point.value)" + (all ? "" : " (\(point.nearlyConstantText))")
      }
      notices.append(
        "Nearly every row gets the same decision at \(told.joined(separator: ", ")): parity without use, so that these "
          + "points are neither in the Pareto set nor feasible.")
    }
    return notices
  }
}
