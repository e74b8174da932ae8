import FairnessMetrics
import Testing

@Suite struct SignificanceTests {
  @Test(arguments: try GoldenCase.file().shares)
  func sciPy(golden: GoldenCase.Shares) throws {
    let a = CountedShare(golden.a, of: golden.n)
    let b = CountedShare(golden.b, of: golden.m)
    // SciPy's own p-values come from differences of large logarithms.
    expect(fisherExactTest(a, b), near: golden.fisher, relative: 1e-9)
    expect(fisherExactTest(b, a), near: golden.fisher, relative: 1e-9)
    expect(twoProportionTest(a, b), near: golden.twoProportions, relative: 1e-9)
    let wilson = try #require(wilsonInterval(share: Double(golden.a) / Double(golden.n), rows: Double(golden.n)))
    #expect(abs(wilson.low - golden.wilson[0]) < 1e-12)
    #expect(abs(wilson.high - golden.wilson[1]) < 1e-12)
  }

  @Test func undefinedWithoutRows() {
    #expect(fisherExactTest(CountedShare(0, of: 0), CountedShare(1, of: 2)) == .undefined("a group has no rows"))
    #expect(gapTest(CountedShare(1, of: 2), CountedShare(0, of: 0)) == .undefined("a group has no rows"))
    #expect(wilsonInterval(share: 0.5, rows: 0) == nil)
  }

  /// Fisher's tea: 4 of 4 against 0 of 4 leaves two of the 70 tables, 1 of 70 each.
  @Test func fisherByHand() {
    expect(fisherExactTest(CountedShare(4, of: 4), CountedShare(0, of: 4)), near: 2.0 / 70)
  }

