import FairnessMetrics
import LinearAlgebra
import MetricExpressions
import Mitigation
import TabularData
import TestSupport
import Testing

/// Scores that tell labels apart better in one group than in the others, with many ties.
private func scoredRows(_ count: Int, groups: Int = 2, seed: UInt64) -> (scores: [Float], data: Dataset) {
  var stream = RandomStream(seed: seed)
  var (scores, labels, codes) = ([Float](), [Float](), [Int32]())
  for _ in 0..<count {
    let group = Int(stream.below(UInt64(groups)))
    let label = stream.uniform() < 0.25 + 0.2 * Double(group) / Double(groups)
    let score = 0.35 + 0.08 * Double(group) + (label ? 0.15 + 0.05 * Double(group) : 0) + 0.13 * stream.normal()
    scores.append(Float((min(1, max(0, score)) * 200).rounded() / 200))
    labels.append(label ? 1 : 0)
    codes.append(Int32(group))
  }
  let data = Dataset(
    features: Matrix(rows: count, columns: 1, values: scores), labels: labels,
    sensitive: [
      SensitiveColumn(
        name: "group", groups: (0..<groups).map { "g\($0)" }, privileged: groups - 1, codes: codes)
    ], sourceRows: Array(0..<count))
  return (scores, data)
}

/// Rates of each group, counted anew from the chances of the rows.
private func rates(
  _ criterion: ThresholdCriterion, _ chances: [Double], _ data: Dataset
) -> [[Double]] {
  data.sensitive[0].groups.indices.map { group in
    func mean(_ label: Float?) -> Double {
      var (sum, total) = (0.0, 0.0)
      for row in 0..<data.rows where data.sensitive[0].codes[row] == Int32(group) {
        guard label == nil || data.labels[row] == label else { continue }
        sum += Double(data.weights?[row] ?? 1) * chances[row]
        total += Double(data.weights?[row] ?? 1)
      }
      return sum / total
    }
    switch criterion {
    case .demographicParity: return [mean(nil)]
    case .equalizedOdds: return [mean(0), mean(1)]
    case .equalOpportunity: return [mean(1)]
    case .falsePositiveRateParity: return [mean(0)]
    case .predictiveParity:
      var (hits, selected) = (0.0, 0.0)
      for row in 0..<data.rows where data.sensitive[0].codes[row] == Int32(group) {
        hits += Double(data.weights?[row] ?? 1) * chances[row] * Double(data.labels[row])
        selected += Double(data.weights?[row] ?? 1) * chances[row]
      }
      return [hits / selected]
    }
  }
}

private func gap(_ rates: [[Double]]) -> Double {
  rates[0].indices.reduce(0) { widest, place in
    let values = rates.map { $0[place] }
    return max(widest, (values.max() ?? 0) - (values.min() ?? 0))
  }
}

private func accuracy(_ chances: [Double], _ data: Dataset) -> Double {
  zip(chances, data.labels).reduce(0) { $0 + ($1.1 > 0.5 ? $1.0 : 1 - $1.0) } / Double(data.rows)
}

@Suite struct ThresholdOptimizerTests {
  struct Case: Decodable {
    var criterion: ThresholdCriterion
    var objective: DecisionObjective
    var scores: [Float]
    var labels: [Float]
    var codes: [Int32]
    var groups: Int
    var value: Double
  }

