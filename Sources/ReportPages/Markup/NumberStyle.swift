import FairnessMetrics

/// How a metric is written.
enum NumberStyle: Sendable, Hashable {
  /// In percent, with one decimal.
  case percent
  /// With three decimals.
  case decimals

  func text(_ value: Double) -> String {
    switch self {
    case .percent: Words.percent(value)
    case .decimals: Words.number(value, 3)
    }
  }

  /// Without the unit.
  func bare(_ value: Double) -> String {
    switch self {
    case .percent: Words.number(value * 100, 1)
    case .decimals: Words.number(value, 3)
    }
  }

  /// The value, or that there is none; the reason is what a reader gets by pointing at it.
  func markup(_ value: MetricValue?) -> Markup {
    guard let value else { return "–" }
    if let number = value.value { return "\(text(number))" }
    return "<span class=\"none\" title=\"\(value.reason ?? "")\">none</span>"
  }

  /// The value with its interval behind it.
  func markup(_ estimate: Estimate?) -> Markup {
    guard let estimate else { return "–" }
    return "\(markup(estimate.value))\(interval(estimate))"
  }

  /// The interval of an estimate in brackets, or nothing.
  func interval(_ estimate: Estimate) -> Markup {
    guard estimate.value.value != nil, let interval = estimate.interval else { return "" }
    return " <span class=\"ci\">[\(bare(interval.low)), \(bare(interval.high))]</span>"
  }
}
