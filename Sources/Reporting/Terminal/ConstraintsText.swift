import FairnessMetrics
import RunRecords

/// What became of a run's constraints, for the terminal: the status, each condition on the rows it was measured on, and
/// who only lost.
public struct ConstraintsText: Sendable {
  private let record: ConstraintsRecord
  private let isUnicode: Bool

  /// - Parameter isUnicode: Whether the terminal shows more than ASCII.
  public init(_ record: ConstraintsRecord, isUnicode: Bool = true) {
    self.record = record
    self.isUnicode = isUnicode
  }

  public var text: String {
    let judged =
      switch record.judgedOn {
      case .outOfFold: "judged out of fold\(margin)"
      // Rows by which an iterate was chosen are no new rows: there, too, the margin counts.
      case .validation: "judged on validation rows\(record.selection == nil ? "" : margin)"
      case .test: "judged on test rows"
      }
    var text = "Constraints: \(record.status.rawValue) (\(record.method), \(judged))\n\n"
    let arrow = isUnicode ? "→" : "->"
    var lines: [(condition: String, rows: String, before: String, after: String, interval: String)] = []
    for condition in record.conditions {
      for (index, measurement) in condition.measurements.enumerated() {
        let rows =
          switch measurement.rows {
          case .outOfFold: "out of fold"
          case .validation: "validation"
          case .test: "test"
          }
        let interval = measurement.after.interval.map { "[\(Self.show($0.low)), \(Self.show($0.high))]" } ?? ""
        lines.append(
          (
            index == 0 ? TerminalText.neutralized(condition.text) : "", rows, Self.show(measurement.before),
            Self.show(measurement.after.value), interval
          ))
      }
    }
    let width = (
      condition: lines.map { TerminalText.width($0.condition) }.max() ?? 0,
      rows: lines.map(\.rows.count).max() ?? 0, before: lines.map(\.before.count).max() ?? 0,
      after: lines.map(\.after.count).max() ?? 0
    )
    for line in lines {
      text +=
        "  \(TerminalText.padded(line.condition, to: width.condition))  \(TerminalText.padded(line.rows, to: width.rows))"
        + "  \(TerminalText.padded(line.before, to: width.before, right: true)) \(arrow) "
        + TerminalText.padded(line.after, to: width.after, right: true)
        + (line.interval.isEmpty ? "" : " \(line.interval)") + "\n"
    }
    if let selection = record.selection { text += self.text(of: selection) }
    if record.status == .infeasible {
      text += "\n  The conditions were not reached; what stands here is the nearest that was found.\n"
    }
    for group in record.levelledDown {
      text += "\n  Levelled down: \(TerminalText.neutralized(group)) lost, and no group of the attribute gained.\n"
    }
    return text
  }

  private var margin: String { ", with a margin of \(EvaluationCells.shortNumber(record.margin)) standard errors" }

  /// Which iterate was chosen, λ with which it was made, and what a mixture comes to.
  private func text(of selection: SelectionRecord) -> String {
    var text = "\n  Chosen: iterate \(selection.chosen) of \(selection.iterates) (\(selection.rule))"
    if !record.multipliers.isEmpty {
      text +=
        ", "
        + record.multipliers.map { "\(TerminalText.neutralized($0.inequality)) \(TerminalText.fixed($0.value, 2))" }
        .joined(separator: ", ")
    }
    text += "\n"
    guard !selection.mixture.isEmpty else { return text }
    let members = selection.mixture.map { "\(TerminalText.fixed($0.probability * 100, 1)) % iterate \($0.iterate)" }
    text += "  Mixture: \(members.joined(separator: ", ")); exact expected rates:\n"
    for expectation in selection.expectations {
      let values = zip(record.conditions, expectation.conditions).map { condition, value in
        "\(TerminalText.neutralized(condition.text)): \(Self.show(value))"
      }
      text +=
        "    \(expectation.rows.rawValue): accuracy \(Self.show(expectation.accuracy)), \(values.joined(separator: ", "))\n"
    }
    return text
  }

  private static func show(_ value: MetricValue) -> String { value.value.map { show($0) } ?? "n/a" }

  private static func show(_ value: Double) -> String { TerminalText.fixed(value, 3) }
}
