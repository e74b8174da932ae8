import FairnessMetrics
import RunRecords

/// What the same experiment came to with several seeds: means and ranges over them, before and after the game.
public struct SeedTable: Sendable {
  private let summaries: [RunSummary]
  private let isUnicode: Bool

  /// - Parameter isUnicode: Whether the terminal shows more than ASCII.
  public init(_ summaries: [RunSummary], isUnicode: Bool = true) {
    self.summaries = summaries
    self.isUnicode = isUnicode
  }

  /// The table, on the test rows. A statistic that some seeds do not have says how many have it.
  public var text: String {
    guard let example = summaries.first.flatMap({ Self.kept($0)?[.test] }) else { return "" }
    var rows = wholeRows(example)
    for (index, attribute) in example.attributes.enumerated() {
      let name = TerminalText.neutralized(attribute.name)
      if example.regression != nil {
        rows.append(
          row("Kolmogorov-Smirnov distance, \(name)", percent: false) {
            $0.regression?.attributes[index].kolmogorovSmirnovDistance
          })
      } else {
        let rule = example.classes == nil ? "p%-rule" : "smallest p%-rule"
        rows.append(row("\(rule), \(name)", percent: true) { $0.attributes[index].pPercentRule })
      }
      if attribute.adversaryAUC != nil {
        rows.append(row("adversary AUC, \(name)", percent: false) { $0.attributes[index].adversaryAUC })
      }
    }
    for (index, attribute) in example.continuous.enumerated() {
      let name = TerminalText.neutralized(attribute.name)
      rows.append(row("correlation, \(name)", percent: false) { $0.continuous[index].correlation })
      rows.append(row("maximal correlation, \(name)", percent: false) { $0.continuous[index].maximalCorrelation })
    }
    let name = rows.map { TerminalText.width($0.name) }.max() ?? 0
    let before = rows.map { TerminalText.width($0.before) }.max() ?? 0
    let seeds = summaries.map { String($0.seed) }.joined(separator: ", ")
    let lines = rows.map { row in
      "  \(TerminalText.padded(row.name, to: name))  \(TerminalText.padded(row.before, to: before))"
        + " \(isUnicode ? "→" : "->") \(row.after)\n"
    }
    return "Mean (smallest to largest) on the test rows over the seeds \(seeds):\n\n" + lines.joined()
  }

  /// The statistics of all rows.
  private func wholeRows(_ example: ClassifierEvaluation) -> [(name: String, before: String, after: String)] {
    if example.regression != nil {
      return [
        row("root mean squared error", percent: false) { $0.regression?.errors.rootMeanSquaredError },
        row("R\(isUnicode ? "²" : "^2")", percent: false) { $0.regression?.errors.rSquared },
      ]
    }
    let area = example.classes == nil ? "ROC AUC" : "ROC AUC, mean of classes"
    let rows = [row("accuracy", percent: true) { $0.accuracy }, row(area, percent: false) { $0.rocAUC }]
    return example.classes == nil ? rows + [row("selected", percent: true) { $0.selectionRate }] : rows
  }

  /// The state that a user would deploy: the chosen iterate where there is one.
  private static func kept(_ summary: RunSummary) -> [SplitEvaluation]? { summary[.selected] ?? summary[.final] }

  private func row(
    _ name: String, percent: Bool, _ metric: (ClassifierEvaluation) -> MetricValue?
  ) -> (name: String, before: String, after: String) {
    func spread(_ state: (RunSummary) -> [SplitEvaluation]?) -> String {
      let values = summaries.compactMap { state($0)?[.test].flatMap(metric)?.value }
      guard let smallest = values.min(), let largest = values.max() else { return "n/a" }
      func show(_ value: Double) -> String { TerminalText.fixed(percent ? value * 100 : value, percent ? 1 : 3) }
      let mean = values.reduce(0, +) / Double(values.count)
      let count = values.count < summaries.count ? ", \(values.count) of \(summaries.count)" : ""
      return "\(show(mean))\(percent ? " %" : "") (\(show(smallest)) to \(show(largest))\(count))"
    }
    return (name, spread { $0[.pretrained] }, spread(Self.kept))
  }
}
