import Reporting

/// A plot of one small panel, drawn as SVG: light grid lines, ticks, and marks that are labelled where they stand.
///
/// Panels are small on purpose: a page shows several side by side on a wide screen and one below the other on a phone,
/// and text in them keeps its size. Colours are classes (`s0` to `s7`), so that the style sheet chooses them for light,
/// dark and print; each series also has a dash of its own, so that nothing rests on colour alone.
struct Plot: Sendable {
  /// How the ticks of an axis are written.
  enum Ticks: Sendable {
    case percent
    case number
    case none
  }

  static let width = 340.0

  let height: Double
  let x: LinearScale
  let y: LinearScale
  private var grid = Markup()
  private var marks = Markup()
  private var labels: [(text: String, y: Double, series: Int?)] = []
  private let right: Double

  /// - Parameters:
  ///   - x: The domain of the horizontal axis.
  ///   - y: The domain of the vertical axis.
  ///   - height: In the units of the drawing, of which the width has 340.
  ///   - right: The room to the right of the plot, for labels at the ends of lines.
  init(x: ClosedRange<Double>, y: ClosedRange<Double>, height: Double = 210, right: Double = 76) {
    self.height = height
    self.right = right
    self.x = LinearScale(x, from: 40, to: Self.width - right)
    self.y = LinearScale(y, from: height - 34, to: 12)
  }

  // MARK: - Axes

  /// Draws grid lines and ticks of the vertical axis.
  mutating func verticalAxis(_ ticks: Ticks, count: Int = 5) {
    guard ticks != .none else { return }
    let (values, decimals) = y.ticks(count)
    for value in values {
      grid +=
        "<line class=\"grid\" x1=\"\(x.range.start)\" x2=\"\(x.range.end)\" y1=\"\(y(value))\" y2=\"\(y(value))\"/>"
      grid +=
        "<text class=\"tick\" x=\"\(x.range.start - 6)\" y=\"\(y(value) + 4)\" text-anchor=\"end\">\(Self.text(value, ticks, decimals))</text>"
    }
  }

  /// Draws grid lines and ticks of the vertical axis where they are wanted, those outside the domain left out.
  mutating func verticalAxis(at ticks: [(value: Double, text: String)]) {
    for tick in ticks where y.domain.contains(tick.value) {
      let place = y(tick.value)
      grid += "<line class=\"grid\" x1=\"\(x.range.start)\" x2=\"\(x.range.end)\" y1=\"\(place)\" y2=\"\(place)\"/>"
      grid +=
        "<text class=\"tick\" x=\"\(x.range.start - 6)\" y=\"\(place + 4)\" text-anchor=\"end\">\(tick.text)</text>"
    }
  }

  /// Draws ticks and the title of the horizontal axis.
  mutating func horizontalAxis(_ ticks: Ticks, title: String, count: Int = 5) {
    let (values, decimals) = x.ticks(count)
    let bottom = y.range.start
    grid += "<line class=\"axis\" x1=\"\(x.range.start)\" x2=\"\(x.range.end)\" y1=\"\(bottom)\" y2=\"\(bottom)\"/>"
    for value in values where ticks != .none {
      grid += "<line class=\"axis\" x1=\"\(x(value))\" x2=\"\(x(value))\" y1=\"\(bottom)\" y2=\"\(bottom + 4)\"/>"
      grid +=
        "<text class=\"tick\" x=\"\(x(value))\" y=\"\(bottom + 15)\" text-anchor=\"middle\">\(Self.text(value, ticks, decimals))</text>"
    }
    grid +=
      "<text class=\"title\" x=\"\((x.range.start + x.range.end) / 2)\" y=\"\(bottom + 29)\" text-anchor=\"middle\">\(title)</text>"
  }

  private static func text(_ value: Double, _ ticks: Ticks, _ decimals: Int) -> String {
    switch ticks {
    case .percent: Words.number(value * 100, max(0, decimals - 2)) + "%"
    case .number: Words.number(value, decimals)
    case .none: ""
    }
  }

  // MARK: - Marks

  /// A horizontal line that values are held against, with its name.
  mutating func reference(y value: Double, _ name: String) {
    guard y.domain.contains(value) else { return }
    marks +=
      "<line class=\"reference\" x1=\"\(x.range.start)\" x2=\"\(x.range.end)\" y1=\"\(y(value))\" y2=\"\(y(value))\"/>"
    marks +=
      "<text class=\"note\" x=\"\(x.range.start + 4)\" y=\"\(y(value) - 4)\">\(name)</text>"
  }

  /// A vertical line with its name at the top.
  mutating func reference(x value: Double, _ name: String, kind: String = "reference") {
    guard x.domain.contains(value) else { return }
    marks +=
      "<line class=\"\(kind)\" x1=\"\(x(value))\" x2=\"\(x(value))\" y1=\"\(y.range.end)\" y2=\"\(y.range.start)\"/>"
    if !name.isEmpty {
      let isRight = x(value) > (x.range.start + x.range.end) / 2
      marks +=
        "<text class=\"note\" x=\"\(x(value) + (isRight ? -4 : 4))\" y=\"\(y.range.end + 8)\" text-anchor=\"\(isRight ? "end" : "start")\">\(name)</text>"
    }
  }

