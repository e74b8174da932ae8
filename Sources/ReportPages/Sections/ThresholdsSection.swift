import FairnessMetrics
import OrderedJSON
import RunRecords

/// The explorer of thresholds: what every rate and the verdict become where the threshold moves.
struct ThresholdsSection {
  let run: RunReport

  /// The groups of an attribute that are drawn; more would be no picture. Table and sentence have all.
  private static let mostDrawn = 8

  /// A group of an attribute.
  private struct Group {
    var name: String
    /// Its number among all groups of the attribute, by which the script finds what is of it.
    var index: Int
    var counts: ThresholdCounts
    /// What is selected at the model's threshold.
    var own: Decided
  }

  var markup: Markup {
    guard let scores = run.scores, let state = scores.states.last, let all = run.distribution(Slice()) else {
      return ""
    }
    let start = ThresholdCounts(all).index(of: run.threshold)
    let whole = Decided(ThresholdCounts(all), in: run, state.name)
    let tables = run.attributes.enumerated().map { index, name in attribute(name, index: index, state: state.name) }
    guard tables.contains(where: { !$0.isEmpty }) else { return "" }
    return Part.section(
      "thresholds", "Where to put the threshold",
      lead:
        "A threshold is a choice, made by whoever decides how many to select. Move it and see what becomes of each group; all numbers are counted from the \(run.rowsName), and the verdict uses approximate 95 % intervals of the ratio.",
      """
      <div class="controls" id="threshold-controls" hidden>
      <label for="threshold">Threshold</label>
      <input type="range" id="threshold" min="0" max="\(scores.bins)" value="\(start)">
      <output id="threshold-value" for="threshold">\(Words.threshold(run.threshold, atLeast: 3))</output>
      \(scores.states.count > 1 ? "<fieldset><legend class=\"unseen\">Scores</legend><label><input type=\"radio\" name=\"state\" value=\"0\"> before</label> <label><input type=\"radio\" name=\"state\" value=\"1\" checked> after</label></fieldset>" as Markup : "")
      <button type="button" id="threshold-reset">Back to \(Words.threshold(run.threshold, atLeast: 2))</button>
      </div>
      <p id="threshold-whole" aria-live="polite">At \(Words.threshold(run.threshold, atLeast: 3)), \(Words.count(whole.selected)) of \(Words.count(whole.rows)) are selected (\(Self.percent(whole.selectionRate))); accuracy \(Self.percent(whole.accuracy)), precision \(Self.percent(whole.precision)).</p>
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
      "<p>A moved threshold can pass for a better model. Here the one before is moved, in steps of \(1 / Double(scores.bins)), to where it comes nearest to the one after in one thing.</p>\n"
      + table.markup
  }

  private static func percent(_ share: Double?) -> String { share.map { Words.percent($0) } ?? "none" }

  private func attribute(_ name: String, index: Int, state: SummaryPhase) -> Markup {
    let evaluated = run.after?.attributes.first { $0.name == name }?.groups ?? []
    let groups = evaluated.enumerated().compactMap { index, group -> Group? in
      run.distribution(Slice([.init(column: name, group: group.name)])).map { distribution in
        let counts = ThresholdCounts(distribution)
        return Group(
          name: group.name, index: index, counts: counts,
          own: Decided(counts, in: run, state, attribute: name, group: group.name))
      }
    }
    guard groups.count > 1 else { return "" }
    let rows = groups.map { group -> [Markup] in
      func cell(_ metric: Markup, _ value: Double?) -> Markup {
        "<span data-cell=\"\(metric)\" data-group=\"\(group.index)\">\(Self.percent(value))</span>"
      }
      let own = group.own
      return [
        Part.name(group.name), "\(Words.count(own.rows))", cell("selected", own.selectionRate),
        cell("tpr", own.truePositiveRate), cell("fpr", own.falsePositiveRate), cell("precision", own.precision),
        cell("accuracy", own.accuracy),
      ]
    }
    let largest = Set(evaluated.largest(Self.mostDrawn))
    let drawn = groups.filter { largest.contains($0.index) }
    let panels = [
      panel("selected", "Share of the group at or above the threshold.", name, drawn, \.selectionRate) {
        $0.selectionRate($1)
      },
      panel(
        "true positive rate", "Of the group's rows labelled \(run.positiveLabel), the share selected.", name, drawn,
        \.truePositiveRate
      ) {
        $0.truePositiveRate($1)
      },
      panel("false positive rate", "Of the group's other rows, the share selected.", name, drawn, \.falsePositiveRate) {
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
      \(drawn.count < groups.count ? "<p class=\"small\">The curves are those of the \(drawn.count) largest of \(groups.count) groups; the table and the sentence above it are of all.</p>\n" as Markup : "")\
      \(Part.legend(drawn.enumerated().map { ($1.name, $0) }))      <div data-attribute="\(index)">
      \(Part.panels(panels))\(table)</div>

      """
  }

  private func panel(
    _ title: String, _ sentence: String, _ attribute: String, _ groups: [Group], _ own: (Decided) -> Double?,
    _ rate: (ThresholdCounts, Int) -> Double?
  ) -> Markup {
    var plot = Plot(x: 0...1, y: 0...1, height: 190, right: 16)
    plot.verticalAxis(.percent, count: 4)
    plot.horizontalAxis(.number, title: "threshold")
    for (series, group) in groups.enumerated() {
      let points = stride(from: 0, through: group.counts.bins, by: 2).map { index in
        (x: Double(index) / Double(group.counts.bins), y: rate(group.counts, index))
      }
      plot.line(points, series: series, name: "\(group.index)")
    }
    plot.reference(x: run.threshold, "", kind: "marker")
    let seen = groups.map { group in "\(group.name) \(Self.percent(own(group.own)))" }
    return Part.figure(
      title, sentence,
      plot.svg(
        title: "\(title) by threshold, \(attribute)",
        description: "At \(Words.threshold(run.threshold, atLeast: 2)): \(Words.list(seen)).",
        attributes:
          "data-rate=\"\(title)\" data-frame=\"\(plot.x.range.start) \(plot.x.range.end) \(plot.y.range.start) \(plot.y.range.end) 1\""
      ))
  }

  /// The counts behind the explorer, in both states: those of the bins, and under `own` the rows with a positive and with a
  /// negative label that are selected at the model's threshold.
  static func json(_ run: RunReport) -> JSON {
    guard let scores = run.scores else { return .null }
    func distribution(_ attribute: String? = nil, _ group: String? = nil) -> JSON {
      var slice = Slice()
      if let attribute, let group { slice = Slice([.init(column: attribute, group: group)]) }
      return .array(
        scores.states.map { state in
          guard let found = state.distributions.first(where: { $0.slice == slice }) else {
            return ["positives": [], "negatives": [], "own": [0, 0]]
          }
          let own = Decided(ThresholdCounts(found), in: run, state.name, attribute: attribute, group: group)
          return [
            "positives": .array(found.positives.map { .number(JSONNumber($0)) }),
            "negatives": .array(found.negatives.map { .number(JSONNumber($0)) }),
            "own": [.number(JSONNumber(own.truePositives)), .number(JSONNumber(own.falsePositives))],
          ]
        })
    }
    return [
      "bins": .number(JSONNumber(scores.bins)), "threshold": .number(JSONNumber(run.threshold)),
      "states": .array(scores.states.map { .string($0.name.rawValue) }), "all": distribution(),
      "attributes": .array(
        run.attributes.map { name in
          let groups = run.after?.attributes.first { $0.name == name }?.groups ?? []
          return [
            "name": .string(Visible.text(name)),
            "groups": .array(
              groups.map {
                [
                  "name": .string(Visible.text($0.name)),
                  "states": distribution(name, $0.name),
                ]
              }),
          ]
        }),
    ]
  }
}

/// What of some rows is selected at the model's threshold.
///
/// The bins know the multiples of their width alone. At any other threshold the counts follow from the evaluation, whose
/// rates are shares of the same rows.
private struct Decided {
  var truePositives: Int
  var falsePositives: Int
  let positives: Int
  let negatives: Int

