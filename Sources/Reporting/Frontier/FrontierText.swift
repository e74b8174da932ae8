import FairnessMetrics
import RunRecords

/// A frontier for the terminal: a table of its points, and what stands out.
public struct FrontierText: Sendable {
  private let record: FrontierRecord
  private let isUnicode: Bool

  /// - Parameter isUnicode: Whether the terminal shows more than ASCII.
  public init(_ record: FrontierRecord, isUnicode: Bool = true) {
    self.record = record
    self.isUnicode = isUnicode
  }

  /// The whole text.
  public var text: String {
    let seeds = record.seeds.map(String.init).joined(separator: ", ")
    let isTested = record.points.contains { $0.test != nil }
    let percent = EvaluationCells.shortNumber(record.confidence * 100)
    var text =
      "Accuracy and \(TerminalText.neutralized(record.metric)), "
      + (record.seeds.count == 1
        ? "with seed \(seeds).\n" : "means over the seeds \(seeds), intervals of \(percent) % over the seeds.\n")
      + "Points are chosen by the \(record.judgedOn) rows\(isTested ? "; the test rows report" : "").\n\n"
    var header = [record.axis.title, "accuracy, \(record.judgedOn)", "metric"]
    if isTested { header += ["accuracy, test", "metric, test", "AUC, test"] }
    let lines = record.points.enumerated().map { index, point in line(index, point, isTested) }
    text += Self.table([header + [""]] + lines)
    text += "\n" + choice(record.knee, "Knee", "the Pareto point farthest beyond the line between the set's ends")
    text += choice(record.cheapestFeasible, "Cheapest feasible", "the most accurate that meets all conditions")
    if let index = record.cheapestFeasible.index {
      for condition in record.points[index].conditions {
        text +=
          "    \(TerminalText.neutralized(condition.text)): \(show(condition.value)), "
          + "holds at \(condition.seedsHolding) of \(Self.seeds(record.seeds.count))\n"
      }
    }
    return text
  }

  private func line(_ index: Int, _ point: FrontierRecord.Point, _ isTested: Bool) -> [String] {
    var cells = [
      EvaluationCells.shortNumber(point.value), show(point.judged.accuracy), show(point.judged.metric),
    ]
    if isTested {
      cells += [
        point.test.map { show($0.accuracy) } ?? "", point.test.map { show($0.metric) } ?? "",
        point.test?.rocAUC.mean.value.map { TerminalText.fixed($0, 3) } ?? "",
      ]
    }
    var words: [String] = []
    if point.isPareto { words.append("Pareto") }
    if record.knee.index == index { words.append("knee") }
    if record.cheapestFeasible.index == index { words.append("cheapest feasible") }
    if !point.nearlyConstant.isEmpty { words.append("nearly constant \(point.nearlyConstant.count)") }
    if !point.failures.isEmpty { words.append("\(point.failures.count) failed") }
    for status in ["nearly feasible", "infeasible"] {
      if let count = point.statuses[status] { words.append("\(status) \(count)") }
    }
    return cells + [words.joined(separator: ", ")]
  }

  private func choice(_ choice: FrontierRecord.Choice, _ name: String, _ meaning: String) -> String {
    switch choice {
    case .none(let reason): return "\(name): none, because \(TerminalText.neutralized(reason)).\n"
    case .point(let index):
      let point = record.points[index]
      let settings = point.settings.map { "--set '\(TerminalText.neutralized($0))'" }.joined(separator: " ")
      return "\(name) (\(meaning)): \(record.axis.title) \(EvaluationCells.shortNumber(point.value))\n    \(settings)\n"
    }
  }

  private static func seeds(_ count: Int) -> String { "\(count) seed\(count == 1 ? "" : "s")" }

  private func show(_ estimate: RepeatedEstimate) -> String {
    guard let mean = estimate.mean.value else { return "n/a" }
    let dash = isUnicode ? "–" : "-"
    let interval =
      estimate.interval.map { " [\(TerminalText.fixed($0.low, 3))\(dash)\(TerminalText.fixed($0.high, 3))]" } ?? ""
    let count = estimate.count < record.seeds.count ? " (\(estimate.count) of \(record.seeds.count))" : ""
    return TerminalText.fixed(mean, 4) + interval + count
  }

  private static func table(_ cells: [[String]]) -> String {
    let widths = cells[0].indices.map { column in cells.map { TerminalText.width($0[column]) }.max() ?? 0 }
    return cells.map { row in
      var line = "  " + row.enumerated().map { TerminalText.padded($1, to: widths[$0]) }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
