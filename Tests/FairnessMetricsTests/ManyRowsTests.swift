import FairnessMetrics
import Testing

/// Rows enough to be cut into pieces and dealt into buckets, held against what takes all of them at once.
@Suite struct ManyRowsTests {
  /// Scores that lead through every way to deal them: spread, tied, crowded beside outliers, of both signs, infinite.
  static let shapes: [@Sendable (inout TestGenerator) -> Double] = [
    { $0.uniform() },
    { ($0.uniform() * 9).rounded() / 9 },
    { $0.uniform() < 0.0001 ? 1e300 : 1 + $0.uniform() * 1e-6 },
    { $0.uniform() < 0.01 ? -1e30 : $0.uniform() * 1e-20 },
    { ($0.uniform() - 0.5) * 1000 },
    { $0.uniform() < 0.02 ? -.infinity : $0.uniform() < 0.5 ? -0.0 : $0.uniform() },
    { _ in 0.5 },
  ]

  @Test(arguments: shapes.indices, [1000, 40_000, 70_000])
  func ranks(shape: Int, rows: Int) throws {
    var generator = TestGenerator(seed: UInt64(rows + shape))
    let scores = (0..<rows).map { _ in Self.shapes[shape](&generator) }
    let labels = (0..<rows).map { _ in generator.uniform() < 0.3 }
    let column = SliceColumn(
      GroupColumn(name: "g", groups: ["a", "b", "c"], codes: labels.map { _ in Int32(generator.next() % 4) - 1 }))
    let cells = CrossedCells([column], rows: rows)
    let slices = [[], [0]].flatMap { cells.slices(crossing: $0) }.map(\.cells)
    let narrow = scores.map(Float.init)
    let found = RankStatistics.of(scores: scores, labels: labels, cells: cells, slices: slices)
    let areas = rocAUC(scores: scores, labels: labels, cells: cells, slices: slices)
    let narrowAreas = rocAUC(scores: narrow, labels: labels, cells: cells, slices: slices)
    #expect(
      RankStatistics.of(scores: narrow, labels: labels, cells: cells, slices: slices).map(\.rocAUC) == narrowAreas)
    for (index, slice) in slices.enumerated() {
      let members = (0..<rows).filter { slice.contains(Int(cells.cells[$0])) }
      let own = members.map { scores[$0] }
      let ownLabels = members.map { labels[$0] }
      #expect(areas[index] == rocAUC(scores: own, labels: ownLabels))
      #expect(narrowAreas[index] == rocAUC(scores: members.map { narrow[$0] }, labels: ownLabels))
      #expect(found[index].rocAUC == areas[index])
      let precision = try #require(averagePrecision(scores: own, labels: ownLabels).value)
      expect(found[index].averagePrecision, near: precision)
      let variance = try #require(deLongROCAUC(scores: own, labels: ownLabels).estimate?.variance)
      expect(.defined(found[index].rocAUCEstimate?.variance ?? .nan), near: variance, relative: 1e-9, absolute: 1e-18)
    }
  }

  @Test(arguments: [false, true])
  func counts(isWeighted: Bool) throws {
    let rows = 600_000
    var generator = TestGenerator(seed: 51)
    let scores = (0..<rows).map { _ in generator.uniform() }
    let labels = (0..<rows).map { _ in generator.uniform() < 0.3 }
    // Multiples of 1/4, so that their sums are exact.
    let weights = isWeighted ? labels.map { _ in Double(generator.next() % 8) / 4 } : nil
    let codes = labels.map { _ in Int32(generator.next() % 3) - 1 }
    let column = SliceColumn(GroupColumn(name: "g", groups: ["a", "b"], codes: codes))
    var accumulator = SliceAccumulator(
      columns: ["g"], thresholds: [0.5, 0.9], calibrationBins: 10, histogramBins: 50)
    accumulator.add(scores: scores, labels: labels, weights: weights, columns: [column])
    for (place, code) in [0, 1, -1].enumerated() {
      let statistics = accumulator.slices(crossing: ["g"])[place].statistics
      var histogram = ScoreHistogram(bins: 50)
      var sums = ScoreSums()
      var counts = [ConfusionCounts(), ConfusionCounts()]
      for row in 0..<rows where codes[row] == code {
        let weight = weights?[row] ?? 1
        histogram.add(score: scores[row], label: labels[row], weight: weight)
        sums.add(score: scores[row], label: labels[row], weight: weight)
        for (index, threshold) in [0.5, 0.9].enumerated() {
          counts[index].add(label: labels[row], decision: scores[row] >= threshold, weight: weight)
        }
      }
      #expect(statistics.histogram == histogram)
      #expect(counts.indices.map { statistics.counts(thresholdIndex: $0) } == counts)
      expect(try #require(statistics.scoreSums).logLoss, near: try #require(sums.logLoss.value), relative: 1e-14)
      expect(try #require(statistics.scoreSums).brierScore, near: try #require(sums.brierScore.value), relative: 1e-14)
    }
  }
}
