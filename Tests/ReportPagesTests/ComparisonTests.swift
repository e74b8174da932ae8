import FairnessMetrics
import OrderedJSON
import ReportPages
import RunRecords
import Testing

@Suite struct ComparisonTests {
  /// Ten rows a bin: the k-th state has its scores k bins higher.
  private func state(_ shift: Int) -> ScoresRecord.State {
    func distribution(_ slice: Slice, _ more: Int) -> ScoresRecord.Distribution {
      var positives = [Int](repeating: 0, count: 20)
      var negatives = positives
      for bin in 0..<10 {
        positives[bin + shift + more] += bin
        negatives[bin + shift] += 10 - bin
      }
      return .init(slice, positives: positives, negatives: negatives)
    }
    return .init(
      .final,
      [
        distribution(Slice(), 0), distribution(Slice([.init(column: "g", group: "a")]), 0),
        distribution(Slice([.init(column: "g", group: "b")]), 1),
      ])
  }

  /// A state whose scores are all higher by the same step is the same model at a moved threshold.
  @Test(arguments: OperatingPoint.Condition.allCases)
  func movedThresholdIsNoChange(condition: OperatingPoint.Condition) throws {
    let reference = OperatingPoint(state(0), bins: 20, index: 5, attributes: ["g"])
    let rate = try #require(condition == .selectionRate ? reference.selectionRate : reference.falsePositiveRate)
    let index = try #require(
      OperatingPoint.index(of: state(4), bins: 20, matching: condition, rate, near: 0.25))
    #expect(index == 9)
    let moved = OperatingPoint(state(4), bins: 20, index: index, attributes: ["g"])
    #expect(moved.selectionRate == reference.selectionRate && moved.accuracy == reference.accuracy)
    #expect(moved.attributes[0].ratio == reference.attributes[0].ratio)
    #expect(moved.attributes[0].gap == reference.attributes[0].gap)
  }

  @Test func pointsByHand() {
    let point = OperatingPoint(state(0), bins: 20, index: 5, attributes: ["g"])
    // Bins 5...9 are selected: 35 of 45 positives, 15 of 55 negatives.
    #expect(point.selectionRate == 0.5 && point.accuracy == 0.75)
    #expect(point.falsePositiveRate == 15.0 / 55)
    // In group b the positives stand one bin higher: 39 of 45.
    #expect(point.attributes[0].ratio.map { abs($0 - 50.0 / 54) < 1e-12 } == true)
    #expect(point.attributes[0].gap.map { abs($0 - 4.0 / 45) < 1e-12 } == true)
  }

  @Test func pageOfTwoRuns() throws {
    try SampleRun.with(rates: (0.3, 0.3)) { one in
      try SampleRun.with(rates: (0.1, 0.3)) { other in
        let page = ComparisonPage([try RunReport(folder: one), try RunReport(folder: other)])
        #expect(page.html.contains("<h1>1 of 2 runs meets the four-fifths mark; A is the most accurate of all"))
        #expect(page.html.contains("<section id=\"matched\"") && page.html.contains("All configurations are equal."))
        #expect(page.html.components(separatedBy: "<script").count == 3)
        let matched = page.json["matched"]?["selectionRate"]?.elements ?? []
        #expect(matched.count == 2 && matched.first?["name"]?.text?.hasPrefix("A ") == true)
      }
    }
  }
}
