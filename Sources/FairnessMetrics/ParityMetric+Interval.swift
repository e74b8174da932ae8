extension ParityMetric {
  /// The interval of the metric, from the intervals of the groups' rates.
  ///
  /// Nothing is drawn: a gap's limits are recovered from Wilson's limits of the rates (`GapLimits`). They reach
  /// down to no gap at all exactly where no pair of groups differs significantly, also where there are many.
  ///
  /// - Parameters:
  ///   - groups: The groups, as for the metric.
  ///   - shared: The counts of the rows that two groups share, by their indices; nil where none do.
  ///   - confidence: Inside 0...1.
  /// - Returns: The interval; nil where the metric does not exist.
  public func interval(
    _ groups: [(name: String, counts: ConfusionCounts)],
    shared: ((Int, Int) -> ConfusionCounts)? = nil, confidence: Double = 0.95
  ) -> Interval? {
    guard case .defined(let value) = self(groups) else { return nil }
    let present = groups.indices.filter { groups[$0].counts.rows > 0 }
    let alpha = 1 - confidence
    let gaps = rates.map { rate in
      RateGap(rate, groups.map(\.counts), present: present, shared: shared, alpha: alpha)
    }
    switch self {
    case .pPercentRule, .equalizedOddsRatio:
      // The smallest ratio: those that may be it have lower limits below its upper one.
      let ratios = gaps.map { ($0, $0.ratio(correctingFor: $0.limits.pairs)) }
      let smallest = ratios.map(\.1.high).min() ?? 1
      let contenders = ratios.filter { $0.1.low <= smallest }
      let pairs = contenders.reduce(0) { $0 + $1.0.limits.pairs }
      let low = contenders.map(\.1.low).min() ?? 0
      let high = contenders.map { $0.0.ratio(correctingFor: pairs).high }.min() ?? 1
      return Interval(low: min(low, value), high: max(value, min(1, high)))
    case .averageOddsDifference:
      var limits = gaps.map { $0.limits.difference(correctingFor: $0.limits.pairs) }
      if limits.contains(where: { $0.low <= 0 }) {
        let pairs = gaps.reduce(0) { $0 + $1.limits.pairs }
        limits = gaps.map { $0.limits.difference(correctingFor: pairs) }
      }
      let rests = zip(gaps, limits).map { $0.limits.value - $1.low }
      // Where many pairs may be the widest, both gaps err upwards at once, and their errors add up as they are.
      let below =
        gaps.contains { $0.limits.pairs > 1 }
        ? rests.reduce(0, +) : rests.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let above = zip(gaps, limits).reduce(0) { $0 + ($1.1.high - $1.0.limits.value) * ($1.1.high - $1.0.limits.value) }
      return Interval(
        low: max(0, value - 0.5 * below), high: min(1, value + 0.5 * above.squareRoot()))
    default:
      let limits = gaps.map { $0.limits.difference(correctingFor: $0.limits.pairs) }
      let largest = limits.map(\.low).max() ?? 0
      let contenders = gaps.indices.filter { limits[$0].high >= largest }
      let pairs = contenders.reduce(0) { $0 + gaps[$1].limits.pairs }
      let corrected = contenders.map { gaps[$0].limits.difference(correctingFor: pairs) }
      return Interval(
        low: max(0, corrected.map(\.low).max() ?? 0), high: min(1, corrected.map(\.high).max() ?? 1))
    }
  }

  /// The metric with its interval.
  ///
  /// - Parameter shared: The counts of the rows that two groups share, by their indices; nil where none do.
  public func estimate(
    _ groups: [(name: String, counts: ConfusionCounts)],
    shared: ((Int, Int) -> ConfusionCounts)? = nil, confidence: Double = 0.95
  ) -> Estimate {
    Estimate(value: self(groups), interval: interval(groups, shared: shared, confidence: confidence))
  }

  /// The rates whose gaps make the metric.
  private var rates: [ClassificationRate] {
    switch self {
    case .demographicParityDifference, .pPercentRule: [.selectionRate]
    case .equalOpportunityDifference: [.truePositiveRate]
    case .equalizedOddsDifference, .equalizedOddsRatio, .averageOddsDifference:
      [.truePositiveRate, .falsePositiveRate]
    case .predictiveParityDifference: [.precision]
    case .accuracyEqualityDifference: [.accuracy]
    case .falsePositiveRateDifference: [.falsePositiveRate]
    case .falseNegativeRateDifference: [.falseNegativeRate]
    }
  }
}

/// The gap of one rate between groups.
private struct RateGap {
  let limits: GapLimits
  private let rows: [Double]

  init(
    _ rate: ClassificationRate, _ counts: [ConfusionCounts], present: [Int],
    shared: ((Int, Int) -> ConfusionCounts)?, alpha: Double
  ) {
    let shares = present.map { index -> (share: Double, rows: Double, weight: Double) in
      guard let share = rate.share(of: counts[index]), share.whole.value > 0 else { return (0, 0, 0) }
      return (share.part.value / share.whole.value, share.whole.effectiveRows, share.whole.value)
    }
    rows = shares.map(\.rows)
    limits = GapLimits(shares.map { .share($0.share, rows: $0.rows) }, alpha: alpha) { first, second in
      guard let shared, first != second, let both = rate.share(of: shared(present[first], present[second]))
      else { return 0 }
      let (a, b) = (shares[first], shares[second])
      let spread = (a.share * (1 - a.share) * b.share * (1 - b.share) * a.weight * b.weight).squareRoot()
      guard spread > 0 else { return 0 }
      let (part, rest) = (both.part.value, both.whole.value - both.part.value)
      return min(1, max(0, (part * (1 - a.share) * (1 - b.share) + rest * a.share * b.share) / spread))
    }
  }

  func ratio(correctingFor pairs: Int) -> Interval {
    // No row of the lowest group: for the upper limit, as if half a row were.
    let rows = rows[limits.lowestGroup]
    return limits.ratio(correctingFor: pairs, lowestAtLeast: rows > 0 ? .share(0.5 / (rows + 0.5), rows: rows) : nil)
  }
}

/// The largest gap between the areas under the ROC curves of some groups, with its interval from theirs.
///
/// - Parameters:
///   - areas: The groups' areas.
///   - correlation: Of the areas of two groups, by their indices, where groups share rows; 0 for others.
/// - Returns: The interval; nil with fewer than two groups.
public func rocAUCGapInterval(
  _ areas: [ROCAUCEstimate], confidence: Double = 0.95, correlation: @escaping (Int, Int) -> Double = { _, _ in 0 }
) -> Interval? {
  guard areas.count >= 2 else { return nil }
  let gap = GapLimits(
    areas.map { area in GroupValue(value: area.area) { area.limits(criticalValue: $0) } }, alpha: 1 - confidence,
    correlation: correlation)
  let limits = gap.difference(correctingFor: gap.pairs)
  return Interval(low: max(0, limits.low), high: min(1, limits.high))
}
