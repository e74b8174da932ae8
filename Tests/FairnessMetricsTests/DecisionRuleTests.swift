import FairnessMetrics
import Testing

@Suite struct DecisionRuleTests {
  /// Scores and thresholds at and around numbers that single precision cannot hold.
  static let numbers: [Double] = [-1, 0, 0.1, 0.3, 0.5, 0.7, 1, Double(Float(0.7)), Double(Float(0.3)), 1e-60, 2]

  /// `Float(0.7)` lies below 0.7, and `Float(0.3)` above 0.3.
  @Test func scoresAreComparedExactly() {
    #expect(!DecisionRule<Float>(threshold: 0.7).selects(Float(0.7)))
    #expect(DecisionRule<Float>(threshold: 0.7).selects(Float(0.7).nextUp))
    #expect(DecisionRule<Float>(threshold: 0.3).selects(Float(0.3)))
    #expect(DecisionRule<Float>(threshold: 0.5).selects(0.5))
    #expect(DecisionRule<Double>(threshold: 0.7).selects(0.7))
  }

  @Test(arguments: numbers) func equalsTheComparisonOfDoubles(threshold: Double) {
    for number in Self.numbers {
      for score in [Float(number).nextDown, Float(number), Float(number).nextUp] {
        #expect(
          DecisionRule(threshold: threshold).selects(score) == (Double(score) >= threshold), "\(score), \(threshold)")
      }
      #expect(DecisionRule(threshold: threshold).selects(number) == (number >= threshold), "\(number), \(threshold)")
    }
  }

  @Test func whatIsNotFinite() {
    #expect(!DecisionRule<Float>(threshold: 0).selects(.nan))
    #expect(!DecisionRule<Float>(threshold: .infinity).selects(.greatestFiniteMagnitude))
    #expect(!DecisionRule<Float>(threshold: 1e300).selects(.greatestFiniteMagnitude))
    #expect(DecisionRule<Float>(threshold: -.infinity).selects(-.greatestFiniteMagnitude))
  }

  /// The metrics count by the same rule as decisions are written.
  @Test func metricsFollowTheRule() {
    let scores = Self.numbers.flatMap { [Float($0).nextDown, Float($0), Float($0).nextUp] }
    for threshold in Self.numbers {
      let rule = DecisionRule<Float>(threshold: threshold)
      let evaluation = ClassifierEvaluation(
        scores: scores, labels: scores.map { rule.selects($0) }, attributes: [], threshold: threshold)
      #expect(evaluation.accuracy == .defined(1))
    }
  }
}
