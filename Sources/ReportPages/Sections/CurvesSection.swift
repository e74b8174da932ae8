import FairnessMetrics
import RunRecords

/// ROC and calibration of each group, before and after.
struct CurvesSection {
  let run: RunReport

  private struct Group {
    var name: String
    var series: Int
    var counts: ThresholdCounts
    var area: Double?
  }

  var markup: Markup {
    guard run.scores != nil else { return "" }
    let figures = run.attributes.map { attribute -> Markup in
      let states = run.before == nil ? [false] : [true, false]
      let panels = states.map { roc(attribute, isBefore: $0) } + states.map { calibration(attribute, isBefore: $0) }
      let names = groups(attribute, isBefore: false).map { ($0.name, $0.series) }
      if names.isEmpty { return "" }
      let all = evaluated(attribute).count
      let note: Markup =
        all > Self.mostDrawn ? "<p class=\"small\">The \(Self.mostDrawn) largest of \(all) groups.</p>\n" : ""
      return "<h3>\(attribute)</h3>\n" + Part.legend(names) + note + Part.panels(panels, inPairs: true)
    }
    guard figures.contains(where: { !$0.isEmpty }) else { return "" }
    return Part.section(
      "curves", "Ranking and calibration by group",
      lead:
        "A curve towards the upper left ranks well. Dots on the diagonal mean that a score of 0.7 comes true in 70 of 100; below it, the model promises too much for that group.",
      figures.joined())
  }

  /// As many as there are colours that a reader tells apart.
  private static let mostDrawn = 8

  private func evaluated(_ attribute: String) -> [GroupEvaluation] {
    run.after?.attributes.first { $0.name == attribute }?.groups ?? []
  }

  private func groups(_ attribute: String, isBefore: Bool) -> [Group] {
    let all = evaluated(attribute)
    return all.largest(Self.mostDrawn).enumerated().compactMap { series, place in
      let name = all[place].name
      let slice = Slice([.init(column: attribute, group: name)])
      guard let distribution = run.distribution(slice, isBefore: isBefore) else { return nil }
      return Group(
        name: name, series: series, counts: ThresholdCounts(distribution),
        area: run.estimate("rocAUC", slice, isBefore: isBefore)?.value.value)
    }.filter { $0.counts.rows > 0 }
  }

  private func when(_ isBefore: Bool) -> String { run.before == nil ? "" : isBefore ? ", before" : ", after" }

  private func roc(_ attribute: String, isBefore: Bool) -> Markup {
    var plot = Plot(x: 0...1, y: 0...1, height: 250, right: 60)
    plot.verticalAxis(.percent, count: 4)
    plot.horizontalAxis(.percent, title: "false positive rate", count: 4)
    plot.diagonal()
    let groups = groups(attribute, isBefore: isBefore).filter { $0.counts.positives > 0 && $0.counts.negatives > 0 }
    for group in groups {
      let points = (0...group.counts.bins).reversed().map { index in
        (x: group.counts.falsePositiveRate(index) ?? 0, y: group.counts.truePositiveRate(index))
      }
      plot.line(distinct(points), series: group.series, name: group.name)
    }
    let areas = groups.map { "\($0.name) \($0.area.map { Words.number($0, 3) } ?? "none")" }
    return Part.figure(
      "ROC by \(attribute)\(when(isBefore))",
      areas.isEmpty ? "No group has both labels." : "Area: \(Words.list(areas)).",
      plot.svg(title: "ROC by \(attribute)\(when(isBefore))", description: "Areas: \(Words.list(areas))."))
  }

  /// Points that lie apart by more than a line is wide.
  private func distinct(_ points: [(x: Double, y: Double?)]) -> [(x: Double, y: Double?)] {
    var kept: [(x: Double, y: Double?)] = []
    for (index, point) in points.enumerated() {
      if index == points.count - 1 || kept.isEmpty {
        kept.append(point)
      } else if let last = kept.last,
        abs(last.x - point.x) + abs((last.y ?? 0) - (point.y ?? 0)) > 0.004
      {
        kept.append(point)
      }
    }
    return kept
  }

  private func calibration(_ attribute: String, isBefore: Bool) -> Markup {
    var plot = Plot(x: 0...1, y: 0...1, height: 250, right: 60)
    plot.verticalAxis(.percent, count: 4)
    plot.horizontalAxis(.number, title: "score", count: 5)
    plot.diagonal()
    var rows: [[Markup]] = []
    var errors: [String] = []
    for group in groups(attribute, isBefore: isBefore) {
      var points: [(x: Double, y: Double?)] = []
      var gap = 0.0
      for tenth in 0..<10 {
        let (low, high) = (tenth * group.counts.bins / 10, (tenth + 1) * group.counts.bins / 10)
        let positives = group.counts.truePositives[low] - group.counts.truePositives[high]
        let negatives = group.counts.falsePositives[low] - group.counts.falsePositives[high]
        let count = positives + negatives
        guard count > 0 else { continue }
        let score = meanScore(group, low, high, count)
        let share = Double(positives) / Double(count)
        gap += abs(Double(positives) - Double(count) * score)
        rows.append([
          Part.name(group.name), "\(Words.number(Double(tenth) / 10, 1))–\(Words.number(Double(tenth + 1) / 10, 1))",
          "\(Words.count(count))", "\(Words.number(score, 3))", "\(Words.percent(share))",
        ])
        // A dot of fewer rows would say more about chance than about the model.
        guard count >= 20, let interval = wilsonInterval(share: share, rows: Double(count)) else { continue }
        points.append((score, share))
        plot.dot(x: score, y: share, low: interval.low, high: interval.high, series: group.series)
      }
      plot.line(points, series: group.series, name: group.name)
      errors.append("\(group.name) \(Words.number(gap / Double(max(1, group.counts.rows)) * 100, 1)) points")
    }
    return Part.figure(
      "Calibration by \(attribute)\(when(isBefore))", "Mean gap to the diagonal: \(Words.list(errors)).",
      plot.svg(
        title: "Share of positive labels at each score by \(attribute)\(when(isBefore))",
        description: "Mean gap to the diagonal: \(Words.list(errors))."),
      numbers: Part.table(
        "Calibration by \(attribute)", columns: ["group", "scores", "#rows", "#mean score", "#positive"], rows: rows))
  }

  /// The mean score of the rows in some bins, each taken at its middle.
  private func meanScore(_ group: Group, _ low: Int, _ high: Int, _ count: Int) -> Double {
    let counts = group.counts
    let sum = (low..<high).reduce(0.0) { sum, bin in
      let rows =
        counts.truePositives[bin] - counts.truePositives[bin + 1] + counts.falsePositives[bin]
        - counts.falsePositives[bin + 1]
      return sum + Double(rows) * (Double(bin) + 0.5) / Double(counts.bins)
    }
    return sum / Double(count)
  }
}
