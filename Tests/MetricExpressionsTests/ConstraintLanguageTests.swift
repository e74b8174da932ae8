import FairnessMetrics
import MetricExpressions
import Testing

@Suite struct ConstraintLanguageTests {
  @Test(arguments: [
    "p_percent_rule(sex) >= 0.8", "fpr(Young = 0) <= 0.05", "abs(fpr(gender = female) - fpr(overall)) <= 0.02",
    "equalized_odds_difference(race) <= 0.05", "2 * fpr(a = 1 or not b = 2) - 0.5 * tpr(c in (x, 'y z')) < 10%",
    "error_rate(sex not in (Male)) + positive_prediction_rate(sex = F, race = W at 0.3) <= 0.4",
    "demographic_parity_difference(sex, race at 0.7) <= 0.05", "fpr(race = White) / fpr(overall) <= 1.2",
  ])
  func conditionsParseAndDescribeThemselves(text: String) throws {
    let condition = try MetricCondition(text)
    #expect(condition.text == text)
    // What a term says of itself is read as the same term.
    for term in condition.terms {
      #expect(try MetricCondition("\(term) <= 1").left == .term(term), "\(term)")
    }
  }

  @Test func groupsOfAList() throws {
    func predicate(_ text: String) throws -> RowPredicate? {
      guard case .term(let term) = try MetricCondition("fpr(\(text)) <= 1").left,
        case .rows(_, let predicate) = term.subject
      else { return nil }
      return predicate
    }
    let both = RowPredicate.or(.isGroup(column: "race", group: "W"), .isGroup(column: "race", group: "B"))
    #expect(try predicate("race in (W, B)") == both)
    #expect(try predicate("race not in (W, B)") == .not(both))
    #expect(try predicate("not race not in (W, B)") == both)
    #expect(try predicate("race in (W)") == .isGroup(column: "race", group: "W"))
  }

  @Test func unknownValuesStayUnknown() {
    let white = RowPredicate.isGroup(column: "race", group: "White")
    let black = RowPredicate.isGroup(column: "race", group: "Black")
    let female = RowPredicate.isGroup(column: "sex", group: "Female")
    let woman: (String) -> [String]? = { $0 == "sex" ? ["Female"] : nil }
    #expect(!RowPredicate.not(.or(white, black)).holds(woman))
    #expect(RowPredicate.or(female, white).holds(woman))
    #expect(!RowPredicate.and(female, white).holds(woman))
    #expect(RowPredicate.not(.and(.not(female), white)).holds(woman))
    #expect(RowPredicate.not(.isGroup(column: "sex", group: nil)).holds(woman))
  }

  private let vocabulary = GroupVocabulary([
    .init("sex", groups: ["Female", "Male"]), .init("race", groups: ["White", "African-American"]),
    .init("age"), .init("fold", groups: ["1"]),
  ])

  @Test(arguments: [
    ("fpr(sx = Male) <= 1", 4, "there is no column 'sx' to tell groups by. Did you mean 'sex'?"),
    (
      "fpr(nation = Male) <= 1", 4,
      "there is no column 'nation' to tell groups by. The columns are 'sex', 'race', 'age', 'fold'."
    ),
    ("tpr(overall) - tpr(sex = female) <= 1", 25, "the column 'sex' has no group 'female'. Did you mean 'Female'?"),
    (
      "fpr(race in (White, Blue)) <= 1", 20,
      "the column 'race' has no group 'Blue'. Its groups are 'White', 'African-American'."
    ),
    ("fpr(overall at 5) <= 1", 15, "the threshold 5.0 lies outside the scores' range, 0.0 to 1.0."),
    ("p_percent_rule(fold) >= 0.8", 0, "the column 'fold' has one group, and nothing to compare it with."),
    ("p_percent_rule(sex, rcae) >= 0.8", 20, "there is no column 'rcae' to tell groups by. Did you mean 'race'?"),
  ])
  func unknownNamesAreRefused(text: String, place: Int, message: String) throws {
    let condition = try MetricCondition(text)
    #expect(throws: ExpressionError(text, column: place, message)) { try vocabulary.check(condition) }
  }

  @Test func groupsThatAreNotKnownYetPass() throws {
    try vocabulary.check(MetricCondition("fpr(age = old) <= 0.1"))
    try vocabulary.check(MetricCondition("equalized_odds_difference(sex, race) <= 0.1"))
  }

