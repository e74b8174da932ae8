/// What the ranks of a slice's scores tell: the area under the ROC curve with its variance, and average precision.
public struct RankStatistics: Sendable, Hashable {
  /// The exact area; see `rocAUC(scores:labels:)`.
  public var rocAUC: MetricValue

  /// The area with its variance; nil without two rows of each label, or with weights. See `deLongROCAUC(scores:labels:)`.
  public var rocAUCEstimate: ROCAUCEstimate?

  /// See `averagePrecision(scores:labels:weights:)`.
  public var averagePrecision: MetricValue

  /// The statistics of rows with weights.
  public init<Value: Score>(scores: [Value], labels: [Bool], weights: [Double]) {
    rocAUC = FairnessMetrics.rocAUC(scores: scores, labels: labels, weights: weights)
    rocAUCEstimate = nil
    averagePrecision = FairnessMetrics.averagePrecision(scores: scores, labels: labels, weights: weights)
  }

  private init(_ sums: RankSums) {
    rocAUC = sums.rocAUC
    rocAUCEstimate = sums.rocAUCEstimate
    averagePrecision = MetricValue(
      sums.precision.value, over: Double(sums.positives),
      orElse: sums.negatives == 0 ? "there are no rows" : "no row has a positive label")
  }

  /// The statistics of every slice, from one sort of all rows and one sweep through them.
  ///
  /// - Parameters:
  ///   - scores: The scores, `[n]`.
  ///   - labels: The labels, `[n]`.
  ///   - cells: The rows' cells, of which the slices are made.
  ///   - slices: The cells of each slice; a cell may be in several.
  /// - Precondition: Scores, labels and cells are equally many, and fewer than 2³¹.
  @specialized(where Value == Float)
  @specialized(where Value == Double)
  public static func of<Value: Score>(
    scores: [Value], labels: [Bool], cells: CrossedCells, slices: [[Int]]
  ) -> [RankStatistics] {
    let sums = RankSweep.sums(scores: scores, labels: labels, cells: cells, slices: slices, moments: true)
    return sums?.map { RankStatistics($0) } ?? slices.map { _ in RankStatistics(undefinedBecause: scoreIsNaN) }
  }

  private init(undefinedBecause reason: String) {
    rocAUC = .undefined(reason)
    averagePrecision = .undefined(reason)
  }
}
