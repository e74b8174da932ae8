import RunRecords
import RunStore

/// The runs of a store as a table.
public struct RunListText: Sendable {
  private let table: RunTable

  public init(_ table: RunTable) {
    self.table = table
  }

  /// A line for each run: its path, how it ended, its seed, how long it took, and the values asked for.
  public var text: String {
    guard !table.rows.isEmpty else { return "No runs.\n" }
    var plain = PlainTable(
      columns: [("run", false), ("status", false), ("seed", true), ("time", true)]
        + table.keys.map { (TerminalText.neutralized($0), true) })
    plain.rows = table.rows.map { row in
      [
        TerminalText.neutralized(row.entry.path), row.entry.status.rawValue, String(row.entry.seed),
        row.entry.seconds.map(TerminalText.duration) ?? "",
      ] + row.values.map(RunCell.text)
    }
    return plain.text
  }
}

/// A value of a run as a cell.
enum RunCell {
  /// Whole numbers as they are, others with four digits behind the point; empty where there is no value.
  static func text(_ value: RunValue?) -> String {
    guard let value else { return "" }
    guard case .number(let number) = value else { return TerminalText.neutralized(value.description) }
    return text(number)
  }

  static func text(_ number: Double) -> String {
    if number == number.rounded(), abs(number) < 1e15 { return TerminalText.fixed(number, 0) }
    // A learning rate of 0.00003 would be all zeros.
    return abs(number) < 0.001 || abs(number) >= 1e6 ? "\(number)" : TerminalText.fixed(number, 4)
  }
}
