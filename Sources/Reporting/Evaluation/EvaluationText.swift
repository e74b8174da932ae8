import FairnessEvaluation
import FairnessMetrics

/// An evaluation as text for a terminal: aligned tables, nothing that data could steer the terminal with.
public struct EvaluationText: Sendable {
  private let report: EvaluationReport

  /// The widest a name of a slice is shown.
  private static let widestName = 40

  public init(_ report: EvaluationReport) {
    self.report = report
  }

  /// The whole text.
  public var text: String {
    var parts = [headline]
    for model in report.models {
      if report.models.count > 1 { parts.append("── \(neutral(model.name)) ──\n") }
      parts += sections(of: model)
    }
    if let comparison = report.comparison { parts.append(table(comparison)) }
    if !report.explanations.isEmpty { parts.append(explanations) }
    parts.append(contentsOf: report.notes.map { "Note: \(neutral($0))\n" })
    parts.append(wrapped(EvaluationReport.limits) + "\n")
    return parts.joined(separator: "\n")
  }

  private var headline: String {
    var line = "\(neutral(report.source)): \(TerminalText.grouped(report.rows)) rows"
    if let confidence = report.confidence {
      line += ", intervals of \(EvaluationCells.shortNumber(confidence * 100)) %"
    }
    return line + "\n"
  }

  private func sections(of model: ModelEvaluation) -> [String] {
    let thresholds = model.slices.first?.thresholds.map(\.threshold) ?? []
    var parts: [String] = []
    if thresholds.isEmpty {
      parts.append(slices(model, thresholdIndex: 0))
      parts.append(parity(model, thresholdIndex: 0))
    }
    for (index, threshold) in thresholds.enumerated() {
      let title =
        report.isDecisionsOnly(model) ? "Decisions\n" : "Decisions at \(EvaluationCells.shortNumber(threshold))\n"
      parts.append(title + slices(model, thresholdIndex: index))
      let comparisons = parity(model, thresholdIndex: index)
      if !comparisons.isEmpty { parts.append(comparisons) }
    }
    if let gaps = model.gaps, let text = notableGaps(gaps) { parts.append(text) }
    if let worst = model.worstSlices { parts.append(table(worst)) }
    parts += model.packs.map { table($0) }
    if !model.gates.isEmpty { parts.append(Self.gates(model.gates)) }
    if !model.notes.isEmpty {
      parts.append(model.notes.map { "Note: \(neutral($0))\n" }.joined())
    }
    return parts
  }

  // MARK: - Slices

  private func slices(_ model: ModelEvaluation, thresholdIndex: Int) -> String {
    let metrics = report.shownMetrics.filter { name in
      model.slices.first?.estimate(name, thresholdIndex: thresholdIndex) != nil
    }
    var lines = [["", "rows"] + metrics.map(EvaluationCells.unitHeading)]
    var columns: [String] = []
    for slice in model.slices {
      let crossing = slice.slice.terms.map(\.column)
      if crossing != columns {
        columns = crossing
        lines.append([name(crossing.joined(separator: ", ")) + ":"])
      }
      lines.append(
        [(columns.isEmpty ? "" : "  ") + name(EvaluationCells.name(slice.slice)), TerminalText.grouped(slice.rows)]
          + metrics.map {
            EvaluationCells.bareEstimate(slice.estimate($0, thresholdIndex: thresholdIndex), name: $0)
          })
    }
    return aligned(lines)
  }

  private func parity(_ model: ModelEvaluation, thresholdIndex: Int) -> String {
    let named = model.parity.filter { $0.thresholds.indices.contains(thresholdIndex) }
    guard let first = named.first?.thresholds[thresholdIndex].metrics else { return "" }
    let wanted = report.shownMetrics.filter { name in first.contains { $0.name == name } }
    let usual = [
      "pPercentRule", "demographicParityDifference", "equalOpportunityDifference", "equalizedOddsDifference",
      "averageOddsDifference", "predictiveParityDifference", "accuracyEqualityDifference",
      "areaBetweenCumulativeCurves", "rocAUCDifference", "meanAbsoluteErrorDifference",
      "rootMeanSquaredErrorDifference", "meanErrorDifference", "meanPredictionDifference",
    ]
    let shown = wanted.isEmpty ? usual : wanted
    var lines = [["between groups of"] + named.map { name($0.columns.joined(separator: ", ")) }]
    var reasons: [String] = []
    for metric in first.map(\.name) where shown.contains(metric) {
      let estimates = named.map { table in
        table.thresholds[thresholdIndex].metrics.first { $0.name == metric }?.estimate
      }
      lines.append(
        ["  " + EvaluationCells.heading(metric)]
          + estimates.map { EvaluationCells.estimate($0, name: metric) })
      for case let reason? in estimates.map({ $0?.value.reason }) {
        let text = "  n/a: \(neutral(reason))\n"
        if !reasons.contains(text) { reasons.append(text) }
      }
    }
    return aligned(lines) + reasons.joined()
  }

