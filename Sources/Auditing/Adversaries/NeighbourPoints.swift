import LinearAlgebra

/// The distinct rows of a view, and where each row and each fold stands among them.
///
/// Rows with equal numbers are one point: they are neighbours at distance 0 of each other, all of them or none, so that
/// no order of rows decides which of them vote.
package struct NeighbourPoints: Sendable {
  /// The number of folds, K.
  let folds: Int

  /// The numbers of the points, `[p, d]`: on a line in ascending order; in space by the fold that all rows of a point
  /// are in, and last the points with rows in several folds; in a fold, in random order.
  let values: Matrix<Float>

  /// The point of each row.
  let pointOfRow: [Int32]

  /// The rows of each fold at each point, `[p, K]`.
  let counts: [Int32]

  /// In space: where the points of each fold begin, then where those of several folds begin, and the end.
  let sections: [Int]

  var count: Int { values.rows }

  /// - Parameters:
  ///   - view: Standardised numbers, `[n, d]`, all finite.
  ///   - foldOfRow: The fold of each row, below `folds`.
  init(_ view: Matrix<Float>, foldOfRow: [UInt8], folds: Int) {
    self.folds = folds
    let d = view.columns
    let order = view.values.withUnsafeBufferPointer { values in
      (0..<view.rows).sorted { a, b in
        for column in 0..<d {
          let (x, y) = (values[a * d + column], values[b * d + column])
          if x != y { return x < y }
        }
        return a < b
      }
    }
    // Points in ascending order of their numbers.
    var ascending = [Int32](repeating: 0, count: view.rows)
    var firstRows: [Int] = []
    for row in order {
      let isNew =
        firstRows.last.map { last in
          (0..<d).contains { view.values[last * d + $0] != view.values[row * d + $0] }
        } ?? true
      if isNew { firstRows.append(row) }
      ascending[row] = Int32(firstRows.count - 1)
    }
    var home = [Int](repeating: -1, count: firstRows.count)
    for row in 0..<view.rows {
      let (point, fold) = (Int(ascending[row]), Int(foldOfRow[row]))
      home[point] = home[point] == -1 || home[point] == fold ? fold : folds
    }
    var sections = [Int](repeating: 0, count: folds + 2)
    for section in home { sections[section + 1] += 1 }
    for section in 0...folds { sections[section + 1] += sections[section] }
    self.sections = sections

    var place = (0..<firstRows.count).map { Int32($0) }
    if d > 1 {
      // Shuffled: a search that came nearer and nearer would keep each point it meets, only to drop it again.
      var shuffled = Array(firstRows.indices)
      var stream = RandomStream(seed: 0)
      stream.shuffle(&shuffled)
      var next = sections
      for point in shuffled {
        place[point] = Int32(next[home[point]])
        next[home[point]] += 1
      }
    }
    var sources = firstRows
    for point in firstRows.indices { sources[Int(place[point])] = firstRows[point] }
    values = view.gatheringRows(sources)
    let pointOfRow = ascending.map { place[Int($0)] }
    var counts = [Int32](repeating: 0, count: firstRows.count * folds)
    for row in 0..<view.rows { counts[Int(pointOfRow[row]) * folds + Int(foldOfRow[row])] += 1 }
    self.pointOfRow = pointOfRow
    self.counts = counts
  }
}
