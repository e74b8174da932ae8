import FairnessEvaluation
import FairnessMetrics

/// An evaluation as Markdown, with everything from data escaped.
public struct EvaluationMarkdown: Sendable {
  private let report: EvaluationReport

  public init(_ report: EvaluationReport) {
    self.report = report
  }

  /// The whole document.
  public var text: String {
    var text = "# Fairness evaluation of \(Self.escaped(report.source))\n\n"
    text += "\(TerminalText.grouped(report.rows)) rows"
    if let confidence = report.confidence {
      text += "; intervals of \(EvaluationCells.shortNumber(confidence * 100)) %"
    }
    text += ".\n"
    for model in report.models {
      if report.models.count > 1 { text += "\n## \(Self.escaped(model.name))\n" }
      text += sections(of: model)
    }
    if let comparison = report.comparison { text += table(comparison) }
    if !report.explanations.isEmpty {
      text += "\n### What the metrics mean\n"
      text += bullets(report.explanations.map { "\(EvaluationCells.heading($0.subject)): \($0.text)." })
    }
    text += bullets(report.notes)
    return text + "\n> \(EvaluationReport.limits)\n"
  }

  private func sections(of model: ModelEvaluation) -> String {
    var text = ""
    for index in 0..<max(1, model.slices.first?.thresholds.count ?? 0) {
      let threshold = model.slices.first.flatMap { $0.thresholds.indices.contains(index) ? $0.thresholds[index] : nil }
      text += "\n### " + (threshold.map { "Decisions at \(EvaluationCells.shortNumber($0.threshold))" } ?? "Errors")
      let metrics = report.shownMetrics.filter { model.slices.first?.estimate($0, thresholdIndex: index) != nil }
      var lines = [["slice", "rows"] + metrics.map(EvaluationCells.heading)]
      for slice in model.slices {
        lines.append(
          ["\(slice.slice)", TerminalText.grouped(slice.rows)]
            + metrics.map { EvaluationCells.estimate(slice.estimate($0, thresholdIndex: index), name: $0) })
      }
      text += "\n\n" + rows(lines)
      let parity = model.parity.filter { $0.thresholds.indices.contains(index) }
      if let first = parity.first {
        lines = [["between groups of"] + parity.map { $0.columns.joined(separator: ", ") }]
        for metric in first.thresholds[index].metrics.map(\.name) {
          lines.append(
            [EvaluationCells.heading(metric)]
              + parity.map { table in
                EvaluationCells.estimate(
                  table.thresholds[index].metrics.first { $0.name == metric }?.estimate, name: metric)
              })
        }
        text += "\n" + rows(lines)
      }
    }
    for found in [model.gaps, model.worstSlices].compactMap({ $0 }) + model.packs { text += table(found) }
    if !model.gates.isEmpty {
      text += "\n### Gates\n\n"
      var lines = [["gate", "value", "verdict"]]
      for gate in model.gates {
        lines.append([
          "\(gate.failsIfMet ? "fail if" : "require") \(gate.condition)",
          EvaluationCells.estimate(gate.estimate, name: "pPercentRule"), EvaluationCells.verdict(gate.verdict),
        ])
      }
      text += rows(lines)
    }
    return text + bullets(model.notes)
  }

  private func table(_ table: ResultTable) -> String {
    let lines =
      [table.columns.map { EvaluationCells.heading($0.name) }]
      + table.rows.map { row in zip(table.columns, row).map { EvaluationCells.text($1, kind: $0.kind) } }
    return "\n### \(Self.escaped(table.title))\n\n" + (table.rows.isEmpty ? "" : rows(lines)) + bullets(table.notes)
  }

  private func bullets(_ notes: [String]) -> String {
    notes.isEmpty ? "" : "\n" + notes.map { "- \(Self.escaped($0))\n" }.joined()
  }

  private func rows(_ lines: [[String]]) -> String {
    lines.enumerated().map { index, line in
      let text = "| " + line.map(Self.escaped).joined(separator: " | ") + " |\n"
      return index == 0 ? text + "|" + String(repeating: " --- |", count: line.count) + "\n" : text
    }.joined()
  }

  /// A text in which nothing is Markdown or HTML, on one line.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in TerminalText.neutralized(text) {
      switch character {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\\", "`", "*", "_", "[", "]", "(", ")", "#", "|", "~", "!", "$": result += "\\\(character)"
      default: result.append(character)
      }
    }
    return result
  }
}
