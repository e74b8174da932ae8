/// A map from data to a drawing's coordinates, and where its ticks stand.
package struct LinearScale: Sendable, Hashable {
  package let domain: ClosedRange<Double>
  /// The coordinates of the ends of the domain; the second may be the smaller one, as on a vertical axis.
  package let range: (start: Double, end: Double)

  package init(_ domain: ClosedRange<Double>, from start: Double, to end: Double) {
    // A single value is in the middle of an interval of its own.
    self.domain =
      domain.lowerBound < domain.upperBound
      ? domain : (domain.lowerBound - 0.5)...(domain.upperBound + 0.5)
    range = (start, end)
  }

  package static func == (one: LinearScale, other: LinearScale) -> Bool {
    one.domain == other.domain && one.range == other.range
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(domain)
    hasher.combine(range.start)
    hasher.combine(range.end)
  }

  /// The coordinate of a value; values outside the domain are put at its ends.
  package func callAsFunction(_ value: Double) -> Double {
    let share = (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
    return range.start + min(1, max(0, share)) * (range.end - range.start)
  }

  /// At most `count` round values within the domain, with the decimals that they need: steps of 1, 2 or 5 times a power
  /// of ten.
  package func ticks(_ count: Int = 5) -> (values: [Double], decimals: Int) {
    let span = domain.upperBound - domain.lowerBound
    var (step, decimals) = (1.0, 0)
    while step * 10 <= span / Double(count) { step *= 10 }
    while step > span / Double(count), decimals < 9 {
      step /= 10
      decimals += 1
    }
    // Now step ≤ span / count < 10·step.
    for factor in [1.0, 2, 5, 10] where span / (factor * step) <= Double(count) {
      step *= factor
      if factor == 10 { decimals = max(0, decimals - 1) }
      break
    }
    let first = (domain.lowerBound / step).rounded(.up)
    let last = (domain.upperBound / step + 1e-9).rounded(.down)
    guard last >= first, last - first < 100 else { return ([], 0) }
    return (stride(from: first, through: last, by: 1).map { $0 * step }, decimals)
  }
}
