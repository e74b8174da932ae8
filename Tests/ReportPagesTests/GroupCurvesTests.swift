import FairnessMetrics
import Foundation
import OrderedJSON
import ReportPages
import RunRecords
import Testing

/// The curves of the groups and the numbers that the script moves, where there are more groups than colours.
@Suite struct GroupCurvesTests {
  /// Makes a run of one attribute with groups g0, g1, … of 100, 110, … rows, of which every second one has a positive
  /// label.
  ///
  /// - Parameter groups: 0 for a run without an attribute that has groups.
  private static func with(groups: Int, threshold: Double = 0.5, _ body: (String, JSON) throws -> Void) throws {
    let parent = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let folder = try RunFolder.create(
      in: parent, name: "curves", configuration: ["name": "curves", "data": ["label": ["column": "y"]]], time: 0)
    let states = [Scored(groups, shift: 0.1), Scored(groups, shift: 0)]
    let splits = states.map { [SplitEvaluation(.test, $0.evaluation(threshold))] }
    let log = try folder.epochLog()
    for epoch in 1...3 {
      try log.append(
        EpochRecord(
          phase: .game, epoch: epoch, labelLoss: .defined(0.4), adversaryLoss: .defined(0.6), splits: splits[1],
          scores: ScoreCounts(scores: states[1].scores, attributes: states[1].columns)))
    }
    try log.close()
    try folder.write(
      ScoresRecord(
        split: .test, states: [.init(.pretrained, states[0].distributions), .init(.final, states[1].distributions)]))
    try folder.write(
      RunSummary(
        name: "curves", seed: 1, notices: [],
        phases: [.init(.pretrained, splits: splits[0]), .init(.final, splits: splits[1])],
        timing: []))
    let html = try ReportPage(RunReport(folder: folder.path)).html
    let start = try #require(html.range(of: "<script type=\"application/json\" id=\"data\">"))
    let rest = html[start.upperBound...]
    let end = try #require(rest.range(of: "</script>"))
    try body(html, try JSONReader.read(Array(rest[..<end.lowerBound].utf8), source: "data").value)
  }

  /// The texts after a mark and before a quotation mark, as often as it stands there.
  private static func values(after mark: String, in html: Substring) -> [String] {
    html.components(separatedBy: mark).dropFirst().map { String($0.prefix { $0 != "\"" }) }
  }

