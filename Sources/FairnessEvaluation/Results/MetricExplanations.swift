import FairnessMetrics
import MetricExpressions

/// A metric, or a term of a gate, in the words of the domain.
public struct MetricExplanation: Sendable, Hashable {
  /// The metric's name, or the gate's text.
  public var subject: String

  /// What it says of the people in the data: a clause without a full stop.
  public var text: String

  public init(_ subject: String, _ text: String) {
    self.subject = subject
    self.text = text
  }
}

/// Explains metrics in the words of a domain: what a false positive is here.
struct MetricExplanations {
  private let specification: EvaluationSpecification
  private let words: DomainWords

  /// Nil where the evaluation names no words.
  init?(_ specification: EvaluationSpecification) {
    guard let words = specification.words else { return nil }
    self.specification = specification
    self.words = words
  }

  /// The metrics that tables show, then what each gate speaks of.
  ///
  /// - Parameter shown: The names of the metrics in tables.
  func explanations(_ shown: [String]) -> [MetricExplanation] {
    var explanations = shown.compactMap { name -> MetricExplanation? in
      if let metric = SliceMetric(rawValue: name) { return MetricExplanation(name, text(metric, of: words.rows)) }
      return GroupMetric(rawValue: name).map { MetricExplanation(name, text($0)) }
    }
    let isParityShown = shown.contains { GroupMetric(rawValue: $0) != nil }
    if !isParityShown, !specification.isRegression {
      explanations.append(MetricExplanation(GroupMetric.pPercentRule.rawValue, text(.pPercentRule)))
    }
    for gate in specification.gates {
      var clauses: [String] = []
      for term in gate.condition.terms {
        let clause = text(term)
        if !clauses.contains(clause) { clauses.append(clause) }
      }
      explanations.append(MetricExplanation(gate.condition.text, clauses.joined(separator: "; ")))
    }
    return explanations
  }

  private func text(_ term: MetricTerm) -> String {
    let clause: String =
      switch term.subject {
      case .rows(let metric, .all): text(metric, of: words.rows)
      case .rows(let metric, let predicate): text(metric, of: "\(words.rows) with \(Self.text(predicate))")
      case .groups(let metric, let columns):
        "between the groups of \(columns.joined(separator: " and ")): \(text(metric))"
      }
    return term.threshold.map { "\(clause), at threshold \($0)" } ?? clause
  }

  // MARK: - Statistics of rows

  private func text(_ metric: SliceMetric, of rows: String) -> String {
    func share(of condition: String, that part: String) -> String {
      "of the \(rows) that \(condition), the share that \(part)"
    }
    return switch metric {
    case .prevalence: "the share of \(rows) that \(words.positive)"
    case .selectionRate: "the share of \(rows) that \(words.selected)"
    case .truePositiveRate: share(of: words.positive, that: words.selected)
    case .falsePositiveRate: share(of: words.negative, that: words.selected)
    case .trueNegativeRate: share(of: words.negative, that: words.rejected)
    case .falseNegativeRate: share(of: words.positive, that: words.rejected)
    case .precision: share(of: words.selected, that: words.positive)
    case .negativePredictiveValue: share(of: words.rejected, that: words.negative)
    case .accuracy:
      "the share of \(rows) decided rightly: those that \(words.positive) and \(words.selected), and those that "
        + "\(words.negative) and \(words.rejected)"
    case .errorRate:
      "the share of \(rows) decided wrongly: those that \(words.positive) and \(words.rejected), and those that "
        + "\(words.negative) and \(words.selected)"
    case .balancedAccuracy:
      "the mean of two shares: of those that \(words.positive), that \(words.selected), and of those that "
        + "\(words.negative), that \(words.rejected), among \(rows)"
    case .f1:
      "the harmonic mean of two shares among \(rows): of those that \(words.selected), that \(words.positive), and of "
        + "those that \(words.positive), that \(words.selected)"
    case .theilIndex, .generalizedEntropy:
      "how unevenly the decisions' benefit is spread over \(rows): 0 where all fare alike"
    case .rocAUC:
      "among \(rows), the chance that the score of one of those that \(words.positive) is higher than that of one of "
        + "those that \(words.negative)"
    case .averagePrecision:
      "the mean, over all thresholds, of the share that \(words.positive) among \(rows) at or above the threshold"
    case .logLoss, .brierScore: "how far the scores of \(rows) lie from what happened: 0 is best"
    case .expectedCalibrationError:
      "how far, on average, a score of \(rows) lies from the share of like-scored ones that \(words.positive)"
    case .meanScore: "the mean score of \(rows)"
    case .meanAbsoluteError: "how far, on average, the prediction for \(rows) is off, either way"
    case .rootMeanSquaredError: "how far the prediction for \(rows) is off, large errors counting more"
    case .meanError: "how far, on average, the prediction for \(rows) lies above the truth; below 0 it lies under it"
    case .meanPrediction: "the mean prediction for \(rows)"
    }
  }