  @Test(arguments: ThresholdCriterion.allCases, [2, 4])
  func lotteriesMeetTheCriterionExactly(criterion: ThresholdCriterion, groups: Int) throws {
    var (scores, data) = scoredRows(1500, groups: groups, seed: 9)
    for weighted in [false, true] {
      if weighted { data.weights = (0..<1500).map { Float(1 + $0 % 3) } }
      let fit = try ThresholdOptimizer(criterion).fit(scores: scores, dataset: data)
      let chances = try fit.thresholds.chances(scores, sensitive: data.sensitive)
      let found = rates(criterion, chances, data)
      #expect(gap(found) < 1e-6, "\(found)")
      #expect(try abs(#require(fit.gap) - gap(found)) < 1e-9)
      if !weighted { #expect(abs(fit.accuracy - accuracy(chances, data)) < 1e-9) }
      // It does not help to select nobody.
      #expect(chances.contains { $0 > 0 })
    }
    scores[3] = .nan
    #expect(throws: MitigationError.self) { try ThresholdOptimizer(criterion).fit(scores: scores, dataset: data) }
  }

  /// Golden values from Scripts/golden/mitigation.py: fairlearn's grid of 100,000 rates comes close to ours, from below.
  @Test func agreesWithFairlearn() throws {
    let cases: [Case] = try goldenCases("thresholds", in: .module)
    #expect(cases.count == 8)
    for wanted in cases {
      let data = Dataset(
        features: Matrix(rows: wanted.scores.count, columns: 1, values: wanted.scores), labels: wanted.labels,
        sensitive: [
          SensitiveColumn(
            name: "z", groups: (0..<wanted.groups).map { "g\($0)" }, privileged: nil, codes: wanted.codes)
        ], sourceRows: Array(wanted.scores.indices))
      let fit = try ThresholdOptimizer(wanted.criterion, objective: wanted.objective)
        .fit(scores: wanted.scores, dataset: data)
      let value = wanted.objective == .accuracy ? fit.accuracy : fit.balancedAccuracy
      #expect(value >= wanted.value - 1e-9, "\(wanted.criterion): \(value), there \(wanted.value)")
      // fairlearn weighs groups' balanced accuracies by their sizes, and so may miss the best of all rows by more; its
      // equalized odds are of all rows.
      if wanted.objective == .accuracy || wanted.criterion == .equalizedOdds {
        #expect(value <= wanted.value + 2e-4, "\(wanted.criterion): \(value), there \(wanted.value)")
      }
    }
  }

  /// Two ways: all pairs of thresholds tried.
  @Test(arguments: ThresholdCriterion.allCases, [0.02, 0.0])
  func singleThresholdsByTrying(criterion: ThresholdCriterion, tolerance: Double) throws {
    let (scores, data) = scoredRows(240, seed: 31)
    let optimizer = ThresholdOptimizer(
      criterion, isRandomized: false, tolerance: tolerance, minimumSelectedRows: 10)
    let fit = try optimizer.fit(scores: scores, dataset: data)
    #expect(!fit.thresholds.isRandomized)
    let chances = try fit.thresholds.chances(scores, sensitive: data.sensitive)
    let found = gap(rates(criterion, chances, data))

    var (bestAccuracy, smallestGap) = (0.0, Double.infinity)
    let cuts = (0...201).map { Float($0) / 200 - 0.0025 }
    let rows = (0..<2).map { group in (0..<240).filter { data.sensitive[0].codes[$0] == Int32(group) } }
    func decided(_ group: Int, _ cut: Float) -> (rates: [Double], right: Int, selected: Int) {
      var (hits, falls) = (0, 0)
      for row in rows[group] where scores[row] >= cut { if data.labels[row] == 1 { hits += 1 } else { falls += 1 } }
      let positives = rows[group].count { data.labels[$0] == 1 }
      let negatives = rows[group].count - positives
      let (tpr, fpr) = (Double(hits) / Double(positives), Double(falls) / Double(negatives))
      let rates: [Double] =
        switch criterion {
        case .demographicParity: [Double(hits + falls) / Double(rows[group].count)]
        case .equalizedOdds: [fpr, tpr]
        case .equalOpportunity: [tpr]
        case .falsePositiveRateParity: [fpr]
        case .predictiveParity: [hits + falls > 0 ? Double(hits) / Double(hits + falls) : .nan]
        }
      return (rates, hits + negatives - falls, hits + falls)
    }
    let tried = (0..<2).map { group in cuts.map { decided(group, $0) } }
    for a in tried[0] {
      for b in tried[1] {
        if criterion == .predictiveParity && min(a.selected, b.selected) < 10 { continue }
        let gap = zip(a.rates, b.rates).map { abs($0 - $1) }.max() ?? 1
        smallestGap = min(smallestGap, gap)
        if gap <= tolerance + 1e-12 { bestAccuracy = max(bestAccuracy, Double(a.right + b.right) / 240) }
      }
    }
    // Boxes on a grid are not searched exactly.
    let slack = criterion == .equalizedOdds ? 0.03 : 1e-9
    if smallestGap <= tolerance {
      #expect(found <= tolerance + 1e-9)
      #expect(abs(fit.accuracy - bestAccuracy) < slack, "\(fit.accuracy), by trying \(bestAccuracy)")
    } else {
      #expect(found <= smallestGap + 1e-6 + (criterion == .equalizedOdds ? 0.01 : 0), "\(found), \(smallestGap)")
    }
  }

  @Test func rowsWithoutGroupAndNewGroups() throws {
    let (scores, data) = scoredRows(400, seed: 2)
    let fit = try ThresholdOptimizer(.demographicParity).fit(scores: scores, dataset: data)
    var other = data.gatheringRows(Array(0..<4))
    other.sensitive[0].groups = ["new", "g1"]
    other.sensitive[0].codes = [0, -1, 0, 0]
    let chances = try fit.thresholds.chances([0.4, 0.6, 0.5, .nan], sensitive: other.sensitive)
    #expect(chances == [0, 1, 1, 0])
    #expect(throws: MitigationError.self) { try fit.thresholds.chances(scores, sensitive: []) }
    // Draws have the frequencies of the chances.
    var stream = RandomStream(seed: 5)
    let exact = try fit.thresholds.chances(scores, sensitive: data.sensitive).reduce(0, +)
    var drawn = 0
    for _ in 0..<200 {
      drawn += try fit.thresholds.decisions(scores, sensitive: data.sensitive, using: &stream).count { $0 }
    }
    #expect(abs(Double(drawn) / 200 - exact) < 1.5)
  }

  @Test func refusals() throws {
    var (scores, data) = scoredRows(400, seed: 2)
    for row in 0..<400 where data.sensitive[0].codes[row] == 0 { data.labels[row] = 0 }
    let error = try #require(throws: MitigationError.self) {
      try ThresholdOptimizer(.equalOpportunity).fit(scores: scores, dataset: data)
    }
    #expect(
      error.description
        == "group thresholds: the group group = g0 has no fitting row with label 1, which equalOpportunity is about. "
        + "Cross fewer attributes, or keep fewer groups.")
    #expect(throws: MitigationError.self) {
      try ThresholdOptimizer(.demographicParity, tolerance: -1).fit(scores: scores, dataset: data)
    }
    #expect(throws: MitigationError.self) {
      try ThresholdOptimizer(.demographicParity).fit(scores: [0.5], dataset: data)
    }
    // Base rates of 0.9 and 0.1 with scores that say nothing: no common precision.
    scores = [Float](repeating: 0.5, count: 400)
    for row in 0..<400 { data.labels[row] = (row % 10 == 0) == (data.sensitive[0].codes[row] == 0) ? 1 : 0 }
    let precision = try #require(throws: MitigationError.self) {
      try ThresholdOptimizer(.predictiveParity).fit(scores: scores, dataset: data)
    }
    #expect(precision.description.hasPrefix("group thresholds: no precision suits all groups; they reach group = g0"))
  }

  /// The variant that reads no attribute: the criterion as a condition, met by a corrected decision.
  @Test func criteriaAreConditionsOfTheCorrectedDecision() throws {
    let data = crossedRows(300, seed: 1)
    let columns = data.sensitive.map {
      SliceColumn(GroupColumn(name: $0.name, groups: $0.groups, codes: $0.codes))
    }
    for criterion in ThresholdCriterion.allCases where criterion != .predictiveParity {
      let condition = try criterion.condition(attributes: ["sex", "race"], atMost: 0.1)
      let constraints = try ConstraintReduction(columns: columns, rows: data.rows).constraints(condition)
      #expect(constraints.count > 1, "\(criterion)")
    }
    #expect(throws: MitigationError.self) {
      try ThresholdCriterion.predictiveParity.condition(attributes: ["sex"], atMost: 0.1)
    }
  }
}

