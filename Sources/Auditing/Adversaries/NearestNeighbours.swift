import LinearAlgebra

/// The shares of groups among the nearest rows, for every row of a view and for all groups at once: which rows are near
/// does not depend on the groups.
///
/// Rows on a line are searched from their place in the order. Otherwise all distances are computed, block by block: up
/// to four columns from the differences, more columns by a matrix product as `‖p‖² − 2·q·p`, whose rounding (10⁻⁵ of a
/// squared standard deviation) can swap neighbours that are about equally far.
package struct NearestNeighbours: Sendable {
  /// The points with their votes.
  package struct Votes: Sendable {
    /// The weight of the rows of each fold at each point of which the group is known, `[p, K]`.
    var known: [Float]
    /// The weight of those that are in the group.
    var positive: [Float]

    package init(_ points: NeighbourPoints, foldOfRow: [UInt8], targets: [Int8], weights: [Double]?) {
      known = [Float](repeating: 0, count: points.count * points.folds)
      positive = known
      for row in targets.indices where targets[row] >= 0 {
        let cell = Int(points.pointOfRow[row]) * points.folds + Int(foldOfRow[row])
        let weight = weights.map { Float($0[row]) } ?? 1
        known[cell] += weight
        if targets[row] == 1 { positive[cell] += weight }
      }
    }
  }

  /// The shares that a query finds, one for each vote.
  package struct Shares: Sendable {
    /// Among the nearest rows of all other folds.
    package var outOfFold: [Float]
    /// Among the nearest rows of earlier folds.
    package var forward: [Float]
  }

  /// The rows of one fold at one point, which have the same neighbours.
  struct Query: Sendable {
    var point: Int
    var fold: Int
  }

  /// A query's nearest points, ascending by distance, in memory of the caller's.
  private struct Nearest {
    let distances: UnsafeMutablePointer<Float>
    let points: UnsafeMutablePointer<Int32>
    let limit: Int
    var count = 0
    /// The distance that a further point must stay below.
    var bound = Float.infinity

    @inline(__always) mutating func add(_ point: Int, _ distance: Float) {
      var place = count == limit ? limit - 1 : count
      while place > 0 && distances[place - 1] > distance {
        distances[place] = distances[place - 1]
        points[place] = points[place - 1]
        place -= 1
      }
      distances[place] = distance
      points[place] = Int32(point)
      if count < limit { count += 1 }
      if count == limit { bound = distances[limit - 1] }
    }

    var all: [Int32] { Array(UnsafeBufferPointer(start: points, count: count)) }
  }

  static let blockSize = 32

  package let points: NeighbourPoints
  let queries: [Query]

  /// The query of each row.
  package let queryOfRow: [Int32]

  /// The rows that vote; more where further rows stand at the last one's point.
  private let wanted: Int

  /// The points, column by column, and `‖p‖²`.
  private let columns: [Float]
  private let norms: [Float]

  package init(_ view: Matrix<Float>, foldOfRow: [UInt8], folds: Int, wanted: Int) {
    BLAS.singleThreaded
    self.wanted = wanted
    let points = NeighbourPoints(view, foldOfRow: foldOfRow, folds: folds)
    self.points = points
    var queries: [Query] = []
    var queryOfCell = [Int32](repeating: -1, count: points.count * folds)
    for fold in 0..<folds {
      for point in 0..<points.count where points.counts[point * folds + fold] > 0 {
        queryOfCell[point * folds + fold] = Int32(queries.count)
        queries.append(Query(point: point, fold: fold))
      }
    }
    self.queries = queries
    queryOfRow = foldOfRow.indices.map { queryOfCell[Int(points.pointOfRow[$0]) * folds + Int(foldOfRow[$0])] }
    let values = points.values
    columns = (0..<values.columns).flatMap { values.column($0) }
    norms = (0..<values.rows).map { row in
      (0..<values.columns).reduce(0) { sum, column in
        sum + values.values[row * values.columns + column] * values.values[row * values.columns + column]
      }
    }
  }

  package var blockCount: Int { (queries.count + Self.blockSize - 1) / Self.blockSize }

  /// The shares of the queries of one block.
  package func shares(block: Int, votes: [Votes]) -> [Shares] {
    let range = block * Self.blockSize..<min((block + 1) * Self.blockSize, queries.count)
    if points.values.columns == 1 { return range.map { sharesOnLine(queries[$0], votes) } }
    var distances = [Float](repeating: 0, count: range.count * points.count)
    measure(&distances, range)
    return distances.withUnsafeBufferPointer { distances in
      range.map { index in
        let start = (index - range.lowerBound) * points.count
        return sharesInSpace(
          queries[index], UnsafeBufferPointer(rebasing: distances[start..<start + points.count]), votes)
      }
    }
  }

  // MARK: - On a line

  private func sharesOnLine(_ query: Query, _ votes: [Votes]) -> Shares {
    func share(before limit: Int) -> [Float] {
      var nearest: [Int32] = []
      var found = 0
      func take(_ point: Int) {
        let rows = self.rows(at: point, of: query, before: limit)
        if rows > 0 {
          nearest.append(Int32(point))
          found += rows
        }
      }
      let values = points.values.values
      let origin = values[query.point]
      take(query.point)
      var (left, right) = (query.point - 1, query.point + 1)
      while found < wanted && (left >= 0 || right < values.count) {
        if right >= values.count || (left >= 0 && origin - values[left] <= values[right] - origin) {
          take(left)
          left -= 1
        } else {
          take(right)
          right += 1
        }
      }
      return self.share(nearest, query, before: limit, votes)
    }
    return shares(query) { share(before: $0) }
  }

  // MARK: - In space

  private func measure(_ distances: inout [Float], _ range: Range<Int>) {
    let d = points.values.columns
    let p = points.count
    let chosen = points.values.gatheringRows(range.map { queries[$0].point })
    distances.withUnsafeMutableBufferPointer { distances in
      guard let out = distances.baseAddress else { return }
      columns.withUnsafeBufferPointer { columns in
        guard d > 4 else {
          for query in 0..<chosen.rows {
            let row = out + query * p
            for column in 0..<d {
              let origin = chosen.values[query * d + column]
              for point in 0..<p {
                let difference = columns[column * p + point] - origin
                row[point] += difference * difference
              }
            }
          }
          return
        }
        for query in 0..<chosen.rows { (out + query * p).update(from: norms, count: p) }
        guard let base = columns.baseAddress else { return }
        BLAS.multiply(
          .single, transposeA: false, transposeB: false, m: chosen.rows, n: p, k: d, alpha: -2, a: chosen.values,
          b: base, beta: 1, c: out)
      }
    }
  }

  private func sharesInSpace(_ query: Query, _ distances: UnsafeBufferPointer<Float>, _ votes: [Votes]) -> Shares {
    let sections = points.sections
    let mixed = sections[points.folds]..<sections[points.folds + 1]
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: wanted) { nearestDistances in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: wanted) { nearestPoints in
        guard let start = nearestDistances.baseAddress, let first = nearestPoints.baseAddress else {
          preconditionFailure("NearestNeighbours: no neighbours are wanted")
        }
        var nearest = Nearest(distances: start, points: first, limit: wanted)
        func scan(_ range: Range<Int>) {
          for point in range where distances[point] < nearest.bound { nearest.add(point, distances[point]) }
        }
        func scanMixed(isEarlier: Bool) {
          for point in mixed where distances[point] < nearest.bound {
            if (rows(at: point, of: query, before: query.fold) > 0) == isEarlier {
              nearest.add(point, distances[point])
            }
          }
        }
        // The points of earlier folds first: what is found among them is kept before the others join.
        scan(0..<sections[query.fold])
        scanMixed(isEarlier: true)
        let earlier = nearest.all
        scan(sections[query.fold + 1]..<mixed.lowerBound)
        scanMixed(isEarlier: false)
        let all = nearest.all
        return shares(query) { limit in share(limit == points.folds ? all : earlier, query, before: limit, votes) }
      }
    }
  }

  // MARK: - Votes

  /// The out-of-fold and the forward shares; those of the last fold are one, and the first fold has none.
  private func shares(_ query: Query, _ share: (Int) -> [Float]) -> Shares {
    let outOfFold = share(points.folds)
    let isSame = query.fold == 0 || query.fold == points.folds - 1
    return Shares(outOfFold: outOfFold, forward: isSame ? outOfFold : share(query.fold))
  }

  /// The rows at a point in the folds before `limit`, without those of the query's fold.
  private func rows(at point: Int, of query: Query, before limit: Int) -> Int {
    var rows = 0
    for fold in 0..<limit where fold != query.fold { rows += Int(points.counts[point * points.folds + fold]) }
    return rows
  }

  /// The shares among the first points that have the wanted rows together; ½ where no group of them is known.
  private func share(_ nearest: [Int32], _ query: Query, before limit: Int, _ votes: [Votes]) -> [Float] {
    var end = 0
    var found = 0
    while end < nearest.count && found < wanted {
      found += rows(at: Int(nearest[end]), of: query, before: limit)
      end += 1
    }
    return votes.map { votes in
      var known: Float = 0
      var positive: Float = 0
      for point in nearest[..<end] {
        for fold in 0..<limit where fold != query.fold {
          known += votes.known[Int(point) * points.folds + fold]
          positive += votes.positive[Int(point) * points.folds + fold]
        }
      }
      return known > 0 ? positive / known : 0.5
    }
  }
}
