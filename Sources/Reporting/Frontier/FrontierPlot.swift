import FairnessMetrics
import RunRecords

extension FrontierRecord {
  /// The frontier as a drawing: accuracy over the metric that it is traded for, on test rows where there are any.
  public var plot: ScatterPlot {
    let isTested = points.contains { $0.test != nil }
    let rows = isTested ? "test rows" : "\(judgedOn) rows"
    var drawn: [ScatterPlot.Point] = []
    for (index, point) in points.enumerated() {
      let measured = isTested ? point.test : point.judged
      guard let measured, let x = measured.metric.mean.value, let y = measured.accuracy.mean.value else { continue }
      let shape: ScatterPlot.Shape =
        cheapestFeasible.index == index ? .square : knee.index == index ? .diamond : point.isPareto ? .disc : .ring
      let value = EvaluationCells.shortNumber(point.value)
      drawn.append(
        ScatterPlot.Point(
          x: x, y: y, xInterval: measured.metric.interval, yInterval: measured.accuracy.interval, shape: shape,
          label: value,
          detail: "\(axis.title) \(value): accuracy \(TerminalText.fixed(y, 4)), metric \(TerminalText.fixed(x, 4))",
          isOnLine: point.isPareto))
    }
    let better = isGreaterBetter ? "more parity to the right" : "more parity to the left"
    let chosen = [
      knee.index.map { "The knee is at \(axis.title) \(EvaluationCells.shortNumber(points[$0].value))." },
      cheapestFeasible.index.map {
        "The cheapest feasible point is at \(axis.title) \(EvaluationCells.shortNumber(points[$0].value))."
      },
    ].compactMap { $0 }
    let range = drawn.map(\.y)
    let spread =
      zip(range.min().map { [$0] } ?? [], range.max().map { [$0] } ?? []).map {
        "accuracy from \(TerminalText.fixed($0, 3)) to \(TerminalText.fixed($1, 3))"
      }.joined()
    let whiskers = seeds.count > 1 ? ", intervals of \(EvaluationCells.shortNumber(confidence * 100)) %" : ""
    let seedWord = seeds.count == 1 ? "1 seed" : "\(seeds.count) seeds"
    return ScatterPlot(
      title: "\(name): accuracy and parity, \(rows), \(seedWord)",
      description: (["\(drawn.count) points, \(spread)."] + chosen).joined(separator: " "),
      xTitle: "\(metric) (\(better))", yTitle: "accuracy (mean over seeds\(whiskers))",
      xLimits: isGreaterBetter ? 0...1 : 0...(.infinity), yLimits: 0...1, points: drawn,
      legend: [
        (.disc, "Pareto set"), (.ring, "dominated"), (.diamond, "knee"), (.square, "cheapest feasible"),
      ])
  }
}
