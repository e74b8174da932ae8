/// A measure of how alike a classifier's decisions treat groups: one number for all groups of an attribute.
public enum ParityMetric: String, Sendable, Hashable, Codable, CaseIterable {
  /// `max − min` of the selection rates.
  case demographicParityDifference
  /// `min / max` of the selection rates; undefined where no row of any group is selected.
  case pPercentRule
  /// `max − min` of the true positive rates.
  case equalOpportunityDifference
  /// The larger of the gaps in true and in false positive rate, as in fairlearn.
  case equalizedOddsDifference
  /// The smaller of the ratios `min / max` of the true and of the false positive rates, as in fairlearn.
  case equalizedOddsRatio
  /// Half the sum of the gaps in true and in false positive rate: the mean over both labels. For two groups it is
  /// AIF360's `average_abs_odds_difference`.
  case averageOddsDifference
  /// `max − min` of the precisions.
  case predictiveParityDifference
  /// `max − min` of the accuracies.
  case accuracyEqualityDifference
  /// `max − min` of the false positive rates, also predictive equality.
  case falsePositiveRateDifference
  /// `max − min` of the false negative rates.
  case falseNegativeRateDifference

  /// The metric of some groups. Groups without rows do not count.
  ///
  /// - Edge cases: Undefined with fewer than two groups that have rows, and where a rate the metric needs does not
  ///   exist in one of them; the reason names the group.
  public func callAsFunction(_ groups: [(name: String, counts: ConfusionCounts)]) -> MetricValue {
    func rate(_ rate: ClassificationRate) -> GroupComparison { GroupComparison(rate, groups: groups) }
    switch self {
    case .demographicParityDifference: return rate(.selectionRate).difference
    case .pPercentRule: return rate(.selectionRate).ratio(whenAllZero: "no row of any group is selected")
    case .equalOpportunityDifference: return rate(.truePositiveRate).difference
    case .equalizedOddsDifference:
      return rate(.truePositiveRate).difference.combined(with: rate(.falsePositiveRate).difference, by: max)
    case .equalizedOddsRatio:
      let truePositive = rate(.truePositiveRate).ratio(whenAllZero: "no positive row of any group is selected")
      let falsePositive = rate(.falsePositiveRate).ratio(whenAllZero: "no negative row of any group is selected")
      return truePositive.combined(with: falsePositive, by: min)
    case .averageOddsDifference:
      return rate(.truePositiveRate).difference.combined(with: rate(.falsePositiveRate).difference) { 0.5 * ($0 + $1) }
    case .predictiveParityDifference: return rate(.precision).difference
    case .accuracyEqualityDifference: return rate(.accuracy).difference
    case .falsePositiveRateDifference: return rate(.falsePositiveRate).difference
    case .falseNegativeRateDifference: return rate(.falseNegativeRate).difference
    }
  }
}
