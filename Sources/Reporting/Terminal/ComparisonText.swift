import RunStore

/// Runs by configuration as a table.
public struct ComparisonText: Sendable {
  private let comparison: RunComparison
  private let isUnicode: Bool

  public init(_ comparison: RunComparison, isUnicode: Bool = true) {
    self.comparison = comparison
    self.isUnicode = isUnicode
  }

  /// A line for each configuration: what is its own, how many seeds, and of each statistic the mean with the half width
  /// of its interval; below, the failed runs.
  public var text: String {
    guard !comparison.groups.isEmpty else { return "No runs.\n" }
    let hasFront = comparison.groups.contains { $0.isOnFront != nil }
    var plain = PlainTable(
      columns: (hasFront ? [("", false)] : [])
        + comparison.keys.map { (TerminalText.neutralized($0), true) } + [("seeds", true)]
        + comparison.metrics.map { (TerminalText.neutralized($0), true) })
    plain.rows = comparison.groups.map { group in
      (hasFront ? [group.isOnFront == true ? "*" : ""] : []) + group.parameters.map(RunCell.text)
        + [String(group.seeds.count)] + group.spreads.map(cell)
    }
    var notes: [String] = []
    if comparison.keys.isEmpty && comparison.groups.count > 1 {
      notes.append("The configurations differ in nothing but their rows.")
    }
    if comparison.groups.contains(where: { $0.spreads.contains { $0?.deviation != nil } }) {
      let sign = isUnicode ? "±" : "+-"
      notes.append(
        "Mean over the seeds \(sign) half the 95 % interval of the mean (Student's t); (s) is the deviation of one run."
      )
    }
    if hasFront {
      let goals = comparison.objectives.map {
        "\($0.isMaximized ? "high" : "low") \(TerminalText.neutralized($0.metric))"
      }
      notes.append(
        "* on the front: no other configuration is as good in \(goals.joined(separator: ", ")) and better in one.")
    }
    return plain.text + (notes.isEmpty ? "" : "\n" + notes.joined(separator: "\n") + "\n") + failures
  }

  private var failures: String {
    let lines = comparison.groups.flatMap { group in
      let settings = zip(comparison.keys, group.parameters).map { "\($0)=\($1?.description ?? "")" }
      return group.failures.map { failure in
        "  " + TerminalText.neutralized((settings + ["seed \(failure.seed)"]).joined(separator: ", "))
          + ": \(TerminalText.neutralized(failure.reason))\n"
      }
    }
    return lines.isEmpty ? "" : "\nFailed:\n" + lines.joined()
  }

  private func cell(_ spread: RunComparison.Spread?) -> String {
    guard let spread else { return "n/a" }
    let mean = RunCell.text(spread.mean)
    guard let interval = spread.interval, let deviation = spread.deviation else { return mean }
    let half = TerminalText.fixed((interval.high - interval.low) / 2, 4)
    return "\(mean) \(isUnicode ? "±" : "+-") \(half) (\(TerminalText.fixed(deviation, 4)))"
  }
}
