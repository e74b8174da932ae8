import RealModule

/// A statistic of one group with limits at any confidence: what intervals of gaps between groups are made of.
struct GroupValue {
  /// The statistic.
  var value: Double

  /// Its limits at a critical value z of the normal distribution.
  var limits: (_ z: Double) -> Interval

  /// A share of rows, with Wilson's limits.
  ///
  /// - Parameter rows: The number of rows; of weighted ones, of equal rows that say as much.
  static func share(_ share: Double, rows: Double) -> GroupValue {
    GroupValue(value: share) { wilsonInterval(share: share, rows: rows, criticalValue: $0) }
  }

  /// The limits of a sum of statistics of rows that have nothing to do with one another.
  ///
  /// `v − √Σ(vᵢ − lᵢ)² … v + √Σ(uᵢ − vᵢ)²`: the limits of a sum recovered from those of its terms (MOVER), which stay
  /// right where a term is skewed.
  ///
  /// - Source: Newcombe (1998), Stat. Med. 17, method 10; Zou and Donner (2008), Stat. Med. 27.
  static func sum(_ terms: [GroupValue], z: Double) -> Interval {
    var (value, below, above) = (0.0, 0.0, 0.0)
    for term in terms {
      let limits = term.limits(z)
      value += term.value
      below += (term.value - limits.low) * (term.value - limits.low)
      above += (limits.high - term.value) * (limits.high - term.value)
    }
    return Interval(low: value - below.squareRoot(), high: value + above.squareRoot())
  }

  /// The limits of the difference of two statistics, in the same way.
  ///
  /// - Parameter correlation: Of the two, where the groups share rows; in 0...1.
  static func difference(_ a: GroupValue, _ b: GroupValue, correlation: Double, z: Double) -> Interval {
    let (first, second) = (a.limits(z), b.limits(z))
    func root(_ x: Double, _ y: Double) -> Double { max(0, x * x + y * y - 2 * correlation * x * y).squareRoot() }
    let value = a.value - b.value
    return Interval(
      low: value - root(a.value - first.low, second.high - b.value),
      high: value + root(first.high - a.value, b.value - second.low))
  }

  /// The limits of the ratio of two statistics that are not negative, in the same way from their logarithms.
  ///
  /// - Returns: Limits of which the lower may be 0 and the upper infinite.
  static func ratio(_ a: GroupValue, to b: GroupValue, correlation: Double, z: Double) -> Interval {
    let (first, second) = (a.limits(z), b.limits(z))
    func log(_ x: Double) -> Double { x > 0 ? .log(x) : -.infinity }
    func root(_ x: Double, _ y: Double) -> Double {
      x.isFinite && y.isFinite ? max(0, x * x + y * y - 2 * correlation * x * y).squareRoot() : .infinity
    }
    let value = log(a.value) - log(b.value)
    let low = value - root(log(a.value) - log(first.low), log(second.high) - log(b.value))
    let high = value + root(log(first.high) - log(a.value), log(b.value) - log(second.low))
    return Interval(low: low.isFinite ? .exp(low) : 0, high: high.isFinite ? .exp(high) : .infinity)
  }
}
