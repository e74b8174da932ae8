import FairnessMetrics
import RunRecords

/// The p%-rule after every epoch of the game, run by run.
struct ComparisonTraining {
  let entries: [ComparisonPage.Entry]
  let attributes: [String]

  var markup: Markup {
    let panels = attributes.compactMap(panel)
    guard !panels.isEmpty else { return "" }
    return Part.section(
      "training", "How the trainings went", Part.legend(entries.map { ($0.title, $0.series) }) + Part.panels(panels))
  }

  private func panel(_ attribute: String) -> Markup? {
    let lines = entries.compactMap { entry -> (entry: ComparisonPage.Entry, points: [(x: Double, y: Double?)])? in
      let all = entry.run.epochs.enumerated().compactMap { index, record -> (x: Double, y: Double?)? in
        let value = record.splits[entry.run.split]?.attributes.first { $0.name == attribute }?.pPercentRule.value
        return value.map { (Double(index + 1), $0) }
      }
      guard all.count > 1 else { return nil }
      let step = max(1, all.count / 200)
      return (entry, all.enumerated().filter { $0.offset % step == 0 || $0.offset == all.count - 1 }.map(\.element))
    }
    guard let longest = lines.compactMap({ $0.points.last?.x }).max(), longest > 1 else { return nil }
    var plot = Plot(x: 1...longest, y: 0...1, right: 30)
    plot.verticalAxis(.percent)
    plot.horizontalAxis(.number, title: "epoch", count: 4)
    plot.reference(y: AttributeFinding.Standing.mark, "four fifths")
    for line in lines { plot.line(line.points, series: line.entry.series, label: line.entry.letter) }
    let seen = lines.map { "\($0.entry.letter) ends at \(Words.percent($0.points.last?.y ?? 0))" }
    return Part.figure(
      "p%-rule, \(attribute)", "",
      plot.svg(title: "p%-rule of \(attribute) by epoch", description: Words.list(seen) + "."))
  }
}
