/// How predicted numbers do on one set of rows, as a whole and by group.
public struct RegressionEvaluation: Sendable, Hashable {
  /// The errors of some rows.
  public struct Errors: Sendable, Hashable {
    /// The number of rows, n.
    public var rows: Int

    /// `√mean((ŷ − y)²)`, in the unit of the label.
    public var rootMeanSquaredError: MetricValue

    /// `mean(|ŷ − y|)`, in the unit of the label.
    public var meanAbsoluteError: MetricValue

    /// `R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)²`, at most 1: the share of the labels' variance that the predictions explain; 0 is
    /// what their mean ȳ would reach, and below 0 is worse than it. Undefined where all labels are equal.
    public var rSquared: MetricValue

    /// `mean(ŷ)`.
    public var meanPrediction: MetricValue

    /// The mean residual `mean(y − ŷ)`: above 0 where predictions are too low.
    public var meanResidual: MetricValue

    public init(
      rows: Int, rootMeanSquaredError: MetricValue, meanAbsoluteError: MetricValue, rSquared: MetricValue,
      meanPrediction: MetricValue, meanResidual: MetricValue
    ) {
      self.rows = rows
      self.rootMeanSquaredError = rootMeanSquaredError
      self.meanAbsoluteError = meanAbsoluteError
      self.rSquared = rSquared
      self.meanPrediction = meanPrediction
      self.meanResidual = meanResidual
    }
  }

  /// How the groups of one sensitive attribute fare.
  public struct Attribute: Sendable, Hashable {
    /// A group and its errors.
    public struct Group: Sendable, Hashable {
      public var name: String
      public var errors: Errors

      public init(name: String, errors: Errors) {
        self.name = name
        self.errors = errors
      }
    }

    public var name: String

    /// The groups, in the order of the data set's list of them.
    public var groups: [Group]

    /// The largest mean prediction of a group minus the smallest, in the unit of the label.
    public var meanPredictionDifference: MetricValue

    /// The largest mean residual of a group minus the smallest, in the unit of the label.
    public var meanResidualDifference: MetricValue

    /// The largest root mean squared error of a group minus the smallest, in the unit of the label: of bounded group loss.
    public var rootMeanSquaredErrorDifference: MetricValue

    /// The largest Kolmogorov–Smirnov distance between the predictions of two groups, in 0...1; see
    /// `largestKolmogorovSmirnovDistance(_:by:)`.
    public var kolmogorovSmirnovDistance: MetricValue

    /// The two groups that lie so far apart, that with the smaller predictions first; empty where there is no distance.
    public var farthestGroups: [String]

    /// The number of rows whose value of the attribute is missing.
    public var missingRows: Int

    public init(
      name: String, groups: [Group], meanPredictionDifference: MetricValue, meanResidualDifference: MetricValue,
      rootMeanSquaredErrorDifference: MetricValue, kolmogorovSmirnovDistance: MetricValue, farthestGroups: [String],
      missingRows: Int
    ) {
      self.name = name
      self.groups = groups
      self.meanPredictionDifference = meanPredictionDifference
      self.meanResidualDifference = meanResidualDifference
      self.rootMeanSquaredErrorDifference = rootMeanSquaredErrorDifference
      self.kolmogorovSmirnovDistance = kolmogorovSmirnovDistance
      self.farthestGroups = farthestGroups
      self.missingRows = missingRows
    }
  }

  /// The errors of all rows.
  public var errors: Errors

  /// The sensitive attributes, in their order.
  public var attributes: [Attribute]

  public init(errors: Errors, attributes: [Attribute]) {
    self.errors = errors
    self.attributes = attributes
  }
}

extension RegressionEvaluation.Errors {
  /// The errors of some rows.
  ///
  /// - Parameter weights: What each row counts, all rows'; nil for 1 each.
  /// - Edge cases: without rows, and where a number is NaN or infinite, all is undefined.
  init(predictions: [Float], labels: [Float], weights: [Double]?, rows: some Collection<Int>) {
    var sums = RegressionSums()
    var (label, total, count) = (CompensatedSum(), CompensatedSum(), 0)
    for row in rows {
      let weight = weights?[row] ?? 1
      count += 1
      sums.add(prediction: Double(predictions[row]), target: Double(labels[row]), weight: weight)
      label.add(weight * Double(labels[row]))
      total.add(weight)
    }
    let mean = total.value > 0 ? label.value / total.value : 0
    var (residuals, deviations) = (CompensatedSum(), CompensatedSum())
    var isConstant = true
    var first: Float?
    for row in rows {
      let weight = weights?[row] ?? 1
      if weight == 0 { continue }
      let (residual, deviation) = (Double(labels[row]) - Double(predictions[row]), Double(labels[row]) - mean)
      residuals.add(weight * residual * residual)
      deviations.add(weight * deviation * deviation)
      if let first { isConstant = isConstant && labels[row] == first } else { first = labels[row] }
    }
    let error = sums.rootMeanSquaredError
    let rSquared =
      isConstant
      ? .undefined("all labels are equal")
      : MetricValue(residuals.value, over: deviations.value, orElse: "all labels are equal").mapped { 1 - $0 }
    self.init(
      rows: count, rootMeanSquaredError: error, meanAbsoluteError: sums.meanAbsoluteError,
      rSquared: error.reason.map { .undefined($0) } ?? rSquared,
      meanPrediction: sums.meanPrediction,
      meanResidual: sums.meanError.mapped { -$0 })
  }
}

extension MetricValue {
  fileprivate func mapped(_ operation: (Double) -> Double) -> MetricValue {
    combined(with: self) { value, _ in operation(value) }
  }
}

