import FairnessMetrics

/// A number of an epoch or a run under the names that lead to it: `test`, `sex`, `pPercentRule`.
public struct Scalar: Sendable, Equatable {
  public var path: [String]
  public var value: Double
}

extension EpochRecord {
  /// The numbers of the epoch; those that do not exist are left out.
  public var scalars: [Scalar] {
    [("labelLoss", labelLoss), ("adversaryLoss", adversaryLoss)].compactMap { name, metric in
      metric.scalar([name])
    } + splits.flatMap(\.scalars)
  }
}

extension SplitEvaluation {
  /// The numbers of a part of the rows; those of single groups are left out, and those that do not exist.
  public var scalars: [Scalar] {
    let whole: [(String, MetricValue?)] = [
      ("accuracy", evaluation.accuracy), ("rocAUC", evaluation.rocAUC), ("selectionRate", evaluation.selectionRate),
    ]
    let attributes = evaluation.attributes.flatMap { attribute -> [Scalar] in
      let metrics: [(String, MetricValue?)] = [
        ("pPercentRule", attribute.pPercentRule),
        ("demographicParityDifference", attribute.demographicParityDifference),
        ("equalizedOddsDifference", attribute.equalizedOddsDifference),
        ("equalOpportunityDifference", attribute.equalOpportunityDifference),
        ("adversaryAUC", attribute.adversaryAUC),
      ]
      return metrics.compactMap { $1?.scalar([name.rawValue, attribute.name, $0]) }
    }
    return whole.compactMap { $1?.scalar([name.rawValue, $0]) } + attributes + regressionScalars
  }

  /// The numbers of a regression.
  private var regressionScalars: [Scalar] {
    guard let regression = evaluation.regression else { return [] }
    let whole = [
      ("rootMeanSquaredError", regression.errors.rootMeanSquaredError),
      ("meanAbsoluteError", regression.errors.meanAbsoluteError), ("rSquared", regression.errors.rSquared),
    ]
    let attributes = regression.attributes.flatMap { attribute -> [Scalar] in
      [
        ("kolmogorovSmirnovDistance", attribute.kolmogorovSmirnovDistance),
        ("meanPredictionDifference", attribute.meanPredictionDifference),
        ("meanResidualDifference", attribute.meanResidualDifference),
        ("rootMeanSquaredErrorDifference", attribute.rootMeanSquaredErrorDifference),
      ].compactMap { $1.scalar([name.rawValue, attribute.name, $0]) }
    }
    return whole.compactMap { $1.scalar([name.rawValue, $0]) } + attributes
  }
}

extension MetricValue {
  fileprivate func scalar(_ path: [String]) -> Scalar? {
    value.flatMap { $0.isFinite ? Scalar(path: path, value: $0) : nil }
  }
}