  /// - Parameters:
  ///   - counts: The rows' distribution.
  ///   - state: The state of the classifier.
  ///   - attribute: The attribute of the group; nil, as `group`, for all rows.
  init(
    _ counts: ThresholdCounts, in run: RunReport, _ state: SummaryPhase, attribute: String? = nil, group: String? = nil
  ) {
    let index = counts.index(of: run.threshold)
    truePositives = counts.truePositives[index]
    falsePositives = counts.falsePositives[index]
    positives = counts.positives
    negatives = counts.negatives
    guard abs(run.threshold * Double(counts.bins) - Double(index)) > 1e-9,
      let evaluation = run.summary[state]?[run.split]
    else { return }
    if let attribute, let group {
      guard
        let rates = evaluation.attributes.first(where: { $0.name == attribute })?.groups
          .first(where: { $0.name == group })
      else { return }
      truePositives = Self.part(rates.truePositiveRate, of: positives)
      falsePositives = Self.part(rates.falsePositiveRate, of: negatives)
    } else {
      let selected = Self.part(evaluation.selectionRate, of: rows)
      // Right are the selected of the positives and the others of the negatives.
      let right = Self.part(evaluation.accuracy, of: rows)
      truePositives = (selected + right - negatives) / 2
      falsePositives = selected - truePositives
    }
  }

  var rows: Int { positives + negatives }
  var selected: Int { truePositives + falsePositives }
  var selectionRate: Double? { Self.share(selected, of: rows) }
  var truePositiveRate: Double? { Self.share(truePositives, of: positives) }
  var falsePositiveRate: Double? { Self.share(falsePositives, of: negatives) }
  var precision: Double? { Self.share(truePositives, of: selected) }
  var accuracy: Double? { Self.share(truePositives + negatives - falsePositives, of: rows) }

  private static func share(_ part: Int, of whole: Int) -> Double? {
    whole > 0 ? Double(part) / Double(whole) : nil
  }

  private static func part(_ share: MetricValue, of whole: Int) -> Int {
    Int(((share.value ?? 0) * Double(whole)).rounded())
  }
}
