import Experiments
import MetricExpressions
import RunRecords
import Testing

@Suite struct ConstraintJudgementTests {
  private static let texts = ["selection_rate(sex = Male) <= 0.4", "fpr <= 0.1"]

  private func judgement(_ evidence: [ConstraintJudgement.Evidence]) throws -> ConstraintJudgement {
    let require = try Self.texts.map { try MetricCondition($0) }
    let constraints = require.map { condition in
      LinearConstraint([], atMost: condition.normalized.bound, of: condition.text)
    }
    return ConstraintJudgement(require, constraints, evidence)
  }

  private typealias Finding = ConstraintJudgement.Finding

  /// A condition's violation and error, the margin, and what is found.
  @Test(arguments: [
    (-0.03, 0.01, 2.0, Finding(status: .feasible)),
    (
      -0.01, 0.01, 2,
      Finding(status: .nearlyFeasible, reason: "holds, but by less than the margin of 2 standard errors")
    ),
    (0, 0.01, 1, Finding(status: .nearlyFeasible, reason: "holds, but by less than the margin of 1 standard error")),
    (0, 0.01, 0, Finding(status: .feasible)),
    (0.01, 0.01, 0, Finding(status: .nearlyFeasible, reason: "missed by less than a standard error")),
    (0.02, 0.01, 1, Finding(status: .infeasible, reason: "missed by more than a standard error")),
    (.nan, 0.01, 1, Finding(status: .infeasible, reason: "missed by more than a standard error")),
  ])
  func aConditionIsJudgedByItsOwnRows(
    violation: Double, error: Double, margin: Double, finding: ConstraintJudgement.Finding
  ) throws {
    let found = try judgement([
      .init(violations: [violation, -1], standardErrors: [error, 0.01], margin: margin)
    ])
    #expect(found.conditions == [finding, Finding(status: .feasible)])
    #expect(found.whole.status == finding.status)
    #expect(found.whole.reason == finding.reason.map { "\(Self.texts[0]): \($0)" })
  }

  /// An estimate that holds by the margin does not excuse rates that are seen to miss the bound.
  @Test func allEvidenceMustHold() throws {
    let found = try judgement([
      .init(violations: [-0.02, -0.02], standardErrors: [0.01, 0.01], margin: 1),
      .init(violations: [0.001, -0.001], standardErrors: [0.02, 0.02], margin: 0),
    ])
    #expect(found.conditions.map(\.status) == [.nearlyFeasible, .feasible])
    #expect(found.whole.reason == "\(Self.texts[0]): missed by less than a standard error")
  }

  @Test func aNearlyConstantPredictorIsInfeasible() throws {
    let rare = [Double](repeating: 0, count: 995) + [Double](repeating: 1, count: 5)
    let found = try #require(ConstraintJudgement(degenerate: rare, conditions: 2))
    #expect(found.conditions.map(\.status) == [.infeasible, .infeasible])
    #expect(
      found.whole.reason?.hasPrefix("the nearest that was found selects 0.5 % of the rows: a nearly constant") == true)
    #expect(ConstraintJudgement(degenerate: Array(rare.dropFirst(500)), conditions: 2) == nil)
  }
}
