import FairnessMetrics
import Testing

@Suite struct ROCAUCTests {
  /// By hand: the 16 pairs of four positives (0.9, 0.8, 0.6, 0.3) and four negatives (0.7, 0.6, 0.2, 0.1) are won
  /// 4 + 4 + (2 + ½) + 2 = 12½ times.
  @Test func eightRowsByHand() {
    let scores: [Float] = [0.9, 0.7, 0.8, 0.6, 0.6, 0.2, 0.3, 0.1]
    let labels = [true, false, true, true, false, false, true, false]
    #expect(rocAUC(scores: scores, labels: labels) == .defined(12.5 / 16))
    #expect(rocAUC(scores: scores.map(Double.init), labels: labels) == .defined(12.5 / 16))
    #expect(rocAUC(scores: scores, labels: labels, weights: .init(repeating: 2, count: 8)) == .defined(12.5 / 16))
  }

  /// All pairs, compared one by one.
  func naive<Value: Score>(_ scores: [Value], _ labels: [Bool]) -> Double {
    var wins = 0.0
    for (positive, isPositive) in zip(scores, labels) where isPositive {
      for (negative, isPositive) in zip(scores, labels) where !isPositive {
        wins += positive > negative ? 1 : positive == negative ? 0.5 : 0
      }
    }
    let positives = labels.count { $0 }
    return wins / Double(positives * (labels.count - positives))
  }

  /// Score distributions that lead through every way of the sort: few rows, many, crowded, wide, negative, tied.
  static let shapes: [@Sendable (inout TestGenerator) -> Double] = [
    { $0.uniform() },
    { ($0.uniform() * 16).rounded() / 16 },
    { 0.5 + $0.uniform() * 1e-6 },
    { $0.uniform() < 0.01 ? -1e30 : $0.uniform() * 1e-20 },
    { $0.uniform() < 0.02 ? .infinity : $0.uniform() < 0.5 ? -0.0 : 0.0 },
    { ($0.uniform() - 0.5) * 1000 },
    { $0.uniform() < 0.001 ? 1e300 : 1 + $0.uniform() * 1e-9 },
  ]

  @Test(arguments: shapes.indices, [2, 9, 33, 64, 65, 100, 3000])
  func agreesWithAllPairs(shape: Int, rows: Int) {
    var generator = TestGenerator(seed: UInt64(rows * 10 + shape))
    let scores = (0..<rows).map { _ in Self.shapes[shape](&generator) }
    var labels = (0..<rows).map { _ in generator.uniform() < 0.3 }
    labels[0] = true
    labels[1] = false
    let narrow = scores.map(Float.init)
    #expect(rocAUC(scores: scores, labels: labels) == .defined(naive(scores, labels)))
    #expect(rocAUC(scores: narrow, labels: labels) == .defined(naive(narrow, labels)))
    expect(
      rocAUC(scores: narrow, labels: labels, weights: .init(repeating: 0.3, count: rows)), near: naive(narrow, labels))
  }

  @Test func laws() throws {
    var generator = TestGenerator(seed: 5)
    let scores = (0..<2000).map { _ in (Float(generator.uniform()) * 200).rounded() / 200 - 0.3 }
    let labels = scores.map { Double($0) + generator.uniform() > 0.9 }
    let auc = try #require(rocAUC(scores: scores, labels: labels).value)
    expect(rocAUC(scores: scores.map { -$0 }, labels: labels), near: 1 - auc)
    #expect(rocAUC(scores: scores.map { 8 * $0 * $0 * $0 + $0 }, labels: labels) == .defined(auc))
    #expect(rocAUC(scores: scores, labels: labels.map(!)).value.map { abs($0 + auc - 1) < 1e-15 } == true)
    let order = (0..<2000).shuffled(using: &generator)
    #expect(rocAUC(scores: order.map { scores[$0] }, labels: order.map { labels[$0] }) == .defined(auc))
  }

  @Test func weightOfTwoIsTheRowTwice() {
    var generator = TestGenerator(seed: 6)
    let scores = (0..<300).map { _ in (Float(generator.uniform()) * 30).rounded() }
    let labels = scores.map { Double($0) + 30 * generator.uniform() > 30 }
    let times = scores.map { _ in Int(generator.next() % 4) }
    let rows = times.indices.flatMap { Array(repeating: $0, count: times[$0]) }
    let repeated = rocAUC(scores: rows.map { scores[$0] }, labels: rows.map { labels[$0] })
    let weighted = rocAUC(scores: scores, labels: labels, weights: times.map(Double.init))
    expect(weighted, near: repeated.value ?? .nan)
  }

  @Test func undefined() {
    #expect(rocAUC(scores: [Float](), labels: []).reason == "there are no rows")
    #expect(rocAUC(scores: [Float(1), 2], labels: [true, true]).reason == "no row has a negative label")
    #expect(rocAUC(scores: [1.0, 2], labels: [false, false]).reason == "no row has a positive label")
    #expect(rocAUC(scores: [Float.nan, 2], labels: [false, true]).reason == "a score is not a number")
    #expect(rocAUC(scores: [1.0, 2], labels: [false, true], weights: [1, 0]).reason == "no row has a positive label")
    #expect(
      rocAUC(scores: [1.0, 2], labels: [false, true], weights: [1, -1]).reason
        == "a weight is negative or not finite")
  }

  @Test(arguments: try GoldenCase.all())
  func scikitLearn(golden: GoldenCase) throws {
    let plain = try #require(golden.plain.scores["rocAUC"])
    let weighted = try #require(golden.weighted.scores["rocAUC"])
    let narrow = golden.scores.map(Float.init)
    expect(rocAUC(scores: golden.scores, labels: golden.isPositive), near: plain)
    expect(rocAUC(scores: narrow, labels: golden.isPositive), near: plain)
    expect(rocAUC(scores: golden.scores, labels: golden.isPositive, weights: golden.weights), near: weighted)
    expect(rocAUC(scores: narrow, labels: golden.isPositive, weights: golden.weights), near: weighted)
  }
}
