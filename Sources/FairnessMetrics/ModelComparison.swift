/// The comparison of two classifiers at matched operating points.
///
/// A model may look better for no other reason than that its threshold selects fewer rows. Here the second model's
/// threshold is moved until both have equally many false positives, selections, or equal cost over all rows; what
/// remains of the gain is a real change.
public struct ModelComparison: Sendable, Hashable {
  /// What is made equal over all rows.
  public enum Condition: Sendable, Hashable {
    /// The share of negative rows that are selected.
    case falsePositiveRate
    /// The share of rows that are selected.
    case selectionRate
    /// The mean cost of a row's errors, by the cost of a false positive and of a false negative.
    case cost(falsePositive: Double, falseNegative: Double)

    func callAsFunction(_ counts: ConfusionCounts) -> MetricValue {
      switch self {
      case .falsePositiveRate: ClassificationRate.falsePositiveRate(counts)
      case .selectionRate: ClassificationRate.selectionRate(counts)
      case .cost(let falsePositive, let falseNegative):
        MetricValue(
          falsePositive * counts.falsePositives.value + falseNegative * counts.falseNegatives.value,
          over: counts.total.value, orElse: "there are no rows")
      }
    }
  }

  /// The condition's value of the first model, at its own threshold.
  public var targetValue: Double

  /// The condition's value of the second model at the matched threshold; ties among its scores may keep it off target.
  public var matchedValue: Double

  /// The second model's threshold that comes closest to the target; infinite where it must select no row.
  public var matchedThreshold: Double

  /// The metric of the first model, at its own threshold.
  public var first: MetricValue

  /// The metric of the second model, at its own threshold.
  public var second: MetricValue

  /// The metric of the second model, at the matched threshold.
  public var secondMatched: MetricValue

  /// The whole change of the metric: `second − first`, the sum of both parts below.
  public var change: MetricValue { second.combined(with: first, by: -) }

  /// The part of the change that is real: `secondMatched − first`.
  public var realChange: MetricValue { secondMatched.combined(with: first, by: -) }

  /// The part of the change that comes from a moved threshold alone: `second − secondMatched`.
  public var movedThresholdChange: MetricValue { second.combined(with: secondMatched, by: -) }

  /// Compares two models on the same rows.
  ///
  /// - Parameters:
  ///   - first: The first model's scores and its decision threshold.
  ///   - second: The second model's scores and its decision threshold.
  ///   - labels: The labels, `[n]`.
  ///   - weights: The rows' weights, finite and at least 0; nil for 1 each.
  ///   - groups: The column that the metric compares, with n codes; its groups may overlap.
  ///   - condition: What is made equal.
  ///   - metric: A metric of the groups' counts, such as a `ParityMetric`.
  /// - Returns: The comparison; nil where a score is NaN, or the condition exists at no threshold, as the false positive
  ///   rate without negative rows.
  /// - Precondition: Scores, labels and codes are equally many.
  public init?<Value: Score>(
    first: (scores: [Value], threshold: Double), second: (scores: [Value], threshold: Double), labels: [Bool],
    weights: [Double]? = nil, groups: SliceColumn, condition: Condition,
    metric: ([(name: String, counts: ConfusionCounts)]) -> MetricValue
  ) {
    guard !first.scores.contains(where: \.isNaN),
      let curve = ThresholdCurve(scores: second.scores, labels: labels, weights: weights)
    else { return nil }
    func counts(_ scores: [Value], _ threshold: Double) -> [(name: String, counts: ConfusionCounts)] {
      var accumulator = SliceAccumulator(columns: [groups.name], thresholds: [threshold])
      accumulator.add(scores: scores, labels: labels, weights: weights, columns: [groups])
      return accumulator.slices(crossing: [groups.name]).filter { !$0.slice.isMissing }.map { slice, statistics in
        (name: slice.terms[0].group ?? "", counts: statistics.counts(thresholdIndex: 0))
      }
    }
    var whole = ConfusionCounts()
    let rule = DecisionRule<Value>(threshold: first.threshold)
    for row in labels.indices {
      whole.add(label: labels[row], decision: rule.selects(first.scores[row]), weight: weights?[row] ?? 1)
    }
    guard case .defined(let target) = condition(whole),
      let point = curve.closest(to: target, threshold: second.threshold, { condition($0) }),
      case .defined(let matched) = condition(point.counts)
    else { return nil }
    targetValue = target
    matchedValue = matched
    matchedThreshold = point.threshold
    self.first = metric(counts(first.scores, first.threshold))
    self.second = metric(counts(second.scores, second.threshold))
    secondMatched = metric(counts(second.scores, point.threshold))
  }
}
