import FairnessMetrics
import MetricExpressions
import RunRecords

extension ConstraintJudge {
  /// What a reader of the status should not overlook: test rows that speak against it, and decisions that have become
  /// scarce.
  ///
  /// - Parameters:
  ///   - conditions: As they were measured.
  ///   - parts: The rows that they were measured on.
  func notices(on conditions: [ConstraintsRecord.Condition], _ parts: [Part]) -> [String] {
    var notices: [String] = []
    for (condition, measured) in zip(configuration.require, conditions) {
      guard let test = measured.measurements.first(where: { $0.rows == .test })?.after, let ends = test.interval,
        condition.verdict(test) == .fail
      else { continue }
      let notice =
        "On the test rows the whole interval of '\(condition.text)' misses the bound: [\(Self.short(ends.low)), "
        + "\(Self.short(ends.high))]."
      if !notices.contains(notice) { notices.append(notice) }
    }
    if let part = parts.last, let notice = scarcity(part) { notices.append(notice) }
    return notices
  }

  /// The share of its former size to which the rarer decision must fall for a word about it.
  private static let scarce = 0.25

  private func scarcity(_ part: Part) -> String? {
    let rule = DecisionRule<Float>(threshold: threshold)
    func selected(_ scores: [Float]) -> Double {
      Double(scores.count { rule.selects($0) }) / Double(max(1, scores.count))
    }
    let (before, after) = (selected(part.before), selected(part.after))
    // Of a nearly constant model the status tells.
    guard !Degeneracy.isNearlyConstant(selectionRate: after),
      min(after, 1 - after) < Self.scarce * min(before, 1 - before)
    else { return nil }
    func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
    return
      "Of the \(part.rows.rawValue) rows \(percent(after)) are selected, and \(percent(before)) were without the "
      + "constraints: much of what they ask for is met by deciding nearly all rows alike."
  }

  private static func short(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}
