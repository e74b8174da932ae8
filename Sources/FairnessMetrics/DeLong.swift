import RealModule

/// The area under the ROC curve with its variance and interval, after DeLong.
public struct ROCAUCEstimate: Sendable, Hashable {
  /// The area, exact as from `rocAUC(scores:labels:)`.
  public var area: Double

  /// The variance of the area over samples like this one.
  public var variance: Double

  /// The number of rows of the rarer label.
  var rowsOfRarerLabel: Int

  package init(area: Double, variance: Double, rowsOfRarerLabel: Int) {
    self.area = area
    self.variance = variance
    self.rowsOfRarerLabel = rowsOfRarerLabel
  }

  /// The interval of the area.
  ///
  /// It is formed on the scale of log odds, `logit(area) ± z·s / (area·(1 − area))`, so that it stays in 0...1 and keeps
  /// its coverage near the ends. Where the scores separate the labels fully the variance is 0 and says nothing;
  /// the interval is then Wilson's, of as many rows as there are of the rarer label.
  ///
  /// - Parameter confidence: Inside 0...1.
  public func interval(confidence: Double = 0.95) -> Interval? {
    limits(criticalValue: NormalDistribution.criticalValue(confidence: confidence))
  }

  /// The interval at a critical value z of the normal distribution.
  func limits(criticalValue z: Double) -> Interval {
    guard area > 0 && area < 1 && variance > 0 else {
      return wilsonInterval(share: area, rows: Double(rowsOfRarerLabel), criticalValue: z)
    }
    let logit = Double.log(area / (1 - area))
    let half = z * variance.squareRoot() / (area * (1 - area))
    return Interval(low: 1 / (1 + .exp(half - logit)), high: 1 / (1 + .exp(-half - logit)))
  }
}

/// The area under the ROC curve and its variance, in O(n) time after sorting.
///
/// `var = S₁₀/P + S₀₁/N`, with S₁₀ the sample variance over positive rows of the share of negatives each beats (ties
/// half), and S₀₁ that over negative rows of the share of positives that beat each.
///
/// - Returns: The estimate, or why there is none: one label only, a score that is NaN, or fewer than two rows of a label,
///   whose variance is not known.
/// - Source: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44; by ranks after Sun and Xu (2014), IEEE SPL 21(11).
@specialized(where Value == Float)
@specialized(where Value == Double)
public func deLongROCAUC<Value: Score>(
  scores: [Value], labels: [Bool]
) -> (estimate: ROCAUCEstimate?, undefinedBecause: String?) {
  let value = rocAUC(scores: scores, labels: labels)
  guard case .defined(let area) = value else { return (nil, value.reason) }
  let positives = labels.count { $0 }
  let negatives = labels.count - positives
  guard positives >= 2 && negatives >= 2 else { return (nil, "there are fewer than two rows of a label") }
  guard let rows = rankedRows(scores, payload: { labels[$0] ? 1 : 0 }) else { return (nil, scoreIsNaN) }
  var positiveSquares = CompensatedSum()
  var negativeSquares = CompensatedSum()
  var (positivesBelow, negativesBelow) = (0, 0)
  var start = 0
  while start < rows.count {
    var tied = (positives: 0, negatives: 0)
    var end = start
    while end < rows.count && rows[end].key == rows[start].key {
      if rows[end].payload == 1 { tied.positives += 1 } else { tied.negatives += 1 }
      end += 1
    }
    let beaten = (Double(negativesBelow) + 0.5 * Double(tied.negatives)) / Double(negatives) - area
    let beatenBy =
      (Double(positives - positivesBelow - tied.positives) + 0.5 * Double(tied.positives)) / Double(positives) - area
    positiveSquares.add(Double(tied.positives) * beaten * beaten)
    negativeSquares.add(Double(tied.negatives) * beatenBy * beatenBy)
    positivesBelow += tied.positives
    negativesBelow += tied.negatives
    start = end
  }
  let variance =
    positiveSquares.value / Double(positives - 1) / Double(positives)
    + negativeSquares.value / Double(negatives - 1) / Double(negatives)
  return (ROCAUCEstimate(area: area, variance: variance, rowsOfRarerLabel: min(positives, negatives)), nil)
}
