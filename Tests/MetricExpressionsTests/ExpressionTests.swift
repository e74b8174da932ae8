import FairnessMetrics
import MetricExpressions
import Testing

@Suite struct ExpressionTests {
  @Test func namesOfMetricsAreFolded() throws {
    let spellings = ["fpr", "FPR", "false_positive_rate", "falsePositiveRate", "False-Positive-Rate"]
    for name in spellings {
      #expect(MetricName(name) == .slice(.falsePositiveRate), "\(name)")
    }
    // Every suggestion is a name.
    for name in MetricName.suggestions { #expect(MetricName(name) != nil, "\(name)") }
    #expect(MetricName("fairness") == nil)
  }

  @Test func conditionsOfTheManual() throws {
    let condition = try MetricCondition("abs(fpr(gender = female) - fpr(overall)) <= 0.02")
    let female = MetricTerm(
      .rows(.falsePositiveRate, .isGroup(column: "gender", group: "female")))
    let overall = MetricTerm(.rows(.falsePositiveRate, .all))
    #expect(condition.left == .absolute(.difference(.term(female), .term(overall))))
    #expect(condition.relation == .atMost)
    #expect(condition.right == .number(0.02))

    let parity = try MetricCondition("p_percent_rule(sex, race at 0.3) ≥ 80%")
    #expect(
      parity.left == .term(MetricTerm(.groups(.pPercentRule, columns: ["sex", "race"]), threshold: 0.3)))
    #expect(parity.right == .number(0.8))
    #expect(parity.relation == .atLeast)
  }

  @Test func predicatesAndGroupsOfAllSpellings() throws {
    func predicate(_ text: String) throws -> RowPredicate {
      guard case .term(let term) = try MetricCondition("tpr(\(text)) > 0").left,
        case .rows(_, let predicate) = term.subject
      else { return .all }
      return predicate
    }
    #expect(try predicate("race = African-American") == .isGroup(column: "race", group: "African-American"))
    #expect(try predicate("income = >50K") == .isGroup(column: "income", group: ">50K"))
    #expect(try predicate("age = '18 ..< 65'") == .isGroup(column: "age", group: "18 ..< 65"))
    #expect(try predicate("\"marital status\" = Never") == .isGroup(column: "marital status", group: "Never"))
    #expect(try predicate("Young = 0") == .isGroup(column: "Young", group: "0"))
    #expect(try predicate("race is missing") == .isGroup(column: "race", group: nil))
    #expect(
      try predicate("sex = F and not race = W or race != B")
        == .or(
          .and(.isGroup(column: "sex", group: "F"), .not(.isGroup(column: "race", group: "W"))),
          .not(.isGroup(column: "race", group: "B"))))
    #expect(try predicate("overall") == .all)
    #expect(try predicate("overall at 0.4") == .all)
  }

  @Test func missingValuesAreInNoGroup() throws {
    let isWhite = RowPredicate.isGroup(column: "race", group: "White")
    for predicate in [isWhite, .not(isWhite)] {
      #expect(!predicate.holds { _ in nil })
    }
    #expect(RowPredicate.isGroup(column: "race", group: nil).holds { _ in nil })
    #expect(RowPredicate.not(isWhite).holds { _ in ["Black"] })
    // Groups may overlap.
    #expect(isWhite.holds { _ in ["Female", "White"] })
  }

  @Test func arithmetic() throws {
    let condition = try MetricCondition("max(2 * fpr, 1 - fpr, min(3, 4)) / -(-2) >= 0")
    #expect(condition.left.value { _ in .defined(0.25) } == .defined(1.5))
    #expect(condition.left.value { _ in .undefined("no rows") } == .undefined("no rows"))
    #expect(
      try MetricCondition("1 / fpr > 0").left.value { _ in .defined(0) }
        == .undefined("the expression divides by 0, or grows too large"))
  }

  @Test(arguments: [
    ("fpr(sex = Female) <=", 20, "found the end where a number or a metric should stand."),
    ("fpr(sex = Female) 0.1", 18, "found 0.1 where <, <=, >= or > should stand."),
    ("fqr(overall) < 1", 0, "there is no metric 'fqr'. Did you mean 'fpr'?"),
    (
      "demographic_parity_diference(sex) < 1", 0,
      "there is no metric 'demographic_parity_diference'. Did you mean 'demographic_parity_difference'?"
    ),
    (
      "fpr(sex) < 1", 7,
      "found ')' after the column 'sex'. Name a group, as in sex = …, or compare all groups with a metric such as "
        + "p_percent_rule(sex)."
    ),
    (
      "p_percent_rule(sex = F) < 1", 19,
      "'p_percent_rule' compares all groups of a column; give the column alone, or take a rate such as fpr."
    ),
    ("p_percent_rule < 1", 15, "'p_percent_rule' compares groups: name a column, as in p_percent_rule(sex)."),
    ("auc(overall at 0.5) > 0.5", 15, "'auc' does not depend on a threshold. Remove it."),
    (
      "fpr(overall < 1", 12,
      "found '<' after the column 'overall'. Name a group, as in overall = …, or compare all "
        + "groups with a metric such as p_percent_rule(overall)."
    ),
    ("1 < 2", 0, "the condition names no metric, such as p_percent_rule(sex)."),
    ("fpr < 1 and tpr > 0", 8, "found 'and' after the end of the condition."),
    ("fpr('sex) < 1", 4, "the quotation mark here is not closed. Close it."),
    ("fpr < $1", 6, "'$' has no meaning here. Put names with unusual characters in quotation marks."),
    ("p_percent_rule(sex, sex) < 1", 0, "'p_percent_rule' is given the column 'sex' twice. Keep one."),
  ])
  func errorsPointIntoTheCondition(text: String, column: Int, message: String) {
    #expect(throws: ExpressionError(text, column: column, message)) { try MetricCondition(text) }
  }

  @Test func hostileConditionsEnd() {
    let deep = String(repeating: "(", count: 2000) + "fpr" + String(repeating: ")", count: 2000) + " < 1"
    #expect(throws: ExpressionError.self) { try MetricCondition(deep) }
    #expect(throws: ExpressionError.self) { try MetricCondition(String(repeating: "abs(", count: 1000)) }
    #expect(throws: ExpressionError.self) { try MetricCondition(String(repeating: "-", count: 5000)) }
    #expect(throws: ExpressionError.self) { try MetricCondition("") }
  }

  @Test func caretStandsUnderTheFault() {
    let error = ExpressionError("fqr < 1", column: 0, "there is no metric 'fqr'.")
    #expect(error.description == "there is no metric 'fqr'.\n  fqr < 1\n  ^")
  }
}
