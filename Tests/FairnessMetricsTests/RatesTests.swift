import FairnessMetrics
import Testing

@Suite struct RatesTests {
  /// By hand: TP 3, FP 1, TN 2, FN 2.
  @Test func eightRowsByHand() {
    let counts = ConfusionCounts(truePositives: 3, falsePositives: 1, trueNegatives: 2, falseNegatives: 2)
    let expected: [ClassificationRate: Double] = [
      .prevalence: 5.0 / 8, .selectionRate: 4.0 / 8, .truePositiveRate: 3.0 / 5, .falsePositiveRate: 1.0 / 3,
      .trueNegativeRate: 2.0 / 3, .falseNegativeRate: 2.0 / 5, .precision: 3.0 / 4, .negativePredictiveValue: 2.0 / 4,
      .accuracy: 5.0 / 8, .balancedAccuracy: 0.5 * (3.0 / 5 + 2.0 / 3), .f1: 6.0 / 9,
    ]
    #expect(expected.count == ClassificationRate.allCases.count)
    for (rate, value) in expected { expect(rate(counts), near: value, "\(rate)") }
  }

  @Test func undefinedWithoutRows() {
    for rate in ClassificationRate.allCases { #expect(rate(ConfusionCounts()).value == nil, "\(rate)") }
    let rejected = ConfusionCounts(truePositives: 0, falsePositives: 0, trueNegatives: 2, falseNegatives: 1)
    #expect(ClassificationRate.precision(rejected) == .undefined("no row is selected"))
    #expect(ClassificationRate.f1(rejected) == .defined(0))
  }

  @Test(arguments: try GoldenCase.all(), [false, true])
  func scikitLearnAndFairlearn(golden: GoldenCase, isWeighted: Bool) {
    let results = isWeighted ? golden.weighted : golden.plain
    var groups = golden.groups.map { (name: $0, counts: ConfusionCounts()) }
    for row in golden.labels.indices {
      groups[Int(golden.codes[row])].counts.add(
        label: golden.isPositive[row], decision: golden.scores[row] >= golden.threshold,
        weight: isWeighted ? golden.weights[row] : 1)
    }
    var whole = ConfusionCounts()
    for group in groups { whole.merge(group.counts) }
    #expect(results.rates.count == ClassificationRate.allCases.count)
    for (name, expected) in results.rates {
      expect(ClassificationRate(rawValue: name)?(whole) ?? .undefined(name), near: expected, "\(name)")
    }
    #expect(results.parity.count == ParityMetric.allCases.count)
    for (name, expected) in results.parity {
      expect(ParityMetric(rawValue: name)?(groups) ?? .undefined(name), near: expected, "\(name)")
    }
  }

  @Test func inPiecesAsAtOnce() {
    var generator = TestGenerator(seed: 3)
    var whole = ConfusionCounts()
    var pieces = [ConfusionCounts](repeating: ConfusionCounts(), count: 7)
    for row in 0..<5000 {
      let (label, decision) = (generator.uniform() < 0.3, generator.uniform() < 0.4)
      let weight = generator.uniform() * 1e3
      whole.add(label: label, decision: decision, weight: weight)
      pieces[row % 7].add(label: label, decision: decision, weight: weight)
    }
    let merged = pieces.reduce(into: ConfusionCounts()) { $0.merge($1) }
    #expect(merged.rows == whole.rows)
    for rate in ClassificationRate.allCases {
      expect(rate(merged), near: rate(whole).value ?? .nan, relative: 4 * .ulpOfOne)
    }
  }

  @Test func relativeToOverallHasTheRightSign() throws {
    func relative(_ value: Double, _ overall: Double) throws -> Double {
      let member = GroupComparison.Member(group: "g", value: .defined(value))
      return try #require(GroupComparison(members: [member]).relative(to: .defined(overall)).first?.value.value)
    }
    #expect(abs(try relative(0.24, 0.23) - 1.0 / 23) < 1e-14)
    #expect(abs(try relative(0.51, 0.28) - 23.0 / 28) < 1e-14)
    #expect(abs(try relative(0.33, 0.34) + 1.0 / 34) < 1e-14)
    let member = GroupComparison.Member(group: "g", value: .defined(0.1))
    #expect(
      GroupComparison(members: [member]).relative(to: .defined(0))[0].value == .undefined("the overall value is 0"))
  }

  /// By hand, benefits 1 (correct), 2 (false positive), 0 (false negative): two correct, one of each error have mean 1,
  /// so GE₂ = ((2² − 1) + (0 − 1))/(4·2) = 1/4 and Theil = 2·ln 2/4.
  @Test func entropyByHand() {
    let counts = ConfusionCounts(truePositives: 1, falsePositives: 1, trueNegatives: 1, falseNegatives: 1)
    expect(counts.generalizedEntropy(), near: 0.25)
    expect(counts.theilIndex, near: 0.34657359027997264)
    #expect(counts.generalizedEntropy(alpha: 0).value == nil)
    let correct = ConfusionCounts(truePositives: 3, falsePositives: 0, trueNegatives: 4, falseNegatives: 0)
    #expect(correct.theilIndex == .defined(0))
    #expect(correct.generalizedEntropy(alpha: 0) == .defined(0))
    expect(betweenGroupGeneralizedEntropy([counts, correct]), near: 0)
  }

  @Test(arguments: try GoldenCase.all())
  func entropyAsAIF360(golden: GoldenCase) {
    var counts = ConfusionCounts()
    for (label, score) in zip(golden.isPositive, golden.scores) { counts.add(label: label, decision: score >= 0.5) }
    expect(counts.theilIndex, near: golden.theil)
    expect(counts.generalizedEntropy(alpha: 2), near: golden.entropy2)
  }
}