  private static func section(_ id: String, of html: String) throws -> Substring {
    let start = try #require(html.range(of: "<section id=\"\(id)\""))
    let rest = html[start.lowerBound...]
    return rest[..<(try #require(rest.range(of: "</section>"))).lowerBound]
  }

  /// Each curve has a number of its own, and the script has counts for each of these.
  @Test func curvesAreFoundByNumber() throws {
    try Self.with(groups: 10) { html, data in
      let scores = try Self.section("scores", of: html)
      let moving = try #require(scores.range(of: "data-density=\"0\""))
      let numbers = (0..<10).map(String.init)
      #expect(Self.values(after: "data-series=\"", in: scores[moving.upperBound...]) == numbers)
      #expect(scores.contains("id=\"epoch-controls\"") && scores.contains("Right-hand picture after"))
      let groups = data["epochs"]?["attributes"]?.elements?.first?["groups"]?.elements ?? []
      #expect(groups.compactMap { $0["name"]?.text } == numbers.map { "g\($0)" })
      #expect(groups.allSatisfy { $0["epochs"]?.elements?.allSatisfy { $0.elements?.count == 50 } == true })
    }
  }

  /// So many groups are not counted after every epoch: nothing is offered that would move nothing, or blank the curves.
  @Test func nothingMovesWithoutCounts() throws {
    try Self.with(groups: 14) { html, data in
      let scores = try Self.section("scores", of: html)
      #expect(!scores.contains("epoch-controls") && !scores.contains("data-density"))
      #expect(scores.contains("The 12 largest of 14 groups.") && !scores.contains(">g1</li>"))
      #expect(scores.contains(">g2</li>") && scores.contains(">g13</li>"))
      #expect(data["epochs"]?["attributes"]?.elements?.first?["groups"] == [])
    }
  }

  /// Without groups the one picture is that of all rows, and moves.
  @Test func allRowsMove() throws {
    try Self.with(groups: 0) { html, data in
      let scores = try Self.section("scores", of: html)
      #expect(scores.contains("data-density=\"0\"") && scores.contains(">Picture after</label>"))
      let groups = data["epochs"]?["attributes"]?.elements?.first?["groups"]?.elements ?? []
      #expect(groups.count == 1 && groups.first?["epochs"]?.elements?.count == 3)
    }
  }

  /// Table, sentence and script have all groups; what is drawn are the largest, which the section says.
  @Test func thresholdsHaveAllGroups() throws {
    try Self.with(groups: 10) { html, data in
      let section = try Self.section("thresholds", of: html)
      #expect(section.contains("The curves are those of the 8 largest of 10 groups"))
      let cells = Self.values(after: "data-cell=\"selected\" data-group=\"", in: section)
      #expect(cells == (0..<10).map(String.init))
      let groups = data["scores"]?["attributes"]?.elements?.first?["groups"]?.elements ?? []
      #expect(groups.compactMap { $0["name"]?.text } == (0..<10).map { "g\($0)" })
      // g0 and g1 have the fewest rows, and g0 is selected least.
      #expect(Set(Self.values(after: "data-series=\"", in: section)) == Set((2..<10).map(String.init)))
      #expect(section.contains(" of g0") && section.contains("<bdi>g0</bdi>"))
    }
  }

  /// A threshold between two bins stands there as it is, with the numbers of the evaluation, and not those of a bin: a
  /// row of g0 scores between 0.338 and 0.340.
  @Test(arguments: [(0.338, "0.338", "0.338"), (0.5, "0.500", "0.50"), (0.335, "0.335", "0.335")])
  func ownThresholdIsExact(threshold: Double, shown: String, button: String) throws {
    try Self.with(groups: 2, threshold: threshold) { html, data in
      let section = try Self.section("thresholds", of: html)
      #expect(section.contains("<output id=\"threshold-value\" for=\"threshold\">\(shown)</output>"))
      #expect(section.contains(">Back to \(button)</button>"))
      let state = Scored(2, shift: 0)
      let selected = state.selected(threshold)
      #expect(section.contains("At \(shown), \(selected.count { $0 }) of 210 are selected"))
      let own = [
        zip(selected, state.labels).count { $0 && $1 }, zip(selected, state.labels).count { $0 && !$1 },
      ]
      #expect(data["scores"]?["all"]?.elements?.last?["own"]?.elements?.compactMap(\.integer) == own)
      let groups = data["scores"]?["attributes"]?.elements?.first?["groups"]?.elements ?? []
      for (code, group) in groups.enumerated() {
        let rows = state.codes.indices.filter { state.codes[$0] == Int32(code) }
        let own = [
          rows.count { selected[$0] && state.labels[$0] }, rows.count { selected[$0] && !state.labels[$0] },
        ]
        #expect(group["states"]?.elements?.last?["own"]?.elements?.compactMap(\.integer) == own, "group \(code)")
      }
    }
  }
}

/// Rows of groups with scores, and what the records of a run say of them.
private struct Scored {
  var scores: [Float] = []
  var labels: [Bool] = []
  var codes: [Int32] = []
  let groups: [String]

  /// - Parameter shift: What the scores are above those of another state.
  init(_ count: Int, shift: Float) {
    groups = (0..<count).map { "g\($0)" }
    for group in 0..<max(1, count) {
      let rows = 100 + 10 * group
      for row in 0..<rows {
        // Between the borders of bins, more of them high in later groups.
        let place = (Float(row) + 0.37) / Float(rows)
        scores.append(min(0.99, place * (0.7 + 0.02 * Float(group)) + shift))
        labels.append(row % 2 == 0)
        codes.append(Int32(group))
      }
    }
  }

  var columns: [GroupColumn] {
    groups.isEmpty ? [] : [GroupColumn(name: "kind", groups: groups, codes: codes)]
  }

  func selected(_ threshold: Double) -> [Bool] {
    let rule = DecisionRule<Float>(threshold: threshold)
    return scores.map(rule.selects)
  }

  func evaluation(_ threshold: Double) -> ClassifierEvaluation {
    let selected = selected(threshold)
    func share(_ rows: [Int], _ holds: (Int) -> Bool) -> MetricValue {
      rows.isEmpty ? .undefined("there are no rows") : .defined(Double(rows.count(where: holds)) / Double(rows.count))
    }
    let parts = groups.indices.map { group in codes.indices.filter { codes[$0] == Int32(group) } }
    let evaluations = zip(groups, parts).map { name, rows in
      GroupEvaluation(
        name: name, rows: rows.count, selectionRate: share(rows) { selected[$0] },
        truePositiveRate: share(rows.filter { labels[$0] }) { selected[$0] },
        falsePositiveRate: share(rows.filter { !labels[$0] }) { selected[$0] })
    }
    let rates = evaluations.compactMap(\.selectionRate.value)
    let all = Array(scores.indices)
    return ClassifierEvaluation(
      rows: scores.count, threshold: threshold, accuracy: share(all) { selected[$0] == labels[$0] },
      rocAUC: .defined(0.5), selectionRate: share(all) { selected[$0] },
      attributes: groups.isEmpty
        ? []
        : [
          AttributeEvaluation(
            name: "kind", pPercentRule: .defined((rates.min() ?? 0) / (rates.max() ?? 1)),
            demographicParityDifference: .defined((rates.max() ?? 0) - (rates.min() ?? 0)),
            equalizedOddsDifference: .defined(0.1), equalOpportunityDifference: .defined(0.1), groups: evaluations)
        ])
  }

  var distributions: [ScoresRecord.Distribution] {
    func distribution(_ slice: Slice, _ holds: (Int) -> Bool) -> ScoresRecord.Distribution {
      var positives = [Int](repeating: 0, count: ScoresRecord.standardBins)
      var negatives = positives
      for row in scores.indices where holds(row) {
        let bin = min(positives.count - 1, Int(Double(scores[row]) * Double(positives.count)))
        if labels[row] { positives[bin] += 1 } else { negatives[bin] += 1 }
      }
      return .init(slice, positives: positives, negatives: negatives)
    }
    return [distribution(Slice()) { _ in true }]
      + groups.enumerated().map { code, name in
        distribution(Slice([.init(column: "kind", group: name)])) { codes[$0] == Int32(code) }
      }
  }
}
