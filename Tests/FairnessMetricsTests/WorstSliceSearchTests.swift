import FairnessMetrics
import Testing

@Suite struct WorstSliceSearchTests {
  func accumulator(_ groups: [[Int32]], decisions: [Bool]) -> SliceAccumulator {
    var accumulator = SliceAccumulator(columns: groups.indices.map { "c\($0)" }, thresholds: [0.5])
    accumulator.add(
      scores: decisions.map { $0 ? 1.0 : 0 }, labels: decisions.map { _ in true },
      columns: groups.enumerated().map { index, codes in
        let names = (0...(codes.max() ?? 0)).map { "g\($0)" }
        return SliceColumn(GroupColumn(name: "c\(index)", groups: names, codes: codes))
      })
    return accumulator
  }

  /// Selected are (0, 0) and (1, 1) more often than (0, 1) and (1, 0): fair by each column alone, and not by both.
  @Test func fairByEachColumnAloneButNotInACell() throws {
    var first: [Int32] = []
    var second: [Int32] = []
    var decisions: [Bool] = []
    for (a, b, selected) in [(0, 0, 80), (0, 1, 40), (1, 0, 40), (1, 1, 80)] {
      for row in 0..<200 {
        first.append(Int32(a))
        second.append(Int32(b))
        decisions.append(row < selected)
      }
    }
    let accumulator = accumulator([first, second], decisions: decisions)
    let alone = WorstSliceSearch(rate: .selectionRate, depth: 1).findings(accumulator)
    #expect(alone.count == 4)
    #expect(alone.allSatisfy { $0.gap == 0 && $0.correctedPValue == 1 })
    let findings = WorstSliceSearch(rate: .selectionRate, depth: 2).findings(accumulator)
    #expect(findings.count == 8)
    let worst = try #require(findings.first)
    #expect(worst.slice.description == "c0 = g0, c1 = g0")
    #expect(worst.inside == CountedShare(80, of: 200))
    #expect(worst.outside == CountedShare(160, of: 600))
    #expect(abs(worst.gap - (0.4 - 160.0 / 600)) < 1e-15)
    #expect(worst.correctedPValue < 0.01)
    #expect(worst.correctedPValue >= worst.pValue)
    #expect(WorstSliceSearch(rate: .selectionRate, minimumSupport: 201).findings(accumulator).count == 4)
    #expect(WorstSliceSearch(rate: .falsePositiveRate).findings(accumulator).isEmpty)
  }

  /// 400 data sets in which nothing depends on the groups: at most 5 % raise an alarm at the level 0.05.
  @Test func falseAlarmsOnNullData() {
    var generator = TestGenerator(seed: 31)
    var alarms = 0
    for _ in 0..<400 {
      let groups = [3, 2, 4].map { size in (0..<1000).map { _ in Int32(generator.next() % UInt64(size)) } }
      let decisions = (0..<1000).map { _ in generator.uniform() < 0.3 }
      let findings = WorstSliceSearch(rate: .selectionRate, depth: 2).findings(
        accumulator(groups, decisions: decisions))
      if findings.contains(where: { $0.correctedPValue <= 0.05 }) { alarms += 1 }
    }
    if CoverageTests.isFull { print("false alarms of the search: \(alarms) of 400") }
    #expect(alarms <= 20, "\(alarms) of 400, seed 31")
    // Not too timid either: the correction is for tests that overlap, but is not to silence them.
    #expect(alarms >= 2, "\(alarms) of 400, seed 31")
  }
}
