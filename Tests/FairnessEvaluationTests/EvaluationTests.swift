import FairnessEvaluation
import FairnessMetrics
import Foundation
import MetricExpressions
import OrderedJSON
import Testing

@Suite struct EvaluationTests {
  /// Eight rows whose rates one can check by eye: women 4 (selected 1), men 4 (selected 3).
  private let eight = """
    label,score,sex
    1,0.9,Female
    1,0.4,Female
    0,0.2,Female
    0,0.1,Female
    1,0.8,Male
    1,0.7,Male
    0,0.6,Male
    0,0.3,Male

    """

  @Test func eightRowsByHand() throws {
    let report = try evaluate(eight) { $0.groups = [GroupSource("sex")] }
    #expect(report.rows == 8)
    #expect(report.value("selectionRate", "sex = Female") == 0.25)
    #expect(report.value("selectionRate", "sex = Male") == 0.75)
    #expect(report.value("truePositiveRate", "sex = Female") == 0.5)
    #expect(report.value("falsePositiveRate", "sex = Male") == 0.5)
    #expect(report.value("accuracy") == 0.75)
    // Of the 16 pairs the positives 0.4 loses to 0.6 alone.
    #expect(report.value("rocAUC") == 15.0 / 16)
    let parity = report.models[0].parity[0]
    #expect(parity.columns == ["sex"])
    let metrics = Dictionary(uniqueKeysWithValues: parity.thresholds[0].metrics.map { ($0.name, $0.estimate.value) })
    #expect(metrics["pPercentRule"] == .defined(0.25 / 0.75))
    #expect(metrics["demographicParityDifference"] == .defined(0.5))
    #expect(metrics["equalOpportunityDifference"] == .defined(0.5))
  }

