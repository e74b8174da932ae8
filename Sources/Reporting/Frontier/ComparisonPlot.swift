import RunStore

extension RunComparison {
  /// The trade-off of the configurations as a drawing: the first objective over each of the others, which have a shape
  /// each. Nil without two objectives or without a configuration that has values for them.
  ///
  /// - Parameter title: What stands above it.
  public func plot(title: String) -> ScatterPlot? {
    guard objectives.count > 1, let y = metrics.firstIndex(of: objectives[0].metric) else { return nil }
    let shapes: [ScatterPlot.Shape] = [.disc, .diamond, .square, .ring]
    let others = zip(objectives.dropFirst().prefix(shapes.count), shapes)
    var points: [ScatterPlot.Point] = []
    for (objective, shape) in others {
      guard let x = metrics.firstIndex(of: objective.metric) else { continue }
      for group in groups {
        guard let across = group.spreads[x], let up = group.spreads[y] else { continue }
        let label = group.parameters.map { $0?.description ?? "–" }.joined(separator: ", ")
        points.append(
          ScatterPlot.Point(
            x: across.mean, y: up.mean, xInterval: across.interval, yInterval: up.interval, shape: shape, label: label,
            detail:
              "\(keys.joined(separator: ", ")) \(label): \(objectives[0].metric) \(TerminalText.fixed(up.mean, 4)), "
              + "\(objective.metric) \(TerminalText.fixed(across.mean, 4))"))
      }
    }
    guard !points.isEmpty else { return nil }
    let names = objectives.dropFirst().map(\.metric).joined(separator: ", ")
    let seeds = groups.map(\.seeds.count).max() ?? 0
    let areShares = points.allSatisfy { 0...1 ~= $0.x && 0...1 ~= $0.y }
    return ScatterPlot(
      title: title,
      description:
        "\(groups.count) configurations by \(keys.joined(separator: ", ")): \(objectives[0].metric) over \(names).",
      xTitle: names,
      yTitle: "\(objectives[0].metric) (mean of \(seeds) \(seeds == 1 ? "seed" : "seeds, 95 % intervals"))",
      xLimits: areShares ? 0...1 : -.infinity...(.infinity), yLimits: areShares ? 0...1 : -.infinity...(.infinity),
      points: points, legend: others.map { ($1, $0.metric) })
  }
}
