import FairnessMetrics
import Testing

@Suite struct ModelComparisonTests {
  static let labels = [true, false, true, false, true, false, true, false]
  static let groups = SliceColumn(GroupColumn(name: "z", groups: ["a", "b"], codes: [0, 0, 0, 0, 1, 1, 1, 1]))
  static let scores = [0.9, 0.8, 0.7, 0.2, 0.6, 0.3, 0.4, 0.1]

  static func gap(_ groups: [(name: String, counts: ConfusionCounts)]) -> MetricValue {
    ParityMetric.demographicParityDifference(groups)
  }

  /// The second model is the first with its scores halved: at the same threshold it selects nobody and so looks fair;
  /// at a matched one nothing has changed.
  @Test(arguments: [ModelComparison.Condition.selectionRate, .cost(falsePositive: 1, falseNegative: 3)])
  func onlyTheThresholdHasMoved(condition: ModelComparison.Condition) throws {
    let comparison = try #require(
      ModelComparison(
        first: (Self.scores, 0.5), second: (Self.scores.map { $0 / 2 }, 0.5), labels: Self.labels,
        groups: Self.groups, condition: condition, metric: Self.gap))
    #expect(comparison.first == .defined(0.5))
    #expect(comparison.second == .defined(0))
    #expect(comparison.change == .defined(-0.5))
    #expect(comparison.targetValue == comparison.matchedValue)
    #expect(comparison.matchedThreshold == 0.3)
    #expect(comparison.realChange == .defined(0))
    #expect(comparison.movedThresholdChange == .defined(-0.5))
  }

  /// The halved scores have one false positive of four at 0.4, 0.35, 0.3 and 0.2; 0.4 is nearest to where it was.
  @Test func equalFalsePositiveRate() throws {
    let comparison = try #require(
      ModelComparison(
        first: (Self.scores, 0.5), second: (Self.scores.map { $0 / 2 }, 0.5), labels: Self.labels,
        groups: Self.groups, condition: .falsePositiveRate, metric: Self.gap))
    #expect(comparison.targetValue == 0.25)
    #expect(comparison.matchedValue == 0.25)
    #expect(comparison.matchedThreshold == 0.4)
  }

  /// The second model ranks the groups alike; it selects as many rows at its own threshold.
  @Test func theChangeIsReal() throws {
    let fair = [0.9, 0.3, 0.7, 0.2, 0.8, 0.6, 0.4, 0.1]
    let comparison = try #require(
      ModelComparison(
        first: (Self.scores, 0.5), second: (fair, 0.5), labels: Self.labels, groups: Self.groups,
        condition: .selectionRate, metric: Self.gap))
    #expect(comparison.matchedThreshold == 0.6)
    #expect(comparison.realChange == .defined(-0.5))
    #expect(comparison.movedThresholdChange == .defined(0))
  }

  @Test func curve() throws {
    let curve = try #require(ThresholdCurve(scores: [0.5, 0.7, 0.5, 0.2], labels: [true, false, false, true]))
    #expect(curve.points.map(\.threshold) == [.infinity, 0.7, 0.5, 0.2])
    #expect(curve.points.map(\.counts.truePositives.value) == [0, 0, 1, 2])
    #expect(curve.points.map(\.counts.falsePositives.value) == [0, 1, 2, 2])
    #expect(curve.points.allSatisfy { $0.counts.rows == 4 })
  }

  @Test func nothingToMatch() {
    func comparison(_ second: [Double], _ labels: [Bool]) -> ModelComparison? {
      ModelComparison(
        first: ([0.1, 0.9], 0.5), second: (second, 0.5), labels: labels,
        groups: SliceColumn(GroupColumn(name: "z", groups: ["a", "b"], codes: [0, 1])), condition: .falsePositiveRate,
        metric: Self.gap)
    }
    #expect(comparison([0.1, 0.9], [true, true]) == nil)
    #expect(comparison([.nan, 0.9], [true, false]) == nil)
    #expect(comparison([0.1, 0.9], [true, false]) != nil)
  }

  /// A row of weight 2 is the row twice, and one of weight 0 is none.
  @Test func weightsAreRepetitions() throws {
    let times = [1, 2, 0, 3, 1, 1, 2, 2]
    let second = [0.3, 0.9, 0.6, 0.1, 0.8, 0.2, 0.5, 0.4]
    let rows = times.indices.flatMap { Array(repeating: $0, count: times[$0]) }
    let groupOfRow = rows.map { Int32($0 / 4) }
    for condition in [
      ModelComparison.Condition.selectionRate, .falsePositiveRate, .cost(falsePositive: 2, falseNegative: 1),
    ] {
      let weighted = try #require(
        ModelComparison(
          first: (Self.scores, 0.5), second: (second, 0.5), labels: Self.labels, weights: times.map(Double.init),
          groups: Self.groups, condition: condition, metric: Self.gap))
      let repeated = try #require(
        ModelComparison(
          first: (rows.map { Self.scores[$0] }, 0.5), second: (rows.map { second[$0] }, 0.5),
          labels: rows.map { Self.labels[$0] },
          groups: SliceColumn(GroupColumn(name: "z", groups: ["a", "b"], codes: groupOfRow)), condition: condition,
          metric: Self.gap))
      #expect(weighted.first == repeated.first)
      #expect(weighted.second == repeated.second)
      #expect(weighted.secondMatched == repeated.secondMatched)
      #expect(weighted.targetValue == repeated.targetValue)
      #expect(weighted.matchedValue == repeated.matchedValue)
    }
  }
}