/// The largest Kolmogorov–Smirnov distance between the numbers of two groups: `max over t and groups a, b of
/// |P(x ≤ t | a) − P(x ≤ t | b)|`, in 0...1, with the two groups, that of the smaller numbers first. 0 where all groups
/// have the same distribution, 1 where two do not overlap.
///
/// As all pairs are compared at the same t, it is the largest spread of the groups' cumulative shares at any number; one
/// sort finds it, O(n log n + n·groups).
///
/// - Parameter weights: What each row counts, `[n]`, finite and at least 0; nil for 1 each.
/// - Edge cases: groups without rows, or whose rows all weigh 0, are left out; undefined with fewer than two others, and
///   where a number is NaN.
/// - Source: statistical parity for regression after Agarwal, Dudík and Wu (2019), arXiv:1905.12843, who take each group
///   against the whole; between groups it is the stricter one, and at most twice theirs.
public func largestKolmogorovSmirnovDistance(
  _ numbers: [Float], by attribute: GroupColumn, weights: [Double]? = nil
) -> (distance: MetricValue, groups: [String]) {
  precondition(
    numbers.count == attribute.codes.count,
    "largestKolmogorovSmirnovDistance: \(numbers.count) numbers, \(attribute.codes.count) codes")
  let known = attribute.codes.indices.filter { attribute.codes[$0] >= 0 }
  var sizes = [Double](repeating: 0, count: attribute.groups.count)
  for row in known { sizes[Int(attribute.codes[row])] += weights?[row] ?? 1 }
  let present = sizes.indices.filter { sizes[$0] > 0 }
  guard present.count >= 2 else { return (.undefined("fewer than two groups have rows"), []) }
  guard let rows = rankedRows(known.map { numbers[$0] }, payload: { UInt32(known[$0]) }) else {
    return (.undefined(scoreIsNaN), [])
  }
  var counts = [Double](repeating: 0, count: sizes.count)
  var largest = (distance: 0.0, low: present[0], high: present[1])
  for (place, row) in rows.enumerated() {
    counts[Int(attribute.codes[Int(row.payload)])] += weights?[Int(row.payload)] ?? 1
    // Equal numbers count together.
    if place + 1 < rows.count, rows[place + 1].key == row.key { continue }
    var (least, most) = (present[0], present[0])
    var (leastShare, mostShare) = (Double.infinity, -Double.infinity)
    for group in present {
      let share = counts[group] / sizes[group]
      if share < leastShare { (least, leastShare) = (group, share) }
      if share > mostShare { (most, mostShare) = (group, share) }
    }
    if mostShare - leastShare > largest.distance { largest = (mostShare - leastShare, most, least) }
  }
  return (
    .defined(largest.distance),
    largest.distance > 0 ? [attribute.groups[largest.low], attribute.groups[largest.high]] : []
  )
}

extension ClassifierEvaluation {
  /// Evaluates predicted numbers on a set of rows: `regression` has what there is, and all that needs classes does not
  /// exist.
  ///
  /// - Parameters:
  ///   - predictions: The predicted numbers, `[n]`.
  ///   - labels: The true ones, `[n]`.
  ///   - attributes: The sensitive attributes, each with n codes.
  ///   - weights: What each row counts, `[n]`, finite and at least 0; nil for 1 each.
  /// - Precondition: All are equally many.
  public init(predictions: [Float], labels: [Float], attributes: [GroupColumn], weights: [Double]? = nil) {
    precondition(
      predictions.count == labels.count && weights?.count ?? labels.count == labels.count,
      "ClassifierEvaluation: \(predictions.count) predictions, \(labels.count) labels")
    let noClasses = MetricValue.undefined("the label is a number and has no classes")
    let regression = RegressionEvaluation(
      errors: .init(predictions: predictions, labels: labels, weights: weights, rows: labels.indices),
      attributes: attributes.map { attribute in
        var members = [[Int]](repeating: [], count: attribute.groups.count)
        for (row, code) in attribute.codes.enumerated() where code >= 0 { members[Int(code)].append(row) }
        let groups = attribute.groups.indices.map {
          RegressionEvaluation.Attribute.Group(
            name: attribute.groups[$0],
            errors: .init(predictions: predictions, labels: labels, weights: weights, rows: members[$0]))
        }
        func difference(_ statistic: (RegressionEvaluation.Errors) -> MetricValue) -> MetricValue {
          GroupComparison(
            members: groups.filter { $0.errors.rows > 0 }.map { .init(group: $0.name, value: statistic($0.errors)) }
          ).difference
        }
        let (distance, farthest) = largestKolmogorovSmirnovDistance(predictions, by: attribute, weights: weights)
        return RegressionEvaluation.Attribute(
          name: attribute.name, groups: groups, meanPredictionDifference: difference(\.meanPrediction),
          meanResidualDifference: difference(\.meanResidual),
          rootMeanSquaredErrorDifference: difference(\.rootMeanSquaredError), kolmogorovSmirnovDistance: distance,
          farthestGroups: farthest, missingRows: attribute.codes.count { $0 < 0 })
      })
    self.init(
      rows: labels.count, threshold: 0.5, accuracy: noClasses, rocAUC: noClasses, selectionRate: noClasses,
      attributes: regression.attributes.map { attribute in
        AttributeEvaluation(
          name: attribute.name, pPercentRule: noClasses, demographicParityDifference: noClasses,
          equalizedOddsDifference: noClasses, equalOpportunityDifference: noClasses,
          groups: attribute.groups.map {
            GroupEvaluation(
              name: $0.name, rows: $0.errors.rows, selectionRate: noClasses, truePositiveRate: noClasses,
              falsePositiveRate: noClasses)
          }, missingRows: attribute.missingRows)
      })
    self.regression = regression
  }
}
