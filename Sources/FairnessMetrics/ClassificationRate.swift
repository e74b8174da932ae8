/// A rate of a classifier's decisions: a share of rows among others, or a mean of such shares.
public enum ClassificationRate: String, Sendable, Hashable, Codable, CaseIterable {
  /// P(y = 1).
  case prevalence
  /// P(ŷ = 1).
  case selectionRate
  /// P(ŷ = 1 | y = 1), also recall or sensitivity.
  case truePositiveRate
  /// P(ŷ = 1 | y = 0).
  case falsePositiveRate
  /// P(ŷ = 0 | y = 0), also specificity.
  case trueNegativeRate
  /// P(ŷ = 0 | y = 1).
  case falseNegativeRate
  /// P(y = 1 | ŷ = 1), also positive predictive value.
  case precision
  /// P(y = 0 | ŷ = 0).
  case negativePredictiveValue
  /// P(ŷ = y).
  case accuracy
  /// The mean of the true positive and the true negative rate.
  case balancedAccuracy
  /// The harmonic mean of precision and true positive rate, `2·TP / (2·TP + FP + FN)`.
  case f1

  /// The rate of some rows; undefined where its denominator has no rows, or only rows of weight 0.
  public func callAsFunction(_ counts: ConfusionCounts) -> MetricValue {
    if let share = share(of: counts) {
      return MetricValue(share.part.value, over: share.whole.value, orElse: share.emptyReason)
    }
    switch self {
    case .balancedAccuracy:
      let reason = missingClass(positives: counts.positives.value, negatives: counts.negatives.value)
      if let reason { return .undefined(reason) }
      return .defined(
        0.5 * (counts.truePositives.value / counts.positives.value)
          + 0.5 * (counts.trueNegatives.value / counts.negatives.value))
    default:
      let errors = counts.falsePositives + counts.falseNegatives
      return MetricValue(
        2 * counts.truePositives.value, over: 2 * counts.truePositives.value + errors.value,
        orElse: "no row has a positive label or is selected")
    }
  }

  /// The rows the rate counts, among which rows, and why there may be none; nil for a mean of rates.
  package func share(of counts: ConfusionCounts) -> (part: WeightSum, whole: WeightSum, emptyReason: String)? {
    let noPositive = "no row has a positive label"
    let noNegative = "no row has a negative label"
    return switch self {
    case .prevalence: (counts.positives, counts.total, "there are no rows")
    case .selectionRate: (counts.selected, counts.total, "there are no rows")
    case .truePositiveRate: (counts.truePositives, counts.positives, noPositive)
    case .falsePositiveRate: (counts.falsePositives, counts.negatives, noNegative)
    case .trueNegativeRate: (counts.trueNegatives, counts.negatives, noNegative)
    case .falseNegativeRate: (counts.falseNegatives, counts.positives, noPositive)
    case .precision: (counts.truePositives, counts.selected, "no row is selected")
    case .negativePredictiveValue: (counts.trueNegatives, counts.rejected, "every row is selected")
    case .accuracy: (counts.correct, counts.total, "there are no rows")
    case .balancedAccuracy, .f1: nil
    }
  }
}
