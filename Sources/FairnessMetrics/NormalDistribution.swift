import RealModule

/// The standard normal distribution.
package enum NormalDistribution {
  /// P(|Z| ≥ |z|), the two-sided p-value of a z score.
  package static func twoSidedTail(_ z: Double) -> Double {
    .erfc(abs(z) / 2.squareRoot())
  }

  /// The z with P(Z ≤ z) = p.
  ///
  /// Found by halving an interval until it holds nothing between its ends, so the error is that of `erfc`.
  ///
  /// - Precondition: `0 < p < 1`.
  static func quantile(_ p: Double) -> Double {
    precondition(p > 0 && p < 1, "NormalDistribution.quantile: the probability \(p) is not inside 0...1")
    // In the upper half, work on the tail: 1 − p loses no digits there.
    if p > 0.5 { return -quantile(1 - p) }
    var (low, high) = (-40.0, 0.0)
    while true {
      let middle = 0.5 * (low + high)
      if middle <= low || middle >= high { return middle }
      if 0.5 * .erfc(-middle / 2.squareRoot()) < p { low = middle } else { high = middle }
    }
  }

  /// The z of a two-sided interval: 1.96 for a confidence of 0.95.
  ///
  /// - Precondition: `0 < confidence < 1`.
  package static func criticalValue(confidence: Double) -> Double {
    -quantile(0.5 * (1 - confidence))
  }
}
