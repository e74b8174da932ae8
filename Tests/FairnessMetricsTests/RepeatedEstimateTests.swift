import FairnessMetrics
import Testing

@Suite struct RepeatedEstimateTests {
  /// The table of every textbook, to its digits.
  @Test(arguments: [
    (1, 12.706205), (2, 4.302653), (3, 3.182446), (4, 2.776445), (5, 2.570582), (9, 2.262157), (10, 2.228139),
    (30, 2.042272), (100, 1.983972),
  ])
  func criticalValues(degrees: Int, expected: Double) {
    #expect(abs(StudentDistribution.criticalValue(confidence: 0.95, degrees: degrees) - expected) < 1e-6)
  }

  /// With one degree of freedom the distribution is Cauchy's, with two it has a closed form, with many it is normal.
  @Test func closedForms() {
    #expect(abs(StudentDistribution.centralProbability(1, degrees: 1) - 0.5) < 1e-15)
    #expect(abs(StudentDistribution.centralProbability(3, degrees: 2) - 3 / 11.0.squareRoot()) < 1e-15)
    let many = StudentDistribution.criticalValue(confidence: 0.9, degrees: 10_001)
    #expect(abs(many - NormalDistribution.criticalValue(confidence: 0.9)) < 1e-3)
    #expect(StudentDistribution.centralProbability(0, degrees: 7) == 0)
  }

  /// By hand: 0.6 and 0.8 have the mean 0.7 and s/√2 = 0.1; the interval of one degree of freedom is cut to the range.
  @Test func interval() throws {
    let values: [MetricValue] = [.defined(0.6), .undefined("no rows"), .defined(0.8)]
    let estimate = RepeatedEstimate(values, confidence: 0.5)
    #expect(abs(try #require(estimate.mean.value) - 0.7) < 1e-15 && estimate.count == 2)
    let half = try #require(estimate.interval)
    #expect(abs(half.low - 0.6) < 1e-12 && abs(half.high - 0.8) < 1e-12)
    #expect(RepeatedEstimate(values, confidence: 0.95).interval == Interval(low: 0, high: 1))
    #expect(RepeatedEstimate([.defined(0.6)], confidence: 0.95).interval == nil)
    #expect(RepeatedEstimate([.undefined("no rows")], confidence: 0.95).mean.reason == "no rows")
  }
}

@Suite struct LevellingDownTests {
  private static func evaluation(_ rates: [(String, Double, Double)]) -> ClassifierEvaluation {
    let groups = rates.map {
      GroupEvaluation(
        name: $0.0, rows: 100, selectionRate: .defined($0.1), truePositiveRate: .defined($0.2),
        falsePositiveRate: .defined(0))
    }
    let attribute = AttributeEvaluation(
      name: "sex", pPercentRule: .defined(1), demographicParityDifference: .defined(0),
      equalizedOddsDifference: .defined(0), equalOpportunityDifference: .defined(0), groups: groups)
    return ClassifierEvaluation(
      rows: 200, threshold: 0.5, accuracy: .defined(1), rocAUC: .defined(1), selectionRate: .defined(0.5),
      attributes: [attribute])
  }

  @Test func whoOnlyLost() {
    let before = Self.evaluation([("Female", 0.2, 0.5), ("Male", 0.4, 0.6)])
    func found(_ rates: [(String, Double, Double)]) -> [String] {
      LevellingDown.groups(before: before, after: Self.evaluation(rates))
    }
    #expect(found([("Female", 0.2, 0.5), ("Male", 0.2, 0.5)]) == ["sex: Male"])
    #expect(found([("Female", 0.1, 0.4), ("Male", 0.1, 0.4)]) == ["sex: Female", "sex: Male"])
    // One group's gain of one rate is enough for the trade to be none.
    #expect(found([("Female", 0.21, 0.5), ("Male", 0.2, 0.5)]).isEmpty)
    #expect(found([("Female", 0.2, 0.52), ("Male", 0.2, 0.5)]).isEmpty)
    // What is below half a point is no change.
    #expect(found([("Female", 0.204, 0.5), ("Male", 0.396, 0.6)]).isEmpty)
    #expect(found([("Female", 0.204, 0.5), ("Male", 0.39, 0.6)]) == ["sex: Male"])
  }
}
