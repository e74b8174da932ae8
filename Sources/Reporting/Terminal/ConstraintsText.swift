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
      case .train: "judged on training rows\(margin)"
      // Rows by which an iterate was chosen are no new rows: there, too, the margin counts.
      case .validation: "judged on validation rows\(record.choice == nil ? "" : margin)"
      case .test: "judged on test rows"
      }
    var text = "Constraints: \(record.status.rawValue) (\(record.method), \(judged))\n"
    if let reason = record.reason { text += "  \(TerminalText.neutralized(reason))\n" }
    text += "\n"
    let arrow = isUnicode ? "→" : "->"
    var lines: [(condition: String, rows: String, before: String, after: String, interval: String)] = []
    for condition in record.conditions {
      for (index, measurement) in condition.measurements.enumerated() {
        let interval = measurement.after.interval.map { "[\(Self.show($0.low)), \(Self.show($0.high))]" } ?? ""
        lines.append(
          (
            index == 0 ? TerminalText.neutralized(condition.text) : "", Self.name(measurement.rows),
            Self.show(measurement.before),
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
    if let choice = record.choice { text += "\n" + self.text(choice) }
    if !record.readColumns.isEmpty {
      let columns = record.readColumns.map { TerminalText.neutralized($0) }.joined(separator: ", ")
      text += "\n  Decisions read \(columns), which scoring new rows needs.\n"
    }
    if record.status == .infeasible {
      text += "\n  What stands here is the nearest that was found.\n"
    }
    return text
  }

  private var margin: String {
    record.margin == 0 ? "" : ", with a margin of \(ConstraintsRecord.standardErrors(record.margin))"
  }

  /// The chosen iterate, or the mixture with what it comes to in expectation.
  private func text(_ choice: ConstraintsRecord.Choice) -> String {
    let rule = TerminalText.neutralized(choice.rule)
    let isGame = record.method == "game"
    let time = isGame ? "epoch" : "iteration"
    // Multipliers of a training are of use to nobody but its developer; λ is what the game was about.
    let lambda = (isGame ? record.multipliers : []).map {
      ", \(TerminalText.neutralized($0.inequality)) \(TerminalText.fixed($0.value, 2))"
    }.joined()
    guard choice.members.count > 1 else {
      return choice.members.first.map { "  Chosen: the iterate of \(time) \($0.iteration) (\(rule))\(lambda).\n" } ?? ""
    }
    let members = choice.members.map { "\($0.iteration) (\(TerminalText.fixed($0.probability * 100, 1)) %)" }
    var text = "  Chosen: a mixture of the iterates of \(time)s \(members.joined(separator: ", "))\(lambda).\n"
    for expectation in choice.expectations {
      let conditions = expectation.conditions.map {
        "\(TerminalText.neutralized($0.condition)): \(Self.show($0.value))"
      }
      text +=
        "  Expected on \(expectation.rows.rawValue) rows: accuracy \(Self.show(expectation.accuracy)), "
        + "selection rate \(Self.show(expectation.selectionRate)); \(conditions.joined(separator: "; "))\n"
    }
    return text
  }

  static func name(_ rows: ConstraintsRecord.Rows) -> String {
    switch rows {
    case .outOfFold: "out of fold"
    case .train: "training"
    case .validation: "validation"
    case .test: "test"
    }
  }

  static func show(_ value: MetricValue) -> String { value.value.map { show($0) } ?? "n/a" }

  private static func show(_ value: Double) -> String { TerminalText.fixed(value, 3) }
}
