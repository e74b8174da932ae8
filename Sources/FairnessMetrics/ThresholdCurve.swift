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
  /// - Returns: Nil where a score is NaN.
  /// - Precondition: Scores and labels are equally many.
  public init?<Value: Score>(scores: [Value], labels: [Bool]) {
    precondition(scores.count == labels.count, "ThresholdCurve: \(scores.count) scores, but \(labels.count) labels")
    guard let rows = rankedRows(scores, payload: { UInt32($0) }) else { return nil }
    let positives = labels.count { $0 }
    let negatives = labels.count - positives
    var (truePositives, falsePositives) = (0, 0)
    func point(_ threshold: Double) -> Point {
      Point(
        threshold: threshold,
        counts: ConfusionCounts(
          truePositives: truePositives, falsePositives: falsePositives, trueNegatives: negatives - falsePositives,
          falseNegatives: positives - truePositives))
    }
    var points = [point(.infinity)]
    for (index, row) in rows.enumerated().reversed() {
      let label = labels[Int(row.payload)]
      truePositives += label ? 1 : 0
      falsePositives += label ? 0 : 1
      if index == 0 || rows[index - 1].key != row.key { points.append(point(Double(scores[Int(row.payload)]))) }
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
