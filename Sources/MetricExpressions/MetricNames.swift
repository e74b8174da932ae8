import FairnessMetrics

/// A statistic of the rows of one slice.
public enum SliceMetric: String, Sendable, Hashable, CaseIterable {
  // At a threshold; the first eleven are the cases of `ClassificationRate`.
  case prevalence, selectionRate, truePositiveRate, falsePositiveRate, trueNegativeRate, falseNegativeRate
  case precision, negativePredictiveValue, accuracy, balancedAccuracy, f1
  case errorRate, theilIndex, generalizedEntropy
  // Of the scores.
  case rocAUC, averagePrecision, logLoss, brierScore, expectedCalibrationError, meanScore
  // Of predicted numbers.
  case meanAbsoluteError, rootMeanSquaredError, meanError, meanPrediction

  /// What a statistic is computed from.
  public enum Basis: Sendable, Hashable {
    /// Labels and decisions, at a threshold.
    case decisions
    /// Labels and scores.
    case scores
    /// Predicted and true numbers.
    case numbers
  }

  /// What the statistic is computed from.
  public var basis: Basis {
    switch self {
    case .rocAUC, .averagePrecision, .logLoss, .brierScore, .expectedCalibrationError, .meanScore: .scores
    case .meanAbsoluteError, .rootMeanSquaredError, .meanError, .meanPrediction: .numbers
    default: .decisions
    }
  }

  /// The rate, where the statistic is one.
  public var rate: ClassificationRate? { ClassificationRate(rawValue: rawValue) }

  /// The statistic of some counts; nil for one that is not of counts.
  package func callAsFunction(_ counts: ConfusionCounts) -> MetricValue? {
    if let rate { return rate(counts) }
    switch self {
    case .errorRate:
      switch ClassificationRate.accuracy(counts) {
      case .defined(let accuracy): return .defined(1 - accuracy)
      case .undefined(let reason): return .undefined(reason)
      }
    case .theilIndex: return counts.theilIndex
    case .generalizedEntropy: return counts.generalizedEntropy()
    default: return nil
    }
  }
}

/// A statistic that compares the groups that one column, or a cross of several, makes.
public enum GroupMetric: String, Sendable, Hashable, CaseIterable {
  // At a threshold; the first ten are the cases of `ParityMetric`.
  case pPercentRule, demographicParityDifference, equalizedOddsDifference, equalizedOddsRatio
  case equalOpportunityDifference, averageOddsDifference, predictiveParityDifference, accuracyEqualityDifference
  case falsePositiveRateDifference, falseNegativeRateDifference
  case betweenGroupGeneralizedEntropy
  // Of the scores.
  case areaBetweenCumulativeCurves, rocAUCDifference
  // Of predicted numbers.
  case meanAbsoluteErrorDifference, rootMeanSquaredErrorDifference, meanErrorDifference, meanPredictionDifference

  /// What the statistic is computed from.
  public var basis: SliceMetric.Basis {
    switch self {
    case .areaBetweenCumulativeCurves, .rocAUCDifference: .scores
    default: numbers == nil ? .decisions : .numbers
    }
  }

  /// The statistic of the rows of a group whose largest gap this is; nil where it is not of predicted numbers.
  public var numbers: SliceMetric? {
    switch self {
    case .meanAbsoluteErrorDifference: .meanAbsoluteError
    case .rootMeanSquaredErrorDifference: .rootMeanSquaredError
    case .meanErrorDifference: .meanError
    case .meanPredictionDifference: .meanPrediction
    default: nil
    }
  }

  /// The statistic of some groups' counts; nil for one that is not of counts.
  package func callAsFunction(_ groups: [(name: String, counts: ConfusionCounts)]) -> MetricValue? {
    if let parity = ParityMetric(rawValue: rawValue) { return parity(groups) }
    guard self == .betweenGroupGeneralizedEntropy else { return nil }
    return FairnessMetrics.betweenGroupGeneralizedEntropy(groups.map { $0.counts })
  }
}

