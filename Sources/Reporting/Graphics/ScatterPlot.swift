import FairnessMetrics

/// Points with whiskers and a line through some of them, as a self-contained SVG: readable on light and dark grounds, in
/// grey and for the colour-blind (kinds of points differ by their shape), with a title and a text in its place.
public struct ScatterPlot: Sendable {
  /// What a point is drawn as.
  public enum Shape: Sendable, Hashable {
    case disc
    case ring
    case diamond
    case square
  }

  /// A point with its uncertainty.
  public struct Point: Sendable {
    public var x: Double
    public var y: Double
    public var xInterval: Interval?
    public var yInterval: Interval?
    public var shape: Shape
    /// Written beside the point; empty for nothing.
    public var label: String
    /// Shown where the pointer rests on it.
    public var detail: String
    /// Whether the line goes through it.
    public var isOnLine: Bool

    public init(
      x: Double, y: Double, xInterval: Interval? = nil, yInterval: Interval? = nil, shape: Shape = .disc,
      label: String = "", detail: String = "", isOnLine: Bool = false
    ) {
      self.x = x
      self.y = y
      self.xInterval = xInterval
      self.yInterval = yInterval
      self.shape = shape
      self.label = label
      self.detail = detail
      self.isOnLine = isOnLine
    }
  }

  public var title: String
  /// What a reader who does not see the drawing is told.
  public var description: String
  public var xTitle: String
  public var yTitle: String
  /// What the numbers cannot leave, such as 0...1.
  public var xLimits: ClosedRange<Double>
  public var yLimits: ClosedRange<Double>
  public var points: [Point]
  /// What each shape means, in the order of the legend.
  public var legend: [(shape: Shape, meaning: String)]

  public init(
    title: String, description: String, xTitle: String, yTitle: String,
    xLimits: ClosedRange<Double> = -.infinity...(.infinity), yLimits: ClosedRange<Double> = -.infinity...(.infinity),
    points: [Point], legend: [(shape: Shape, meaning: String)] = []
  ) {
    self.title = title
    self.description = description
    self.xTitle = xTitle
    self.yTitle = yTitle
    self.xLimits = xLimits
    self.yLimits = yLimits
    self.points = points
    self.legend = legend
  }

  private static let width = 720.0
  private static let height = 460.0
  private static let left = 72.0
  private static let right = 24.0
  private static let top = 44.0
  private static let bottom = 96.0

  /// Blue and vermilion of Okabe and Ito's palette, which the colour-blind tell apart, lighter on a dark ground.
  private static let rules = """
    .eq-plot { --ground: #ffffff; --ink: #1a1a1a; --soft: #5c5c5c; --grid: #e3e3e3; --mark: #0072b2; --pick: #c04a00;
      font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; }
    @media (prefers-color-scheme: dark) { .eq-plot { --ground: #16181c; --ink: #f0f0f0; --soft: #b5b5b5;
      --grid: #34373d; --mark: #56b4e9; --pick: #f0a040; } }
    .eq-plot .ground { fill: var(--ground); }
    .eq-plot text { fill: var(--ink); }
    .eq-plot .title { font-size: 15px; font-weight: 600; }
    .eq-plot .tick { fill: var(--soft); font-size: 12px; }
    .eq-plot .grid { stroke: var(--grid); stroke-width: 1; }
    .eq-plot .whisker { stroke: var(--mark); stroke-width: 1.2; opacity: 0.7; }
    .eq-plot .line { fill: none; stroke: var(--mark); stroke-width: 1.5; }
    .eq-plot .disc { fill: var(--mark); }
    .eq-plot .ring { fill: var(--ground); stroke: var(--mark); stroke-width: 1.5; }
    .eq-plot .diamond, .eq-plot .square { fill: var(--pick); stroke: var(--ground); stroke-width: 1; }

    """

