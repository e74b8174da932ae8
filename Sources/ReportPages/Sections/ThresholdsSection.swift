import FairnessMetrics
import OrderedJSON
import RunRecords

/// The explorer of thresholds: what every rate and the verdict become where the threshold moves.
struct ThresholdsSection {
  let run: RunReport

  /// The groups of an attribute that are shown; more would be no picture.
  private static let mostGroups = 8

  var markup: Markup {
    guard let scores = run.scores, run.distribution(Slice()) != nil else { return "" }
    let start = Int((run.threshold * Double(scores.bins)).rounded())
    let tables = run.attributes.enumerated().map { index, name in attribute(name, index: index, start: start) }
    guard tables.contains(where: { !$0.isEmpty }) else { return "" }
    return Part.section(
      "thresholds", "Where to put the threshold",
      lead:
        "A threshold is a choice, made by whoever decides how many to select. Move it and see what becomes of each group; all numbers are counted from the \(run.rowsName), and the verdict uses approximate 95 % intervals of the ratio.",
      """
      <div class="controls" id="threshold-controls" hidden>
      <label for="threshold">Threshold</label>
      <input type="range" id="threshold" min="0" max="\(scores.bins)" value="\(start)">
      <output id="threshold-value" for="threshold">\(Words.number(Double(start) / Double(scores.bins), 3))</output>
      \(scores.states.count > 1 ? "<fieldset><legend class=\"unseen\">Scores</legend><label><input type=\"radio\" name=\"state\" value=\"0\"> before</label> <label><input type=\"radio\" name=\"state\" value=\"1\" checked> after</label></fieldset>" as Markup : "")
      <button type="button" id="threshold-reset">Back to \(Words.number(run.threshold, 2))</button>
      </div>
      <p id="threshold-whole" aria-live="polite"></p>
      \(tables)\(matched(scores))
      """)
  }

  /// Before and after where they are equal in one thing.
  private func matched(_ scores: ScoresRecord) -> Markup? {
    guard scores.states.count > 1 else { return nil }
    let table = MatchedTable(
      entries: zip(["before", "after"], [scores.states[0], scores.states[scores.states.count - 1]]).map {
        .init(name: $0, state: $1, bins: scores.bins, threshold: run.threshold)
      }, reference: 1, attributes: run.attributes)
    return
      "<p>A moved threshold can pass for a better model. Here the one before is moved until it equals the one after in one thing.</p>\n"
      + table.markup
  }

  private func attribute(_ name: String, index: Int, start: Int) -> Markup {
    let groups = (run.after?.attributes.first { $0.name == name }?.groups ?? []).prefix(Self.mostGroups).enumerated()
      .compactMap { series, group -> (name: String, series: Int, counts: ThresholdCounts)? in
        run.distribution(Slice([.init(column: name, group: group.name)])).map {
          (group.name, series, ThresholdCounts($0))
        }
      }
    guard groups.count > 1 else { return "" }
    let rows = groups.map { group -> [Markup] in
      let counts = group.counts
      return [
        Part.name(group.name), "\(Words.count(counts.rows))", cell("selected", group.name, counts.selectionRate(start)),
        cell("tpr", group.name, counts.truePositiveRate(start)),
        cell("fpr", group.name, counts.falsePositiveRate(start)),
        cell("precision", group.name, counts.precision(start)), cell("accuracy", group.name, counts.accuracy(start)),
      ]
    }
    let panels = [
      panel("selected", "Share of the group at or above the threshold.", name, groups, start) { $0.selectionRate($1) },
      panel(
        "true positive rate", "Of the group's rows labelled \(run.positiveLabel), the share selected.", name, groups,
        start
      ) {
        $0.truePositiveRate($1)
      },
      panel("false positive rate", "Of the group's other rows, the share selected.", name, groups, start) {
        $0.falsePositiveRate($1)
      },
    ]
    let table = Part.table(
      "Rates by \(name) at the chosen threshold",
      columns: [
        name, "#rows", "#selected", "#true positive rate", "#false positive rate", "#precision", "#accuracy",
      ], rows: rows)
    return """
      <h3>\(name)</h3>
      <p class="outcome" data-outcome="\(index)" aria-live="polite">\(AttributeFinding(name, of: run).sentence)</p>
      \(Part.legend(groups.map { ($0.name, $0.series) }))      <div data-attribute="\(index)">
      \(Part.panels(panels))\(table)</div>

      """
  }

  private func cell(_ metric: Markup, _ group: String, _ value: Double?) -> Markup {
    "<span data-cell=\"\(metric)\" data-group=\"\(Visible.text(group))\">\(value.map { Words.percent($0) } ?? "none")</span>"
  }

  private func panel(
    _ title: String, _ sentence: String, _ attribute: String,
    _ groups: [(name: String, series: Int, counts: ThresholdCounts)], _ start: Int,
    _ rate: (ThresholdCounts, Int) -> Double?
  ) -> Markup {
    var plot = Plot(x: 0...1, y: 0...1, height: 190, right: 16)
    plot.verticalAxis(.percent, count: 4)
    plot.horizontalAxis(.number, title: "threshold")
    for group in groups {
      let points = stride(from: 0, through: group.counts.bins, by: 2).map { index in
        (x: Double(index) / Double(group.counts.bins), y: rate(group.counts, index))
      }
      plot.line(points, series: group.series, name: group.name)
    }
    plot.reference(x: Double(start) / Double(groups[0].counts.bins), "", kind: "marker")
    let seen = groups.map { group in "\(group.name) \(rate(group.counts, start).map { Words.percent($0) } ?? "none")" }
    return Part.figure(
      title, sentence,
      plot.svg(
        title: "\(title) by threshold, \(attribute)",
        description: "At \(Words.number(run.threshold, 2)): \(Words.list(seen)).",
        attributes:
          "data-rate=\"\(title)\" data-frame=\"\(plot.x.range.start) \(plot.x.range.end) \(plot.y.range.start) \(plot.y.range.end) 1\""
      ))
  }

  /// The counts behind the explorer, in both states.
  static func json(_ run: RunReport) -> JSON {
    guard let scores = run.scores else { return .null }
    func distribution(_ slice: Slice) -> JSON {
      .array(
        scores.states.map { state in
          let found = state.distributions.first { $0.slice == slice }
          return [
            "positives": .array((found?.positives ?? []).map { .number(JSONNumber($0)) }),
            "negatives": .array((found?.negatives ?? []).map { .number(JSONNumber($0)) }),
          ]
        })
    }
    return [
      "bins": .number(JSONNumber(scores.bins)), "threshold": .number(JSONNumber(run.threshold)),
      "states": .array(scores.states.map { .string($0.name.rawValue) }), "all": distribution(Slice()),
      "attributes": .array(
        run.attributes.map { name in
          let groups = (run.after?.attributes.first { $0.name == name }?.groups ?? []).prefix(mostGroups)
          return [
            "name": .string(Visible.text(name)),
            "groups": .array(
              groups.map {
                [
                  "name": .string(Visible.text($0.name)),
                  "states": distribution(Slice([.init(column: name, group: $0.name)])),
                ]
              }),
          ]
        }),
    ]
  }
}
