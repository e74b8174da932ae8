import FairnessMetrics
import MetricExpressions
import Testing

@Suite struct ConstraintReductionTests {
  /// Two ways: the condition evaluated as it stands, and all its inequalities. They must agree for any decisions.
  @Test(arguments: [
    "fpr(sex = Female) <= 0.45", "abs(fpr(sex = Female) - fpr(overall)) <= 0.03", "p_percent_rule(sex) >= 0.9",
    "p_percent_rule(sex, race) >= 0.6", "demographic_parity_difference(race) < 8%", "tpr(race = White) >= 0.5",
    "equalized_odds_difference(sex) <= 0.08", "average_odds_difference(sex) <= 0.06",
    "equalized_odds_ratio(sex) > 0.8", "accuracy_equality_difference(race) <= 0.1",
    "max(fpr(sex = Female), fnr(sex = Male at 0.3)) <= 0.5", "0.4 <= min(accuracy, tnr(race != White))",
    "fpr(race = White) / fpr(overall) <= 1.05", "fpr(sex = Male) / tpr >= 0.95", "1.2 * 2 >= 2.5 * p_percent_rule(sex)",
    "-abs(selection_rate(sex = Male) - 0.5) + 0.02 >= 0", "balanced_accuracy(sex = Male) >= 0.5",
    "2 * error_rate - (fpr(sex = Male) + tnr) / 4 <= 0.75", "fnr_difference(sex) + fpr_difference(sex) <= 0.12",
  ])
  func inequalitiesSayWhatTheConditionSays(text: String) throws {
    let condition = try MetricCondition(text)
    var outcomes: Set<Bool> = []
    for seed in 0..<60 {
      let rows = PlantedRows(count: 150, seed: UInt64(seed))
      let reduction = ConstraintReduction(columns: rows.columns, rows: rows.labels.count)
      if text.contains(">= 2.5 *") {
        #expect(throws: ExpressionError.self) { try reduction.constraints(condition) }
        continue
      }
      let constraints = try reduction.constraints(condition)
      #expect(!constraints.isEmpty)
      let evaluator = try ConditionEvaluator([condition], labels: rows.labels, columns: rows.columns)
      let holds = try #require(evaluator.violations(scores: rows.scores)[0].value) <= 1e-12
      let violations = try constraints.map { try #require($0.violation { rows.rate($0) }.value) }
      #expect(holds == violations.allSatisfy { $0 <= 1e-12 }, "seed \(seed): \(violations)")
      outcomes.insert(holds)
    }
    // Bounds are such that both outcomes occur, or the comparison would say nothing.
    if !text.contains(">= 2.5 *") { #expect(outcomes.count == 2, "\(outcomes)") }
  }

  private let rows = PlantedRows(count: 100, seed: 1)

  private func constraints(_ text: String) throws -> [LinearConstraint] {
    try ConstraintReduction(columns: rows.columns, rows: rows.labels.count).constraints(MetricCondition(text))
  }

  @Test func inequalitiesByHand() throws {
    #expect(
      try constraints("p_percent_rule(sex) >= 0.8").map(\.description) == [
        "0.8·selection_rate(sex = Female) − selection_rate(sex = Male) ≤ 0",
        "0.8·selection_rate(sex = Male) − selection_rate(sex = Female) ≤ 0",
      ])
    #expect(
      try constraints("abs(fpr(sex = Male) - fpr) <= 0.02").map(\.description) == [
        "false_positive_rate(sex = Male) − false_positive_rate(overall) ≤ 0.02",
        "−false_positive_rate(sex = Male) + false_positive_rate(overall) ≤ 0.02",
      ])
    #expect(try constraints("demographic_parity_difference(race) <= 0.1").count == 6)
    #expect(try constraints("equalized_odds_difference(sex, race) <= 0.1").count == 2 * 6 * 5)
    #expect(try constraints("tpr >= 0.4").map(\.description) == ["−true_positive_rate(overall) ≤ -0.4"])
  }

  @Test func whatAlwaysHoldsMakesNoInequality() throws {
    #expect(try constraints("fpr - fpr <= 0.1").isEmpty)
    #expect(try constraints("p_percent_rule(sex) >= 0").isEmpty)
  }

  @Test(arguments: [
    ("auc >= 0.8", 0, "'roc_auc(overall)' is no mean of decisions over fixed rows"),
    ("fpr <= 0.1 + precision(sex = Male)", 13, "'precision(sex = Male)' is no mean of decisions over fixed rows"),
    ("predictive_parity_difference(sex) <= 0.1", 0, "is no mean of decisions over fixed rows"),
    ("demographic_parity_difference(sex) >= 0.1", 0, "can be trained only towards less: write <="),
    ("p_percent_rule(sex) <= 0.8", 0, "can be trained only towards more: write >="),
    ("fpr + p_percent_rule(sex) >= 0.8", 6, "a ratio inside a sum is not linear in the decisions"),
    ("fpr * tpr <= 0.8", 0, "the product of two metrics is not linear in the decisions"),
    ("abs(fpr) >= 0.1", 4, "abs(…) can be trained only to be at most a bound."),
    ("max(fpr, tpr) >= 0.1", 4, "max(…) can be trained only to be at most a bound."),
    ("min(fpr, tpr) <= 0.1", 4, "min(…) can be trained only to be at least a bound."),
    ("fpr / (tpr - fpr) <= 1", 0, "the ratio's divisor may be negative"),
    ("fpr(sx = 1) <= 1", 4, "there is no column 'sx'"),
  ])
  func whatCannotBeTrainedIsRefused(text: String, place: Int, message: String) throws {
    let error = try #require(throws: ExpressionError.self) { try constraints(text) }
    #expect(error.column == place, "\(error)")
    #expect(error.message.contains(message), "\(error)")
  }

  @Test func tooManyInequalitiesAreRefused() throws {
    let text = (0..<7).map { _ in "demographic_parity_difference(race)" }.joined(separator: " + ") + " <= 0.5"
    #expect(throws: ExpressionError.self) { try constraints(text) }
  }
}
