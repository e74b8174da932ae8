import FairnessMetrics
import Testing

/// In simulated samples, 95 % intervals hold the true value in 93 to 97 samples of a hundred.
///
/// 2,000 samples of a fixed seed; the share found then deviates from its expectation by one point at most (two standard
/// errors).
@Suite struct CoverageTests {
  static let samples = 2000
  static let accepted = 1860...1940

  @Test(arguments: [(100, 0.3), (100, 0.5), (150, 0.15), (400, 0.1), (1000, 0.02)])
  func wilson(rows: Int, share: Double) throws {
    var generator = TestGenerator(seed: 101)
    var covered = 0
    for _ in 0..<Self.samples {
      let part = (0..<rows).count { _ in generator.uniform() < share }
      let interval = try #require(wilsonInterval(share: Double(part) / Double(rows), rows: Double(rows)))
      if interval.contains(share) { covered += 1 }
    }
    #expect(Self.accepted.contains(covered), "\(covered) of \(Self.samples), seed 101")
  }

  /// Positives score `u^(1/k)`, negatives u, with u uniform: then AUC = k/(k + 1).
  @Test(arguments: [(100, 100, 1.0), (100, 200, 3.0), (120, 120, 9.0)])
  func deLong(positives: Int, negatives: Int, k: Double) throws {
    var generator = TestGenerator(seed: 102)
    let labels = (0..<positives + negatives).map { $0 < positives }
    var covered = 0
    for _ in 0..<Self.samples {
      // The largest of k uniform numbers is distributed as u^(1/k).
      let scores = labels.map { label in (0..<(label ? Int(k) : 1)).map { _ in generator.uniform() }.max() ?? 0 }
      let estimate = try #require(deLongROCAUC(scores: scores, labels: labels).estimate)
      if try #require(estimate.interval()).contains(k / (k + 1)) { covered += 1 }
    }
    #expect(Self.accepted.contains(covered), "\(covered) of \(Self.samples), seed 102")
  }

  @Test func bootstrapOfARateDifference() throws {
    var generator = TestGenerator(seed: 103)
    let rates = [0.5, 0.2]
    var covered = 0
    for sample in 0..<Self.samples {
      let groups = rates.map { rate in
        let selected = (0..<200).count { _ in generator.uniform() < rate }
        return (
          name: "\(rate)",
          counts: ConfusionCounts(
            truePositives: selected, falsePositives: 0, trueNegatives: 0, falseNegatives: 200 - selected)
        )
      }
      let bootstrap = PoissonBootstrap(seed: UInt64(sample), draws: 300)
      let metric = ParityMetric.demographicParityDifference
      let interval = try #require(bootstrap.interval(of: groups) { metric($0) })
      if interval.contains(0.3) { covered += 1 }
    }
    #expect(Self.accepted.contains(covered), "\(covered) of \(Self.samples), seed 103")
  }
}
