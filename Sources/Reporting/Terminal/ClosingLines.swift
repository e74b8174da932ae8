import FairnessEvaluation
import FairnessMetrics

/// Lines of a name, a value before, a value after and a note, in columns.
package struct ClosingLines {
  enum Format {
    case percent
    case decimals
    /// A number of any size.
    case plain
  }

  let arrow: String
  private var lines: [(name: String, before: String, after: String, interval: String, note: String)] = []
  private var reasons: [String] = []

  init(arrow: String) {
    self.arrow = arrow
  }

  mutating func add(
    _ name: String, _ before: MetricValue?, _ after: MetricValue, _ format: Format, interval: Estimate? = nil,
    note: String = ""
  ) {
    let ends =
      after.value == nil ? nil : interval?.interval.map { "[\(bare($0.low, format)), \(bare($0.high, format))]" }
    lines.append((name, before.map { show($0, format) } ?? "", show(after, format), ends ?? "", note))
    if let reason = after.reason { reasons.append("\(name): \(TerminalText.neutralized(reason))") }
  }

  var text: String {
    let name = lines.map { TerminalText.width($0.name) }.max() ?? 0
    let before = lines.map { TerminalText.width($0.before) }.max() ?? 0
    let after = lines.map { TerminalText.width($0.after) }.max() ?? 0
    let interval = lines.map(\.interval.count).max() ?? 0
    let noArrow = String(repeating: " ", count: TerminalText.width(arrow))
    return lines.map { line in
      var text = "  " + TerminalText.padded(line.name, to: name) + "  "
      if before > 0 {
        text += TerminalText.padded(line.before, to: before, right: true)
        text += " \(line.before.isEmpty ? noArrow : arrow) "
      }
      text += TerminalText.padded(line.after, to: after, right: true)
      if interval > 0 && !(line.interval.isEmpty && line.note.isEmpty) {
        text += " " + (line.note.isEmpty ? line.interval : TerminalText.padded(line.interval, to: interval))
      }
      return text + (line.note.isEmpty ? "" : "   \(line.note)") + "\n"
    }.joined() + reasons.map { "  \($0)\n" }.joined()
  }

  private func show(_ metric: MetricValue, _ format: Format) -> String {
    guard let value = metric.value else { return "n/a" }
    return bare(value, format) + (format == .percent ? " %" : "")
  }

  private func bare(_ value: Double, _ format: Format) -> String {
    switch format {
    case .percent: TerminalText.fixed(value * 100, 1)
    case .decimals: TerminalText.fixed(value, 3)
    case .plain: Self.number(value)
    }
  }

  /// A number of any size with four digits that count.
  package static func number(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "n/a" }
    var magnitude = abs(value)
    var decimals = 3
    while magnitude >= 10 && decimals > 0 {
      magnitude /= 10
      decimals -= 1
    }
    while magnitude < 1 && decimals < 12 {
      magnitude *= 10
      decimals += 1
    }
    return abs(value) < 1e15 ? TerminalText.fixed(value, decimals) : String(value)
  }
}
