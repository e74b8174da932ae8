/// The area between two groups' cumulative score curves, `∫₀¹ |F_a(t) − F_b(t)| dt`, in 0...1.
///
/// F_g(t) is the share of group g's rows that score at most t. The area is 0 exactly when the groups' scores are
/// distributed alike, so that parity holds at every threshold; it is also the distance of the two
/// distributions in the sense of Wasserstein. Takes O(n log n) time.
///
/// - Edge cases: A group without rows, or a score that is NaN or outside 0...1: undefined.
/// - Source: Han et al. (2023), "Retiring ΔDP", arXiv:2301.13443 (ABCC).
public func areaBetweenCumulativeCurves<Value: Score>(_ a: [Value], _ b: [Value]) -> MetricValue {
  areaBetween(CumulativeScoreCurve(a), CumulativeScoreCurve(b))
}

/// The largest area between the cumulative score curves of any two groups.
///
/// - Edge cases: Fewer than two groups, or a pair without an area: undefined.
package func largestAreaBetweenCumulativeCurves<Value: Score>(_ groups: [[Value]]) -> MetricValue {
  // Each group is sorted once, and not for every other group.
  largestOverPairs(groups.map { CumulativeScoreCurve($0) }, areaBetween)
}

/// A group's scores in order.
private struct CumulativeScoreCurve {
  let scores: [Double]
  let isWithinBounds: Bool

  init<Value: Score>(_ scores: [Value]) {
    // One concrete function for both precisions: a Float is a Double without loss, and generic code from another module
    // would sort through a table of functions.
    self.init(of: scores as? [Double] ?? scores.map { Double($0) })
  }

  private init(of scores: [Double]) {
    isWithinBounds = scores.allSatisfy { $0 >= 0 && $0 <= 1 }
    self.scores = isWithinBounds ? scores.sorted() : scores
  }
}