  // MARK: - Findings

  /// The gaps that stand out after correction, widest first; nil where there were no tests.
  private func notableGaps(_ gaps: ResultTable) -> String? {
    guard let p = gaps.columns.firstIndex(where: { $0.name == "correctedPValue" }),
      let difference = gaps.columns.firstIndex(where: { $0.name == "difference" })
    else { return nil }
    let level = 1 - (report.confidence ?? 0.95)
    func value(_ row: [ResultTable.Cell], _ column: Int) -> Double? {
      if case .value(let value) = row[column] { value.value } else { nil }
    }
    let significant = gaps.rows.filter { (value($0, p) ?? 1) <= level }
      .sorted { abs(value($0, difference) ?? 0) > abs(value($1, difference) ?? 0) }
    let count = gaps.rows.count
    guard !significant.isEmpty else {
      return "No slice differs from the other rows: none of \(count) comparisons stands out after correction.\n"
    }
    var shown = gaps
    shown.title = "\(significant.count) of \(count) comparisons with the whole stand out after correction"
    shown.rows = Array(significant.prefix(10))
    if significant.count > 10 { shown.title += "; the 10 widest" }
    return table(shown)
  }

  private func table(_ table: ResultTable) -> String {
    var lines = [table.columns.map { EvaluationCells.heading($0.name) }]
    lines += table.rows.map { row in
      zip(table.columns, row).map { name(EvaluationCells.text($1, kind: $0.kind)) }
    }
    let textColumns = Set(table.columns.indices.filter { table.columns[$0].kind == .text })
    let body = table.rows.isEmpty ? "" : aligned(lines.map { $0 }, leftColumns: textColumns)
    return neutral(table.title) + "\n" + body + table.notes.map { wrapped("  " + neutral($0)) + "\n" }.joined()
  }

  /// Gates with what was held against their bounds and the verdicts.
  static func gates(_ gates: [GateResult]) -> String {
    var text = "Gates\n"
    for gate in gates {
      let value = gate.estimate.value.value.map { EvaluationCells.number($0, isShare: false) } ?? "n/a"
      let interval =
        gate.estimate.interval.map {
          " [\(EvaluationCells.number($0.low, isShare: false)), \(EvaluationCells.number($0.high, isShare: false))]"
        } ?? ""
      text +=
        "  \(gate.failsIfMet ? "fail if" : "require") \(TerminalText.neutralized(gate.condition)): \(value)\(interval), "
      text += TerminalText.neutralized(EvaluationCells.verdict(gate.verdict)) + "\n"
    }
    return text
  }

  private var explanations: String {
    "What the metrics mean\n"
      + report.explanations.map { explanation in
        wrapped("  \(neutral(EvaluationCells.heading(explanation.subject))): \(neutral(explanation.text)).") + "\n"
      }.joined()
  }

  // MARK: - Lines

  private func neutral(_ text: String) -> String { TerminalText.neutralized(text) }

  private func name(_ text: String) -> String {
    let text = neutral(text)
    return TerminalText.padded(text, to: min(Self.widestName, TerminalText.width(text)))
  }

  /// Lines of cells in columns, the first to the left and numbers to the right; a line of one cell is a heading.
  private func aligned(_ lines: [[String]], leftColumns: Set<Int> = [0]) -> String {
    let count = lines.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      lines.filter { $0.count > 1 && $0.count > column }.map { TerminalText.width($0[column]) }.max() ?? 0
    }
    return lines.map { line in
      if line.count == 1 { return "  \(line[0])\n" }
      let cells = line.enumerated().map { column, cell in
        TerminalText.padded(cell, to: widths[column], right: !leftColumns.contains(column))
      }
      let text = "  " + cells.joined(separator: "  ")
      return text.replacingTrailingSpaces + "\n"
    }.joined()
  }

  /// A sentence in lines of at most 100 columns.
  private func wrapped(_ text: String) -> String {
    let indentation = text.prefix { $0 == " " }
    var lines: [String] = []
    var line = String(indentation)
    for word in text.split(separator: " ") {
      if TerminalText.width(line) + word.count + 1 > 100 && line.count > indentation.count {
        lines.append(line)
        line = String(indentation)
      }
      line += (line.count > indentation.count ? " " : "") + word
    }
    return (lines + [line]).joined(separator: "\n")
  }
}

extension String {
  fileprivate var replacingTrailingSpaces: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

extension EvaluationReport {
  /// Whether a model gave decisions and no scores, so that a threshold means nothing.
  func isDecisionsOnly(_ model: ModelEvaluation) -> Bool {
    model.slices.first?.metrics.isEmpty ?? false
  }
}
