import MetricExpressions

/// What decisions about groups are to have in common.
public enum ThresholdCriterion: String, Sendable, Hashable, Codable, CaseIterable {
  /// P(ŷ = 1): the selection rate.
  case demographicParity
  /// P(ŷ = 1 | y = 1) and P(ŷ = 1 | y = 0).
  case equalizedOdds
  /// P(ŷ = 1 | y = 1): the true positive rate.
  case equalOpportunity
  /// P(ŷ = 1 | y = 0): the false positive rate.
  case falsePositiveRateParity
  /// P(y = 1 | ŷ = 1): the precision.
  case predictiveParity

  /// The criterion as a condition on the widest gap between groups, for `PlugInFit`: decisions that meet it *without
  /// reading the attributes*, where group thresholds read them.
  ///
  /// Group thresholds know each row's group, and so lose less accuracy; the corrected decision of `PlugInClassifier`
  /// predicts the group from the features.
  ///
  /// - Parameters:
  ///   - attributes: The attributes that are crossed.
  ///   - tolerance: The widest gap allowed.
  /// - Throws: `MitigationError.settings` for predictive parity, which is not linear in the decisions.
  public func condition(
    attributes: [String], atMost tolerance: Double
  ) throws(MitigationError) -> MetricCondition {
    let metric =
      switch self {
      case .demographicParity: "demographic_parity_difference"
      case .equalizedOdds: "equalized_odds_difference"
      case .equalOpportunity: "equal_opportunity_difference"
      case .falsePositiveRateParity: "false_positive_rate_difference"
      case .predictiveParity: ""
      }
    guard !metric.isEmpty else {
      throw .settings("predictive parity is not linear in the decisions, so that only group thresholds can meet it.")
    }
    let columns = attributes.map { $0.contains("'") ? "\"\($0)\"" : "'\($0)'" }.joined(separator: ", ")
    do {
      return try MetricCondition("\(metric)(\(columns)) <= \(tolerance)")
    } catch {
      throw .settings("the criterion cannot be written as a condition: \(error.message)")
    }
  }
}

/// What decisions are chosen by where several meet a criterion.
public enum DecisionObjective: String, Sendable, Hashable, Codable, CaseIterable {
  /// The share of rows decided rightly.
  case accuracy
  /// The mean of true positive and true negative rate, over all rows.
  case balancedAccuracy
}
