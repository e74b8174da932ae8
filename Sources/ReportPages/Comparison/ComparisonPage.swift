import FairnessMetrics
import OrderedJSON
import RunRecords

/// Several runs side by side, as one HTML file like that of one run.
public struct ComparisonPage: Sendable {
  /// A run under its letter.
  struct Entry: Sendable {
    var letter: String
    var run: RunReport
    var series: Int

    var title: String { "\(letter) \(run.summary.name), seed \(run.summary.seed)" }
  }

  private let entries: [Entry]

  /// - Parameter runs: At least two; those after the 26th have no letter of their own left, and are left out.
  public init(_ runs: [RunReport]) {
    entries = zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", runs).enumerated().map { index, pair in
      Entry(letter: String(pair.0), run: pair.1, series: index)
    }
  }

  /// The attributes that all runs have.
  private var attributes: [String] {
    (entries.first?.run.attributes ?? []).filter { name in entries.allSatisfy { $0.run.attributes.contains(name) } }
  }

  /// The page.
  public var html: String {
    let sections = [
      runs, trade, ComparisonTraining(entries: entries, attributes: attributes).markup, matched, differences,
      MadeSection(run: entries[0].run).limits,
    ]
    return PageShell(
      title: "\(entries.count) runs · Equipoise", header: header, sections: sections, data: ["runs": .array([])]
    ).html
  }

  /// What the page shows, for programs.
  public var json: JSON {
    [
      "runs": .array(entries.map { ReportJSON($0.run).json }), "matched": matchedTable.json,
      "differences": .array(
        differing.map { key, values in
          ["key": .string(key), "values": .array(values.map { .string($0) })]
        }),
    ]
  }

  // MARK: - The verdict

  private var header: Markup {
    let basis = Set(entries.map { "\($0.run.after?.rows ?? 0)" })
    let warning: Markup? =
      basis.count > 1
      ? "<p class=\"verdict\">The runs are judged on different rows: differences between them may come from there.</p>\n"
      : nil
    return """
      <header>
      <p class="eyebrow">Equipoise report · \(entries.count) runs side by side</p>
      <h1>\(headline)</h1>
      \(warning)<p class="basis">Each run was measured on its own \(entries[0].run.rowsName). One run is one seed: differences smaller than those between seeds mean nothing.</p>
      </header>

      """
  }

  private var headline: String {
    let meeting = entries.filter { entry in
      let findings = entry.run.attributes.map { AttributeFinding($0, of: entry.run) }
      return !Findings.isDegenerate(entry.run) && !findings.isEmpty && findings.allSatisfy { $0.standing == .meets }
    }
    func accuracy(_ entry: Entry) -> Double { entry.run.after?.accuracy.value ?? 0 }
    guard let best = meeting.max(by: { accuracy($0) < accuracy($1) }) else {
      return "None of \(entries.count) runs is shown to meet the four-fifths mark for every attribute."
    }
    let all = entries.max { accuracy($0) < accuracy($1) }
    let share =
      "\(meeting.count) of \(entries.count) runs \(meeting.count == 1 ? "meets" : "meet") the four-fifths mark"
    guard let all, all.letter != best.letter else {
      return "\(share); \(best.letter) is the most accurate of all, at \(Words.percent(accuracy(best)))."
    }
    return
      "\(share); \(best.letter) is the most accurate of them, \(Words.number((accuracy(all) - accuracy(best)) * 100, 1)) points below \(all.letter)."
  }

  // MARK: - Sections

  private var runs: Markup {
    let columns =
      ["run", "#accuracy", "#ROC AUC", "#selected"] + attributes.flatMap { ["#p%-rule, \($0)", "verdict, \($0)"] }
    let rows = entries.map { entry -> [Markup] in
      let (run, whole) = (entry.run, Slice())
      func cell(_ metric: String, _ value: MetricValue?, _ style: NumberStyle) -> Markup {
        style.markup(run.estimate(metric, whole) ?? value.map { Estimate(value: $0, interval: nil) })
      }
      return [
        "<b>\(entry.letter)</b> \(Part.name(run.summary.name))<span class=\"rows\">seed \(run.summary.seed)</span>",
        cell("accuracy", run.after?.accuracy, .percent), cell("rocAUC", run.after?.rocAUC, .decimals),
        cell("selectionRate", run.after?.selectionRate, .percent),
      ]
        + attributes.flatMap { name -> [Markup] in
          let finding = AttributeFinding(name, of: run)
          return [NumberStyle.percent.markup(finding.ratio), Part.badge(finding.standing.word)]
        }
    }
    return Part.section("runs", "The runs", Part.table("Runs", columns: columns, rows: rows))
  }

  /// Accuracy against the ratio of selection rates, each with its interval.
  private var trade: Markup {
    let panels = attributes.compactMap { name -> Markup? in
      let points = entries.compactMap { entry -> (entry: Entry, ratio: Estimate, accuracy: Estimate)? in
        let run = entry.run
        guard let ratio = run.parity("pPercentRule", name), ratio.value.value != nil, let value = run.after?.accuracy,
          value.value != nil
        else { return nil }
        return (entry, ratio, run.estimate("accuracy", Slice()) ?? Estimate(value: value, interval: nil))
      }
      let values = points.flatMap { point in
        [point.accuracy.value.value, point.accuracy.interval?.low, point.accuracy.interval?.high].compactMap { $0 }
      }
      guard let low = values.min(), let high = values.max() else { return nil }
      var plot = Plot(x: 0...1, y: (low - 0.01)...(high + 0.01), height: 240, right: 16)
      plot.verticalAxis(.percent)
      plot.horizontalAxis(.percent, title: "p%-rule, \(name)")
      plot.reference(x: AttributeFinding.Standing.mark, "four fifths")
      for point in points {
        guard let x = point.ratio.value.value, let y = point.accuracy.value.value else { continue }
        if let interval = point.ratio.interval {
          plot.whisker(y: y, from: interval.low, to: interval.high, series: point.entry.series)
        }
        plot.dot(
          x: x, y: y, low: point.accuracy.interval?.low, high: point.accuracy.interval?.high, series: point.entry.series
        )
        plot.label(point.entry.letter, x: x, y: y, series: point.entry.series)
      }
      let seen = points.map {
        "\($0.entry.letter) \(Words.percent($0.ratio.value.value ?? 0)) at \(Words.percent($0.accuracy.value.value ?? 0))"
      }
      return Part.figure(
        "accuracy against evenness, \(name)", "Up is more accurate, right is more even; lines are intervals.",
        plot.svg(title: "Accuracy against the p%-rule of \(name)", description: Words.list(seen) + "."))
    }
    guard !panels.isEmpty else { return "" }
    return Part.section(
      "trade", "What evenness costs", Part.legend(entries.map { ($0.title, $0.series) }) + Part.panels(panels))
  }

  private var matchedTable: MatchedTable {
    MatchedTable(
      entries: entries.compactMap { entry in
        guard let scores = entry.run.scores, let state = scores.states.last else { return nil }
        return .init(name: entry.title, state: state, bins: scores.bins, threshold: entry.run.threshold)
      }, reference: 0, attributes: attributes)
  }

  private var matched: Markup {
    let tables = matchedTable.markup
    guard !tables.isEmpty else { return "" }
    return Part.section(
      "matched", "At matched thresholds",
      lead:
        "A model that selects fewer looks different at every rate. Here each run's threshold is moved until all runs equal run A in one thing over all rows; what still differs is the model, not the threshold.",
      tables)
  }

  // MARK: - What differs

  /// The keys of the configuration that are not equal in all runs, with their values.
  private var differing: [(key: String, values: [String])] {
    let flat = entries.map { Self.flattened($0.run.configuration) }
    var keys: [String] = []
    for key in flat.flatMap({ $0.map(\.key) }) where !keys.contains(key) { keys.append(key) }
    return keys.compactMap { key in
      let values = flat.map { members in members.first { $0.key == key }?.value ?? "–" }
      return Set(values).count > 1 && !key.hasPrefix("output.") ? (key, values) : nil
    }
  }

  private static func flattened(_ json: JSON, under path: String = "") -> [(key: String, value: String)] {
    guard let members = json.members, !members.isEmpty else { return [(path, json.serialized(.line))] }
    return members.flatMap { flattened($0.value, under: path.isEmpty ? $0.key : "\(path).\($0.key)") }
  }

  private var differences: Markup {
    let rows = differing.map { key, values in
      ["<code>\(key)</code>" as Markup] + values.map { "<code>\(Words.cut($0, to: 80))</code>" as Markup }
    }
    guard !rows.isEmpty else {
      return Part.section("made", "How they were made", "<p>All configurations are equal.</p>\n")
    }
    return Part.section(
      "made", "How they were made", lead: "The keys in which the configurations differ.",
      Part.table("Differences", columns: ["key"] + entries.map(\.letter), rows: rows))
  }
}