/// Names of metrics as people write them: `fpr`, `false_positive_rate` and `falsePositiveRate` are one.
public enum MetricName: Sendable, Hashable {
  case slice(SliceMetric)
  case groups(GroupMetric)

  /// What the metric is computed from.
  public var basis: SliceMetric.Basis {
    switch self {
    case .slice(let metric): metric.basis
    case .groups(let metric): metric.basis
    }
  }

  private static let aliases: [String: MetricName] = [
    "fpr": .slice(.falsePositiveRate), "tpr": .slice(.truePositiveRate), "fnr": .slice(.falseNegativeRate),
    "tnr": .slice(.trueNegativeRate), "recall": .slice(.truePositiveRate), "sensitivity": .slice(.truePositiveRate),
    "specificity": .slice(.trueNegativeRate), "ppv": .slice(.precision), "npv": .slice(.negativePredictiveValue),
    "positiverate": .slice(.selectionRate), "positivepredictionrate": .slice(.selectionRate),
    "error": .slice(.errorRate), "baserate": .slice(.prevalence), "auc": .slice(.rocAUC),
    "prauc": .slice(.averagePrecision), "ece": .slice(.expectedCalibrationError), "brier": .slice(.brierScore),
    "theil": .slice(.theilIndex), "mae": .slice(.meanAbsoluteError), "rmse": .slice(.rootMeanSquaredError),
    "f1score": .slice(.f1), "disparateimpact": .groups(.pPercentRule), "demographicparityratio": .groups(.pPercentRule),
    "prule": .groups(.pPercentRule), "abcc": .groups(.areaBetweenCumulativeCurves),
    "selectionratedifference": .groups(.demographicParityDifference),
    "tprdifference": .groups(.equalOpportunityDifference),
    "truepositiveratedifference": .groups(.equalOpportunityDifference),
    "fprdifference": .groups(.falsePositiveRateDifference), "fnrdifference": .groups(.falseNegativeRateDifference),
    "aucdifference": .groups(.rocAUCDifference), "maedifference": .groups(.meanAbsoluteErrorDifference),
    "rmsedifference": .groups(.rootMeanSquaredErrorDifference),
    "accuracydifference": .groups(.accuracyEqualityDifference),
    "precisiondifference": .groups(.predictiveParityDifference),
  ]

  private static let byFoldedName: [String: MetricName] = {
    var names = aliases
    for metric in SliceMetric.allCases { names[metric.rawValue.lowercased()] = .slice(metric) }
    for metric in GroupMetric.allCases { names[metric.rawValue.lowercased()] = .groups(metric) }
    return names
  }()

  /// The metric of a name, or nil.
  public init?(_ name: String) {
    guard let found = Self.byFoldedName[name.lowercased().filter { $0 != "_" && $0 != "-" }] else { return nil }
    self = found
  }

  /// The name in results.
  public var key: String {
    switch self {
    case .slice(let metric): metric.rawValue
    case .groups(let metric): metric.rawValue
    }
  }

  /// All names as expressions commonly write them, for suggestions: `false_positive_rate`, `fpr`.
  public static var suggestions: [String] {
    let full = SliceMetric.allCases.map(\.rawValue) + GroupMetric.allCases.map(\.rawValue)
    return full.map(snakeCase) + ["fpr", "tpr", "fnr", "tnr", "auc", "mae", "rmse", "ppv", "npv", "abcc"]
  }

  /// `falsePositiveRate` as `false_positive_rate`; capitals in a row, as in `rocAUC`, stay one word.
  static func snakeCase(_ name: String) -> String {
    var result = ""
    var previousIsCapital = false
    for character in name {
      if character.isUppercase && !previousIsCapital { result += "_" }
      previousIsCapital = character.isUppercase
      result += character.lowercased()
    }
    return result
  }
}