  @Test func relativeToOverallHasTheRightSign() throws {
    // 0.24 against 0.23 is higher, by 4.3 %: 24 of 100 women and 22 of 100 men are falsely selected.
    var text = "label,score,sex\n"
    for row in 0..<100 { text += "0,\(row < 24 ? 1 : 0),Female\n0,\(row < 22 ? 1 : 0),Male\n" }
    let report = try evaluate(text) {
      $0.groups = [GroupSource("sex")]
      $0.metrics = [.slice(.falsePositiveRate)]
    }
    let gaps = try #require(report.models[0].gaps)
    let relative = try #require(gaps.columns.firstIndex { $0.name == "relativeToOverall" })
    let female = try #require(gaps.rows.first { $0[0] == .text("falsePositiveRate") && $0[2] == .text("sex = Female") })
    guard case .value(.defined(let value)) = female[relative] else { return #expect(Bool(false)) }
    #expect(abs(value - 1.0 / 23) < 1e-12)
    // Its counterpart is shown beside it.
    #expect(gaps.rows.contains { $0[0] == .text("falseNegativeRate") })
  }

  @Test(arguments: [false, true])
  func piecesEqualTheWhole(weighted: Bool) throws {
    let text = randomRows(3000, seed: 1)
    func report(_ exactRows: Int, _ name: String = "data.csv") throws -> EvaluationReport {
      try evaluate(text, as: name) {
        $0.groups = [GroupSource("sex"), GroupSource("race")]
        $0.thresholds = [0.3, 0.5]
        $0.exactRows = exactRows
        if weighted { $0.weights = "weight" }
      }
    }
    let whole = try report(1_000_000)
    let streamed = try report(0)
    #expect(whole.isExact && !streamed.isExact)
    for (a, b) in zip(whole.models[0].slices, streamed.models[0].slices) {
      #expect(a.slice == b.slice && a.rows == b.rows)
      #expect(a.thresholds == b.thresholds, "\(a.slice)")
      let bound = b.estimate("rocAUCErrorBound")?.value.value ?? 0
      for metric in a.metrics {
        let same = try #require(b.estimate(metric.name)).value.value
        guard let value = metric.estimate.value.value else {
          #expect(same == nil)
          continue
        }
        let tolerance = ["rocAUC", "averagePrecision"].contains(metric.name) ? bound + 1e-12 : 1e-12
        #expect(abs(value - (same ?? .infinity)) <= tolerance, "\(a.slice) \(metric.name)")
      }
    }
    // Equal seeds, equal bytes.
    #expect(whole.models == (try report(1_000_000)).models)
  }

  @Test func rankStatisticsOfOneSweepEqualThoseOfEachSlice() throws {
    var generator = SeededGenerator(state: 5)
    let scores = (0..<500).map { _ in Double(generator.next() % 40) / 40 }
    let labels = (0..<500).map { _ in generator.next() % 3 == 0 }
    let codes = (0..<500).map { _ in Int32(generator.next() % 3) - 1 }
    let column = SliceColumn(GroupColumn(name: "z", groups: ["a", "b"], codes: codes))
    let cells = CrossedCells([column], rows: 500)
    let slices = cells.slices(crossing: [0])
    let found = RankStatistics.of(scores: scores, labels: labels, cells: cells, slices: slices.map(\.cells))
    for (slice, statistics) in zip(slices, found) {
      let rows = (0..<500).filter { slice.cells.contains(Int(cells.cells[$0])) }
      let (s, y) = (rows.map { scores[$0] }, rows.map { labels[$0] })
      #expect(statistics.rocAUC == rocAUC(scores: s, labels: y))
      let deLong = try #require(deLongROCAUC(scores: s, labels: y).estimate)
      let variance = try #require(statistics.rocAUCEstimate).variance
      #expect(abs(variance - deLong.variance) < 1e-12 * deLong.variance)
      let precision = try #require(averagePrecision(scores: s, labels: y).value)
      #expect(abs((statistics.averagePrecision.value ?? 0) - precision) < 1e-14)
    }
  }

  @Test func formatsAgree() throws {
    let csv = randomRows(200, seed: 2)
    let lines = csv.split(separator: "\n").dropFirst().map { line -> String in
      let other = line.contains("\"")
      let plain = line.replacing("\"Other, or none\"", with: "Other").split(
        separator: ",", omittingEmptySubsequences: false)
      let race = other ? "Other, or none" : String(plain[3])
      let sex = plain[2].isEmpty ? "null" : "\"\(plain[2])\""
      return "{\"race\": \"\(race)\", \"label\": \(plain[0]), \"score\": \(plain[1]), \"sex\": \(sex)}"
    }
    let change = { (specification: inout EvaluationSpecification) in
      specification.groups = [GroupSource("sex"), GroupSource("race")]
    }
    let a = try evaluate(csv, change)
    let b = try evaluate(lines.joined(separator: "\n"), as: "data.jsonl", change)
    #expect(a.models == b.models)
  }

  @Test func overlappingGroupsBinsAndSoftAnnotations() throws {
    let text = """
      label,score,identity,age,male,female
      1,0.9,female|black,17,0.1,0.9
      0,0.8,black,18,0.5,0.5
      1,0.2,,64,,
      0,0.1,female,65,0.4,0.4

      """
    let report = try evaluate(text) {
      $0.groups = [
        GroupSource("identity", .multiValued(separator: "|")),
        GroupSource("age", .bins(NumericBins(edges: [18, 65])!)),
        GroupSource("gender", .soft(columns: ["male", "female"], threshold: 0.5)),
      ]
      $0.slices = [["identity"], ["age"], ["gender"], ["identity", "gender"]]
    }
    let rows = Dictionary(uniqueKeysWithValues: report.models[0].slices.map { ("\($0.slice)", $0.rows) })
    #expect(rows["identity = female"] == 2)
    #expect(rows["identity = black"] == 2)
    #expect(rows["identity missing"] == 1)
    #expect(rows["age = < 18"] == 1)
    #expect(rows["age = 18 ..< 65"] == 2)
    #expect(rows["age = ≥ 65"] == 1)
    #expect(rows["gender = male"] == 1)
    #expect(rows["gender = female"] == 2)
    #expect(rows["gender missing"] == 1)
    #expect(rows["identity = black, gender = female"] == 2)
    #expect(report.value("selectionRate", "identity = female") == 0.5)
    #expect(report.notes.contains("identity is missing in 1 rows; they are a slice of their own."))
  }

  @Test func regressionErrors() throws {
    let text = "label,score,sex\n1,2,F\n2,2,F\n3,0,M\n4,5,M\n"
    let report = try evaluate(text) {
      $0.predictions = .numbers(["score"])
      $0.groups = [GroupSource("sex")]
    }
    #expect(report.value("meanAbsoluteError") == 1.25)
    #expect(report.value("meanError", "sex = F") == 0.5)
    #expect(report.value("rootMeanSquaredError", "sex = M") == 5.0.squareRoot())
    let parity = report.models[0].parity[0].thresholds[0].metrics
    func gap(_ name: String) -> Double? { parity.first { $0.name == name }?.estimate.value.value }
    #expect(gap("meanAbsoluteErrorDifference") == 1.5)
    #expect(report.value("meanPrediction", "sex = M") == 2.5)
    #expect(gap("meanPredictionDifference") == 0.5)
    #expect(gap("rootMeanSquaredErrorDifference") == 5.0.squareRoot() - 0.5.squareRoot())
  }

  @Test func classesAgainstTheRest() throws {
    let text = "label,a,b,guess\nx,0.9,0.1,x\ny,0.2,0.8,x\nx,0.6,0.4,y\n"
    let scored = try evaluate(text) {
      $0.predictions = .classScores([.init("x", column: "a"), .init("y", column: "b")])
    }
    #expect(scored.models.map(\.name) == ["x", "y"])
    #expect(scored.value("accuracy", model: 0) == 1)
    let named = try evaluate(text) { $0.predictions = .classNames(column: "guess", classes: ["x", "y"]) }
    #expect(named.value("truePositiveRate", model: 0) == 0.5)
    #expect(named.value("truePositiveRate", model: 1) == 0)
  }

  @Test func oneFindsTheUnfairCell() throws {
    // Sex alone and race alone have equal rates; in the crosses it is 80 % against 20 %.
    var text = "label,score,sex,race\n"
    for sex in ["F", "M"] {
      for race in ["B", "W"] {
        for row in 0..<200 {
          let rate = (sex == "F") == (race == "B") ? 40 : 160
          text += "\(row % 2),\(row < rate ? 0.9 : 0.1),\(sex),\(race)\n"
        }
      }
    }
    let report = try evaluate(text) {
      $0.groups = [GroupSource("sex"), GroupSource("race")]
      $0.worstSlices = .init(depth: 2)
    }
    let slices = try #require(report.models[0].worstSlices).rows.map { $0[1] }
    #expect(slices.contains(.text("sex = F, race = B")))
    #expect(!slices.contains(.text("sex = F")))
  }

  @Test func constantPredictorsAreNotPraised() throws {
    var text = "label,score,sex\n"
    for row in 0..<100 { text += "\(row % 2),0.1,\(row % 3 == 0 ? "F" : "M")\n" }
    let report = try evaluate(text) { $0.groups = [GroupSource("sex")] }
    #expect(report.models[0].notes.contains { $0.contains("every row is rejected: the predictor decides nothing") })
    #expect(report.models[0].notes.contains { $0.contains("All rows have the same score") })
  }

  @Test func tinySlicesAreNamedWithTheSwingOfOneRow() throws {
    var text = "label,score,gender\n"
    for row in 0..<200 { text += "\(row % 2),0.\(row % 10),\(row < 6 ? "other" : "male")\n" }
    let report = try evaluate(text) { $0.groups = [GroupSource("gender")] }
    #expect(
      report.models[0].notes == [
        "gender = other: only 6 rows: one row moves a rate by 16.7 points; collect more data."
      ])
  }