private func areaBetween(_ first: CumulativeScoreCurve, _ second: CumulativeScoreCurve) -> MetricValue {
  let (a, b) = (first.scores, second.scores)
  if a.isEmpty || b.isEmpty { return .undefined("a group has no rows") }
  guard first.isWithinBounds && second.isWithinBounds else { return .undefined("a score lies outside 0...1") }
  var area = CompensatedSum()
  var (i, j) = (0, 0)
  var position = 0.0
  while i < a.count || j < b.count {
    let next = i < a.count ? (j < b.count ? min(a[i], b[j]) : a[i]) : b[j]
    area.add((next - position) * abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
    while i < a.count && a[i] == next { i += 1 }
    while j < b.count && b[j] == next { j += 1 }
    position = next
  }
  return MetricValue(area.value)
}

/// The largest area between the cumulative score curves of any two of several groups; groups without rows do not count.
///
/// - Edge cases: Fewer than two groups that have rows: undefined.
public func areaBetweenCumulativeCurves<Value: Score>(scores: [Value], groups: GroupColumn) -> MetricValue {
  precondition(
    scores.count == groups.codes.count,
    "areaBetweenCumulativeCurves: \(scores.count) scores, but \(groups.codes.count) codes")
  var byGroup = [[Value]](repeating: [], count: groups.groups.count)
  for (score, code) in zip(scores, groups.codes) where code >= 0 { byGroup[Int(code)].append(score) }
  return largestAreaBetweenCumulativeCurves(byGroup.filter { !$0.isEmpty })
}

extension ScoreHistogram {
  /// The area between the cumulative score curves of two histograms; within `1 / bins` of the exact one.
  ///
  /// - Precondition: Both have equally many bins.
  public func areaBetweenCumulativeCurves(_ other: ScoreHistogram) -> MetricValue {
    guard let a = cumulativeShares, let b = other.cumulativeShares else { return .undefined("a group has no rows") }
    if invalidRows + other.invalidRows > 0 { return .undefined("a score lies outside 0...1") }
    precondition(a.count == b.count, "areaBetweenCumulativeCurves: \(a.count) bins and \(b.count)")
    return MetricValue(zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(a.count))
  }
}

/// The interval of the largest area between the cumulative score curves of any two groups; see `DistanceInterval`.
///
/// Of the pairs of groups, those count whose area may be the largest: it is less than two standard errors smaller.
///
/// - Parameters:
///   - histograms: The groups' histograms, of equally many bins.
///   - value: The area that the interval is of; that of the histograms may be a little coarser.
///   - rowsPerWeight: For each group what a unit of weight is worth in equal rows; 1 where every row weighs 1.
///   - draws: The groups' histograms, drawn anew together, by draw.
/// - Returns: The interval; nil with fewer than two groups, or where a group has no rows, in the data or in a draw.
public func areaBetweenCumulativeCurvesInterval(
  of histograms: [ScoreHistogram], around value: Double, rowsPerWeight: [Double], draws: [[ScoreHistogram]],
  confidence: Double = 0.95
) -> Interval? {
  let curves = histograms.compactMap(\.cumulativeShares)
  let drawn = draws.map { $0.compactMap(\.cumulativeShares) }
  guard curves.count >= 2, curves.count == histograms.count, !draws.isEmpty,
    drawn.allSatisfy({ $0.count == curves.count })
  else { return nil }
  let rows = zip(histograms, rowsPerWeight).map { histogram, scale in
    scale * (histogram.positives.reduce(0, +) + histogram.negatives.reduce(0, +))
  }
  let bins = Double(curves[0].count)
  var pairs: [(area: Double, errors: [DistanceInterval.Error])] = []
  for first in curves.indices {
    for second in (first + 1)..<max(first + 1, curves.count) {
      let (a, b) = (curves[first], curves[second])
      let directions = a.indices.map { bin in
        let variance = a[bin] * (1 - a[bin]) / rows[first] + b[bin] * (1 - b[bin]) / rows[second]
        return DistanceInterval.Direction(a[bin] - b[bin], error: max(0, variance).squareRoot())
      }
      let errors = drawn.map { drawn -> DistanceInterval.Error in
        var error = DistanceInterval.Error()
        for bin in a.indices {
          error.add((drawn[first][bin] - a[bin]) - (drawn[second][bin] - b[bin]), directions[bin])
        }
        return error
      }
      pairs.append((a.indices.reduce(0) { $0 + abs(a[$1] - b[$1]) } / bins, errors))
    }
  }
  let largest = pairs.map(\.area).max() ?? 0
  let contenders = pairs.filter { pair in
    let draws = Double(pair.errors.count)
    let mean = pair.errors.reduce(0) { $0 + $1.signed } / draws / bins
    let variance = pair.errors.reduce(0) { $0 + ($1.signed / bins - mean) * ($1.signed / bins - mean) } / draws
    return largest - pair.area <= 2 * variance.squareRoot()
  }
  // The lower limit allows for every pair that may be the widest.
  let errors = draws.indices.map { draw in
    DistanceInterval.Error(
      atMost: contenders.map { $0.errors[draw].atMost }.max() ?? 0,
      signed: contenders.max { $0.area < $1.area }?.errors[draw].signed ?? 0)
  }
  return DistanceInterval.interval(value, errors: errors, over: bins, confidence: confidence)
}

/// The largest value of a symmetric comparison over all pairs; undefined for fewer than two, or where one pair's is.
package func largestOverPairs<Element>(_ elements: [Element], _ compare: (Element, Element) -> MetricValue)
  -> MetricValue
{
  guard elements.count >= 2 else { return .undefined("fewer than two groups have rows") }
  var largest = 0.0
  for (index, a) in elements.enumerated() {
    for b in elements[(index + 1)...] {
      switch compare(a, b) {
      case .defined(let value): largest = max(largest, value)
      case .undefined(let reason): return .undefined(reason)
      }
    }
  }
  return .defined(largest)
}
