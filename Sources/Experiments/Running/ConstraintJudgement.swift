import FairnessMetrics
import MetricExpressions
import RunRecords

/// Whether the conditions of a run are met, and why it is not more: for each condition, and for all together.
package struct ConstraintJudgement {
  /// What some rows say about the inequalities that the conditions are made of.
  package struct Evidence {
    /// By how much each is violated, and the standard error of that.
    var violations: [Double]
    var standardErrors: [Double]
    /// How many standard errors each must hold by.
    var margin: Double

    package init(violations: [Double], standardErrors: [Double], margin: Double) {
      self.violations = violations
      self.standardErrors = standardErrors
      self.margin = margin
    }
  }

  /// A status; with a reason where it is not feasible.
  package struct Finding: Sendable, Equatable {
    package var status: ConstraintsRecord.Status
    package var reason: String?

    package init(status: ConstraintsRecord.Status, reason: String? = nil) {
      self.status = status
      self.reason = reason
    }
  }

  /// Of each condition, in their order.
  package let conditions: [Finding]

  /// The worst of them, with the reasons of all.
  package let whole: Finding

  /// - Parameters:
  ///   - require: The conditions.
  ///   - constraints: The inequalities that they are made of.
  ///   - evidence: All of it must hold.
  package init(_ require: [MetricCondition], _ constraints: [LinearConstraint], _ evidence: [Evidence]) {
    let findings = require.map { condition in
      Self.finding(constraints.indices.filter { constraints[$0].condition == condition.text }, evidence)
    }
    let worst = ConstraintsRecord.Status.allCases.last { status in findings.contains { $0.status == status } }
    var reasons: [String] = []
    for (condition, finding) in zip(require, findings) {
      // A condition that is given twice has one reason.
      if let reason = finding.reason.map({ "\(condition.text): \($0)" }), !reasons.contains(reason) {
        reasons.append(reason)
      }
    }
    conditions = findings
    whole = Finding(status: worst ?? .feasible, reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "))
  }

  /// All conditions are not met, for one reason.
  package init(infeasible reason: String, conditions count: Int) {
    let finding = Finding(status: .infeasible, reason: reason)
    whole = finding
    conditions = Array(repeating: finding, count: count)
  }

  /// What to say of a predictor that decides nearly all rows alike, which meets conditions on differences without being of
  /// use; nil for others.
  ///
  /// - Parameter chances: The chance that each row is selected.
  package init?(degenerate chances: [Double], conditions count: Int) {
    let selected = chances.reduce(0, +) / Double(max(1, chances.count))
    guard Degeneracy.isNearlyConstant(selectionRate: selected) else { return nil }
    self.init(
      infeasible: "the nearest that was found selects \((selected * 1000).rounded() / 10) % of the rows: a nearly "
        + "constant predictor, which meets conditions on differences without being of use", conditions: count)
  }

  private static func finding(_ indices: [Int], _ evidence: [Evidence]) -> Finding {
    let tolerance = 1e-9
    func all(_ holds: (_ violation: Double, _ error: Double, _ margin: Double) -> Bool) -> Bool {
      evidence.allSatisfy { evidence in
        indices.allSatisfy { holds(evidence.violations[$0], evidence.standardErrors[$0], evidence.margin) }
      }
    }
    if all({ $0 + $2 * $1 <= tolerance }) { return Finding(status: .feasible) }
    guard all({ violation, error, _ in violation - error <= tolerance }) else {
      return Finding(status: .infeasible, reason: "missed by more than a standard error")
    }
    if all({ violation, _, _ in violation <= tolerance }) {
      let margin = evidence.map(\.margin).max() ?? 0
      return Finding(
        status: .nearlyFeasible,
        reason: "holds, but by less than the margin of \(ConstraintsRecord.standardErrors(margin))")
    }
    return Finding(status: .nearlyFeasible, reason: "missed by less than a standard error")
  }
}
