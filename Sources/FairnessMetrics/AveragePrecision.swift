/// The area under the precision–recall curve as average precision, `Σ_k (R_k − R_{k−1})·P_k`.
///
/// The sum runs over the distinct scores, falling; P_k and R_k are precision and recall when rows with at least the
/// k-th score are selected. There is no interpolation, which would be too hopeful; it is scikit-learn's
/// `average_precision_score`.
///
/// - Parameter weights: One weight for each row, finite and at least 0; nil for 1 each.
/// - Edge cases: No positive row: undefined. A score that is NaN, or a weight that is negative or not finite: undefined.
/// - Precondition: Scores, labels and weights are equally many, and fewer than 2³¹.
@specialized(where Value == Float)
@specialized(where Value == Double)
public func averagePrecision<Value: Score>(scores: [Value], labels: [Bool], weights: [Double]? = nil) -> MetricValue {
  precondition(
    scores.count == labels.count && (weights.map { $0.count == scores.count } ?? true),
    "averagePrecision: \(scores.count) scores, but \(labels.count) labels or not as many weights")
  if let weights, !weights.allSatisfy({ $0 >= 0 && $0.isFinite }) { return .undefined(weightIsInvalid) }
  guard let rows = rankedRows(scores, payload: { UInt32($0) << 1 | (labels[$0] ? 1 : 0) }) else {
    return .undefined(scoreIsNaN)
  }
  var sum = AveragePrecisionSum()
  var total = CompensatedSum()
  var end = rows.count
  while end > 0 {
    var positives = 0.0
    var negatives = 0.0
    let key = rows[end - 1].key
    while end > 0 && rows[end - 1].key == key {
      end -= 1
      let row = Int(rows[end].payload >> 1)
      let weight = weights?[row] ?? 1
      if labels[row] { positives += weight } else { negatives += weight }
    }
    sum.add(positives: positives, negatives: negatives)
    total.add(positives)
  }
  return MetricValue(
    sum.value, over: total.value, orElse: scores.isEmpty ? "there are no rows" : "no row has a positive label")
}

/// The running sum `Σ P_k·(positives of block k)` over blocks of tied rows, from the highest score down.
struct AveragePrecisionSum {
  private var positives = CompensatedSum()
  private var selected = CompensatedSum()
  private var sum = CompensatedSum()

  /// The sum; over the weight of all positive rows it is the average precision.
  var value: Double { sum.value }

  mutating func add(positives: Double, negatives: Double) {
    self.positives.add(positives)
    selected.add(positives + negatives)
    if positives > 0 { sum.add(positives * (self.positives.value / selected.value)) }
  }
}
