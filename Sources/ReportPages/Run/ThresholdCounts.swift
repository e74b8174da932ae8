import FairnessMetrics
import RunRecords

/// What a distribution of scores becomes at each threshold k/bins, k = 0...bins.
package struct ThresholdCounts: Sendable {
  /// Selected rows with a positive and with a negative label at each threshold, `[bins + 1]`.
  package let truePositives: [Int]
  package let falsePositives: [Int]

  package var bins: Int { truePositives.count - 1 }
  package var positives: Int { truePositives[0] }
  package var negatives: Int { falsePositives[0] }
  package var rows: Int { positives + negatives }

  package init(_ distribution: ScoresRecord.Distribution) {
    truePositives = Self.fromAbove(distribution.positives)
    falsePositives = Self.fromAbove(distribution.negatives)
  }

  /// The sums of all bins from each one up; the last is 0.
  private static func fromAbove(_ counts: [Int]) -> [Int] {
    var sums = [Int](repeating: 0, count: counts.count + 1)
    for bin in counts.indices.reversed() { sums[bin] = sums[bin + 1] + counts[bin] }
    return sums
  }

  package func selectionRate(_ index: Int) -> Double? {
    Self.share(truePositives[index] + falsePositives[index], of: rows)
  }

  package func truePositiveRate(_ index: Int) -> Double? { Self.share(truePositives[index], of: positives) }

  package func falsePositiveRate(_ index: Int) -> Double? { Self.share(falsePositives[index], of: negatives) }

  package func precision(_ index: Int) -> Double? {
    Self.share(truePositives[index], of: truePositives[index] + falsePositives[index])
  }

  package func accuracy(_ index: Int) -> Double? {
    Self.share(truePositives[index] + negatives - falsePositives[index], of: rows)
  }

  /// The index of the threshold nearest to a number.
  package func index(of threshold: Double) -> Int {
    min(bins, max(0, Int((threshold * Double(bins)).rounded())))
  }

  private static func share(_ part: Int, of whole: Int) -> Double? {
    whole > 0 ? Double(part) / Double(whole) : nil
  }
}
