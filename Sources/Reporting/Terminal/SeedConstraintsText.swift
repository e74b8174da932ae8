import FairnessMetrics
import RunRecords

/// What became of the constraints with several seeds: how many met them, and each condition with a line for each seed.
public struct SeedConstraintsText: Sendable {
  private let runs: [(seed: Int, record: ConstraintsRecord)]

  public init(_ summaries: [RunSummary]) {
    runs = summaries.compactMap { summary in summary.constraints.map { (summary.seed, $0) } }
  }

  /// The text; empty without constraints.
  public var text: String {
    guard let example = runs.first?.record else { return "" }
    let counts = ConstraintsRecord.Status.allCases.compactMap { status -> String? in
      let count = runs.count { $0.record.status == status }
      return count == 0 ? nil : "\(status.rawValue) at \(count)"
    }
    var text = "Constraints (\(example.method)), of \(runs.count) seeds: \(counts.joined(separator: ", "))\n"
    for (index, condition) in example.conditions.enumerated() {
      text += "\n  \(TerminalText.neutralized(condition.text))\n" + Self.lines(runs, index)
    }
    let failed = runs.filter { $0.record.status == .infeasible }.map { String($0.seed) }
    if !failed.isEmpty {
      text +=
        "\n  Not reached at seed\(failed.count == 1 ? "" : "s") \(failed.joined(separator: ", ")), so the exit status is 1.\n"
    }
    return text
  }

  private static func lines(_ runs: [(seed: Int, record: ConstraintsRecord)], _ index: Int) -> String {
    let lines = runs.compactMap { seed, record -> [String]? in
      guard record.conditions.indices.contains(index) else { return nil }
      let condition = record.conditions[index]
      let values = condition.measurements.map { measurement in
        "\(ConstraintsText.name(measurement.rows)) \(ConstraintsText.show(measurement.after.value))"
      }
      return [
        "seed \(seed)", (condition.status ?? record.status).rawValue, values.joined(separator: ", "),
        TerminalText.neutralized(condition.reason ?? ""),
      ]
    }
    let widths = (0..<3).map { column in lines.map { TerminalText.width($0[column]) }.max() ?? 0 }
    return lines.map { line in
      var text = "    " + (0..<3).map { TerminalText.padded(line[$0], to: widths[$0]) }.joined(separator: "  ")
      text += line[3].isEmpty ? "" : "  \(line[3])"
      while text.last == " " { text.removeLast() }
      return text + "\n"
    }.joined()
  }
}
