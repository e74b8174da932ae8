import MetricExpressions
import TabularData

/// Rates that every group is to share with all rows: what reductions are usually asked for.
///
/// For each group g and each rate r of the criterion, `|r(g) − r(all)| ≤ bound`, as two linear constraints. The gap
/// between two groups is then at most twice the bound; where there are but two, at most the bound divided by the share of
/// the larger one.
public enum RateParity: String, Sendable, Hashable, Codable, CaseIterable {
  /// The selection rate.
  case demographicParity
  /// True and false positive rate.
  case equalizedOdds
  /// The true positive rate.
  case equalOpportunity
  /// The false positive rate.
  case falsePositiveRateParity
  /// The error rate.
  case errorRateParity

  /// The rates.
  public var rates: [LinearRate] {
    switch self {
    case .demographicParity: [.selectionRate]
    case .equalizedOdds: [.falsePositiveRate, .truePositiveRate]
    case .equalOpportunity: [.truePositiveRate]
    case .falsePositiveRateParity: [.falsePositiveRate]
    case .errorRateParity: [.errorRate]
    }
  }

  /// The constraints on the groups of a data set, for `ExponentiatedGradient` or `ReductionGridSearch`.
  ///
  /// - Parameters:
  ///   - dataset: The training rows.
  ///   - attributes: The attributes that are crossed; nil for all. For attributes one by one, join several lists.
  ///   - bound: The widest difference of a group to all rows, in 0...1.
  /// - Throws: `MitigationError` for a bound outside 0...1 or attributes that are not there.
  public func constraints(
    on dataset: Dataset, attributes: [String]? = nil, atMost bound: Double
  ) throws(MitigationError) -> [LinearConstraint] {
    guard (0...1).contains(bound) else {
      throw .settings("\(rawValue) is to hold within \(bound); the bound must lie in 0...1.")
    }
    let partition = try GroupPartition(dataset.sensitive, attributes: attributes, for: rawValue)
    return rates.flatMap { rate in
      partition.groups.flatMap { group in
        let rows = zip(partition.attributes, group).reduce(RowPredicate.all) {
          $0.and(.isGroup(column: $1.0, group: $1.1))
        }
        let own = RateTerm.Rate(rate, rows: rows)
        let whole = RateTerm.Rate(rate)
        let text = "abs(\(own) - \(whole)) <= \(bound)"
        return [1.0, -1.0].map { sign in
          LinearConstraint([RateTerm(sign, own), RateTerm(-sign, whole)], atMost: bound, of: text)
        }
      }
    }
  }
}
