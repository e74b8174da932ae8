import Auditing
import FairnessMetrics
import LinearAlgebra
import Testing

@Suite struct StatisticsTests {
  /// With one fold and no weights the sum of squared influences is DeLong's variance.
  @Test func influencesGiveDeLong() throws {
    var fixture = Fixture(3)
    let targets: [Int8] = (0..<300).map { _ in fixture.stream.uniform() < 0.3 ? 1 : 0 }
    let scores = targets.map { Float(((Double($0) * 0.4 + fixture.stream.uniform()) * 20).rounded()) }
    let rows = [(0..<300).map { Int32($0) }]
    let area = FoldwiseArea(scores: scores, targets: targets, weights: nil, rowsByFold: rows)
    let expected = try #require(deLongROCAUC(scores: scores, labels: targets.map { $0 == 1 }).estimate)
    #expect(abs(area.area - expected.area) < 1e-14)
    #expect(abs(area.variance - expected.variance) < 1e-14 * expected.variance + 1e-16)
    let weighted = FoldwiseArea(
      scores: scores, targets: targets, weights: Array(repeating: 2.5, count: 300), rowsByFold: rows)
    #expect(abs(weighted.area - area.area) < 1e-13 && abs(weighted.variance - area.variance) < 1e-15)
  }

  /// Weights move the area as they do in `rocAUC(scores:labels:weights:)`.
  @Test func weightedArea() throws {
    var fixture = Fixture(4)
    let targets: [Int8] = (0..<100).map { $0 % 3 == 0 ? 1 : 0 }
    let scores = fixture.uniforms(100).map { ($0 * 10).rounded() }
    let weights = fixture.uniforms(100).map { Double($0) + 0.1 }
    let area = FoldwiseArea(
      scores: scores, targets: targets, weights: weights, rowsByFold: [(0..<100).map { Int32($0) }])
    let expected = try #require(rocAUC(scores: scores, labels: targets.map { $0 == 1 }, weights: weights).value)
    #expect(abs(area.area - expected) < 1e-13)
  }

  /// The means of areas of different folds and of different groups, and their influences.
  @Test func means() {
    let targets: [Int8] = [0, 1, 0, 1, 1, 1, 0, 0]
    let scores: [Float] = [1, 2, 3, 4, 9, 8, 7, 8]
    let rows: [[Int32]] = [[0, 1, 2, 3], [4, 5, 6, 7]]
    let area = FoldwiseArea(scores: scores, targets: targets, weights: nil, rowsByFold: rows)
    // 3 of 4 pairs in the first fold; in the second 9 beats both, 8 beats 7 and ties with 8.
    #expect(abs(area.area - (0.75 + 0.875) / 2) < 1e-15)
    let mean = FoldwiseArea.mean([area, area])
    #expect(mean.area == area.area && mean.influences == area.influences)
  }

  /// The share of permutations that reach the statistic, against all arrangements of the groups within two folds.
  @Test(arguments: [[4, 1, 3, 2, 5, 6], [1, 1, 2, 2, 2, 3]] as [[Float]], [false, true])
  func allArrangements(fold: [Float], isWeighted: Bool) throws {
    let rows: [[Int32]] = [[0, 1], (2..<8).map { Int32($0) }, (8..<14).map { Int32($0) }]
    let scores = [0, 0] + fold + fold.reversed()
    let targets: [Int8] = [0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0]
    let weights = isWeighted ? (0..<14).map { 1 + Double($0 % 3) } : nil
    let test = ForwardPermutationTest(
      tests: [[scores]], tasks: [targets], weights: weights, rowsByFold: rows)
    let count = 40_000
    let found = Double(test.exceedances(permutations: count, stream: RandomStream(seed: 1))[0]) / Double(count)
    #expect(abs(found - exactShare(scores, targets, weights, Array(rows[1...]))) < 0.01)
  }

  /// By definition: Σ over positives of w·(weight below + ½·weight tied − ½·whole), over P·N of the fold.
  private func exactShare(_ scores: [Float], _ targets: [Int8], _ weights: [Double]?, _ folds: [[Int32]]) -> Double {
    func weight(_ row: Int32) -> Double { weights?[Int(row)] ?? 1 }
    func arrangements(_ rows: [Int32]) -> [Double] {
      let whole = rows.reduce(0) { $0 + weight($1) }
      let mean = whole / Double(rows.count)
      let ranks = rows.map { row in
        let below = rows.filter { scores[Int($0)] < scores[Int(row)] }.reduce(0) { $0 + weight($1) }
        let tied = rows.filter { scores[Int($0)] == scores[Int(row)] }.reduce(0) { $0 + weight($1) }
        return weight(row) * (below + 0.5 * tied - 0.5 * whole) / mean / mean
      }
      let positives = rows.count { targets[Int($0)] == 1 }
      let scale = 1 / Double(positives * (rows.count - positives))
      func sum(_ mask: Int) -> Double {
        rows.indices.reduce(0) { $0 + (mask >> $1 & 1 == 1 ? scale * ranks[$1] : 0) }
      }
      let own = rows.indices.reduce(0) { $0 | (targets[Int(rows[$1])] == 1 ? 1 << $1 : 0) }
      return [sum(own)] + (0..<1 << rows.count).filter { $0.nonzeroBitCount == positives }.map(sum)
    }
    let (first, second) = (arrangements(folds[0]), arrangements(folds[1]))
    let observed = first[0] + second[0] - 1e-9
    var reached = 0
    for a in first.dropFirst() { for b in second.dropFirst() where a + b >= observed { reached += 1 } }
    return Double(reached) / Double((first.count - 1) * (second.count - 1))
  }
}
