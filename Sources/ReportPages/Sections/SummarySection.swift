import FairnessEvaluation
import FairnessMetrics
import RunRecords

/// The top of the page: the verdict, the key figures, what to watch, and what each reader should know.
struct SummarySection {
  let run: RunReport
  let findings: Findings

  var header: Markup {
    let after = run.after
    let isFresh = run.split != .train
    let confidence = run.evaluation?.judged?.report.confidence.map { Words.percent($0, 0) } ?? "95\u{a0}%"
    return """
      <header>
      <p class="eyebrow">Equipoise report · \(run.summary.name) · seed \(run.summary.seed)\(run.environment.map { " · " + String($0.started.prefix(10)) } ?? "")</p>
      <h1>\(findings.headline)</h1>
      \(findings.lead.map { "<p class=\"verdict\">\($0)</p>\n" as Markup })\
      <p class="basis">Measured on \(Words.count(after?.rows ?? 0)) \(run.rowsName)\(isFresh ? " that took no part in training" : ", for there were no others: on new rows all of it may be worse"); decisions at a score of \(Words.number(run.threshold, 2)) or more. Ranges are \(confidence) confidence intervals.</p>
      </header>

      """
  }

  // MARK: - Key figures

  var keyFigures: Markup {
    guard let after = run.after else { return "" }
    let before = run.before
    var rows: [Markup] = []
    for finding in findings.attributes {
      rows.append(
        row(
          "p%-rule, \(finding.name)", finding.ratioBefore?.value, finding.ratio,
          reference: AttributeFinding.Standing.mark,
          badge: finding.standing.word))
    }
    for finding in findings.attributes {
      let area = after.attributes.first { $0.name == finding.name }?.adversaryAUC
      guard let area else { continue }
      let old = before?.attributes.first { $0.name == finding.name }?.adversaryAUC
      rows.append(
        row(
          "adversary AUC, \(finding.name)", old, Estimate(value: area, interval: nil), .decimals, domain: 0.5...1))
    }
    let whole = Slice()
    rows.append(
      row(
        "accuracy", before?.accuracy,
        run.estimate("accuracy", whole) ?? Estimate(value: after.accuracy, interval: nil), domain: 0.5...1))
    rows.append(
      row(
        "ROC AUC", before?.rocAUC, run.estimate("rocAUC", whole) ?? Estimate(value: after.rocAUC, interval: nil),
        .decimals,
        domain: 0.5...1))
    rows.append(
      row(
        "selected", before?.selectionRate,
        run.estimate("selectionRate", whole) ?? Estimate(value: after.selectionRate, interval: nil)))
    return Part.section(
      "figures", "Before and after in one view",
      lead: before == nil
        ? "Dots are the values, bars through them the intervals, the dashed line is four fifths."
        : "Open dots are before, full dots after, bars through them the intervals; the dashed line is four fifths.",
      "<div class=\"keys\" role=\"list\">\n\(rows)</div>\n")
  }

  private func row(
    _ name: String, _ before: MetricValue?, _ after: Estimate, _ style: NumberStyle = .percent,
    domain: ClosedRange<Double> = 0...1, reference: Double? = nil,
    badge: (sign: String, text: String, kind: String)? = nil
  ) -> Markup {
    let bar = ShareBar(
      domain: domain, value: after.value.value, interval: after.interval, before: before?.value, reference: reference)
    let values: Markup =
      before == nil
      ? "<b>\(style.markup(after.value))</b>\(style.interval(after))"
      : "<span class=\"was\">\(style.markup(before))</span> → <b>\(style.markup(after.value))</b>\(style.interval(after))"
    return """
      <div class="key" role="listitem"><div class="what">\(name)</div><div class="values">\(values)</div>\
      <div class="drawn">\(bar.dumbbell)<span class="ends" aria-hidden="true"><span>\(end(domain.lowerBound, style))</span>\
      <span>\(end(domain.upperBound, style))</span></span></div>\
      <div class="mark">\(badge.map(Part.badge))</div></div>

      """
  }

  private func end(_ value: Double, _ style: NumberStyle) -> String {
    style == .percent ? Words.percent(value, 0) : Words.number(value, 1)
  }

  // MARK: - What to watch