  /// Two groups of the same rows but for a few differ by less than two groups of other rows would: their gap is known
  /// more exactly, in the table, in the four-fifths rule and for a gate.
  @Test func overlappingGroupsAreComparedByTheRowsTheyDoNotShare() throws {
    func text(_ shared: Int, _ own: Int) -> String {
      var text = "label,score,topics\n"
      var row = 0
      for (count, cell, selected) in [(shared, "x|y", 5), (own, "x", 7), (own, "y", 3)] {
        for _ in 0..<count {
          text += "\(row * 7 % 10 < 5 ? 1 : 0),\(row % 10 < selected ? 0.9 : 0.1),\(cell)\n"
          row += 1
        }
      }
      return text
    }
    func report(_ text: String) throws -> EvaluationReport {
      try evaluate(text) {
        $0.groups = [GroupSource("topics", .multiValued(separator: "|"))]
        $0.packs = [.fourFifths]
        $0.gates = [.init(try! MetricCondition("demographic_parity_difference(topics) < 0.2"), failsIfMet: false)]
      }
    }
    let found = try report(text(500, 100))
    let estimate = try #require(
      found.models[0].parity[0].thresholds[0].metrics.first { $0.name == "demographicParityDifference" }?.estimate)
    #expect(estimate.value == .defined(320.0 / 600 - 280.0 / 600))
    let interval = try #require(estimate.interval)
    #expect(found.models[0].gates[0].estimate.interval == interval)
    // A gap of 40 of 600 rows, from 100 rows each that differ by 0.4 ± 0.13: a sixth of that.
    #expect(abs(interval.low - 0.045) < 0.005 && abs(interval.high - 0.089) < 0.005, "\(interval)")
    guard case .value(.defined(let pValue)) = found.models[0].packs[0].rows[1][6] else {
      Issue.record("no p-value in \(found.models[0].packs[0].rows)")
      return
    }
    // Of independent groups it would be 0.02.
    #expect(pValue < 1e-6, "\(pValue)")
  }

  @Test func resultsAreReadAgainAsTheyWere() throws {
    let report = try evaluate(randomRows(500, seed: 3)) {
      $0.groups = [GroupSource("sex"), GroupSource("race")]
      $0.thresholds = [0.25, 0.5]
      $0.gates = [.init(try! MetricCondition("p_percent_rule(sex) >= 0.8"), failsIfMet: false)]
      $0.packs = [.fourFifths, .newYorkLocalLaw144]
      $0.worstSlices = .init(depth: 2)
    }
    let text = report.json.serialized()
    let again = try EvaluationReport(JSONReader.read(text, source: "results.json").value, file: "results.json")
    #expect(again == report)
    #expect(again.json.serialized() == text)
    // As the design has it.
    #expect(report.json["slices"]?.elements?.first?["slice"] == .object([]))
    #expect(report.json["parity"]?["sex,race"]?.elements?.first?["pPercentRule"]?["low"] != nil)
  }

  @Test func tiesToGoldenDigits() {
    // Numbers of 17 digits and more take the way of whole numbers, and must be the nearest all the same.
    var generator = SeededGenerator(state: 11)
    for _ in 0..<20_000 {
      let digits = Int(generator.next() % 19) + 1
      let mantissa = String(generator.next() % 10_000_000_000_000_000_000).prefix(digits)
      let text = (generator.next() % 2 == 0 ? "0." : "12.") + mantissa
      #expect(decimal(text) == Double(text), "\(text)")
    }
  }
}
