import TabularData

/// The curves of all groups of some rows.
struct GroupCurves {
  let partition: GroupPartition
  let curves: [GroupCurve]

  /// The weight of the rows with label 1 and 0 that have a group.
  let positives: Double
  let negatives: Double

  init(
    _ scores: [Float], _ dataset: Dataset, attributes: [String]?, method: String
  ) throws(MitigationError) {
    guard scores.count == dataset.rows else {
      throw .rows(method: method, problem: "there are \(scores.count) scores of \(dataset.rows) rows.")
    }
    if let row = scores.firstIndex(where: { !$0.isFinite }) {
      throw .rows(method: method, problem: "the score of row \(row + 1) is \(scores[row]). Scores are finite numbers.")
    }
    partition = try GroupPartition(dataset.sensitive, attributes: attributes, for: method)
    var members = [[Int]](repeating: [], count: partition.groups.count)
    for (row, code) in partition.codes.enumerated() where code >= 0 { members[Int(code)].append(row) }
    curves = members.map {
      GroupCurve(rows: $0, scores: scores, labels: dataset.labels, weights: dataset.weights)
    }
    positives = curves.reduce(0) { $0 + $1.positives }
    negatives = curves.reduce(0) { $0 + $1.negatives }
    guard positives > 0, negatives > 0 else {
      throw .rows(
        method: method,
        problem: "all rows have the label \(positives > 0 ? 1 : 0), so that there is nothing to decide.")
    }
  }

  /// What the selection of rows adds to an objective, but for a constant.
  func gain(_ objective: DecisionObjective) -> (GroupCurve.Point) -> Double {
    let (right, wrong) =
      switch objective {
      case .accuracy: (1 / (positives + negatives), 1 / (positives + negatives))
      case .balancedAccuracy: (0.5 / positives, 0.5 / negatives)
      }
    return { $0.truePositives * right - $0.falsePositives * wrong }
  }
}

/// Thresholds, and what they do on the rows they were fitted on, in expectation.
public struct ThresholdFit: Sendable, Hashable {
  /// The rates of a group; nil where there are no rows to divide by.
  public struct Rates: Sendable, Hashable {
    public var group: String
    public var rows: Int
    public var selectionRate: Double?
    public var truePositiveRate: Double?
    public var falsePositiveRate: Double?
    public var precision: Double?
  }

  /// The thresholds.
  public let thresholds: GroupThresholds

  /// The widest gap between groups in what the criterion is about; nil where a rate of a group does not exist.
  public let gap: Double?

  /// The share of rows decided rightly.
  public let accuracy: Double

  /// The mean of true positive and true negative rate, over all rows.
  public let balancedAccuracy: Double

  /// The groups' rates.
  public let rates: [Rates]

  init(
    _ groups: GroupCurves, _ mixtures: [GroupCurve.Mixture], criterion: ThresholdCriterion,
    fallback: GroupThresholds.Cut = .from(0.5)
  ) {
    thresholds = GroupThresholds(
      attributes: groups.partition.attributes,
      groups: zip(groups.partition.groups, mixtures).map { .init($0, $1.members) }, fallback: fallback)
    let truePositives = mixtures.reduce(0) { $0 + $1.truePositives }
    let falsePositives = mixtures.reduce(0) { $0 + $1.falsePositives }
    let (positives, negatives) = (groups.positives, groups.negatives)
    accuracy = (truePositives + negatives - falsePositives) / (positives + negatives)
    balancedAccuracy = (truePositives / positives + 1 - falsePositives / negatives) / 2
    func rate(_ criterion: ThresholdCriterion, _ group: Int) -> [Double?] {
      criterion.rates(
        truePositives: mixtures[group].truePositives, falsePositives: mixtures[group].falsePositives,
        groups.curves[group])
    }
    rates = mixtures.indices.map { group in
      Rates(
        group: groups.partition.name(of: group), rows: groups.curves[group].points.last?.rows ?? 0,
        selectionRate: rate(.demographicParity, group)[0], truePositiveRate: rate(.equalOpportunity, group)[0],
        falsePositiveRate: rate(.falsePositiveRateParity, group)[0], precision: rate(.predictiveParity, group)[0])
    }
    gap = Self.gap(mixtures.indices.map { rate(criterion, $0) })
  }

  /// The widest gap in any of the rates, `[groups][rates]`.
  static func gap(_ rates: [[Double?]]) -> Double? {
    var widest = 0.0
    for place in rates.first?.indices ?? 0..<0 {
      let known = rates.compactMap { $0[place] }
      guard known.count == rates.count, let low = known.min(), let high = known.max() else { return nil }
      widest = max(widest, high - low)
    }
    return widest
  }
}