  var watch: Markup {
    guard !findings.watch.isEmpty else { return "" }
    let items = findings.watch.map {
      "<li>\($0.text) <a href=\"#\(Markup(trusted: $0.section))\">See</a></li>\n" as Markup
    }
    return Part.section("watch", "What not to overlook", "<ul class=\"watch\">\n\(items)</ul>\n")
  }

  // MARK: - Readers

  var readers: Markup {
    Part.section(
      "readers", "Three ways to read this page",
      """
      <div class="readers">
      <article><h3>If you build it</h3>\(paragraphs(developer))</article>
      <article><h3>If it decides about you</h3>\(paragraphs(person))</article>
      <article><h3>If you oversee it</h3>\(paragraphs(regulator))</article>
      </div>

      """)
  }

  private func paragraphs(_ texts: [Markup]) -> Markup { texts.map { "<p>\($0)</p>" as Markup }.joined() }

  private var developer: [Markup] {
    var texts: [Markup] = []
    if let before = run.before?.accuracy.value, let after = run.after?.accuracy.value {
      let points = Words.number(abs(after - before) * 100, 1)
      let cost = after < before ? "\(points) points of accuracy" : "no accuracy (it rose by \(points) points)"
      let course: Markup =
        run.epochs.count > 1 ? " How the game got there stands under <a href=\"#training\">training</a>." : ""
      let choice: Markup =
        run.scores == nil ? "" : " Where to put the threshold stands under <a href=\"#thresholds\">thresholds</a>."
      texts.append("Evenness cost \(cost).\(course)\(choice)")
    }
    if let first = findings.watch.first { texts.append("First thing to look at: \(first.text)") }
    texts.append(
      "The same configuration, seed, data and binary give the same bytes; all of them stand under <a href=\"#made\">how it was made</a>. Another seed gives another run: look at several before you trust one."
    )
    return texts
  }

  private var person: [Markup] {
    let names = Words.list(run.attributes)
    let told =
      run.isToldAttributes
      ? "It was told \(names)." : "It was not told \(names), but may have guessed it from other things it was told."
    var texts: [Markup] = [
      "A model gave each person a score from 0 to 1, and those at \(Words.number(run.threshold, 2)) or more were selected. \(told)"
    ]
    for attribute in run.after?.attributes ?? [] {
      let found = attribute.groups.compactMap { group in
        group.truePositiveRate.value.map { "\(Words.number($0 * 100, 0)) of \(group.name)" }
      }
      if found.count > 1 {
        texts.append(
          "Of 100 whose label says \(run.positiveLabel), the model selects \(Words.list(Array(found.prefix(6)))).")
      }
    }
    let hundred: Markup =
      run.evaluated == nil ? "the table of groups" : "<a href=\"#people\">a hundred of each group</a>"
    texts.append(
      "These are counts over many people. They do not say whether a decision about one person was right: \(hundred) shows how many were not."
    )
    return texts
  }

  private var regulator: [Markup] {
    var texts: [Markup] = findings.attributes.map { finding in
      let verdict: String =
        switch finding.standing {
        case .meets: "at or above four fifths, over its whole interval"
        case .misses: "below four fifths, over its whole interval"
        case .unclear: "not told apart from four fifths by so few rows"
        case .none(let reason): "not known: \(reason)"
        }
      return "Selection ratio for \(finding.name): \(NumberStyle.percent.markup(finding.ratio)), \(verdict)."
    }
    let demands = Demand.all(of: run)
    texts.append(
      demands.isEmpty
        ? "The configuration demands nothing of the model: no gate was set before the numbers were known."
        : "Demands set beforehand: \(Words.count(demands.filter { $0.standing == .met }.count)) of \(Words.count(demands.count)) met. <a href=\"#demands\">All of them</a>."
    )
    texts.append(
      "Four fifths is a rule of thumb of 29 CFR 1607.4(D), not a pass mark of any law. What these numbers cannot tell stands under <a href=\"#limits\">limits</a>."
    )
    return texts
  }
}

extension RunReport {
  /// Whether the sensitive attributes are among the features.
  var isToldAttributes: Bool { configuration["data"]?["includeSensitiveInFeatures"] == .bool(true) }
}
