/// The trade-off between accuracy and parity, as pure functions of recorded numbers.
public enum TradeOff {
  /// A model: how accurate it is and how alike it treats groups, both the better the greater. Nil where one of them does
  /// not exist.
  public typealias Point = (accuracy: Double, parity: Double)

  /// The models that no other surpasses in one without falling behind in the other, in ascending order of parity; of
  /// equal models the first.
  public static func paretoSet(_ points: [Point?]) -> [Int] {
    let known = points.indices.compactMap { index in points[index].map { (index: index, point: $0) } }
    let ordered = known.sorted { a, b in
      if a.point.parity != b.point.parity { return a.point.parity > b.point.parity }
      return a.point.accuracy != b.point.accuracy ? a.point.accuracy > b.point.accuracy : a.index < b.index
    }
    var best = -Double.infinity
    var kept: [Int] = []
    for (index, point) in ordered where point.accuracy > best {
      best = point.accuracy
      kept.append(index)
    }
    return kept.reversed()
  }

  /// The knee of a Pareto set: its point that lies farthest beyond the straight line between its two ends, accuracy and
  /// parity each scaled to 0...1 over the set.
  ///
  /// - Returns: The point's place among `points`, and its distance from the line in 0...1/√2; nil where fewer than three
  ///   points are in the set, or none lies beyond the line.
  /// - Source: Das (1999), On characterizing the "knee" of the Pareto curve, Structural Optimization 18, without its
  ///   normal boundary intersection: among given points the farthest is looked up.
  public static func knee(_ points: [Point?]) -> (index: Int, distance: Double)? {
    let set = paretoSet(points)
    let ends = set.compactMap { points[$0] }
    guard set.count > 2, let first = ends.first, let last = ends.last else { return nil }
    let width = last.parity - first.parity
    let height = first.accuracy - last.accuracy
    var best: (index: Int, distance: Double)?
    for (index, point) in zip(set, ends) {
      let beyond = (point.parity - first.parity) / width + (point.accuracy - last.accuracy) / height - 1
      let distance = beyond / 2.0.squareRoot()
      // Rounding of points on the line is no knee.
      if distance > max(1e-9, best?.distance ?? 0) { best = (index, distance) }
    }
    return best
  }
}
