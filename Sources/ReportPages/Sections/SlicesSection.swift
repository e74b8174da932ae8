import FairnessEvaluation
import FairnessMetrics
import OrderedJSON

/// Every slice beside the whole: one metric at a time, as bars with intervals and the percentage by which they differ.
struct SlicesSection {
  let run: RunReport

  /// The most slices that are drawn; evaluation.json has all.
  private static let mostSlices = 60

  private static let metrics: [(key: String, title: String, style: NumberStyle)] = [
    ("selectionRate", "selected", .percent), ("truePositiveRate", "true positive rate", .percent),
    ("falsePositiveRate", "false positive rate", .percent), ("falseNegativeRate", "false negative rate", .percent),
    ("precision", "precision", .percent), ("accuracy", "accuracy", .percent), ("rocAUC", "ROC AUC", .decimals),
    ("meanPrediction", "mean prediction", .decimals), ("meanAbsoluteError", "mean absolute error", .decimals),
    ("meanError", "mean error", .decimals),
  ]

  var markup: Markup {
    guard let model = run.evaluated, model.slices.count > 1 else { return "" }
    let shown = Self.metrics.filter { metric in
      model.slices.contains { $0.estimate(metric.key)?.value.value != nil }
    }
    guard !shown.isEmpty else { return "" }
    let choices = shown.enumerated().map { index, metric in
      "<label><input type=\"radio\" name=\"metric\" value=\"\(metric.key)\"\(index == 0 ? " checked" : "")> \(metric.title)</label> "
        as Markup
    }
    let tables = shown.enumerated().map { index, metric in
      "<div class=\"metric\" data-metric=\"\(metric.key)\"><h3>\(Words.sentence(metric.title))</h3>\n\(meaning(metric.key))\(table(model, metric))</div>\n"
        as Markup
    }
    let left = model.slices.count - Self.mostSlices
    return Part.section(
      "slices", "Every slice beside the whole",
      lead:
        "Bars are values after, thin marks values before, lines through the bars the intervals; the dashed line is all rows. A slice of few rows has a wide line: do not read more into it.",
      """
      <div class="controls" id="metric-controls" hidden><fieldset><legend class="unseen">Metric</legend>\(choices)</fieldset></div>
      \(tables)\(left > 0 ? "<p>\(Words.count(left, "more slice")) are in evaluation.json.</p>" as Markup : "")
      \(worst(model))
      """)
  }

  /// What a metric means in the words of the domain, where the configuration has such words.
  private func meaning(_ metric: String) -> Markup? {
    run.evaluation?.judged?.report.explanations.first { $0.subject == metric }.map {
      "<p>\(Words.sentence($0.text)).</p>\n"
    }
  }

  private func table(_ model: ModelEvaluation, _ metric: (key: String, title: String, style: NumberStyle)) -> Markup {
    let slices = model.slices.prefix(Self.mostSlices)
    let overall = slices.first?.estimate(metric.key)?.value.value
    let values = slices.flatMap { slice -> [Double] in
      let estimate = slice.estimate(metric.key)
      let before = run.estimate(metric.key, slice.slice, isBefore: true)?.value.value
      return [estimate?.value.value, estimate?.interval?.high, before].compactMap { $0 }
    }
    // Shares are drawn on the scale of shares, so that half is half; only small ones are drawn larger.
    let top = values.max() ?? 1
    let domain = metric.style == .percent ? 0...(top > 0.5 ? 1 : max(0.05, top * 1.05)) : 0...max(top, 1e-9)
    let rows = slices.map { slice -> [Markup] in
      let estimate = slice.estimate(metric.key)
      let isSmall = slice.rows < 100
      let attribute = slice.slice.terms.first
      let series = attribute.map { run.series($0.column, $0.group ?? "") } ?? 4
      let bar = ShareBar(
        domain: domain, value: estimate?.value.value, interval: estimate?.interval,
        before: run.estimate(metric.key, slice.slice, isBefore: true)?.value.value, reference: overall,
        series: slice.slice.terms.count == 1 ? series : 4)
      let relative: Markup
      if slice.slice.terms.isEmpty {
        relative = ""
      } else if let value = estimate?.value.value, let overall, overall != 0 {
        relative = "\(Words.signed((value - overall) / overall * 100))\u{a0}%"
      } else {
        relative = "–"
      }
      return [
        "\(name(slice.slice))<span class=\"rows\">\(Words.count(slice.rows, "row"))\(isSmall ? ", few" : "")</span>",
        bar.bar, metric.style.markup(estimate), relative,
      ]
    }
    return Part.table(
      "\(Words.sentence(metric.title)) by slice", columns: ["slice", "", "#value and interval", "#against all rows"],
      rows: Array(rows), kind: "bars")
  }

  /// The name, with what the explorer of rows needs to find them.
  private func name(_ slice: Slice) -> Markup {
    let terms: JSON = .array(
      slice.terms.map { .array([.string(Visible.text($0.column)), .string(Visible.text($0.group ?? ""))]) })
    return "<span data-slice=\"\(terms.serialized(.compact))\">\(Part.name(slice.description))</span>"
  }

  private func worst(_ model: ModelEvaluation) -> Markup? {
    model.worstSlices.map { table in
      "<h3>\(table.title)</h3>\n" + ResultTableMarkup(table).markup
    }
  }
}

/// A table of findings as HTML.
struct ResultTableMarkup {
  private let table: ResultTable

  init(_ table: ResultTable) { self.table = table }

  var markup: Markup {
    let columns = table.columns.map { ($0.kind == .text ? "" : "#") + Self.title($0.name) }
    let rows = table.rows.prefix(200).map { row in zip(table.columns, row).map { cell($0.kind, $1) } }
    let notes = table.notes.map { "<p class=\"small\">\($0)</p>\n" as Markup }
    return Part.table(table.title, columns: columns, rows: Array(rows)) + notes.joined()
  }

  private func cell(_ kind: ResultTable.Kind, _ cell: ResultTable.Cell) -> Markup {
    switch cell {
    case .text(let text): return Part.name(text)
    case .count(let count): return "\(Words.count(count))"
    case .value(let value):
      guard let number = value.value else { return NumberStyle.percent.markup(value) }
      switch kind {
      case .share: return "\(Words.percent(number))"
      case .pValue: return "\(Words.pValue(number))"
      default: return "\(Words.number(number, 3))"
      }
    }
  }

  /// `correctedPValue` as `corrected p value`.
  private static func title(_ name: String) -> String {
    name.reduce(into: "") { text, character in
      if character.isUppercase && !text.isEmpty && text.last?.isUppercase == false { text += " " }
      text += character.lowercased()
    }
  }
}