  @Test(arguments: [
    (["fpr <= 0.1", "fpr >= 0.2"], "'fpr <= 0.1' and 'fpr >= 0.2' cannot hold together: they bound the same"),
    (["fpr <= 0.1", "tnr(overall) < 0.5"], "'fpr <= 0.1' and 'tnr(overall) < 0.5' cannot hold together"),
    (
      ["abs(fpr(a = 1) - tpr) <= 0.1", "2 * abs(tpr - fpr(a = 1)) > 0.3"],
      "'abs(fpr(a = 1) - tpr) <= 0.1' and '2 * abs(tpr - fpr(a = 1)) > 0.3' cannot hold together"
    ),
    (["0.3 <= fpr(a = 1) - fpr", "fpr(a = 1) <= fpr + 0.2"], "cannot hold together: they bound the same"),
    (["p_percent_rule(sex) >= 80"], "'p_percent_rule(sex) >= 80' cannot hold: the metric lies in 0...1, and 80 %"),
    (["fpr - fpr > 0"], "'fpr - fpr > 0' cannot hold: its metrics cancel out"),
    (["fpr < 0"], "'fpr < 0' cannot hold: the metric lies in 0...1"),
    (["fpr + tpr >= 2.5"], "never reaches that far"),
    (
      ["fpr <= 0.1", "tpr <= 30%", "tpr + fpr >= 0.5"],
      "'tpr + fpr >= 0.5', 'fpr <= 0.1' and 'tpr <= 30%' cannot hold together: the others leave no value"
    ),
    (["accuracy >= 0.9", "error >= 0.2"], "cannot hold together"),
    (["max(fpr, tpr) < 0"], "cannot hold"),
  ])
  func contradictionsAreFound(texts: [String], message: String) throws {
    let found = try MetricCondition.contradiction(among: texts.map { try MetricCondition($0) })
    #expect(try #require(found).description.contains(message), "\(found?.description ?? "")")
  }

  @Test(arguments: [
    ["fpr <= 0.1", "fpr >= 0.1"], ["fpr(a = 1) <= 0.1", "fpr(a = 2) >= 0.2"],
    ["fpr(overall at 0.3) <= 0.1", "fpr >= 0.5"],
    ["p_percent_rule(sex) >= 0.8", "demographic_parity_difference(sex) <= 0.05", "accuracy >= 0.8"],
    ["mean_error > -5"], ["log_loss <= 20"], ["fpr <= 0.3", "tpr >= 0.2", "tpr - fpr >= -0.1"], ["fpr / tpr <= 1.2"],
  ])
  func conditionsThatCanHoldPass(texts: [String]) throws {
    #expect(try MetricCondition.contradiction(among: texts.map { try MetricCondition($0) }) == nil)
  }

  /// What demands nothing is said; what does is not.
  @Test(arguments: [
    (["p_percent_rule(sex) >= 0"], ["The condition 'p_percent_rule(sex) >= 0' holds whatever the model does."]),
    (["fpr <= 1", "tpr >= 0.5"], ["The condition 'fpr <= 1' holds whatever the model does."]),
    (["tpr - fpr >= -1"], ["The condition 'tpr - fpr >= -1' holds whatever the model does."]),
    (["fpr <= 0.1", "0.1 >= fpr"], ["The condition '0.1 >= fpr' asks for no more than 'fpr <= 0.1'."]),
    (["fpr <= 0.2", "fpr <= 0.1"], ["The condition 'fpr <= 0.2' asks for no more than 'fpr <= 0.1'."]),
    (["fpr <= 0.1", "fpr < 0.1"], ["The condition 'fpr <= 0.1' asks for no more than 'fpr < 0.1'."]),
    (
      ["fpr < 1", "fpr(a = 1) <= 0.1", "fpr <= 0.1", "fpr >= 0.05"],
      ["The condition 'fpr < 1' asks for no more than 'fpr <= 0.1'."]
    ),
    (["p_percent_rule(sex) >= 0.8", "p_percent_rule(race) >= 0.8", "fpr(overall at 0.3) <= 0.1", "fpr <= 0.1"], []),
  ])
  func conditionsThatDemandNothingAreSaid(texts: [String], notices: [String]) throws {
    #expect(try MetricCondition.idle(among: texts.map { try MetricCondition($0) }) == notices)
  }

  /// The expression's text, wherever the bound stands, and the same condition with another bound.
  @Test(arguments: [
    ("p_percent_rule(sex) >= 0.8", "p_percent_rule(sex)", "p_percent_rule(sex) >= 0.25"),
    (" 80% ≤ p_percent_rule( sex )", "p_percent_rule( sex )", "p_percent_rule( sex ) >= 0.25"),
    (
      "fpr(sex = 'a<b') < fpr(overall)", "fpr(sex = 'a<b') - (fpr(overall))", "fpr(sex = 'a<b') - (fpr(overall)) < 0.25"
    ),
  ])
  func otherBounds(text: String, expression: String, moved: String) throws {
    let condition = try MetricCondition(text)
    #expect(condition.expressionText == expression)
    let other = try condition.withBound(0.25)
    #expect(other.text == moved)
    #expect(other.normalized.expression == condition.normalized.expression)
    #expect(other.normalized.relation == condition.normalized.relation && other.normalized.bound == 0.25)
    #expect(throws: ExpressionError.self) { try condition.withBound(.nan) }
  }
}
