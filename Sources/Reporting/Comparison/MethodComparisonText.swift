import FairnessMetrics
import RunRecords

/// A comparison for the terminal: a line for every point of every method, and the best of each method under each bound.
public struct MethodComparisonText: Sendable {
  private let record: ComparisonRecord
  private let isUnicode: Bool

  /// - Parameter isUnicode: Whether the terminal shows more than ASCII.
  public init(_ record: ComparisonRecord, isUnicode: Bool = true) {
    self.record = record
    self.isUnicode = isUnicode
  }

  /// The whole text.
  public var text: String {
    let isTested = record.methods.contains { $0.points.contains { $0.test != nil } }
    let rows = isTested ? "test" : record.judgedOn
    let seeds = record.seeds.map(String.init).joined(separator: ", ")
    let percent = EvaluationCells.shortNumber(record.confidence * 100)
    var text =
      "Accuracy and \(TerminalText.neutralized(record.metric)) on \(rows) rows, means over the seed"
      + "\(record.seeds.count == 1 ? "" : "s") \(seeds)"
      + "\(record.seeds.count > 1 ? ", intervals of \(percent) % over the seeds" : "").\n\n"
    let header = ["method", "knob", "accuracy", "metric", "AUC", "selected", ""]
    let lines = record.methods.flatMap { method in method.points.map { line(method, $0) } }
    text += Self.table([header] + lines)
    for bound in record.bounds {
      text +=
        "\nThe most accurate with a metric of at \(record.isGreaterBetter ? "least" : "most") "
        + "\(EvaluationCells.shortNumber(bound)), chosen on \(record.judgedOn) rows:\n"
      let found = record.methods.map { method -> [String] in
        guard let index = record.best(of: method, under: bound) else {
          return [name(method), "", "none", "", "", "", ""]
        }
        return line(method, method.points[index])
      }
      text += Self.table(found)
    }
    return text
  }

  private func name(_ method: ComparisonRecord.Method) -> String { TerminalText.neutralized(method.name) }

  private func line(_ method: ComparisonRecord.Method, _ point: FrontierRecord.Point) -> [String] {
    let measured = point.test ?? point.judged
    func short(_ estimate: RepeatedEstimate) -> String {
      estimate.mean.value.map { TerminalText.fixed($0, 3) } ?? "n/a"
    }
    let words = [
      point.isPareto ? "Pareto" : nil, point.failures.isEmpty ? nil : "\(point.failures.count) failed",
    ].compactMap { $0 }
    return [
      name(method), method.knob == nil ? "" : EvaluationCells.shortNumber(point.value), show(measured.accuracy),
      show(measured.metric), short(measured.rocAUC), short(measured.selectionRate), words.joined(separator: ", "),
    ]
  }

  private func show(_ estimate: RepeatedEstimate) -> String {
    guard let mean = estimate.mean.value else { return "n/a" }
    let dash = isUnicode ? "–" : "-"
    return TerminalText.fixed(mean, 4)
      + (estimate.interval.map { " [\(TerminalText.fixed($0.low, 3))\(dash)\(TerminalText.fixed($0.high, 3))]" } ?? "")
  }

  private static func table(_ cells: [[String]]) -> String {
    guard let first = cells.first else { return "" }
    let widths = first.indices.map { column in cells.map { TerminalText.width($0[column]) }.max() ?? 0 }
    return cells.map { row in
      var line = "  " + row.enumerated().map { TerminalText.padded($1, to: widths[$0]) }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

extension ComparisonRecord {
  /// All points as a drawing: accuracy over the metric, on test rows where there are any, a line through the Pareto set of
  /// all methods. Each method's first point bears its name.
  public var plot: ScatterPlot {
    let isTested = methods.contains { $0.points.contains { $0.test != nil } }
    let rows = isTested ? "test rows" : "\(judgedOn) rows"
    var drawn: [ScatterPlot.Point] = []
    for method in methods {
      for (index, point) in method.points.enumerated() {
        guard let measured = isTested ? point.test : point.judged, let x = measured.metric.mean.value,
          let y = measured.accuracy.mean.value
        else { continue }
        let value = method.knob.map { ", \($0) \(EvaluationCells.shortNumber(point.value))" } ?? ""
        drawn.append(
          ScatterPlot.Point(
            x: x, y: y, xInterval: measured.metric.interval, yInterval: measured.accuracy.interval,
            shape: point.isPareto ? .disc : .ring, label: index == 0 ? method.name : "",
            detail: "\(method.name)\(value): accuracy \(TerminalText.fixed(y, 4)), metric \(TerminalText.fixed(x, 4))",
            isOnLine: point.isPareto))
      }
    }
    let seedWord = seeds.count == 1 ? "1 seed" : "\(seeds.count) seeds"
    let better = isGreaterBetter ? "more parity to the right" : "more parity to the left"
    return ScatterPlot(
      title: "\(name): methods side by side, \(rows), \(seedWord)",
      description: "\(drawn.count) points of \(methods.count) methods.", xTitle: "\(metric) (\(better))",
      yTitle: "accuracy (mean over seeds)", xLimits: isGreaterBetter ? 0...1 : 0...(.infinity), yLimits: 0...1,
      points: drawn, legend: [(.disc, "Pareto set of all"), (.ring, "surpassed by another")])
  }
}
