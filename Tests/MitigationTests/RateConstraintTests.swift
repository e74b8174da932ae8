import FairnessMetrics
import LinearAlgebra
import MetricExpressions
import Mitigation
import TabularData
import Testing

@Suite struct RateConstraintTests {
  private static func constraints(_ texts: [String], _ data: Dataset) throws -> [LinearConstraint] {
    let columns = data.sensitive.map {
      SliceColumn(GroupColumn(name: $0.name, groups: $0.groups, codes: $0.codes))
    }
    let reduction = ConstraintReduction(columns: columns, rows: data.rows)
    return try texts.flatMap { try reduction.constraints(MetricCondition($0)) }
  }

  private static let texts = [
    "fpr(group = A) <= 0.05", "abs(tpr(group = A) - tpr(overall at 0.3)) <= 0.1", "p_percent_rule(group) >= 0.8",
    "error_rate(group != B) <= 0.2", "accuracy + tnr(group = B) >= 1.5",
  ]

  /// Two ways: by coefficients of cells, and by the language's own evaluation of the same conditions.
  @Test(arguments: [false, true])
  func violationsAreThoseOfTheLanguage(isWeighted: Bool) throws {
    var data = PlantedTask.dataset(rows: 500, seed: 4)
    if isWeighted { data.weights = (0..<500).map { Float($0 % 4) / 2 } }
    let constraints = try Self.constraints(Self.texts, data)
    let rows = try RateConstraintRows(constraints, of: data, split: "training")
    let probabilities = (0..<500).map { Float(($0 * 37) % 101) / 100 }
    let found = rows.violations(probabilities: probabilities)
    #expect(found.count == 7)

    for (constraint, violation) in zip(constraints, found) {
      // The sum of the rates, each evaluated alone.
      let conditions = try constraint.terms.map { try MetricCondition("\($0.rate) <= 1") }
      let evaluator = try ConditionEvaluator(
        conditions, labels: data.labels.map { $0 > 0.5 },
        columns: data.sensitive.map { SliceColumn(GroupColumn(name: $0.name, groups: $0.groups, codes: $0.codes)) },
        weights: data.weights.map { $0.map(Double.init) })
      let values = evaluator.values(scores: probabilities).compactMap(\.value)
      let expected = zip(constraint.terms, values).reduce(-constraint.bound) { $0 + $1.0.coefficient * $1.1 }
      #expect(abs(violation - expected) < 1e-9, "\(constraint): \(violation), not \(expected)")
    }
  }

  @Test func expectedViolationsAreMeansOfViolations() throws {
    let data = PlantedTask.dataset(rows: 300, seed: 5)
    let rows = try RateConstraintRows(Self.constraints(Self.texts, data), of: data, split: "training")
    let first = rows.selections(probabilities: (0..<300).map { Float($0 % 7) / 6 })
    let second = rows.selections(probabilities: (0..<300).map { Float($0 % 11) / 10 })
    let mixed = zip(first, second).map { zip($0, $1).map { 0.3 * $0 + 0.7 * $1 } }
    let expected = zip(rows.violations(selections: first), rows.violations(selections: second))
      .map { 0.3 * $0 + 0.7 * $1 }
    for (found, wanted) in zip(rows.violations(selections: mixed), expected) { #expect(abs(found - wanted) < 1e-12) }
  }

  @Test func ratesOfNoRowsAreRefused() throws {
    let data = PlantedTask.dataset(rows: 100, seed: 6)
    let constraint = LinearConstraint(
      [RateTerm(1, .init(.falsePositiveRate, rows: .isGroup(column: "group", group: "C")))], atMost: 0.1,
      of: "fpr(group = C) <= 0.1")
    #expect(
      throws: MitigationError.noRows(
        condition: "fpr(group = C) <= 0.1", rate: "false_positive_rate(group = C)", split: "validation")
    ) { try RateConstraintRows([constraint], of: data, split: "validation") }
    let extreme = LinearConstraint(
      [RateTerm(1, .init(.selectionRate, threshold: 1))], atMost: 0.1, of: "selection_rate(overall at 1) <= 0.1")
    #expect(throws: MitigationError.threshold(condition: extreme.condition, value: 1)) {
      try RateConstraintRows([extreme], of: data, split: "training")
    }
  }

  @Test(arguments: [
    (["fpr(group = A) <= 0.1", "fpr(group = B) <= 0.1", "fpr >= 0.2"], 3),
    (["accuracy(group = A) >= 0.9", "tpr(group = A) <= 0.2", "p_percent_rule(group) >= 0.5"], 2),
    (["selection_rate(overall at 0.7) >= 0.4", "selection_rate(overall at 0.3) <= 0.2", "tpr >= 0.1"], 2),
    (["accuracy >= 1.01"], 1),
  ])
  func conflictsAreFoundOnTheRows(texts: [String], size: Int) throws {
    let data = PlantedTask.dataset(rows: 400, seed: 7)
    let rows = try RateConstraintRows(Self.constraints(texts, data), of: data, split: "training")
    let error = try #require(throws: MitigationError.self) { try rows.checkAttainable() }
    guard case .contradiction(let conditions, let violation) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(conditions == Array(texts.prefix(size)))
    #expect(violation > 0.009)
  }

  @Test func attainableConstraintsPass() throws {
    let data = PlantedTask.dataset(rows: 400, seed: 7)
    for texts in [Self.texts, ["selection_rate(overall at 0.3) >= 0.4", "selection_rate(overall at 0.7) <= 0.2"], []] {
      try RateConstraintRows(Self.constraints(texts, data), of: data, split: "training").checkAttainable()
    }
  }
}

@Suite struct GroupBatchTests {
  @Test(arguments: [
    ([1000, 500, 20, 3], 64, 8), ([10, 10], 20, 8), ([10, 10], 100, 8), ([5, 0, 5000], 32, 4), ([100, 100, 100], 2, 8),
    ([1], 1, 1),
  ])
  func quotasFillTheBatch(counts: [Int], batchSize: Int, minimum: Int) {
    let quotas = GroupBatches.quotas(counts, batchSize: batchSize, minimumRows: minimum)
    let present = counts.count { $0 > 0 }
    #expect(quotas.reduce(0, +) == max(min(batchSize, counts.reduce(0, +)), present), "\(quotas)")
    for (quota, count) in zip(quotas, counts) {
      #expect(quota <= count && (count == 0 || quota > 0), "\(quotas)")
      #expect(quota >= min(count, minimum, batchSize / present), "\(quotas)")
    }
  }

  @Test func batchesVisitAllRowsAndWeighThemRightly() {
    let kinds = (0..<230).map { $0 < 200 ? 0 : ($0 < 225 ? 1 : 2) }
    var batches = GroupBatches(
      kinds: kinds, count: 3, batchSize: 32, minimumRows: 6, stream: RandomStream(seed: 1))
    #expect(batches.factors.count == 32)
    // The factors of a kind add up to its rows.
    var sums = [0.0, 0, 0]
    batches.advance()
    for (row, factor) in zip(batches.batch, batches.factors) { sums[kinds[Int(row)]] += Double(factor) }
    for (sum, count) in zip(sums, [200.0, 25, 5]) { #expect(abs(sum - count) < 1e-4) }
    // Within a pass over a kind no row comes twice.
    var seen: [Int32] = []
    for _ in 0..<20 {
      seen += batches.batch.filter { kinds[Int($0)] == 0 }
      batches.advance()
    }
    #expect(Set(seen.prefix(200)).count == 200)
    #expect(seen.prefix(200) != seen.dropFirst(200).prefix(200))
  }
}
