import FairnessMetrics

/// A metric applied to rows or groups: `fpr(sex = Female at 0.3)`, `p_percent_rule(sex, race)`.
public struct MetricTerm: Sendable, Hashable {
  /// What the metric is of.
  public enum Subject: Sendable, Hashable {
    /// A statistic of the rows that satisfy a predicate.
    case rows(SliceMetric, RowPredicate)
    /// A comparison of the groups that columns make together.
    case groups(GroupMetric, columns: [String])
  }

  /// What the metric is of.
  public var subject: Subject

  /// The decision threshold; nil for that of the evaluation.
  public var threshold: Double?

  public init(_ subject: Subject, threshold: Double? = nil) {
    self.subject = subject
    self.threshold = threshold
  }

  /// What the metric is computed from.
  public var basis: SliceMetric.Basis {
    switch subject {
    case .rows(let metric, _): metric.basis
    case .groups(let metric, _): metric.basis
    }
  }

  /// The columns that the term speaks of.
  public var columns: [String] {
    switch subject {
    case .rows(_, let predicate): predicate.columns
    case .groups(_, let columns): columns
    }
  }

  /// The values that the metric can take: 0...1 for rates and their comparisons, wider for losses and errors.
  public var range: ClosedRange<Double> {
    switch subject {
    case .rows(let metric, _):
      switch metric {
      case .theilIndex, .generalizedEntropy, .logLoss, .meanAbsoluteError, .rootMeanSquaredError: 0...(.infinity)
      case .meanScore, .meanError, .meanPrediction: -.infinity...(.infinity)
      default: 0...1
      }
    case .groups(let metric, _):
      metric == .betweenGroupGeneralizedEntropy || metric.numbers != nil ? 0...(.infinity) : 0...1
    }
  }
}

extension MetricTerm: CustomStringConvertible {
  /// The term as an expression writes it: `false_positive_rate(Young = 0 at 0.5)`.
  public var description: String {
    let at = threshold.map { " at \($0)" } ?? ""
    return switch subject {
    case .rows(let metric, let predicate): "\(MetricName.snakeCase(metric.rawValue))(\(predicate)\(at))"
    case .groups(let metric, let columns):
      "\(MetricName.snakeCase(metric.rawValue))(\(columns.map(RowPredicate.word).joined(separator: ", "))\(at))"
    }
  }
}
