import FairnessMetrics

/// The area under the ROC curve within folds, as the mean over the folds, with what each row contributes to its error.
///
/// Scores of different folds come from differently trained adversaries and are never compared with each other.
///
/// A positive row i of a fold with the share Vᵢ of negatives that it beats has the influence `wᵢ·(Vᵢ − A)/W₁`, a
/// negative row of which the share Vᵢ of positives is above it `wᵢ·(Vᵢ − A)/W₀` (W: the weight of each kind), each times
/// `√(m/(m − 1))` of the m rows of its kind. The sum of their squares is DeLong's variance; influences of several areas
/// on the same rows add and subtract, so that differences and means have their variances too.
package struct FoldwiseArea: Sendable {
  /// The area, in 0...1.
  package var area: Double

  /// The influence of each row; 0 where it takes no part.
  package var influences: [Double]

  /// - Parameters:
  ///   - scores: The score of each row; none is NaN.
  ///   - targets: 1, 0, or anything else where a row takes no part.
  ///   - weights: Positive, or nil where all are 1.
  ///   - rowsByFold: The rows that take part, fold by fold; each fold has at least two of each kind.
  package init(scores: [Float], targets: [Int8], weights: [Double]?, rowsByFold: [[Int32]]) {
    area = 0
    influences = [Double](repeating: 0, count: scores.count)
    for rows in rowsByFold {
      add(scores, targets, weights, rows: rows, share: 1 / Double(rowsByFold.count))
    }
  }

  init(area: Double, influences: [Double]) {
    self.area = area
    self.influences = influences
  }

  private mutating func add(
    _ scores: [Float], _ targets: [Int8], _ weights: [Double]?, rows: [Int32], share: Double
  ) {
    var placements = [Double](repeating: 0, count: rows.count)
    var total = (negative: 0.0, positive: 0.0)
    var counts = (negative: 0.0, positive: 0.0)
    for row in rows {
      let weight = weights?[Int(row)] ?? 1
      if targets[Int(row)] == 1 {
        total.positive += weight
        counts.positive += 1
      } else {
        total.negative += weight
        counts.negative += 1
      }
    }
    var below = (negative: 0.0, positive: 0.0)
    let order = orderedPlaces(rows, by: scores)
    forEachTie(order, rows, scores) { tied in
      var inBlock = (negative: 0.0, positive: 0.0)
      for place in tied {
        let row = Int(rows[order[place]])
        let weight = weights?[row] ?? 1
        if targets[row] == 1 { inBlock.positive += weight } else { inBlock.negative += weight }
      }
      for place in tied {
        placements[order[place]] =
          targets[Int(rows[order[place]])] == 1
          ? (below.negative + 0.5 * inBlock.negative) / total.negative
          : (total.positive - below.positive - 0.5 * inBlock.positive) / total.positive
      }
      below.negative += inBlock.negative
      below.positive += inBlock.positive
    }
    var sum = CompensatedSum()
    for (place, row) in rows.enumerated() where targets[Int(row)] == 1 {
      sum.add((weights?[Int(row)] ?? 1) * placements[place])
    }
    let foldArea = sum.value / total.positive
    area += share * foldArea
    let scale = (
      negative: share * (counts.negative / (counts.negative - 1)).squareRoot() / total.negative,
      positive: share * (counts.positive / (counts.positive - 1)).squareRoot() / total.positive
    )
    for (place, row) in rows.enumerated() {
      influences[Int(row)] =
        (weights?[Int(row)] ?? 1) * (placements[place] - foldArea)
        * (targets[Int(row)] == 1 ? scale.positive : scale.negative)
    }
  }

  /// The unweighted mean of several areas.
  package static func mean(_ areas: [FoldwiseArea]) -> FoldwiseArea {
    let share = 1 / Double(areas.count)
    var mean = FoldwiseArea(area: 0, influences: [Double](repeating: 0, count: areas[0].influences.count))
    for area in areas {
      mean.area += share * area.area
      for row in area.influences.indices { mean.influences[row] += share * area.influences[row] }
    }
    return mean
  }

  /// The variance as DeLong has it, the scores taken as given.
  package var variance: Double {
    var sum = CompensatedSum()
    for influence in influences { sum.add(influence * influence) }
    return sum.value
  }
}

/// The places of rows in ascending order of their scores; equal scores keep the order of the rows.
func orderedPlaces(_ rows: [Int32], by scores: [Float]) -> [Int] {
  let values = rows.map { scores[Int($0)] }
  return values.withUnsafeBufferPointer { values in
    values.indices.sorted { values[$0] != values[$1] ? values[$0] < values[$1] : $0 < $1 }
  }
}

/// Calls `body` with each block of places in an order whose rows have the same score.
func forEachTie(_ order: [Int], _ rows: [Int32], _ scores: [Float], _ body: (Range<Int>) -> Void) {
  var start = 0
  while start < order.count {
    let score = scores[Int(rows[order[start]])]
    var end = start + 1
    while end < order.count && scores[Int(rows[order[end]])] == score { end += 1 }
    body(start..<end)
    start = end
  }
}
