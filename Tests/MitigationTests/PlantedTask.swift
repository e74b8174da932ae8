import LinearAlgebra
import TabularData

/// Rows in two dimensions with two groups, on which the best linear classifier can be found by trying all of them.
///
/// The first feature tells the label, less well in group A, whose negative rows lie nearer to the positive ones; so a
/// classifier of least error selects too many of them. The second feature tells the group.
enum PlantedTask {
  static func dataset(rows count: Int, seed: UInt64) -> Dataset {
    var stream = RandomStream(seed: seed)
    var features: [Float] = []
    var labels: [Float] = []
    var groups: [Int32] = []
    for _ in 0..<count {
      let isB = stream.uniform() < 0.6
      let isPositive = stream.uniform() < 0.45
      let center = isPositive ? 1.0 : (isB ? -1.2 : -0.1)
      features.append(Float(center + 0.8 * stream.normal()))
      features.append(Float((isB ? 0.7 : -0.7) + 0.8 * stream.normal()))
      labels.append(isPositive ? 1 : 0)
      groups.append(isB ? 1 : 0)
    }
    return Dataset(
      features: Matrix(rows: count, columns: 2, values: features), labels: labels,
      sensitive: [SensitiveColumn(name: "group", groups: ["A", "B"], privileged: 1, codes: groups)],
      sourceRows: Array(0..<count))
  }

  /// The smallest error rate of a linear classifier whose false positive rate in group A is at most a bound: every
  /// threshold on each of many directions.
  static func smallestError(_ data: Dataset, falsePositiveRateOfA bound: Double, directions: Int = 720) -> Double {
    let isPositive = data.labels.map { $0 > 0.5 }
    let isA = data.sensitive[0].codes.map { $0 == 0 }
    let negativesOfA = (0..<data.rows).count { isA[$0] && !isPositive[$0] }
    let allowed = Int((bound * Double(negativesOfA)).rounded(.down))
    var best = isPositive.count { $0 }
    for direction in 0..<directions {
      let angle = 2 * Double.pi * Double(direction) / Double(directions)
      let (x, y) = (Float(cosine(angle)), Float(cosine(angle - Double.pi / 2)))
      let order = (0..<data.rows)
        .map { (score: x * data.features.values[2 * $0] + y * data.features.values[2 * $0 + 1], row: $0) }
        .sorted { $0.score > $1.score }
      // Select more and more rows, those of the highest scores first.
      var errors = isPositive.count { $0 }
      var falseOfA = 0
      for (_, row) in order {
        errors += isPositive[row] ? -1 : 1
        if isA[row] && !isPositive[row] { falseOfA += 1 }
        if falseOfA > allowed { break }
        best = min(best, errors)
      }
    }
    return Double(best) / Double(data.rows)
  }

  /// cos x by its series, so that no mathematics library is needed; |x| ≤ 2π.
  private static func cosine(_ x: Double) -> Double {
    var (sum, term) = (1.0, 1.0)
    for n in 1...30 {
      term *= -x * x / Double((2 * n - 1) * (2 * n))
      sum += term
    }
    return sum
  }
}
