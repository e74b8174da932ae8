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
  return wilsonInterval(
    share: share, rows: rows, criticalValue: NormalDistribution.criticalValue(confidence: confidence))
}

/// Wilson's interval at a critical value z of the normal distribution; all of 0...1 without rows.
func wilsonInterval(share: Double, rows: Double, criticalValue z: Double) -> Interval {
  guard rows > 0 else { return Interval(low: 0, high: 1) }
  let z2 = z * z / rows
  let center = share + 0.5 * z2
  let half = (max(0, share * (1 - share)) * z2 + 0.25 * z2 * z2).squareRoot()
  return Interval(low: max(0, (center - half) / (1 + z2)), high: min(1, (center + half) / (1 + z2)))
}

extension ClassificationRate {
  /// The rate with its interval: Wilson's for a share of rows.
  ///
  /// Balanced accuracy is half the sum of two shares, whose limits are recovered from theirs (`GroupValue.sum`). F1 is
  /// `2q / (1 + q)` with q = TP / (TP + FP + FN), a share, so that its limits are those of q.
  public func estimate(_ counts: ConfusionCounts, confidence: Double = 0.95) -> Estimate {
    let value = self(counts)
    guard let rate = value.value else { return Estimate(value: value, interval: nil) }
    func interval(_ part: WeightSum, of whole: WeightSum) -> Interval? {
      wilsonInterval(share: part.value / whole.value, rows: whole.effectiveRows, confidence: confidence)
    }
    if let share = share(of: counts) {
      return Estimate(value: value, interval: interval(share.part, of: share.whole))
    }
    if self == .f1 {
      let found = interval(
        counts.truePositives, of: counts.truePositives + counts.falsePositives + counts.falseNegatives)
      return Estimate(
        value: value,
        interval: found.map { Interval(low: 2 * $0.low / (1 + $0.low), high: 2 * $0.high / (1 + $0.high)) })
    }
    let terms = [
      GroupValue.share(Self.truePositiveRate(counts).value ?? rate, rows: counts.positives.effectiveRows),
      GroupValue.share(Self.trueNegativeRate(counts).value ?? rate, rows: counts.negatives.effectiveRows),
    ]
    let sum = GroupValue.sum(terms, z: NormalDistribution.criticalValue(confidence: confidence))
    return Estimate(value: value, interval: Interval(low: max(0, 0.5 * sum.low), high: min(1, 0.5 * sum.high)))
  }
}
