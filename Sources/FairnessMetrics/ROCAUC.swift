/// The area under the ROC curve: the chance that a positive row scores above a negative one, ties counting half.
///
/// `AUC = (#{s⁺ > s⁻} + ½·#{s⁺ = s⁻}) / (P·N)` over all pairs of a positive and a negative row; that is the
/// Mann–Whitney statistic with ties at their mid-rank. The pairs are counted in integers, so the result is the true
/// quotient, rounded once, whatever the order of the rows. Takes O(n) time: the rows are sorted by radix.
///
/// - Edge cases: no rows, or rows of one label only: undefined. A score that is NaN has no rank: undefined. Infinite
///   scores rank first and last; −0 and +0 are equal.
/// - Precondition: There is one label for each score, and there are fewer than 2³¹ rows.
@specialized(where Value == Float)
@specialized(where Value == Double)
public func rocAUC<Value: Score>(scores: [Value], labels: [Bool]) -> MetricValue {
  precondition(
    scores.count == labels.count, "rocAUC: \(scores.count) scores, but \(labels.count) labels")
  if let scores = scores as? [Float], let rows = compactRows(scores, labels: labels) {
    return rocAUC(ascending: rows)
  }
  guard let rows = rankedRows(scores, payload: { labels[$0] ? 1 : 0 }) else { return .undefined(scoreIsNaN) }
  return rocAUC(ascending: rows)
}

/// The area under the ROC curve of rows in ascending order whose payload is their label, 0 or 1.
func rocAUC<Row: RankedRow>(ascending rows: [Row]) -> MetricValue {
  // Each tied block of rows at once: its positives beat the negatives below it, and tie with those in it. Fewer than
  // 2³¹ rows make fewer than 2⁶¹ pairs, so nothing can overflow.
  var positives = 0
  var negatives = 0
  var positivesInBlock = 0
  var negativesInBlock = 0
  var twiceWins = 0
  var key = rows.first?.key ?? 0
  for row in rows {
    if row.key != key {
      twiceWins &+= positivesInBlock &* (2 &* negatives &+ negativesInBlock)
      positives &+= positivesInBlock
      negatives &+= negativesInBlock
      positivesInBlock = 0
      negativesInBlock = 0
      key = row.key
    }
    let label = Int(row.payload)
    positivesInBlock &+= label
    negativesInBlock &+= 1 &- label
  }
  twiceWins += positivesInBlock * (2 * negatives + negativesInBlock)
  positives += positivesInBlock
  negatives += negativesInBlock
  if let reason = missingClass(positives: positives, negatives: negatives) { return .undefined(reason) }
  return .defined(Double(twiceWins) / (2 * Double(positives) * Double(negatives)))
}

/// The rows in ascending order in four bytes each, or nil where the scores lie too far apart for that (more than
/// 2³¹ steps of `Float`, as numbers of both signs may) or one is NaN.
///
/// The scores of a training set then stay in the first cache while they are sorted, which halves the time.
private func compactRows(_ scores: [Float], labels: [Bool]) -> [CompactRankedRow]? {
  var smallest = UInt32.max
  var largest = UInt32.min
  for score in scores {
    let bits = score.orderedBits
    smallest = min(smallest, bits)
    largest = max(largest, bits)
  }
  // NaN, of either sign, lies beyond the infinities.
  guard smallest >= (-Float.infinity).orderedBits, largest <= Float.infinity.orderedBits,
    largest &- smallest < 1 << 31
  else { return nil }
  var rows = [CompactRankedRow](unsafeUninitializedCapacity: scores.count) { rows, initialized in
    scores.withUnsafeBufferPointer { scores in
      labels.withUnsafeBufferPointer { labels in
        for row in 0..<scores.count {
          let key = scores[row].orderedBits &- smallest
          rows[row] = CompactRankedRow(bits: key << 1 | (labels[row] ? 1 : 0))
        }
      }
    }
    initialized = scores.count
  }
  sortByScore(&rows)
  return rows
}

/// The area under the ROC curve of rows with weights.
///
/// `AUC = Σ w⁺·w⁻·([s⁺ > s⁻] + ½·[s⁺ = s⁻]) / (Σ w⁺ · Σ w⁻)` over all pairs of a positive and a negative row. Equal
/// weights give `rocAUC(scores:labels:)`; a weight of 2 gives what the row given twice does.
///
/// - Parameter weights: One weight for each row, finite and at least 0.
/// - Edge cases: As without weights; rows of one label only, once those of weight 0 are left out: undefined. A weight
///   that is negative or not finite: undefined.
/// - Precondition: There is one label and one weight for each score, and there are fewer than 2³¹ rows.
@specialized(where Value == Float)
@specialized(where Value == Double)
public func rocAUC<Value: Score>(scores: [Value], labels: [Bool], weights: [Double]) -> MetricValue {
  precondition(
    scores.count == labels.count && scores.count == weights.count,
    "rocAUC: \(scores.count) scores, but \(labels.count) labels and \(weights.count) weights")
  guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else { return .undefined(weightIsInvalid) }
  guard let rows = rankedRows(scores, payload: { UInt32($0) << 1 | (labels[$0] ? 1 : 0) }) else {
    return .undefined(scoreIsNaN)
  }

  var positives = CompensatedSum()
  var negatives = CompensatedSum()
  var wins = CompensatedSum()
  var start = 0
  while start < rows.count {
    var positivesInBlock = 0.0
    var negativesInBlock = 0.0
    var end = start
    while end < rows.count && rows[end].key == rows[start].key {
      let payload = rows[end].payload
      let weight = weights[Int(payload >> 1)]
      if payload & 1 == 1 { positivesInBlock += weight } else { negativesInBlock += weight }
      end += 1
    }
    wins.add(positivesInBlock * (negatives.value + 0.5 * negativesInBlock))
    positives.add(positivesInBlock)
    negatives.add(negativesInBlock)
    start = end
  }
  if let reason = missingClass(positives: positives.value, negatives: negatives.value) { return .undefined(reason) }
  return MetricValue(wins.value / positives.value / negatives.value)
}

/// The rows in ascending order of score, or nil where a score is NaN and so has no place in it.
@inline(__always)
func rankedRows<Value: Score>(_ scores: [Value], payload: (Int) -> UInt32) -> [Value.Ranked]? {
  precondition(scores.count < 1 << 31, "rankedRows: \(scores.count) rows, but there may be at most 2³¹ − 1")
  var someIsNaN = false
  var rows = [Value.Ranked](unsafeUninitializedCapacity: scores.count) { buffer, initialized in
    for row in scores.indices {
      let score = scores[row]
      someIsNaN = someIsNaN || score.isNaN
      buffer.initializeElement(at: row, to: score.ranked(payload: payload(row)))
    }
    initialized = scores.count
  }
  if someIsNaN { return nil }
  sortByScore(&rows)
  return rows
}
