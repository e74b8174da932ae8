/// What each threshold does to the rows of one group.
struct GroupCurve {
  /// A threshold and the weight of what it selects.
  struct Point {
    var cut: GroupThresholds.Cut
    var truePositives: Double
    var falsePositives: Double
    /// The number of rows selected, whatever their weights.
    var rows: Int
  }

  /// From no row selected to all; one for each distinct score and one more.
  let points: [Point]

  /// The scores at which the points change, in falling order.
  private let scores: [Float]

  /// The weight of the rows with label 1 and 0.
  let positives: Double
  let negatives: Double

  /// - Precondition: The scores are finite.
  init(rows: [Int], scores all: [Float], labels: [Float], weights: [Float]?) {
    let order = rows.sorted { all[$0] > all[$1] }
    var points = [Point(cut: .none, truePositives: 0, falsePositives: 0, rows: 0)]
    var distinct: [Float] = []
    var (positives, negatives) = (0.0, 0.0)
    for (place, row) in order.enumerated() {
      let weight = Double(weights?[row] ?? 1)
      if labels[row] > 0.5 { positives += weight } else { negatives += weight }
      let next = place + 1 < order.count ? all[order[place + 1]] : nil
      if next == all[row] { continue }
      distinct.append(all[row])
      // Midway between two scores, so that new rows with scores in between go to the nearer.
      let cut: GroupThresholds.Cut = next.map { .from((Double($0) + Double(all[row])) / 2) } ?? .all
      points.append(Point(cut: cut, truePositives: positives, falsePositives: negatives, rows: place + 1))
    }
    self.points = points
    scores = distinct
    self.positives = positives
    self.negatives = negatives
  }

  /// What a threshold selects: the point whose scores reach it.
  func point(at threshold: Double) -> Point {
    var (low, high) = (0, scores.count)
    while low < high {
      let middle = (low + high) / 2
      if Double(scores[middle]) >= threshold { low = middle + 1 } else { high = middle }
    }
    return points[low]
  }

  /// A mixture of two neighbouring points of a hull.
  struct Mixture {
    var members: [GroupThresholds.Member]
    var truePositives: Double
    var falsePositives: Double
  }

  /// The upper hull of the points in two coordinates, of which the first does not fall along the curve.
  struct Hull {
    let x: [Double]
    let y: [Double]
    let points: [Point]

    init(_ points: [Point], x horizontal: (Point) -> Double, y vertical: (Point) -> Double) {
      var (x, y, kept) = ([Double](), [Double](), [Point]())
      for point in points {
        let (u, v) = (horizontal(point), vertical(point))
        if let last = x.last, last == u {
          if v <= y[y.count - 1] { continue }
          x.removeLast()
          y.removeLast()
          kept.removeLast()
        }
        while x.count >= 2 {
          let (a, b) = (x.count - 2, x.count - 1)
          // Below the line from the one before to the new one, or on it.
          guard (y[b] - y[a]) * (u - x[a]) <= (v - y[a]) * (x[b] - x[a]) else { break }
          x.removeLast()
          y.removeLast()
          kept.removeLast()
        }
        x.append(u)
        y.append(v)
        kept.append(point)
      }
      (self.x, self.y, self.points) = (x, y, kept)
    }

    /// The last vertex at or left of a place, but never the very last, and how far the place lies towards the next.
    private func segment(_ place: Double) -> (index: Int, share: Double) {
      if x.count == 1 { return (0, 0) }
      var (low, high) = (0, x.count - 1)
      while high - low > 1 {
        let middle = (low + high) / 2
        if x[middle] <= place { low = middle } else { high = middle }
      }
      return (low, min(1, max(0, (place - x[low]) / (x[low + 1] - x[low]))))
    }

    /// The height at a place.
    func value(at place: Double) -> Double {
      let (index, share) = segment(place)
      return share == 0 ? y[index] : share == 1 ? y[index + 1] : (1 - share) * y[index] + share * y[index + 1]
    }

    /// The lottery between the vertices beside a place.
    func mixture(at place: Double) -> Mixture {
      let (index, share) = segment(place)
      return mixture(index, share)
    }

    /// The lottery between a vertex and the next, which gets `share`.
    func mixture(_ index: Int, _ share: Double) -> Mixture {
      let members = [(points[index], 1 - share)] + (share > 0 ? [(points[index + 1], share)] : [])
      let used = members.filter { $0.1 > 0 }
      return Mixture(
        members: used.map { .init($0.0.cut, probability: $0.1) },
        truePositives: used.reduce(0) { $0 + $1.1 * $1.0.truePositives },
        falsePositives: used.reduce(0) { $0 + $1.1 * $1.0.falsePositives })
    }
  }
}
