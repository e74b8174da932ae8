import FairnessMetrics
import ReportPages
import RunRecords
import Testing

@Suite struct PlotTests {
  @Test(arguments: [
    (0.0, 1.0, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0, 171, [0, 50, 100, 150]), (1, 3, [1, 1.5, 2, 2.5, 3]),
    (-1, 1, [-1, -0.5, 0, 0.5, 1]), (0.45, 0.72, [0.5, 0.6, 0.7]),
    (0, 1e6, [0, 2e5, 4e5, 6e5, 8e5, 1e6]),
  ])
  func ticksAreRound(low: Double, high: Double, expected: [Double]) {
    let ticks = LinearScale(low...high, from: 0, to: 100).ticks(5).values
    #expect(ticks.count == expected.count && zip(ticks, expected).allSatisfy { abs($0 - $1) < 1e-9 * high }, "\(ticks)")
  }

  @Test func scaleMapsEndsAndClamps() {
    let scale = LinearScale(2...4, from: 100, to: 0)
    #expect(scale(2) == 100 && scale(4) == 0 && scale(3) == 50 && scale(9) == 0 && scale(-9) == 100)
    // A single value stands in the middle.
    #expect(LinearScale(3...3, from: 0, to: 10)(3) == 5)
  }

  @Test(arguments: [
    ([1.0, 1, 1], [34, 33, 33]), ([0, 0, 5], [0, 0, 100]), ([0, 0], [0, 0]), ([1, 2, 3, 994], [0, 0, 0, 100]),
    ([87, 131, 107, 1198], [6, 8, 7, 79]),
  ])
  func hundredPeople(rows: [Double], expected: [Int]) {
    let counts = PeopleGrid.apportioned(rows)
    #expect(counts == expected)
    #expect(rows.allSatisfy { $0 == 0 } || counts.reduce(0, +) == 100)
  }

  /// The counts at a threshold are those of the rule `score ≥ threshold`, at every threshold and for every bin border.
  @Test func thresholdCountsFollowTheRule() {
    var generator = SystemRandomNumberGenerator()
    let scores = (0..<2000).map { index in
      // Borders themselves, their neighbours, and any others.
      let border = Float(Int.random(in: 0...200, using: &generator)) / 200
      return [border, min(1, border.nextUp), max(0, border.nextDown), Float.random(in: 0...1, using: &generator)][
        index % 4]
    }
    let labels = scores.indices.map { $0 % 3 == 0 }
    var positives = [Int](repeating: 0, count: 200)
    var negatives = positives
    for (score, label) in zip(scores, labels) {
      let bin = min(199, Int(Double(score) * 200))
      if label { positives[bin] += 1 } else { negatives[bin] += 1 }
    }
    let counts = ThresholdCounts(.init(Slice(), positives: positives, negatives: negatives))
    for index in 0..<200 {
      let rule = DecisionRule<Float>(threshold: Double(index) / 200)
      let selected = zip(scores, labels).filter { rule.selects($0.0) }
      #expect(counts.truePositives[index] == selected.count { $0.1 }, "threshold \(Double(index) / 200)")
      #expect(counts.falsePositives[index] == selected.count { !$0.1 })
    }
    #expect(counts.rows == 2000 && counts.selectionRate(200) == 0 && counts.precision(200) == nil)
  }
}
