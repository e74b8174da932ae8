import OrderedJSON

/// What accuracy costs at several settings: `frontier.json`, as `equipoise frontier` writes it.
struct FrontierSection {
  let frontier: JSON?

  /// A mean over seeds with its interval.
  private struct Repeated {
    var mean: Double
    var low: Double?
    var high: Double?

    init?(_ json: JSON?) {
      guard let mean = json?["mean"]?.double else { return nil }
      self.mean = mean
      low = json?["low"]?.double
      high = json?["high"]?.double
    }
  }

  private struct Point {
    var value: Double
    var isPareto: Bool
    var metric: Repeated
    var accuracy: Repeated

    init?(_ json: JSON) {
      // The test rows tell; where there are none, the rows by which points were chosen.
      let rows = json["test"]?.members == nil ? json["judged"] : json["test"]
      guard let value = json["value"]?.double, let metric = Repeated(rows?["metric"]),
        let accuracy = Repeated(rows?["accuracy"])
      else { return nil }
      self.value = value
      isPareto = json["isPareto"] == .bool(true)
      self.metric = metric
      self.accuracy = accuracy
    }
  }

  var markup: Markup {
    guard let frontier, let elements = frontier["points"]?.elements else { return "" }
    let points = elements.map(Point.init)
    let found = points.compactMap { $0 }
    guard found.count > 1 else { return "" }
    let metric = frontier["metric"]?["expression"]?.text ?? "metric"
    let axis = frontier["axis"]?["varied"]?.text ?? "setting"
    let knee = frontier["knee"]?["point"]?.integer
    let cheapest = frontier["cheapestFeasible"]?["point"]?.integer
    func marks(_ index: Int) -> String {
      [index == knee ? "knee" : "", index == cheapest ? "cheapest that is feasible" : ""].filter { !$0.isEmpty }.joined(
        separator: ", ")
    }
    let rows = points.enumerated().compactMap { index, point -> [Markup]? in
      guard let point else { return nil }
      return [
        "\(Words.number(point.value, 3))", text(point.metric), text(point.accuracy),
        "\(point.isPareto ? "on the frontier" : "")", "\(marks(index))",
      ]
    }
    return Part.section(
      "frontier", "What evenness costs",
      lead:
        "Each dot is a setting of \(axis), a mean over \(Words.count(frontier["seeds"]?.elements?.count ?? 0, "seed")); lines are intervals over seeds. Full dots cannot be bettered in one without losing in the other. The choice was made on \(frontier["judgedOn"]?.text ?? "other") rows.",
      Part.panels([figure(points, metric, marks)])
        + Part.table("Frontier", columns: [axis, "#\(metric)", "#accuracy", "", ""], rows: rows))
  }

  private func text(_ value: Repeated) -> Markup {
    let interval: Markup? =
      if let low = value.low, let high = value.high {
        " <span class=\"ci\">[\(Words.number(low, 3)), \(Words.number(high, 3))]</span>"
      } else {
        nil
      }
    return "\(Words.number(value.mean, 3))\(interval)"
  }

  private func figure(_ points: [Point?], _ metric: String, _ marks: (Int) -> String) -> Markup {
    let found = points.compactMap { $0 }
    func limits(_ part: (Point) -> Repeated) -> ClosedRange<Double> {
      let values = found.flatMap { point in
        [part(point).mean, part(point).low, part(point).high].compactMap { $0 }
      }
      let (low, high) = (values.min() ?? 0, values.max() ?? 1)
      let margin = max(1e-3, (high - low) * 0.06)
      return (low - margin)...(high + margin)
    }
    var plot = Plot(x: limits { $0.metric }, y: limits { $0.accuracy }, height: 240, right: 16)
    plot.verticalAxis(.percent)
    plot.horizontalAxis(.number, title: metric)
    let pareto = found.filter(\.isPareto).sorted { $0.metric.mean < $1.metric.mean }
    plot.line(pareto.map { ($0.metric.mean, $0.accuracy.mean) }, series: 4)
    for (index, point) in points.enumerated() {
      guard let point else { continue }
      if let low = point.metric.low, let high = point.metric.high {
        plot.whisker(y: point.accuracy.mean, from: low, to: high, series: 0)
      }
      plot.dot(
        x: point.metric.mean, y: point.accuracy.mean, low: point.accuracy.low, high: point.accuracy.high, series: 0,
        isHollow: !point.isPareto)
      let name = marks(index)
      if !name.isEmpty { plot.label(name, x: point.metric.mean, y: point.accuracy.mean, series: 0) }
    }
    return Part.figure(
      "accuracy against \(metric)", "",
      plot.svg(
        title: "Accuracy against \(metric)",
        description: "\(found.count) settings, \(pareto.count) of them on the frontier."))
  }
}
