import FairnessMetrics
import OrderedJSON
import RunRecords

/// How the scores of the groups are spread, before and after, and after every epoch.
struct ScoresSection {
  let run: RunReport

  /// The bins of the pictures.
  static let bins = ScoreCounts.standardBins

  /// The shares at which the pictures have grid lines.
  private static let ticks = [0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0]

  /// A curve of a group: its share of rows in each bin.
  private struct Curve {
    var name: String
    var series: Int
    var rows: Int
    var shares: [Double]

    init(_ name: String, _ series: Int, counts: [Int]) {
      self.name = name
      self.series = series
      let total = counts.reduce(0, +)
      rows = total
      shares = counts.map { Double($0) / Double(max(1, total)) }
    }

    var mean: Double {
      shares.enumerated().reduce(0) { $0 + $1.element * (Double($1.offset) + 0.5) / Double(shares.count) }
    }
  }

  var markup: Markup {
    let figures = run.attributes.isEmpty ? [whole] : run.attributes.enumerated().map { attribute($1, index: $0) }
    guard figures.contains(where: { !$0.isEmpty }) else { return "" }
    return Part.section(
      "scores", "How the scores are spread",
      lead: run.attributes.isEmpty
        ? "The share of rows at each score."
        : "Where the curves of two groups lie on each other, the score says nothing of the group. Each curve is the share of its own group in steps of 0.02, whatever the group's size; heights are square roots, so that small shares can be seen.",
      slider + figures.joined())
  }

  /// The control that moves the pictures through the epochs, where there is one that moves; the script shows it.
  private var slider: Markup {
    let epochs = Self.epochs(run)
    guard
      run.attributes.isEmpty
        ? Self.isCounted(nil, epochs) : run.attributes.contains(where: { Self.isCounted($0, epochs) })
    else { return "" }
    let isPair = !run.attributes.isEmpty && hasBefore
    return """
      <div class="controls" id="epoch-controls" hidden>
      <button type="button" id="epoch-play" aria-label="Play the epochs">▶ Play</button>
      <label for="epoch">\(isPair ? "Right-hand picture" : "Picture") after</label>
      <input type="range" id="epoch" min="0" max="\(epochs.count - 1)" value="\(epochs.count - 1)">
      <output id="epoch-name" for="epoch">the last epoch</output>
      </div>

      """
  }

  /// The epochs of which the spread is known, at most 240 of them.
  static func epochs(_ run: RunReport) -> [EpochRecord] {
    let all = run.epochs.filter { $0.scores != nil }
    guard all.count > 240 else { return all }
    let step = Double(all.count - 1) / 239
    return (0..<240).map { all[Int((Double($0) * step).rounded())] }
  }

  /// Whether an attribute was counted after the epochs, and so its picture moves; nil for all rows. One of more groups than
  /// `ScoreCounts.mostGroups` is not.
  private static func isCounted(_ attribute: String?, _ epochs: [EpochRecord]) -> Bool {
    epochs.count > 1
      && epochs.contains { epoch in
        guard let attribute else { return epoch.scores?.all.isEmpty == false }
        return epoch.scores?.attributes.contains { $0.name == attribute } == true
      }
  }

  /// The groups of an attribute that are drawn, in its order: the largest, where there are more than a picture can show.
  private static func drawn(_ attribute: String, _ run: RunReport) -> [String] {
    let groups = run.after?.attributes.first { $0.name == attribute }?.groups ?? []
    return groups.largest(ScoreCounts.mostGroups).map { groups[$0].name }
  }

  /// Whether there are pictures of the scores before.
  private var hasBefore: Bool { run.before != nil && (run.scores?.states.count ?? 0) > 1 }

  // MARK: - Pictures

  private func attribute(_ name: String, index: Int) -> Markup {
    let after = curves(name, isBefore: false)
    guard !after.isEmpty else { return "" }
    let before = curves(name, isBefore: true)
    let top = (before + after).flatMap(\.shares).max() ?? 1
    var panels: [Markup] = []
    if !before.isEmpty { panels.append(panel("\(name), before", before, top: top, id: "")) }
    let isCounted = Self.isCounted(name, Self.epochs(run))
    panels.append(
      panel(
        before.isEmpty ? name : "\(name), after", after, top: top, id: isCounted ? "data-density=\"\(index)\"" : ""))
    return "<h3>\(name)</h3>\n" + ofMany(name, isCounted: isCounted)
      + Part.legend(after.map { ($0.name, $0.series) }) + Part.panels(panels, inPairs: true)
  }

  /// What is said of an attribute with more groups than are drawn.
  private func ofMany(_ name: String, isCounted: Bool) -> Markup {
    let all = run.after?.attributes.first { $0.name == name }?.groups.count ?? 0
    guard all > ScoreCounts.mostGroups else { return "" }
    return
      "<p class=\"small\">The \(ScoreCounts.mostGroups) largest of \(all) groups.\(isCounted || slider.isEmpty ? "" : " So many groups are not counted after every epoch: this picture does not move.")</p>\n"
  }