  /// The line from one corner to the other, on which nothing is known or everything is right.
  mutating func diagonal() {
    marks +=
      "<line class=\"reference\" x1=\"\(x.range.start)\" x2=\"\(x.range.end)\" y1=\"\(y.range.start)\" y2=\"\(y.range.end)\"/>"
  }

  /// A line through points; it is broken where there is none.
  ///
  /// - Parameter label: What stands at its end; nil for nothing.
  mutating func line(_ points: [(x: Double, y: Double?)], series: Int, label: String? = nil, name: String = "") {
    marks += "<path class=\"line s\(series % 8)\" data-series=\"\(name)\" d=\"\(path(points))\"/>"
    if let label, let last = points.last(where: { $0.y != nil }), let end = last.y {
      labels.append((label, y(end), series))
    }
  }

  /// The area between the horizontal axis and a line.
  mutating func area(_ points: [(x: Double, y: Double)], series: Int, name: String = "") {
    guard let first = points.first, let last = points.last else { return }
    let line = path(points.map { ($0.x, $0.y) })
    let base = SVGText.number(y.range.start)
    marks +=
      "<path class=\"area s\(series % 8)\" data-area=\"\(name)\" d=\"\(line)L\(Markup(trusted: SVGText.number(x(last.x)))),\(Markup(trusted: base))L\(Markup(trusted: SVGText.number(x(first.x)))),\(Markup(trusted: base))Z\"/>"
  }

  /// A dot, with a whisker over its interval.
  mutating func dot(
    x value: Double, y middle: Double, low: Double? = nil, high: Double? = nil, series: Int, isHollow: Bool = false
  ) {
    if let low, let high {
      marks +=
        "<line class=\"whisker s\(series % 8)\" x1=\"\(x(value))\" x2=\"\(x(value))\" y1=\"\(y(low))\" y2=\"\(y(high))\"/>"
    }
    marks +=
      "<circle class=\"dot s\(series % 8)\(isHollow ? " hollow" : "")\" cx=\"\(x(value))\" cy=\"\(y(middle))\" r=\"3.5\"/>"
  }

  /// A whisker along the horizontal axis.
  mutating func whisker(y value: Double, from low: Double, to high: Double, series: Int) {
    marks +=
      "<line class=\"whisker s\(series % 8)\" x1=\"\(x(low))\" x2=\"\(x(high))\" y1=\"\(y(value))\" y2=\"\(y(value))\"/>"
  }

  /// A label beside a point, in the colour of its series.
  mutating func label(_ text: String, x value: Double, y middle: Double, series: Int) {
    let isRight = x(value) > (x.range.start + x.range.end) * 0.6
    marks +=
      "<text class=\"label s\(series % 8)\" x=\"\(x(value) + (isRight ? -7 : 7))\" y=\"\(y(middle) - 6)\" text-anchor=\"\(isRight ? "end" : "start")\">\(text)</text>"
  }

  /// Any markup in the coordinates of the drawing.
  mutating func add(_ markup: Markup) { marks += markup }

  private func path(_ points: [(x: Double, y: Double?)]) -> Markup {
    var text = ""
    var isDrawing = false
    for point in points {
      guard let value = point.y else {
        isDrawing = false
        continue
      }
      text += (isDrawing ? "L" : "M") + Self.tenth(x(point.x)) + "," + Self.tenth(y(value))
      isDrawing = true
    }
    return Markup(trusted: text)
  }

  /// A coordinate of a path: tenths are finer than any screen shows a panel.
  private static func tenth(_ value: Double) -> String { SVGText.number((value * 10).rounded() / 10) }

  // MARK: - The drawing

  /// The drawing as an image with a name and a description for those who do not see it.
  ///
  /// - Parameters:
  ///   - title: What is drawn.
  ///   - description: What can be seen in it.
  ///   - attributes: Further attributes of the `svg` element.
  func svg(title: String, description: String, attributes: Markup = "") -> Markup {
    """
    <svg viewBox="0 0 \(Self.width) \(height)" role="img" aria-label="\(title). \(description)" \(attributes)>\
    \(grid)\(marks)\(placedLabels)</svg>
    """
  }

  /// The labels at the ends of lines, pushed apart from the top down and then from the bottom up.
  private var placedLabels: Markup {
    let gap = 13.0
    var placed = labels.sorted { $0.y < $1.y }
    for index in placed.indices.dropFirst() {
      placed[index].y = max(placed[index].y, placed[index - 1].y + gap)
    }
    let bottom = y.range.start + 2
    for index in placed.indices.reversed() {
      let limit = index == placed.count - 1 ? bottom : placed[index + 1].y - gap
      placed[index].y = min(placed[index].y, limit)
    }
    let room = Int((right - 8) / 7)
    return placed.map { label in
      "<text class=\"label s\((label.series ?? 0) % 8)\" x=\"\(x.range.end + 6)\" y=\"\(label.y + 4)\">\(Words.cut(label.text, to: room))</text>"
    }.joined()
  }
}
