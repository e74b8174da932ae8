import FairnessMetrics
import Testing

@Suite struct PoissonBootstrapTests {
  /// Poisson(1): mean and variance 1, and e⁻¹ of the rows left out.
  @Test func multiplicities() {
    let bootstrap = PoissonBootstrap(seed: 9, draws: 40)
    var (sum, squares, left) = (0.0, 0.0, 0)
    for draw in 0..<40 {
      for row in 0..<1000 {
        let count = Double(bootstrap.multiplicity(draw: draw, row: row))
        sum += count
        squares += count * count
        left += count == 0 ? 1 : 0
      }
    }
    // Four standard errors of 40,000 rows.
    #expect(abs(sum / 40_000 - 1) < 0.02)
    #expect(abs(squares / 40_000 - 2) < 0.08)
    #expect(abs(Double(left) / 40_000 - 0.36788) < 0.01)
  }

  @Test func dependsOnSeedDrawAndRowAlone() {
    let (a, b) = (PoissonBootstrap(seed: 1), PoissonBootstrap(seed: 2))
    func pattern(_ bootstrap: PoissonBootstrap, draw: Int) -> [Int] {
      (0..<100).map { bootstrap.multiplicity(draw: draw, row: $0) }
    }
    #expect(pattern(a, draw: 3) == (0..<100).reversed().map { a.multiplicity(draw: 3, row: $0) }.reversed())
    #expect(pattern(a, draw: 3) != pattern(a, draw: 4))
    #expect(pattern(a, draw: 3) != pattern(b, draw: 3))
  }

  /// Small means are drawn by multiplication, large ones by rejection.
  @Test(arguments: [3, 9, 10, 40, 1000, 2_000_000])
  func resampledCountsAreDistributedAsPoisson(count: Int) {
    let counts = ConfusionCounts(truePositives: count, falsePositives: 0, trueNegatives: 0, falseNegatives: 0)
    let bootstrap = PoissonBootstrap(seed: 4)
    let values = (0..<4000).map { bootstrap.resampled(counts, draw: $0, stream: 0).truePositives.value }
    let mean = values.reduce(0, +) / 4000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3999
    let expected = Double(count)
    // Four standard errors: √(λ/n) of the mean, about λ·√(2/n) and a little more of the variance.
    #expect(abs(mean - expected) < 4 * (expected / 4000).squareRoot())
    #expect(abs(variance / expected - 1) < 4 * (2.4 / 4000).squareRoot())
    #expect(bootstrap.resampled(counts, draw: 7, stream: 0).falsePositives.value == 0)
  }

  /// Drawing counts and drawing rows are two ways to one distribution.
  @Test func countsAndRowsAgree() throws {
    var generator = TestGenerator(seed: 12)
    let labels = (0..<600).map { _ in generator.uniform() < 0.5 }
    let decisions = labels.map { $0 ? generator.uniform() < 0.7 : generator.uniform() < 0.2 }
    var counts = ConfusionCounts()
    for (label, decision) in zip(labels, decisions) { counts.add(label: label, decision: decision) }
    let bootstrap = PoissonBootstrap(seed: 5, draws: 1500)
    let byCounts = try #require(
      bootstrap.interval(of: [("all", counts)]) { ClassificationRate.precision($0[0].counts) })
    let byRows = try #require(
      bootstrap.interval(rows: 600) { weights in
        var drawn = ConfusionCounts()
        for row in 0..<600 { drawn.add(label: labels[row], decision: decisions[row], weight: weights[row]) }
        return ClassificationRate.precision(drawn)
      })
    #expect(abs(byCounts.low - byRows.low) < 0.012)
    #expect(abs(byCounts.high - byRows.high) < 0.012)
    #expect(byCounts.high - byCounts.low > 0.05)
  }

  @Test func statisticsThatSeldomExist() {
    let draws: [MetricValue] = (0..<20).map { $0 < 3 ? .undefined("no rows") : .defined(Double($0)) }
    #expect(percentileInterval(draws) == nil)
    let most: [MetricValue] = (0...100).map { .defined(Double($0)) } + [.undefined("no rows")]
    expect(.defined(percentileInterval(most, confidence: 0.9)?.low ?? .nan), near: 5)
    expect(.defined(percentileInterval(most, confidence: 0.9)?.high ?? .nan), near: 95)
  }
}
