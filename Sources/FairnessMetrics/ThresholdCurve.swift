/// A classifier's counts at every threshold that tells rows apart.
public struct ThresholdCurve: Sendable {
  /// One threshold and what it does to the whole.
  public struct Point: Sendable, Hashable {
    /// A row is selected when its score is greater than or equal to it; infinite for selecting none.
    public var threshold: Double

    /// The counts of all rows.
    public var counts: ConfusionCounts
  }

  /// The points by falling threshold: from selecting no row to selecting all.
  public let points: [Point]

  /// Counts a classifier's decisions at each distinct score, in O(n log n) time.
  ///
  /// - Parameter weights: One weight for each row, finite and at least 0; nil for 1 each.
  /// - Returns: Nil where a score is NaN.
  /// - Precondition: Scores, labels and weights are equally many.
  public init?<Value: Score>(scores: [Value], labels: [Bool], weights: [Double]? = nil) {
    precondition(
      scores.count == labels.count && (weights.map { $0.count == scores.count } ?? true),
      "ThresholdCurve: \(scores.count) scores, but \(labels.count) labels or not as many weights")
    guard let rows = rankedRows(scores, payload: { UInt32($0) }) else { return nil }
    func add(_ row: Int, to sums: inout (positives: WeightSum, negatives: WeightSum)) {
      let weight = weights?[row] ?? 1
      if labels[row] { sums.positives.add(weight) } else { sums.negatives.add(weight) }
    }
    // Up from the lowest score, what each threshold rejects; sums of weights are not taken apart again.
    var below: [(positives: WeightSum, negatives: WeightSum)] = []
    var sums = (positives: WeightSum(), negatives: WeightSum())
    for (index, row) in rows.enumerated() {
      if index == 0 || rows[index - 1].key != row.key { below.append(sums) }
      add(Int(row.payload), to: &sums)
    }
    // Down from the highest, what it selects.
    func point(
      _ threshold: Double, selected: (positives: WeightSum, negatives: WeightSum),
      rejected: (positives: WeightSum, negatives: WeightSum)
    ) -> Point {
      var counts = ConfusionCounts()
      counts.add(selected.positives, label: true, decision: true)
      counts.add(selected.negatives, label: false, decision: true)
      counts.add(rejected.positives, label: true, decision: false)
      counts.add(rejected.negatives, label: false, decision: false)
      return Point(threshold: threshold, counts: counts)
    }
    let none = (positives: WeightSum(), negatives: WeightSum())
    var points = [point(.infinity, selected: none, rejected: sums)]
    sums = none
    for (index, row) in rows.enumerated().reversed() {
      add(Int(row.payload), to: &sums)
      if index == 0 || rows[index - 1].key != row.key, let rejected = below.popLast() {
        points.append(point(Double(scores[Int(row.payload)]), selected: sums, rejected: rejected))
      }
    }
    self.points = points
  }

  /// The point whose counts come closest to a value; of equally close ones, that with the threshold nearest to
  /// another, and of those the higher.
  ///
  /// - Returns: Nil where the statistic exists at no point.
  public func closest(
    to value: Double, threshold: Double, _ statistic: (ConfusionCounts) -> MetricValue
  ) -> Point? {
    var best: (point: Point, distance: Double)?
    for point in points {
      guard case .defined(let found) = statistic(point.counts) else { continue }
      let distance = abs(found - value)
      if let best {
        let isCloser =
          distance == best.distance
          ? abs(point.threshold - threshold) < abs(best.point.threshold - threshold) : distance < best.distance
        if !isCloser { continue }
      }
      best = (point, distance)
    }
    return best?.point
  }
}
