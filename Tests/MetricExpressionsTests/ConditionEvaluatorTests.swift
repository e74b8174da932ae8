import FairnessMetrics
import MetricExpressions
import Testing

@Suite struct ConditionEvaluatorTests {
  private let rows = PlantedRows(count: 600, seed: 3)

  private func evaluator(_ texts: [String]) throws -> ConditionEvaluator {
    try ConditionEvaluator(texts.map { try MetricCondition($0) }, labels: rows.labels, columns: rows.columns)
  }

  @Test func ratesAreThoseCountedByHand() throws {
    let rates: [RateTerm.Rate] = [
      .init(.falsePositiveRate, rows: .isGroup(column: "sex", group: "Female")),
      .init(.errorRate, rows: .not(.isGroup(column: "race", group: "White"))),
      .init(.selectionRate, rows: .isGroup(column: "race", group: nil)),
      .init(.falseNegativeRate, rows: .all, threshold: 0.25),
      .init(
        .truePositiveRate,
        rows: .and(.isGroup(column: "sex", group: "Male"), .not(.isGroup(column: "race", group: "Black")))),
    ]
    let values = try evaluator(rates.map { "\($0) <= 0.5" }).values(scores: rows.scores)
    for (rate, value) in zip(rates, values) {
      let expected = try #require(rows.rate(rate).value)
      #expect(try abs(#require(value.value) - expected) < 1e-12, "\(rate)")
    }
  }

