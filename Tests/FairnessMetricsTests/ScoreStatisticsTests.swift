import FairnessMetrics
import Testing

@Suite struct ScoreStatisticsTests {
  @Test(arguments: try GoldenCase.all(), [false, true])
  func scikitLearn(golden: GoldenCase, isWeighted: Bool) throws {
    let expected = (isWeighted ? golden.weighted : golden.plain).scores
    let weights = isWeighted ? golden.weights : golden.weights.map { _ in 1 }
    var sums = ScoreSums()
    var regression = RegressionSums()
    var histogram = ScoreHistogram(bins: 64)
    for row in golden.scores.indices {
      sums.add(score: golden.scores[row], label: golden.isPositive[row], weight: weights[row])
      regression.add(prediction: golden.scores[row], target: Double(golden.labels[row]), weight: weights[row])
      histogram.add(score: golden.scores[row], label: golden.isPositive[row], weight: weights[row])
    }
    let found: [String: MetricValue] = [
      "rocAUC": rocAUC(scores: golden.scores, labels: golden.isPositive, weights: weights),
      "averagePrecision": averagePrecision(
        scores: golden.scores, labels: golden.isPositive, weights: isWeighted ? weights : nil),
      "logLoss": sums.logLoss, "brier": sums.brierScore, "meanScore": sums.meanScore,
      "expectedCalibrationError": sums.expectedCalibrationError, "meanAbsoluteError": regression.meanAbsoluteError,
      "rootMeanSquaredError": regression.rootMeanSquaredError,
    ]
    #expect(Set(found.keys) == Set(expected.keys))
    for (name, value) in found { expect(value, near: try #require(expected[name]), "\(name)") }
    // Scores are multiples of 1/64, so that 64 bins keep every rank.
    expect(histogram.rocAUC, near: try #require(expected["rocAUC"]))
    expect(histogram.averagePrecision, near: try #require(expected["averagePrecision"]))
  }

  /// By hand: precision is 1, 1/2, 2/3, 2/4, 3/5 down the scores; the positives stand first, third and fifth.
  @Test func averagePrecisionByHand() {
    let value = averagePrecision(scores: [0.9, 0.8, 0.7, 0.6, 0.5], labels: [true, false, true, false, true])
    expect(value, near: (1 + 2.0 / 3 + 3.0 / 5) / 3)
    #expect(averagePrecision(scores: [Float(1)], labels: [false]) == .undefined("no row has a positive label"))
    #expect(averagePrecision(scores: [Double](), labels: []) == .undefined("there are no rows"))
  }

  @Test func inPiecesAsAtOnce() {
    var generator = TestGenerator(seed: 8)
    var whole = (ScoreSums(), RegressionSums(), ScoreHistogram(bins: 128))
    var pieces = [(ScoreSums, RegressionSums, ScoreHistogram)](repeating: whole, count: 5)
    for row in 0..<4000 {
      let (score, label, weight) = (generator.uniform(), generator.uniform() < 0.4, generator.uniform())
      func add(_ sums: inout (ScoreSums, RegressionSums, ScoreHistogram)) {
        sums.0.add(score: score, label: label, weight: weight)
        sums.1.add(prediction: score * 1e6, target: weight, weight: weight)
        sums.2.add(score: score, label: label, weight: weight)
      }
      add(&whole)
      add(&pieces[row % 5])
    }
    var merged = (ScoreSums(), RegressionSums(), ScoreHistogram(bins: 128))
    for piece in pieces {
      merged.0.merge(piece.0)
      merged.1.merge(piece.1)
      merged.2.merge(piece.2)
    }
    let last = 4 * Double.ulpOfOne
    for value in [\ScoreSums.logLoss, \.brierScore, \.meanScore, \.expectedCalibrationError, \.scoreDeviation] {
      expect(merged.0[keyPath: value], near: whole.0[keyPath: value].value ?? .nan, relative: last)
    }
    for value in [\RegressionSums.meanError, \.meanAbsoluteError, \.rootMeanSquaredError, \.meanPrediction] {
      expect(merged.1[keyPath: value], near: whole.1[keyPath: value].value ?? .nan, relative: last)
    }
    expect(merged.2.rocAUC, near: whole.2.rocAUC.value ?? .nan)
  }

  @Test(arguments: [16, 256, 4096])
  func streamedAreaIsWithinItsBound(bins: Int) throws {
    var generator = TestGenerator(seed: UInt64(bins))
    let scores = (0..<3000).map { _ in generator.uniform() * generator.uniform() }
    let labels = scores.map { generator.uniform() < $0 }
    var histogram = ScoreHistogram(bins: bins)
    for (score, label) in zip(scores, labels) { histogram.add(score: score, label: label) }
    let exact = try #require(rocAUC(scores: scores, labels: labels).value)
    let bound = try #require(histogram.rocAUCErrorBound.value)
    #expect(abs(try #require(histogram.rocAUC.value) - exact) <= bound)
    #expect(bound < 4 / Double(bins))
  }

  @Test func scoresThatAreNoProbabilities() {
    var sums = ScoreSums()
    var histogram = ScoreHistogram()
    for score in [0.5, 1.5, .nan] {
      sums.add(score: score, label: true)
      histogram.add(score: score, label: true)
    }
    #expect(sums.logLoss == .undefined("a score lies outside 0...1 (2 of 3 rows)"))
    #expect(histogram.rocAUC == .undefined("a score lies outside 0...1 (2 rows)"))
    #expect(ScoreSums().brierScore == .undefined("there are no rows"))
    var certain = ScoreSums()
    certain.add(score: 0, label: true)
    expect(certain.logLoss, near: 36.04365338911715)
    var regression = RegressionSums()
    regression.add(prediction: .infinity, target: 1)
    #expect(regression.meanError.value == nil)
  }

  /// By hand: curves of {0.2, 0.4} and {0.3, 0.9} are ½, 0, ½ apart over 0.2…0.3, 0.3…0.4, 0.4…0.9.
  @Test func areaBetweenCurvesByHand() {
    expect(areaBetweenCumulativeCurves([0.2, 0.4], [0.3, 0.9]), near: 0.3)
    expect(areaBetweenCumulativeCurves([0.3, 0.9], [0.2, 0.4]), near: 0.3)
    // Curves that cross: ½ one way over 0.1…0.2, ½ the other way over 0.5…0.8.
    expect(areaBetweenCumulativeCurves([0.1, 0.8], [0.2, 0.5]), near: 0.2)
    expect(areaBetweenCumulativeCurves([Float(0)], [Float(1)]), near: 1)
    #expect(areaBetweenCumulativeCurves([0.5, 0.5], [0.5]) == .defined(0))
    #expect(areaBetweenCumulativeCurves([0.5], []) == .undefined("a group has no rows"))
    #expect(areaBetweenCumulativeCurves([0.5], [1.5]) == .undefined("a score lies outside 0...1"))
  }

  @Test(arguments: try GoldenCase.all())
  func areaBetweenCurvesIsWassersteins(golden: GoldenCase) throws {
    let scores = golden.groups.indices.map { group in
      zip(golden.scores, golden.codes).filter { $0.1 == Int32(group) }.map(\.0)
    }
    expect(areaBetweenCumulativeCurves(scores[0], scores[1]), near: golden.wasserstein)
    let all = areaBetweenCumulativeCurves(scores: golden.scores, groups: golden.column)
    #expect(try #require(all.value) >= golden.wasserstein)
    var histograms = [ScoreHistogram(bins: 500), ScoreHistogram(bins: 500)]
    for group in 0...1 { for score in scores[group] { histograms[group].add(score: score, label: true) } }
    let streamed = try #require(histograms[0].areaBetweenCumulativeCurves(histograms[1]).value)
    #expect(abs(streamed - golden.wasserstein) <= 1.0 / 500)
  }
}
