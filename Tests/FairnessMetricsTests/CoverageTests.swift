import FairnessMetrics
import Foundation
import Testing

/// In simulated samples, 95 % intervals hold the true value in 93 to 97 samples of a hundred.
///
/// 2,000 samples of a fixed seed; the share found then deviates from its expectation by one point at most (two standard
/// errors). Ordinary runs take 400, and accept what deviates by another two. A gap that is none can be missed from one side only, a small one can be taken for its mirror image, and of
/// several near-equal gaps the largest is bounded for all: there more than 97 are accepted, and never fewer than 93.
@Suite struct CoverageTests {
  static let samples = isFull ? 2000 : 400
  static let accepted = isFull ? 1860...1940 : 356...397
  static let acceptedOfSmallGaps = isFull ? 1860...2000 : 356...400

  /// Whether to run what takes more than a second: `Scripts/coverage` does.
  static let isFull = ProcessInfo.processInfo.environment["EQUIPOISE_COVERAGE"] != nil

  /// Prints the coverage where all of it is asked for, and holds it against what is accepted.
  func expect(
    _ covered: Int, _ name: String, of samples: Int = CoverageTests.samples,
    in accepted: ClosedRange<Int> = CoverageTests.accepted, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    if Self.isFull { print("coverage of \(name): \(Double(covered * 1000 / samples) / 10) %") }
    #expect(accepted.contains(covered), "\(name): \(covered) of \(samples)", sourceLocation: sourceLocation)
  }

  // MARK: - Shares

  @Test(arguments: [
    (100, 0.3), (100, 0.5), (150, 0.15), (400, 0.1), (1000, 0.02), (100, 0.95), (200, 0.97), (3000, 0.005),
  ])
  func wilson(rows: Int, share: Double) throws {
    var generator = TestGenerator(seed: 101)
    var covered = 0
    for _ in 0..<Self.samples {
      let part = (0..<rows).count { _ in generator.uniform() < share }
      let interval = try #require(wilsonInterval(share: Double(part) / Double(rows), rows: Double(rows)))
      if interval.contains(share) { covered += 1 }
    }
    expect(covered, "Wilson, \(rows) rows, share \(share)")
  }

  /// Rows of a classifier: positive with the chance `prevalence`, selected by the chance of their label.
  struct Population {
    var rows: Int
    var prevalence: Double
    var truePositiveRate: Double
    var falsePositiveRate: Double

    func sample(_ generator: inout TestGenerator) -> ConfusionCounts {
      let bounds = [
        prevalence * truePositiveRate, prevalence,
        prevalence + (1 - prevalence) * falsePositiveRate,
      ]
      var counts = [0, 0, 0, 0]
      for _ in 0..<rows {
        let u = generator.uniform()
        counts[u < bounds[0] ? 0 : u < bounds[1] ? 1 : u < bounds[2] ? 2 : 3] += 1
      }
      return ConfusionCounts(
        truePositives: counts[0], falsePositives: counts[2], trueNegatives: counts[3], falseNegatives: counts[1])
    }

    /// Counts in the shares of the population, so large that their metrics are the true ones.
    var truth: ConfusionCounts {
      let unit = 1e12
      return ConfusionCounts(
        truePositives: Int((unit * prevalence * truePositiveRate).rounded()),
        falsePositives: Int((unit * (1 - prevalence) * falsePositiveRate).rounded()),
        trueNegatives: Int((unit * (1 - prevalence) * (1 - falsePositiveRate)).rounded()),
        falseNegatives: Int((unit * prevalence * (1 - truePositiveRate)).rounded()))
    }
  }

  @Test(arguments: ClassificationRate.allCases)
  func rates(rate: ClassificationRate) throws {
    let populations = [
      Population(rows: 300, prevalence: 0.4, truePositiveRate: 0.7, falsePositiveRate: 0.2),
      Population(rows: 1000, prevalence: 0.15, truePositiveRate: 0.85, falsePositiveRate: 0.1),
    ]
    for (index, population) in populations.enumerated() {
      var generator = TestGenerator(seed: 110 + UInt64(index))
      let truth = try #require(rate(population.truth).value)
      var covered = 0
      for _ in 0..<Self.samples {
        if rate.estimate(population.sample(&generator)).interval?.contains(truth) ?? false { covered += 1 }
      }
      expect(covered, "\(rate), \(population.rows) rows")
    }
  }

  // MARK: - Ranks

  /// Positives score `u^(1/k)`, negatives u, with u uniform: then AUC = k/(k + 1).
  @Test(arguments: [(100, 100, 1.0), (100, 200, 3.0), (120, 120, 9.0), (50, 400, 2.0)])
  func deLong(positives: Int, negatives: Int, k: Double) throws {
    var generator = TestGenerator(seed: 102)
    let labels = (0..<positives + negatives).map { $0 < positives }
    var covered = 0
    for _ in 0..<Self.samples {
      let scores = labels.map { Self.score($0, k: Int(k), &generator) }
      let estimate = try #require(deLongROCAUC(scores: scores, labels: labels).estimate)
      if try #require(estimate.interval()).contains(k / (k + 1)) { covered += 1 }
    }
    expect(covered, "DeLong, \(positives) and \(negatives) rows, area \(k / (k + 1))")
  }

