/// What is known of one slice: the counts from which its metrics follow, at every threshold.
///
/// Statistics of disjoint sets of rows, merged, are those of both together.
public struct SliceStatistics: Sendable, Hashable {
  /// The decision thresholds, ascending.
  public let thresholds: [Double]

  /// The rows between neighbouring thresholds by label: `2·(number of thresholds ≤ score) + label`.
  var between: [WeightSum]

  /// Sums over the scores, where they were asked for.
  public internal(set) var scoreSums: ScoreSums?

  /// The histogram of the scores, where it was asked for.
  public internal(set) var histogram: ScoreHistogram?

  init(thresholds: [Double], scoreSums: ScoreSums?, histogram: ScoreHistogram?) {
    self.thresholds = thresholds
    between = Array(repeating: WeightSum(), count: 2 * (thresholds.count + 1))
    self.scoreSums = scoreSums
    self.histogram = histogram
  }

  /// The number of rows, whatever their weights.
  public var rows: Int { between.reduce(0) { $0 + $1.rows } }

  /// The counts at a threshold, given by its index in `thresholds`.
  public func counts(thresholdIndex: Int) -> ConfusionCounts {
    var counts = ConfusionCounts()
    for bin in 0...thresholds.count {
      for label in 0...1 {
        counts.add(between[2 * bin + label], label: label == 1, decision: bin > thresholdIndex)
      }
    }
    return counts
  }

  /// Adds the rows of other statistics.
  ///
  /// - Precondition: Both have the same thresholds, and keep the same sums.
  public mutating func merge(_ other: SliceStatistics) {
    precondition(thresholds == other.thresholds, "SliceStatistics.merge: the thresholds differ")
    for index in between.indices { between[index].merge(other.between[index]) }
    if let sums = other.scoreSums { scoreSums?.merge(sums) }
    if let histogram = other.histogram { self.histogram?.merge(histogram) }
  }
}