  // MARK: - Comparisons of groups

  private func text(_ metric: GroupMetric) -> String {
    func gap(of condition: String, that part: String) -> String {
      "the widest gap between groups in the share that \(part), of those that \(condition)"
    }
    return switch metric {
    case .pPercentRule:
      "the smallest share of any group's \(words.rows) that \(words.selected), over the largest: 1 where all groups "
        + "are alike; the four-fifths rule asks for 0.8"
    case .demographicParityDifference:
      "the widest gap between groups in the share of \(words.rows) that \(words.selected)"
    case .equalOpportunityDifference: gap(of: words.positive, that: words.selected)
    case .falsePositiveRateDifference: gap(of: words.negative, that: words.selected)
    case .falseNegativeRateDifference: gap(of: words.positive, that: words.rejected)
    case .predictiveParityDifference: gap(of: words.selected, that: words.positive)
    case .equalizedOddsDifference:
      "the widest gap between groups in the share that \(words.selected), of those that \(words.positive) or of those "
        + "that \(words.negative), whichever is wider"
    case .equalizedOddsRatio:
      "the smallest such share of any group over the largest, of those that \(words.positive) or of those that "
        + "\(words.negative), whichever is smaller"
    case .averageOddsDifference:
      "the mean of the gaps in the share that \(words.selected), of those that \(words.positive) and of those that "
        + "\(words.negative)"
    case .accuracyEqualityDifference: "the widest gap between groups in the share decided rightly"
    case .betweenGroupGeneralizedEntropy: "how unevenly the decisions' benefit is spread over the groups"
    case .areaBetweenCumulativeCurves:
      "how far apart the groups' scores lie over all thresholds: 0 where they are spread alike"
    case .rocAUCDifference: "the widest gap between groups in how well scores tell those apart that \(words.positive)"
    case .meanAbsoluteErrorDifference: "the widest gap between groups in how far predictions are off"
    case .rootMeanSquaredErrorDifference:
      "the widest gap between groups in how far predictions are off, large errors counting more"
    case .meanPredictionDifference: "the widest gap between groups in the mean prediction"
    case .meanErrorDifference: "the widest gap between groups in how far predictions lie above the truth"
    }
  }

  // MARK: - Rows

  private static func text(_ predicate: RowPredicate) -> String {
    switch predicate {
    case .all: "any groups"
    case .isGroup(let column, let group): "\(column) = \(group ?? "missing")"
    case .containsWord(let column, let word): "\(column) containing \(word)"
    case .not(.isGroup(let column, let group)): "\(column) other than \(group ?? "missing")"
    case .not(let inner): "not (\(text(inner)))"
    case .and(let a, let b): "\(text(a)) and \(text(b))"
    case .or(let a, let b): "\(text(a)) or \(text(b))"
    }
  }
}