  private var whole: Markup {
    guard let distribution = run.distribution(Slice()) else { return "" }
    let curve = Curve("all rows", 0, counts: Self.coarse(distribution))
    let isCounted = Self.isCounted(nil, Self.epochs(run))
    return Part.panels([
      panel("all rows", [curve], top: curve.shares.max() ?? 1, id: isCounted ? "data-density=\"0\"" : "")
    ])
  }

  private func curves(_ attribute: String, isBefore: Bool) -> [Curve] {
    guard !(isBefore && run.before == nil) else { return [] }
    return Self.drawn(attribute, run).enumerated().compactMap { index, name in
      run.distribution(Slice([.init(column: attribute, group: name)]), isBefore: isBefore).map {
        Curve(name, index, counts: Self.coarse($0))
      }
    }.filter { $0.rows > 0 }
  }

  /// A distribution in the bins of the pictures.
  private static func coarse(_ distribution: ScoresRecord.Distribution) -> [Int] {
    let fine = zip(distribution.positives, distribution.negatives).map { $0 + $1 }
    var counts = [Int](repeating: 0, count: bins)
    for (index, count) in fine.enumerated() { counts[index * bins / fine.count] += count }
    return counts
  }

  private func panel(_ title: String, _ curves: [Curve], top: Double, id: Markup) -> Markup {
    // By the root of the share: most rows score near 0, and linear heights would show nothing else.
    let highest = (top * 1.06).squareRoot()
    var plot = Plot(x: 0...1, y: 0...highest, right: 12)
    plot.verticalAxis(at: Self.ticks.map { (value: $0.squareRoot(), text: Words.percent($0, 0)) })
    plot.horizontalAxis(.number, title: "score")
    for curve in curves {
      let points = curve.shares.enumerated().map { index, share in
        (x: (Double(index) + 0.5) / Double(Self.bins), y: share.squareRoot())
      }
      // By its number the script finds the curve: colours come again, and names may be alike.
      if curves.count <= 4 { plot.area(points, series: curve.series, name: "\(curve.series)") }
      plot.line(points.map { ($0.x, $0.y) }, series: curve.series, name: "\(curve.series)")
    }
    plot.reference(x: run.threshold, "threshold")
    let means = Words.list(curves.map { "\($0.name) \(Words.number($0.mean, 2))" })
    let rows = curves.map { curve in
      [Part.name(curve.name), "\(Words.count(curve.rows))", "\(Words.number(curve.mean, 3))"]
        + stride(from: 0, to: Self.bins, by: 10).map { start in
          "\(Words.percent(curve.shares[start..<start + 10].reduce(0, +)))" as Markup
        }
    }
    return Part.figure(
      title, "Mean score: \(means).",
      plot.svg(
        title: "Share of each group at each score, \(title)", description: "Mean score: \(means).",
        attributes:
          "\(id) data-frame=\"\(plot.x.range.start) \(plot.x.range.end) \(plot.y.range.start) \(plot.y.range.end) \(Markup(trusted: String(highest)))\""
      ),
      numbers: Part.table(
        title,
        columns: ["group", "#rows", "#mean", "#0–0.2", "#0.2–0.4", "#0.4–0.6", "#0.6–0.8", "#0.8–1"], rows: rows))
  }

  // MARK: - What the script moves

  /// The counts after every epoch: for each attribute the drawn groups, for each group the epochs, for each epoch the bins;
  /// where there is no attribute, all rows as one group. An attribute that was not counted has no groups.
  static func json(_ run: RunReport) -> JSON {
    let epochs = epochs(run)
    func group(_ name: String, _ counts: (ScoreCounts) -> [Int]?) -> JSON {
      [
        "name": .string(Visible.text(name)),
        "epochs": .array(
          epochs.map { .array(($0.scores.flatMap(counts) ?? []).map { .number(JSONNumber($0)) }) }),
      ]
    }
    let attributes = run.attributes.map { name -> [JSON] in
      guard isCounted(name, epochs) else { return [] }
      return drawn(name, run).map { drawn in
        group(drawn) { scores in
          scores.attributes.first { $0.name == name }?.groups.first { $0.name == drawn }?.counts
        }
      }
    }
    return [
      "names": .array(epochs.map { .string("\($0.phase.title), epoch \($0.epoch)") }),
      "attributes": .array(
        (attributes.isEmpty ? [[group("all rows") { $0.all }]] : attributes).map { ["groups": .array($0)] }),
    ]
  }
}

extension [GroupEvaluation] {
  /// The places of the groups with the most rows, at most so many of them, in the order of the groups.
  func largest(_ count: Int) -> [Int] {
    indices.sorted { (self[$0].rows, $1) > (self[$1].rows, $0) }.prefix(count).sorted()
  }
}

extension TrainingPhase {
  /// What a reader calls it.
  var title: String {
    switch self {
    case .classifier: "classifier alone"
    case .adversary: "adversary alone"
    case .game: "game"
    }
  }
}
