/// Maps numbers to places along an axis.
struct LinearScale: Sendable, Equatable {
  /// The numbers at the two ends; the second is the greater.
  let domain: ClosedRange<Double>

  /// The places of these ends; the second may be the smaller, as on an axis that goes up.
  let start: Double
  let end: Double

  /// The numbers that are marked, evenly spaced, with this many decimals.
  let ticks: [Double]
  let decimals: Int

  /// An axis over some numbers, with a little room on both sides, its ends at marks.
  ///
  /// - Parameters:
  ///   - values: What must fit; none gives 0...1.
  ///   - limits: What the axis must not leave, such as 0...1 for a rate.
  ///   - wanted: About how many marks there are.
  init(
    _ values: [Double], limits: ClosedRange<Double> = -.infinity...(.infinity), start: Double, end: Double,
    wanted: Int = 5
  ) {
    var low = values.min() ?? 0
    var high = values.max() ?? 1
    if high - low < 1e-9 {
      low -= 0.05 * max(1, abs(low))
      high += 0.05 * max(1, abs(high))
    }
    let step = Self.step(atLeast: (high - low) / Double(max(1, wanted)))
    low = max(limits.lowerBound, (low / step - 0.25).rounded(.down) * step)
    high = min(limits.upperBound, (high / step + 0.25).rounded(.up) * step)
    domain = low...max(high, low + step)
    self.start = start
    self.end = end
    let first = (domain.lowerBound / step - 1e-9).rounded(.up)
    let last = (domain.upperBound / step + 1e-9).rounded(.down)
    ticks = stride(from: first, through: last, by: 1).map { $0 * step }
    var decimals = 0
    var unit = step
    while unit < 0.999 && decimals < 9 {
      unit *= 10
      decimals += 1
    }
    // A step of 0.25 or 2.5 has a digit more than its size says.
    self.decimals = abs(unit - unit.rounded()) > 1e-6 ? decimals + 1 : decimals
  }

  /// 1, 2, 2.5 or 5 times a power of ten.
  private static func step(atLeast least: Double) -> Double {
    var power = 1.0
    while power > least { power /= 10 }
    while power * 10 <= least { power *= 10 }
    return [1, 2, 2.5, 5, 10].lazy.map { $0 * power }.first { $0 >= least * (1 - 1e-9) } ?? 10 * power
  }

  /// The place of a number; one outside of the domain lies at its end.
  func callAsFunction(_ value: Double) -> Double {
    let inside = min(domain.upperBound, max(domain.lowerBound, value))
    return start + (inside - domain.lowerBound) / (domain.upperBound - domain.lowerBound) * (end - start)
  }
}