  @Test func holmByHand() {
    let corrected = holmCorrected([0.01, 0.04, 0.03, 0.005])
    for (found, expected) in zip(corrected, [0.03, 0.06, 0.06, 0.02]) { #expect(abs(found - expected) < 1e-15) }
    #expect(holmCorrected([]) == [])
    #expect(holmCorrected([0.7, 0.9]) == [1, 1])
  }

  /// `(1.959964 + 0.841621)·√(¼·2/100)` for two groups of a hundred and a share of one half.
  @Test func detectableGapByHand() {
    expect(detectableGap(share: 0.5, rows: (100, 100)), near: 2.8015852 * 0.005.squareRoot(), relative: 1e-7)
    expect(detectableGap(share: 0.5, rows: (2, 2)), near: 1)
    #expect(detectableGap(share: 0.5, rows: (0, 2)).value == nil)
  }

  /// In simulated data, a gap of the size named is found about as often as promised.
  @Test func detectableGapIsFoundAsOftenAsPromised() throws {
    let gap = try #require(detectableGap(share: 0.4, rows: (300, 500)).value)
    var generator = TestGenerator(seed: 21)
    var found = 0
    for _ in 0..<1000 {
      let a = (0..<300).count { _ in generator.uniform() < 0.4 + gap * 500 / 800 }
      let b = (0..<500).count { _ in generator.uniform() < 0.4 - gap * 300 / 800 }
      if try #require(gapTest(CountedShare(a, of: 300), CountedShare(b, of: 500)).value) < 0.05 { found += 1 }
    }
    #expect((760...840).contains(found), "found \(found) of 1000, seed 21")
  }

  @Test(arguments: try GoldenCase.all())
  func deLongVariance(golden: GoldenCase) throws {
    let estimate = try #require(deLongROCAUC(scores: golden.scores, labels: golden.isPositive).estimate)
    expect(.defined(estimate.variance), near: golden.deLongVariance)
    #expect(rocAUC(scores: golden.scores, labels: golden.isPositive) == .defined(estimate.area))
    let interval = try #require(estimate.interval())
    #expect(interval.contains(estimate.area) && interval.low > 0 && interval.high < 1)
  }

  @Test func deLongAtTheEnds() throws {
    let separated = deLongROCAUC(scores: [0.1, 0.2, 0.3, 0.4], labels: [false, false, true, true]).estimate
    let interval = try #require(separated?.interval())
    #expect(interval.high == 1)
    #expect((0.2...0.6).contains(interval.low))
    let few = deLongROCAUC(scores: [0.1, 0.2, 0.3], labels: [false, false, true])
    #expect(few.undefinedBecause == "there are fewer than two rows of a label")
    #expect(deLongROCAUC(scores: [0.1], labels: [true]).undefinedBecause == "no row has a negative label")
  }

  @Test func gates() {
    func verdict(_ gate: Gate, _ value: Double, _ low: Double, _ high: Double) -> Verdict {
      gate.verdict(Estimate(value: .defined(value), interval: Interval(low: low, high: high)))
    }
    let gate = Gate(.atLeast, 0.8)
    #expect(verdict(gate, 0.9, 0.8, 0.95) == .pass)
    #expect(verdict(gate, 0.7, 0.6, 0.79) == .fail)
    #expect(verdict(gate, 0.85, 0.7, 0.9) == .insufficientEvidence("the interval reaches across the bound"))
    #expect(gate.negated == Gate(.less, 0.8))
    #expect(verdict(gate.negated, 0.9, 0.8, 0.95) == .fail)
    for relation in Gate.Relation.allCases {
      let gate = Gate(relation, 0.5)
      for value in [0.4, 0.5, 0.6] { #expect(gate.holds(value) != gate.negated.holds(value)) }
    }
    let missing = Estimate(value: .undefined("no row of any group is selected"), interval: nil)
    #expect(gate.verdict(missing) == .insufficientEvidence("no row of any group is selected"))
    #expect(gate.verdict(Estimate(value: .defined(0.8), interval: nil)) == .pass)
  }

  @Test func tinySlices() {
    #expect(
      SliceSize(rows: 6).advice == "only 6 rows: one row moves a rate by 16.7 points; collect more data")
    #expect(SliceSize(rows: 1).advice == "only 1 row: one row moves a rate by 100.0 points; collect more data")
    #expect(SliceSize(rows: 30).advice == nil)
    #expect(SliceSize(rows: 0).swingOfOneRow == .undefined("there are no rows"))
  }

  @Test func degeneratePredictors() {
    let never = ConfusionCounts(truePositives: 0, falsePositives: 0, trueNegatives: 90, falseNegatives: 10)
    #expect(ParityMetric.falsePositiveRateDifference([("a", never), ("b", never)]) == .defined(0))
    #expect(degeneracies(counts: never) == [.constantDecisions(selected: false)])
    let rarely = ConfusionCounts(truePositives: 1, falsePositives: 0, trueNegatives: 900, falseNegatives: 99)
    #expect(degeneracies(counts: rarely) == [.nearlyConstantDecisions(selected: false, minority: 0.001)])
    let decides = ConfusionCounts(truePositives: 30, falsePositives: 5, trueNegatives: 60, falseNegatives: 5)
    #expect(degeneracies(counts: decides).isEmpty)
    var (same, close) = (ScoreSums(), ScoreSums())
    for row in 0..<1000 {
      same.add(score: 0.3, label: row % 3 == 0)
      close.add(score: 0.3 + 0.001 * Double(row % 2), label: row % 3 == 0)
    }
    guard case .constantScores(let score) = degeneracies(counts: decides, scoreSums: same).first else {
      Issue.record("equal scores not found")
      return
    }
    #expect(abs(score - 0.3) < 1e-12)
    guard case .nearlyConstantScores(let deviation) = degeneracies(counts: decides, scoreSums: close).first else {
      Issue.record("nearly equal scores not found")
      return
    }
    #expect(abs(deviation - 0.0005) < 1e-9)
    #expect(degeneracies(counts: ConfusionCounts()).isEmpty)
  }
}
