import FairnessEvaluation
import FairnessMetrics
import RunRecords

/// The top of the page: the verdict, the key figures, what to watch, and what each reader should know.
struct SummarySection {
  let run: RunReport
  let findings: Findings
  /// The names of the sections that the page has, to which alone it may link.
  let sections: Set<String>

  var header: Markup {
    let after = run.after
    let isFresh = run.split != .train
    let ranges =
      findings.hasIntervals ? " Ranges are \(Words.percent(run.confidence ?? 0.95, 0)) confidence intervals." : ""
    return """
      <header>
      <p class="eyebrow">Equipoise report · \(run.summary.name) · seed \(run.summary.seed)\(run.environment.map { " · " + String($0.started.prefix(10)) } ?? "")</p>
      <h1>\(findings.headline)</h1>
      \(findings.lead.map { "<p class=\"verdict\">\($0)</p>\n" as Markup })\
      <p class="basis">Measured on \(Words.count(after?.rows ?? 0)) \(run.rowsName)\(isFresh ? " that took no part in training" : ", for there were no others: on new rows all of it may be worse"); decisions at a score of \(Words.threshold(run.threshold)) or more.\(ranges)</p>
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
    for attribute in after.continuous {
      let old = before?.continuous.first { $0.name == attribute.name }
      rows.append(
        row(
          "maximal correlation, \(attribute.name)", old?.maximalCorrelation,
          Estimate(value: attribute.maximalCorrelation, interval: nil), .decimals))
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
      lead: (before == nil
        ? "Dots are the values, bars through them the intervals"
        : "Open dots are before, full dots after, bars through them the intervals")
        + (findings.attributes.isEmpty ? "." : "; the dashed line is four fifths."),
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
      "<li>\($0.text)\(link($0.section, "See").map { " \($0)" as Markup })</li>\n" as Markup
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

  /// A link to a section; nil where the page has none of that name.
  private func link(_ section: String, _ text: Markup) -> Markup? {
    sections.contains(section) ? "<a href=\"#\(Markup(trusted: section))\">\(text)</a>" : nil
  }

  private func paragraphs(_ texts: [Markup]) -> Markup { texts.map { "<p>\($0)</p>" as Markup }.joined() }

  private var developer: [Markup] {
    var texts: [Markup] = []
    if let before = run.before?.accuracy.value, let after = run.after?.accuracy.value {
      let points = Words.number(abs(after - before) * 100, 1)
      let isMoreEven = findings.attributes.contains { attribute in
        guard let after = attribute.ratio.value.value, let before = attribute.ratioBefore?.value.value else {
          return false
        }
        return after > before
      }
      let cost =
        if points == "0.0" {
          "Accuracy is what it was before"
        } else if isMoreEven {
          after < before
            ? "Evenness cost \(points) points of accuracy" : "Evenness cost no accuracy (it rose by \(points) points)"
        } else {
          "Accuracy \(after < before ? "fell" : "rose") by \(points) points"
        }
      let course = link("training", "training").map { " How the training went stands under \($0)." as Markup }
      let choice = link("thresholds", "thresholds").map { " Where to put the threshold stands under \($0)." as Markup }
      texts.append("\(cost).\(course)\(choice)")
    }
    if let first = findings.watch.first { texts.append("First thing to look at: \(first.text)") }
    texts.append(
      "The same configuration, seed, data and binary give the same bytes; all of them stand under <a href=\"#made\">how it was made</a>. Another seed gives another run: look at several before you trust one."
    )
    return texts
  }

  private var person: [Markup] {
    let told = AttributesRead(run).sentences.joined(separator: " ")
    var texts: [Markup] = [
      "A model gave each person a score from 0 to 1, and those at \(Words.threshold(run.threshold)) or more were selected. \(told)"
    ]
    for attribute in run.after?.attributes ?? [] {
      let found = attribute.groups.compactMap { group in
        group.truePositiveRate.value.map { (name: group.name, rate: $0) }
      }
      if let counts = Self.counts(found) {
        texts.append("Of 100 whose label says \(run.positiveLabel), the model selects \(counts).")
      }
    }
    for sentence in Findings.continuous(run) { texts.append("\(sentence)") }
    let hundred = link("people", "a hundred of each group") ?? link("groups", "the table of groups")
    texts.append(
      "These are counts over many people. They do not say whether a decision about one person was right\(hundred.map { ": \($0) shows how many were not" as Markup })."
    )
    return texts
  }

  /// The most groups that are all named.
  private static let mostGroups = 6

  /// How many of a hundred are selected, group by group; of many groups the fewest and the most.
  private static func counts(_ groups: [(name: String, rate: Double)]) -> String? {
    func count(_ group: (name: String, rate: Double)) -> String {
      "\(Words.number(group.rate * 100, 0)) of \(group.name)"
    }
    guard groups.count > 1, let least = groups.min(by: { $0.rate < $1.rate }),
      let most = groups.max(by: { $0.rate < $1.rate })
    else { return nil }
    guard groups.count > mostGroups else { return Words.list(groups.map(count)) }
    return "between \(count(least)) and \(count(most)), the fewest and the most of \(groups.count) groups"
  }

  private var regulator: [Markup] {
    var texts: [Markup] = findings.attributes.map { finding in
      let verdict: String =
        switch finding.standing {
        case .meets: "at or above four fifths, over its whole interval"
        case .misses: "below four fifths, over its whole interval"
        case .unclear: "not told apart from four fifths by so few rows"
        case .notJudged(let reason): "not judged, for no interval was computed: \(reason)"
        case .none(let reason): "not known: \(reason)"
        }
      return "Selection ratio for \(finding.name): \(NumberStyle.percent.markup(finding.ratio)), \(verdict)."
    }
    for sentence in Findings.continuous(run) { texts.append("\(sentence)") }
    texts.append(demanded)
    let limits: Markup = "What these numbers cannot tell stands under <a href=\"#limits\">limits</a>."
    texts.append(
      findings.attributes.isEmpty
        ? limits : "Four fifths is a rule of thumb of 29 CFR 1607.4(D), not a pass mark of any law. \(limits)")
    return texts
  }

  /// How many demands were met, where they were judged and on later rows.
  private var demanded: Markup {
    let demands = Demand.all(of: run)
    guard !demands.isEmpty else {
      return "The configuration demands nothing of the model: no gate was set before the numbers were known."
    }
    let met = demands.count { $0.standing == .met }
    let checked = demands.compactMap(\.check)
    var text: Markup = "Demands set beforehand: \(Words.count(met)) of \(Words.count(demands.count)) met"
    if let rows = checked.first?.rows {
      let missed = demands.filter { $0.check?.isMissed == true }
      text += " on the rows they were judged on. "
      if missed.isEmpty {
        let open = checked.count { $0.standing != .met }
        text += "On the \(rows) no value misses its bound"
        if open > 0 { text += ", but of \(Words.count(open)) the interval does not tell" }
      } else {
        text += "On the \(rows) \(Words.count(missed.count)) \(missed.count == 1 ? "is" : "are") missed: "
        text += "\(missed.map(Self.missed).joined(separator: "; "))"
      }
    }
    text += "."
    return text + (link("demands", "All of them").map { " \($0)." as Markup } ?? "")
  }

  private static func missed(_ demand: Demand) -> String {
    guard let check = demand.check else { return demand.condition }
    let reach =
      check.value.interval == nil
      ? "" : check.standing == .open ? " (the interval reaches the bound)" : " (with its whole interval)"
    return "\(demand.condition) at \(check.text)\(reach)"
  }
}
