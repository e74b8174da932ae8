/// Scores divided into buckets, each of which lies wholly below the next; equal scores are in one bucket.
///
/// The buckets cut the range of the scores into equal lengths, which suits probabilities; where one of them would get a
/// large share of the rows, as with an outlier, they cut the range of the scores' bits, which is about that of their
/// logarithms, if that divides the rows better.
struct ScoreBuckets<Value: Score> {
  /// How a score finds its bucket. Both ways are monotone, roundings included.
  private enum Rule {
    case byValue(low: Double, factor: Double)
    case byBits(low: UInt64, shift: UInt64)
  }

  /// The number of buckets.
  let count: Int

  /// The number of pieces that the rows are counted in.
  let pieces: Int

  /// By piece and bucket: where the first of the piece's rows goes.
  let places: [UInt32]

  /// The end of each bucket's rows.
  let ends: [Int]

  private let rule: Rule

  /// Counts the scores into buckets.
  ///
  /// - Returns: Nil where a score is NaN.
  /// - Precondition: There is a score.
  init?(_ scores: [Value], count: Int) {
    let pieces = scores.count < 1 << 16 ? 1 : 16
    self.count = count
    self.pieces = pieces
    guard let (low, high) = Self.range(scores, pieces: pieces) else { return nil }
    if count == 1 {
      rule = .byBits(low: 0, shift: 0)
      places = Array(repeating: 0, count: pieces)
      ends = [scores.count]
      return
    }
    let (lowKey, highKey) = (low.ranked(payload: 0).key, high.ranked(payload: 0).key)
    let usedBits = UInt64.bitWidth - (highKey - lowKey).leadingZeroBitCount
    let bucketBits = count.trailingZeroBitCount
    let byBits = Rule.byBits(low: lowKey, shift: UInt64(max(0, usedBits - bucketBits)))
    let factor = Double(count) / (Double(high) - Double(low))
    var chosen = byBits
    var counts: [UInt32]?
    if factor.isNormal && factor > 0 {
      let byValue = Rule.byValue(low: Double(low), factor: factor)
      let byValueCounts = Self.counts(scores, byValue, count: count, pieces: pieces)
      (chosen, counts) = (byValue, byValueCounts)
      if Self.largest(byValueCounts, count: count) > scores.count / 8 {
        let byBitsCounts = Self.counts(scores, byBits, count: count, pieces: pieces)
        if Self.largest(byBitsCounts, count: count) < Self.largest(byValueCounts, count: count) {
          (chosen, counts) = (byBits, byBitsCounts)
        }
      }
    }
    rule = chosen
    var places = counts ?? Self.counts(scores, chosen, count: count, pieces: pieces)
    var ends = [Int](repeating: 0, count: count)
    var next: UInt32 = 0
    for bucket in 0..<count {
      for piece in 0..<pieces {
        let size = places[piece * count + bucket]
        places[piece * count + bucket] = next
        next += size
      }
      ends[bucket] = Int(next)
    }
    self.places = places
    self.ends = ends
  }

  /// The rows of a bucket, once they are put in place.
  func rows(_ bucket: Int) -> Range<Int> { (bucket == 0 ? 0 : ends[bucket - 1])..<ends[bucket] }

  /// The bucket of a score.
  @inline(__always) func bucket(_ score: Value) -> Int { Self.bucket(score, rule, count: count) }

  @inline(__always)
  private static func bucket(_ score: Value, _ rule: Rule, count: Int) -> Int {
    switch rule {
    case .byValue(let low, let factor):
      // The highest score, and none beyond, may reach `count`.
      min(count &- 1, Int(truncatingIfNeeded: Int64((Double(score) - low) * factor)))
    case .byBits(let low, let shift):
      // Compared before the word becomes signed: a key may have its top bit set.
      Int(truncatingIfNeeded: min(UInt64(count &- 1), (score.ranked(payload: 0).key &- low) &>> shift))
    }
  }

  private static func range(_ scores: [Value], pieces: Int) -> (low: Value, high: Value)? {
    var found = [(low: Value, high: Value, isNaN: Bool)](
      repeating: (scores[0], scores[0], false), count: pieces)
    scores.withUnsafeBufferPointer { scores in
      found.withUnsafeMutableBufferPointer { found in
        Parallel.perform(pieces) { piece in
          let range = Parallel.rows(piece, of: pieces, count: scores.count)
          guard let first = range.first else { return }
          var (low, high) = (scores[first], scores[first])
          // NaN compares as different from itself; one bit gathers whether any did.
          var isNaN = false
          for row in range {
            let score = scores[row]
            low = score < low ? score : low
            high = score > high ? score : high
            isNaN = isNaN || score != score
          }
          found[piece] = (low, high, isNaN)
        }
      }
    }
    if found.contains(where: \.isNaN) { return nil }
    return (found.map(\.low).min() ?? scores[0], found.map(\.high).max() ?? scores[0])
  }

  /// The number of scores by piece and bucket.
  private static func counts(_ scores: [Value], _ rule: Rule, count: Int, pieces: Int) -> [UInt32] {
    var counts = [UInt32](repeating: 0, count: pieces * count)
    scores.withUnsafeBufferPointer { scores in
      counts.withUnsafeMutableBufferPointer { counts in
        Parallel.perform(pieces) { piece in
          for row in Parallel.rows(piece, of: pieces, count: scores.count) {
            counts[piece &* count &+ bucket(scores[row], rule, count: count)] &+= 1
          }
        }
      }
    }
    return counts
  }

  private static func largest(_ counts: [UInt32], count: Int) -> Int {
    (0..<count).reduce(0) { largest, bucket in
      max(largest, stride(from: bucket, to: counts.count, by: count).reduce(0) { $0 + Int(counts[$1]) })
    }
  }
}
