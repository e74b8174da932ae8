/// The nearest point, in Euclidean distance, among those with coordinates of at least 0 that sum to `total`.
///
/// - Parameter total: The sum, above 0.
/// - Source: Duchi, Shalev-Shwartz, Singer and Chandra (2008), ICML, figure 1; O(n log n).
package func projectionOntoSimplex(_ point: [Double], total: Double = 1) -> [Double] {
  var sum = 0.0
  var shift = 0.0
  for (index, value) in point.sorted(by: >).enumerated() {
    sum += value
    let candidate = (sum - total) / Double(index + 1)
    if value <= candidate { break }
    shift = candidate
  }
  return point.map { max(0, $0 - shift) }
}

/// The nearest point among those with coordinates of at least 0 that sum to at most `bound`.
package func projectionBelowSimplex(_ point: [Double], bound: Double) -> [Double] {
  let clipped = point.map { max(0, $0) }
  return clipped.reduce(0, +) <= bound ? clipped : projectionOntoSimplex(point, total: bound)
}
