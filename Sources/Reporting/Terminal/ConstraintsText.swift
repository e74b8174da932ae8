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
      case .outOfFold:
        "judged out of fold, with a margin of \(EvaluationCells.shortNumber(record.margin)) standard errors"
      case .validation: "judged on validation rows"
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
    if record.status == .infeasible {
      text += "\n  The conditions were not reached; what stands here is the nearest that was found.\n"
    }
    for group in record.levelledDown {
      text += "\n  Levelled down: \(TerminalText.neutralized(group)) lost, and no group of the attribute gained.\n"
    }
    return text
  }

  private static func show(_ value: MetricValue) -> String { value.value.map { show($0) } ?? "n/a" }

  private static func show(_ value: Double) -> String { TerminalText.fixed(value, 3) }
}
