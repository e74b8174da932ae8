/// How many rows of each label got each decision: the counts from which all rates of a classifier follow.
///
/// Counts add up: those of two sets of rows, merged, are those of both together. Rows may have weights; then each
/// count is a sum of weights, kept so that neither the order of the rows nor the pieces they come in move it by
/// more than the last bit.
public struct ConfusionCounts: Sendable, Hashable, Codable {
  /// The rows with y = 1 and ŷ = 1.
  public private(set) var truePositives = WeightSum()

  /// The rows with y = 0 and ŷ = 1.
  public private(set) var falsePositives = WeightSum()

  /// The rows with y = 0 and ŷ = 0.
  public private(set) var trueNegatives = WeightSum()

  /// The rows with y = 1 and ŷ = 0.
  public private(set) var falseNegatives = WeightSum()

  /// The counts of no rows.
  public init() {}

  /// The counts of rows that each weigh 1.
  public init(truePositives: Int, falsePositives: Int, trueNegatives: Int, falseNegatives: Int) {
    self.truePositives = WeightSum(rows: truePositives)
    self.falsePositives = WeightSum(rows: falsePositives)
    self.trueNegatives = WeightSum(rows: trueNegatives)
    self.falseNegatives = WeightSum(rows: falseNegatives)
  }

  /// Adds one row.
  ///
  /// - Parameter weight: The row's weight, finite and at least 0.
  public mutating func add(label: Bool, decision: Bool, weight: Double = 1) {
    switch (label, decision) {
    case (true, true): truePositives.add(weight)
    case (false, true): falsePositives.add(weight)
    case (false, false): trueNegatives.add(weight)
    case (true, false): falseNegatives.add(weight)
    }
  }

  /// Adds rows of one label and decision.
  mutating func add(_ rows: WeightSum, label: Bool, decision: Bool) {
    switch (label, decision) {
    case (true, true): truePositives.merge(rows)
    case (false, true): falsePositives.merge(rows)
    case (false, false): trueNegatives.merge(rows)
    case (true, false): falseNegatives.merge(rows)
    }
  }

  /// Adds the rows of other counts.
  public mutating func merge(_ other: ConfusionCounts) {
    truePositives.merge(other.truePositives)
    falsePositives.merge(other.falsePositives)
    trueNegatives.merge(other.trueNegatives)
    falseNegatives.merge(other.falseNegatives)
  }

  /// The number of rows, whatever their weights.
  public var rows: Int { truePositives.rows + falsePositives.rows + trueNegatives.rows + falseNegatives.rows }

  /// The rows with y = 1.
  public var positives: WeightSum { truePositives + falseNegatives }

  /// The rows with y = 0.
  public var negatives: WeightSum { trueNegatives + falsePositives }

  /// The rows with ŷ = 1.
  public var selected: WeightSum { truePositives + falsePositives }

  /// The rows with ŷ = 0.
  public var rejected: WeightSum { trueNegatives + falseNegatives }

  /// The rows with ŷ = y.
  public var correct: WeightSum { truePositives + trueNegatives }

  /// All rows.
  public var total: WeightSum { positives + negatives }
}