  /// The drawing.
  public var svg: String {
    let x = LinearScale(
      points.flatMap { [$0.x] + ends($0.xInterval) }, limits: xLimits, start: Self.left, end: Self.width - Self.right)
    let y = LinearScale(
      points.flatMap { [$0.y] + ends($0.yInterval) }, limits: yLimits, start: Self.height - Self.bottom, end: Self.top)
    var svg = SVGText()
    svg.begin(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": "0 0 \(SVGText.number(Self.width)) \(SVGText.number(Self.height))", "class": "eq-plot",
        "role": "img", "aria-label": "\(title). \(description)",
      ])
    svg.add("title", [:], text: title)
    svg.add("desc", [:], text: description)
    svg.style(Self.rules)
    svg.add("rect", ["class": "ground", "width": SVGText.number(Self.width), "height": SVGText.number(Self.height)])
    svg.add("text", ["class": "title", "x": SVGText.number(Self.left), "y": "24"], text: title)
    axes(x, y, &svg)
    let line = points.filter(\.isOnLine).sorted { $0.x < $1.x }
    if line.count > 1 {
      let places = line.map { "\(SVGText.number(x($0.x))),\(SVGText.number(y($0.y)))" }.joined(separator: " ")
      svg.add("polyline", ["class": "line", "points": places])
    }
    for point in points { whiskers(point, x, y, &svg) }
    for point in points { mark(point, x, y, &svg) }
    drawLegend(&svg)
    svg.end()
    return svg.text
  }

  private func ends(_ interval: Interval?) -> [Double] { interval.map { [$0.low, $0.high] } ?? [] }

  private func axes(_ x: LinearScale, _ y: LinearScale, _ svg: inout SVGText) {
    for tick in x.ticks {
      let place = SVGText.number(x(tick))
      svg.add(
        "line",
        ["class": "grid", "x1": place, "x2": place, "y1": SVGText.number(y.start), "y2": SVGText.number(y.end)])
      svg.add(
        "text", ["class": "tick", "x": place, "y": SVGText.number(y.start + 18), "text-anchor": "middle"],
        text: TerminalText.fixed(tick, x.decimals))
    }
    for tick in y.ticks {
      let place = SVGText.number(y(tick))
      svg.add(
        "line",
        ["class": "grid", "x1": SVGText.number(x.start), "x2": SVGText.number(x.end), "y1": place, "y2": place])
      svg.add(
        "text",
        ["class": "tick", "x": SVGText.number(x.start - 8), "y": SVGText.number(y(tick) + 4), "text-anchor": "end"],
        text: TerminalText.fixed(tick, y.decimals))
    }
    svg.add(
      "text",
      [
        "x": SVGText.number((x.start + x.end) / 2), "y": SVGText.number(y.start + 42), "text-anchor": "middle",
      ], text: xTitle)
    let middle = SVGText.number((y.start + y.end) / 2)
    svg.add("text", ["transform": "translate(18 \(middle)) rotate(-90)", "text-anchor": "middle"], text: yTitle)
  }

  private func whiskers(_ point: Point, _ x: LinearScale, _ y: LinearScale, _ svg: inout SVGText) {
    if let interval = point.xInterval {
      svg.add(
        "line",
        [
          "class": "whisker", "x1": SVGText.number(x(interval.low)), "x2": SVGText.number(x(interval.high)),
          "y1": SVGText.number(y(point.y)), "y2": SVGText.number(y(point.y)),
        ])
    }
    if let interval = point.yInterval {
      svg.add(
        "line",
        [
          "class": "whisker", "x1": SVGText.number(x(point.x)), "x2": SVGText.number(x(point.x)),
          "y1": SVGText.number(y(interval.low)), "y2": SVGText.number(y(interval.high)),
        ])
    }
  }

  private func mark(_ point: Point, _ x: LinearScale, _ y: LinearScale, _ svg: inout SVGText) {
    let (left, top) = (x(point.x), y(point.y))
    svg.begin("g", [:])
    if !point.detail.isEmpty { svg.add("title", [:], text: point.detail) }
    draw(point.shape, left, top, &svg)
    svg.end()
    guard !point.label.isEmpty else { return }
    // Beside the point, on the side where there is room.
    let isRight = left < Self.width - 120
    svg.add(
      "text",
      [
        "class": "tick", "x": SVGText.number(left + (isRight ? 9 : -9)), "y": SVGText.number(top - 7),
        "text-anchor": isRight ? "start" : "end",
      ], text: point.label)
  }

  private func draw(_ shape: Shape, _ x: Double, _ y: Double, _ svg: inout SVGText) {
    switch shape {
    case .disc, .ring:
      svg.add(
        "circle",
        ["class": shape == .disc ? "disc" : "ring", "cx": SVGText.number(x), "cy": SVGText.number(y), "r": "4.5"])
    case .diamond, .square:
      let size = shape == .diamond ? 7.5 : 5.5
      let corners =
        shape == .diamond
        ? [(x, y - size), (x + size, y), (x, y + size), (x - size, y)]
        : [(x - size, y - size), (x + size, y - size), (x + size, y + size), (x - size, y + size)]
      svg.add(
        "polygon",
        [
          "class": shape == .diamond ? "diamond" : "square",
          "points": corners.map { "\(SVGText.number($0)),\(SVGText.number($1))" }.joined(separator: " "),
        ])
    }
  }

  private func drawLegend(_ svg: inout SVGText) {
    var place = Self.left
    for (shape, meaning) in legend {
      draw(shape, place, Self.height - 22, &svg)
      svg.add(
        "text", ["class": "tick", "x": SVGText.number(place + 12), "y": SVGText.number(Self.height - 18)], text: meaning
      )
      // About seven units a character of this size.
      place += 34 + 7 * Double(TerminalText.width(meaning))
    }
  }
}
