extension ClassifierEvaluation {
  /// Evaluates a classifier's scores on a set of rows.
  ///
  /// One pass over the rows counts labels and decisions by group; all rates come from those counts. With
  /// `rate_g` the rate of group g, over the groups that have rows:
  ///
  /// - p%-rule: `min selectionRate_g / max selectionRate_g`; undefined where no row of any group is selected.
  /// - demographic parity difference: `max selectionRate_g − min selectionRate_g`.
  /// - equal opportunity difference: `max TPR_g − min TPR_g`; undefined where a group has no positive row.
  /// - equalized odds difference: the larger of the gaps in TPR and in FPR, as in fairlearn; undefined where a group
  ///   has no positive row or no negative row.
  ///
  /// A group without rows is listed, but does not count among those compared; with fewer than two groups that have
  /// rows there is no parity to speak of, and it is undefined. Rows whose value of an attribute is missing are in none
  /// of its groups, but in the whole.
  ///
  /// Where a score is NaN, everything that rests on the scores is undefined.
  ///
  /// - Parameters:
  ///   - scores: The scores in 0...1, `[n]`.
  ///   - labels: The labels, `[n]`.
  ///   - attributes: The sensitive attributes, each with n codes.
  ///   - threshold: A row is selected when its score is greater than or equal to it.
  ///   - weights: What each row counts in every rate and area, `[n]`, finite and at least 0; nil for 1 each. Numbers of
  ///     rows stay what they are.
  /// - Precondition: Scores, labels, codes and weights are equally many.
  public init(
    scores: [Float], labels: [Bool], attributes: [GroupColumn], threshold: Double, weights: [Double]? = nil
  ) {
    let auc =
      weights.map { FairnessMetrics.rocAUC(scores: scores, labels: labels, weights: $0) }
      ?? FairnessMetrics.rocAUC(scores: scores, labels: labels)
    let cells = FairnessMetrics.cells(scores: scores, labels: labels, threshold: threshold)
    let reason = auc.reason == scoreIsNaN ? scoreIsNaN : nil
    let whole = GroupColumn(name: "", groups: [], codes: [Int32](repeating: -1, count: cells.count))
      .counts(of: cells, weights: weights).missing
    self.init(
      rows: cells.count, threshold: threshold, accuracy: ClassificationRate.accuracy(whole).unless(reason),
      rocAUC: auc, selectionRate: ClassificationRate.selectionRate(whole).unless(reason),
      attributes: attributes.map {
        AttributeEvaluation(attribute: $0, cells: cells, weights: weights, undefinedBecause: reason)
      })
  }
}

extension AttributeEvaluation {
  /// Evaluates one attribute from the cells of the rows; all of it is undefined where there is a reason.
  fileprivate init(attribute: GroupColumn, cells: [Cell], weights: [Double]?, undefinedBecause reason: String?) {
    let counts = attribute.counts(of: cells, weights: weights)
    let groups = zip(attribute.groups, counts.groups).map { (name: $0, counts: $1) }
    self.init(
      name: attribute.name,
      pPercentRule: ParityMetric.pPercentRule(groups).unless(reason),
      demographicParityDifference: ParityMetric.demographicParityDifference(groups).unless(reason),
      equalizedOddsDifference: ParityMetric.equalizedOddsDifference(groups).unless(reason),
      equalOpportunityDifference: ParityMetric.equalOpportunityDifference(groups).unless(reason),
      groups: groups.map { name, counts in
        GroupEvaluation(
          name: name, rows: counts.rows,
          selectionRate: ClassificationRate.selectionRate(counts).unless(reason),
          truePositiveRate: ClassificationRate.truePositiveRate(counts).unless(reason),
          falsePositiveRate: ClassificationRate.falsePositiveRate(counts).unless(reason))
      },
      missingRows: counts.missing.rows)
  }
}

extension MetricValue {
  /// The value itself, or undefined where there is a reason against it.
  fileprivate func unless(_ reason: String?) -> MetricValue {
    if let reason { .undefined(reason) } else { self }
  }
}