  @Test func metricsOfScoresAreExact() throws {
    let texts = [
      "auc(sex = Male) >= 0.5", "log_loss <= 1", "average_precision >= 0", "auc_difference(sex) <= 1", "abcc(sex) <= 1",
      "brier_score(race = White) <= 1",
    ]
    let values = try evaluator(texts).values(scores: rows.scores)
    let males = rows.labels.indices.filter { rows.columns[0].codes[$0] == 1 }
    let females = rows.labels.indices.filter { rows.columns[0].codes[$0] == 0 }
    func area(_ indices: [Int]) -> MetricValue {
      rocAUC(scores: indices.map { rows.scores[$0] }, labels: indices.map { rows.labels[$0] })
    }
    #expect(values[0] == area(males))
    #expect(values[2] == averagePrecision(scores: rows.scores, labels: rows.labels))
    let gap = try #require(area(males).value) - #require(area(females).value)
    #expect(try abs(#require(values[3].value) - abs(gap)) < 1e-12)
    #expect(
      values[4] == areaBetweenCumulativeCurves(males.map { rows.scores[$0] }, females.map { rows.scores[$0] }))
    let whites = rows.labels.indices.filter { rows.columns[1].codes[$0] == 0 }
    let brier = whites.reduce(0.0) { sum, row in
      let error = rows.scores[row] - (rows.labels[row] ? 1 : 0)
      return sum + error * error / Double(whites.count)
    }
    #expect(try abs(#require(values[5].value) - brier) < 1e-12)
  }

  @Test func intervalsHoldTheValue() throws {
    let texts = ["fpr(sex = Male) <= 0.5", "p_percent_rule(sex) >= 0.8", "auc >= 0.5", "mae <= 1"]
    let bootstrap = PoissonBootstrap(seed: 1, draws: 200)
    let evaluator = try evaluator(texts)
    let estimates = evaluator.estimates(scores: rows.scores, bootstrap: bootstrap)
    #expect(estimates.map(\.value) == evaluator.values(scores: rows.scores))
    for estimate in estimates.dropLast() {
      let interval = try #require(estimate.interval)
      #expect(try interval.contains(#require(estimate.value.value)))
      #expect(interval.high - interval.low < 0.4)
    }
    #expect(estimates[3].value == .undefined("it is of predicted numbers"))
    // A single rate has Wilson's interval.
    let males = rows.labels.indices.filter { rows.columns[0].codes[$0] == 1 && !rows.labels[$0] }
    #expect(
      try estimates[0].interval
        == wilsonInterval(share: #require(estimates[0].value.value), rows: Double(males.count)))
  }

  /// A comparison of groups has the interval that tables show of it.
  @Test func comparisonsHaveTheIntervalOfTables() throws {
    let texts = [
      "p_percent_rule(sex) >= 0.8", "equalized_odds_difference(race) <= 0.1",
      "demographic_parity_difference(sex, race) <= 0.1",
    ]
    let estimates = try evaluator(texts).estimates(scores: rows.scores, bootstrap: .init(seed: 1, draws: 50))
    func counts(_ indices: (Int) -> Bool) -> ConfusionCounts {
      var counts = ConfusionCounts()
      for row in rows.labels.indices where indices(row) {
        counts.add(label: rows.labels[row], decision: rows.scores[row] >= 0.5)
      }
      return counts
    }
    let sexes = rows.columns[0].groups.enumerated().map { index, name in
      (name: name, counts: counts { rows.columns[0].codes[$0] == Int32(index) })
    }
    let races = rows.columns[1].groups.enumerated().map { index, name in
      (name: name, counts: counts { rows.columns[1].codes[$0] == Int32(index) })
    }
    #expect(estimates[0] == ParityMetric.pPercentRule.estimate(sexes))
    #expect(estimates[1] == ParityMetric.equalizedOddsDifference.estimate(races))
    #expect(estimates[2].interval != nil)
  }

  /// Groups that are alike to the row: draws of their gap all lie above it, and those of their ratio below.
  @Test(arguments: [
    "p_percent_rule(sex) >= 0.8", "demographic_parity_difference(sex) <= 0.1",
    "abs(fpr(sex = a) - fpr(sex = b)) <= 0.1",
    "max(demographic_parity_difference(sex), equalized_odds_difference(sex)) <= 0.1",
    "min(p_percent_rule(sex), tpr) >= 0.1",
    "2 * demographic_parity_difference(sex) <= 0.1", "1 - p_percent_rule(sex) <= 0.2",
  ])
  func intervalsReachValuesAtTheEdge(text: String) throws {
    var (groups, scores, labels): ([Int32], [Double], [Bool]) = ([], [], [])
    for row in 0..<400 {
      groups.append(Int32(row % 2))
      scores.append(row % 4 < 2 ? 0.8 : 0.2)
      labels.append(row % 8 < 4)
    }
    let column = SliceColumn(GroupColumn(name: "sex", groups: ["a", "b"], codes: groups))
    let evaluator = try ConditionEvaluator([MetricCondition(text)], labels: labels, columns: [column])
    let estimate = evaluator.estimates(scores: scores, bootstrap: .init(seed: 3, draws: 200))[0]
    let interval = try #require(estimate.interval)
    #expect(try interval.contains(#require(estimate.value.value)), "\(estimate)")
    #expect(interval.high > interval.low)
  }

  @Test func violationsHaveTheSignOfTheRelation() throws {
    let evaluator = try evaluator(["selection_rate <= 0.25", "selection_rate >= 0.75", "0.25 >= selection_rate"])
    let rate = try #require(rows.rate(.init(.selectionRate)).value)
    let violations = evaluator.violations(scores: rows.scores).compactMap(\.value)
    #expect(violations.count == 3)
    #expect(abs(violations[0] - (rate - 0.25)) < 1e-12)
    #expect(abs(violations[1] - (0.75 - rate)) < 1e-12)
    #expect(abs(violations[2] - violations[0]) < 1e-12)
  }

  @Test func emptyRowsHaveNoValue() throws {
    let condition = try MetricCondition("fpr(sex = Male) <= 0.1")
    let columns = [SliceColumn(GroupColumn(name: "sex", groups: ["Female", "Male"], codes: [0, 0]))]
    let evaluator = try ConditionEvaluator([condition], labels: [true, false], columns: columns)
    #expect(evaluator.values(scores: [0.1, 0.9] as [Float]) == [.undefined("no row satisfies the condition")])
  }
}
