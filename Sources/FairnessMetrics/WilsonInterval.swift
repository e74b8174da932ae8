/// Wilson's score interval of a share: the p that a test of `share = p` would not reject.
///
/// `(p̂ + z²/2n ± z·√(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n)`. Unlike p̂ ± z·s it stays in 0...1, and does not shrink to a
/// point when no row or every row counts.
///
/// - Parameters:
///   - share: p̂, in 0...1.
///   - rows: n; of weighted rows the number of equal ones that say as much (`WeightSum.effectiveRows`).
///   - confidence: Inside 0...1.
/// - Returns: The interval, or nil without rows.
/// - Source: Wilson (1927), JASA 22.
public func wilsonInterval(share: Double, rows: Double, confidence: Double = 0.95) -> Interval? {
  guard rows > 0 else { return nil }
  let z = NormalDistribution.criticalValue(confidence: confidence)
  let z2 = z * z / rows
  let center = share + 0.5 * z2
  let half = (max(0, share * (1 - share)) * z2 + 0.25 * z2 * z2).squareRoot()
  return Interval(low: max(0, (center - half) / (1 + z2)), high: min(1, (center + half) / (1 + z2)))
}

extension ClassificationRate {
  /// The rate with its interval: Wilson's for a share, and none for balanced accuracy and F1, which are no shares of
  /// rows and have their intervals from `PoissonBootstrap`.
  public func estimate(_ counts: ConfusionCounts, confidence: Double = 0.95) -> Estimate {
    let value = self(counts)
    guard let rate = value.value, let whole = share(of: counts)?.whole else {
      return Estimate(value: value, interval: nil)
    }
    return Estimate(
      value: value, interval: wilsonInterval(share: rate, rows: whole.effectiveRows, confidence: confidence))
  }
}