@Suite struct RejectOptionTests {
  @Test func theGapIsMetNearTheThreshold() throws {
    let (scores, data) = scoredRows(2000, seed: 17)
    #expect(gap(rates(.demographicParity, scores.map { $0 >= 0.5 ? 1 : 0 }, data)) > 0.1)
    let option = RejectOption(.demographicParity, attribute: "group", atMost: 0.03)
    let fit = try option.fit(scores: scores, dataset: data)
    #expect(fit.isMet)
    let chances = try fit.result.thresholds.chances(scores, sensitive: data.sensitive)
    #expect(gap(rates(.demographicParity, chances, data)) <= 0.03)
    // By the definition: outside the region the threshold decides, inside the group.
    for row in 0..<2000 {
      let score = Double(scores[row])
      let isInside = score >= fit.threshold - fit.margin && score < fit.threshold + fit.margin
      let wanted = isInside ? data.sensitive[0].codes[row] == 0 : score >= fit.threshold
      #expect(chances[row] == (wanted ? 1 : 0), "row \(row)")
    }
  }

  @Test func refusals() throws {
    var (scores, data) = scoredRows(100, seed: 17)
    data.sensitive[0].privileged = nil
    let option = RejectOption(.demographicParity, attribute: "group")
    let error = try #require(throws: MitigationError.self) { try option.fit(scores: scores, dataset: data) }
    #expect(
      error.description
        == "the reject option needs favoured and other groups of 'group', but no group is favoured. Name the favoured "
        + "ones.")
    #expect(throws: MitigationError.self) {
      try RejectOption(.demographicParity, attribute: "group", favoured: ["g0", "g1"]).fit(
        scores: scores, dataset: data)
    }
    scores[7] = 1.5
    let range = try #require(throws: MitigationError.self) {
      try RejectOption(.demographicParity, attribute: "group", favoured: ["g1"]).fit(scores: scores, dataset: data)
    }
    #expect(range.description == "the reject option: the score of row 8 is 1.5, outside 0...1.")
  }
}
