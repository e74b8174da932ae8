import FairnessEvaluation
import FairnessMetrics

/// Numbers of an evaluation as people read them.
enum EvaluationCells {
  /// The metrics that are no fractions of rows, and so not shown in percent.
  private static let plainNumbers: Set<String> = [
    "rocAUC", "averagePrecision", "logLoss", "brierScore", "meanScore", "meanAbsoluteError", "rootMeanSquaredError",
    "meanError", "meanPrediction", "theilIndex", "generalizedEntropy", "betweenGroupGeneralizedEntropy",
    "meanAbsoluteErrorDifference", "rootMeanSquaredErrorDifference", "meanErrorDifference", "meanPredictionDifference",
    "pPercentRule", "equalizedOddsRatio", "f1", "areaBetweenCumulativeCurves",
    "rocAUCDifference", "rocAUCErrorBound", "expectedCalibrationError",
  ]

  /// Short names of metrics, as headings.
  private static let shortNames: [String: String] = [
    "selectionRate": "selected", "truePositiveRate": "TPR", "falsePositiveRate": "FPR", "trueNegativeRate": "TNR",
    "falseNegativeRate": "FNR", "negativePredictiveValue": "NPV", "balancedAccuracy": "bal. accuracy", "f1": "F1",
    "rocAUC": "ROC AUC", "averagePrecision": "PR AUC", "logLoss": "log loss", "brierScore": "Brier",
    "expectedCalibrationError": "ECE", "meanScore": "mean score", "meanAbsoluteError": "MAE",
    "rootMeanSquaredError": "RMSE", "meanError": "mean error", "meanPrediction": "mean prediction",
    "rootMeanSquaredErrorDifference": "RMSE difference", "meanPredictionDifference": "mean prediction difference",
    "pPercentRule": "p%-rule",
    "demographicParityDifference": "demographic parity difference",
    "equalizedOddsDifference": "equalized odds difference", "equalizedOddsRatio": "equalized odds ratio",
    "equalOpportunityDifference": "equal opportunity difference", "averageOddsDifference": "average odds difference",
    "predictiveParityDifference": "predictive parity difference",
    "accuracyEqualityDifference": "accuracy difference", "falsePositiveRateDifference": "FPR difference",
    "falseNegativeRateDifference": "FNR difference",
    "betweenGroupGeneralizedEntropy": "generalised entropy between groups",
    "areaBetweenCumulativeCurves": "area between score curves", "rocAUCDifference": "ROC AUC difference",
    "meanAbsoluteErrorDifference": "MAE difference", "meanErrorDifference": "mean error difference",
    "rocAUCErrorBound": "bound on ROC AUC's error", "correctedPValue": "corrected p", "pValue": "p",
    "relativeToOverall": "rel. to overall", "detectableGap": "detectable gap", "impactRatio": "impact ratio",
    "belowFourFifths": "below 4/5", "otherRows": "other rows", "movedThreshold": "moved threshold",
    "realChange": "real change", "secondMatched": "second, matched",
  ]

  /// A metric's name as a heading.
  static func heading(_ name: String) -> String { shortNames[name] ?? name }

  /// Whether a metric is shown in percent.
  static func isShare(_ name: String) -> Bool { !plainNumbers.contains(name) }

  /// A value: `37.4 %`, or `0.812`.
  static func number(_ value: Double, isShare: Bool) -> String {
    if isShare { return TerminalText.fixed(value * 100, 1) + " %" }
    let magnitude = abs(value)
    if magnitude >= 1000 { return TerminalText.fixed(value, 0) }
    return TerminalText.fixed(value, magnitude >= 100 ? 1 : 3)
  }

  /// A value with its interval: `37.4 % [36.1, 38.7]`.
  static func estimate(_ estimate: Estimate?, name: String) -> String {
    guard let estimate, let value = estimate.value.value else { return "n/a" }
    let share = isShare(name)
    let text = number(value, isShare: share)
    guard let interval = estimate.interval else { return text }
    func end(_ end: Double) -> String {
      share ? TerminalText.fixed(end * 100, 1) : number(end, isShare: false)
    }
    return "\(text) [\(end(interval.low)), \(end(interval.high))]"
  }

  /// The heading of a column of values that stand without their unit.
  static func unitHeading(_ name: String) -> String { heading(name) + (isShare(name) ? " %" : "") }

  /// A value with its interval, in percent without the sign: `37.4 [36.1, 38.7]`.
  static func bareEstimate(_ estimate: Estimate?, name: String) -> String {
    let text = self.estimate(estimate, name: name)
    return isShare(name) ? text.replacing(" %", with: "") : text
  }

  /// A p-value: `0.032`, or `< 0.001`.
  static func pValue(_ value: Double) -> String {
    value < 0.001 ? "< 0.001" : TerminalText.fixed(value, 3)
  }

  /// A cell of a table of findings.
  static func text(_ cell: ResultTable.Cell, kind: ResultTable.Kind) -> String {
    switch cell {
    case .text(let text): return EvaluationCells.heading(text)
    case .count(let count): return TerminalText.grouped(count)
    case .value(.undefined): return "n/a"
    case .value(.defined(let value)):
      switch kind {
      case .share: return number(value, isShare: true)
      case .pValue: return pValue(value)
      default: return shortNumber(value)
      }
    }
  }

  /// A number without needless zeros: a threshold of 0.5 stays that.
  static func shortNumber(_ value: Double) -> String {
    let rounded = (value * 1e4).rounded() / 1e4
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int64(rounded)) : String(rounded)
  }

  /// A slice as a line's heading: `Female`, with the column only where that is needed.
  static func name(_ slice: Slice) -> String {
    if slice.terms.isEmpty { return "all rows" }
    return slice.terms.map { $0.group ?? "\($0.column) missing" }.joined(separator: ", ")
  }

  /// A verdict in words.
  static func verdict(_ verdict: Verdict) -> String {
    switch verdict {
    case .pass: "pass"
    case .fail: "FAIL"
    case .insufficientEvidence(let why): "insufficient evidence: \(why)"
    }
  }
}