  /// The largest of k uniform numbers is distributed as u^(1/k).
  static func score(_ label: Bool, k: Int, _ generator: inout TestGenerator) -> Double {
    (0..<(label ? k : 1)).map { _ in generator.uniform() }.max() ?? 0
  }

  @Test(arguments: [[1, 1], [2, 5], [3, 3, 3]])
  func areaGap(_ ks: [Int]) throws {
    var generator = TestGenerator(seed: 104)
    let labels = (0..<300).map { $0 < 120 }
    let areas = ks.map { Double($0) / Double($0 + 1) }
    let truth = (areas.max() ?? 0) - (areas.min() ?? 0)
    var covered = 0
    for _ in 0..<Self.samples {
      let estimates = ks.compactMap { k in
        deLongROCAUC(scores: labels.map { Self.score($0, k: k, &generator) }, labels: labels).estimate
      }
      if try #require(rocAUCGapInterval(estimates)).contains(truth) { covered += 1 }
    }
    expect(covered, "gap of areas \(ks)", in: truth == 0 ? Self.acceptedOfSmallGaps : Self.accepted)
  }

  /// Average precision of `score`: precision at the threshold t is `p·(1 − tᵏ) / (p·(1 − tᵏ) + (1 − p)·(1 − t))`.
  @Test(arguments: [(300, 0.4, 3), (1000, 0.1, 3), (500, 0.3, 1)])
  func averagePrecision(rows: Int, prevalence: Double, k: Int) throws {
    // ∫ P dR, over R from 0 to 1 in fine steps.
    let steps = 200_000
    let truth =
      (0..<steps).reduce(0.0) { sum, step in
        let recall = (Double(step) + 0.5) / Double(steps)
        let threshold = pow(1 - recall, 1 / Double(k))
        return sum + prevalence * recall / (prevalence * recall + (1 - prevalence) * (1 - threshold))
      } / Double(steps)
    var generator = TestGenerator(seed: 105)
    var covered = 0
    for _ in 0..<Self.samples {
      var histogram = ScoreHistogram(bins: 4000)
      for _ in 0..<rows {
        let label = generator.uniform() < prevalence
        histogram.add(score: Self.score(label, k: k, &generator), label: label)
      }
      let value = try #require(histogram.averagePrecision.value)
      if try #require(histogram.averagePrecisionInterval(around: value)).contains(truth) { covered += 1 }
    }
    expect(covered, "average precision, \(rows) rows, \(prevalence) positive, k \(k)")
  }

  // MARK: - Parity

  static let alike = Population(rows: 400, prevalence: 0.4, truePositiveRate: 0.7, falsePositiveRate: 0.2)
  static let other = Population(rows: 300, prevalence: 0.4, truePositiveRate: 0.45, falsePositiveRate: 0.05)
  static let rare = Population(rows: 1000, prevalence: 0.1, truePositiveRate: 0.3, falsePositiveRate: 0.01)
  static let rarer = Population(rows: 1000, prevalence: 0.1, truePositiveRate: 0.1, falsePositiveRate: 0.003)
  static let accurate = Population(rows: 400, prevalence: 0.3, truePositiveRate: 0.95, falsePositiveRate: 0.03)

  /// Two groups apart, two alike, two rarely selected, three of which two are alike, five alike.
  static let parities: [(name: String, populations: [Population])] = [
    ("two apart", [alike, other]), ("two alike", [alike, alike]), ("rarely selected", [rare, rarer]),
    ("one of three apart", [alike, alike, other]), ("five alike", [alike, alike, alike, alike, alike]),
    ("accurate", [accurate, alike]),
  ]

  @Test(arguments: parities.indices, ParityMetric.allCases)
  func parity(index: Int, metric: ParityMetric) throws {
    let (name, populations) = Self.parities[index]
    let truth = try #require(metric(populations.map { (name: "", counts: $0.truth) }).value)
    var generator = TestGenerator(seed: 120 + UInt64(index))
    var (covered, made) = (0, 0)
    for _ in 0..<Self.samples {
      let groups = populations.map { (name: "", counts: $0.sample(&generator)) }
      guard let interval = metric.interval(groups) else { continue }
      made += 1
      if interval.contains(truth) { covered += 1 }
    }
    expect(
      covered * Self.samples / max(1, made), "\(metric), \(name)",
      in: index == 0 && truth > 0.1 ? Self.accepted : Self.acceptedOfSmallGaps)
  }

  /// Two groups that share a third of the rows.
  @Test func overlappingGroups() {
    var generator = TestGenerator(seed: 107)
    let parts = [Self.alike, Self.other, Self.alike]
    func groups(_ parts: [ConfusionCounts]) -> [(name: String, counts: ConfusionCounts)] {
      [[0, 1], [1, 2]].map { members in
        (name: "", counts: members.reduce(into: ConfusionCounts()) { $0.merge(parts[$1]) })
      }
    }
    var (covered, coveredIndependently) = (0, 0)
    for _ in 0..<Self.samples {
      let sampled = parts.map { $0.sample(&generator) }
      let metric = ParityMetric.demographicParityDifference
      if metric.interval(groups(sampled), shared: { _, _ in sampled[1] })?.contains(0) ?? false { covered += 1 }
      if metric.interval(groups(sampled))?.contains(0) ?? false { coveredIndependently += 1 }
    }
    expect(covered, "demographic parity difference, overlapping", in: Self.acceptedOfSmallGaps)
    #expect(coveredIndependently > covered)
  }

  // MARK: - Scores

  /// Scores u with P(y = 1 | u) = u are calibrated; u^shape are not. `E|uˢ − u|` is the true error where all errors of a
  /// bin have one sign.
  @Test(arguments: [1.0, 1.6, 3.0])
  func calibration(shape: Double) throws {
    let truth = abs(1 / (shape + 1) - 0.5)
    var generator = TestGenerator(seed: 106)
    var covered = 0
    for sample in 0..<Self.samples {
      var histogram = ScoreHistogram(bins: 500)
      for _ in 0..<500 {
        let u = generator.uniform()
        histogram.add(score: pow(u, shape), label: generator.uniform() < u)
      }
      let value = try #require(histogram.expectedCalibrationError().value)
      let interval = histogram.expectedCalibrationErrorInterval(
        around: value, bootstrap: PoissonBootstrap(seed: UInt64(sample), draws: 200), stream: 0)
      if try #require(interval).contains(truth) { covered += 1 }
    }
    expect(
      covered, "expected calibration error, scores u^\(shape)",
      in: Self.acceptedOfSmallGaps)
  }

  @Test func meansOfScores() throws {
    var generator = TestGenerator(seed: 108)
    var covered = (mean: 0, brier: 0, loss: 0)
    for _ in 0..<Self.samples {
      var sums = ScoreSums()
      for _ in 0..<300 {
        let u = generator.uniform()
        sums.add(score: u, label: generator.uniform() < u)
      }
      // E[u] = 1/2; E[u(1 − u)] = 1/6; E[−u·ln u − (1 − u)·ln(1 − u)] = 1/2.
      if try #require(sums.meanScoreInterval()).contains(0.5) { covered.mean += 1 }
      if try #require(sums.brierScoreInterval()).contains(1 / 6.0) { covered.brier += 1 }
      if try #require(sums.logLossInterval()).contains(0.5) { covered.loss += 1 }
    }
    expect(covered.mean, "mean score")
    expect(covered.brier, "Brier score")
    expect(covered.loss, "log loss")
  }

  /// Scores u^a in one group and u^b in the other: the area between their curves is `|a/(a + 1) − b/(b + 1)|`.
  @Test(.enabled(if: isFull), arguments: [(1.0, 1.0), (1.0, 1.5), (1.0, 3.0)])
  func areaBetweenCurves(a: Double, b: Double) throws {
    var generator = TestGenerator(seed: 109)
    let truth = abs(a / (a + 1) - b / (b + 1))
    var covered = 0
    for sample in 0..<Self.samples {
      let histograms = [a, b].map { shape -> ScoreHistogram in
        var histogram = ScoreHistogram(bins: 100)
        for _ in 0..<300 { histogram.add(score: pow(generator.uniform(), shape), label: true) }
        return histogram
      }
      let value = try #require(histograms[0].areaBetweenCumulativeCurves(histograms[1]).value)
      let bootstrap = PoissonBootstrap(seed: UInt64(sample), draws: 200)
      let draws = (0..<bootstrap.draws).map { draw in
        histograms.enumerated().map { bootstrap.resampled($1, draw: draw, stream: $0) }
      }
      let interval = areaBetweenCumulativeCurvesInterval(
        of: histograms, around: value, rowsPerWeight: [1, 1], draws: draws)
      if try #require(interval).contains(truth) { covered += 1 }
    }
    expect(
      covered, "area between curves, u^\(a) and u^\(b)", in: Self.acceptedOfSmallGaps)
  }

  /// Everything that has no interval of its own is drawn; the Theil index stands for it.
  @Test func drawnStatistics() throws {
    var generator = TestGenerator(seed: 103)
    let truth = try #require(Self.alike.truth.theilIndex.value)
    var covered = 0
    for sample in 0..<Self.samples {
      let groups = [(name: "", counts: Self.alike.sample(&generator))]
      let bootstrap = PoissonBootstrap(seed: UInt64(sample), draws: 300)
      let interval = try #require(bootstrap.interval(of: groups) { $0[0].counts.theilIndex })
      if interval.contains(truth) { covered += 1 }
    }
    expect(covered, "Theil index, drawn")
  }
}
