import FairnessMetrics
import MetricExpressions

/// Rows with two columns of groups, one of them with missing values, drawn from a seed.
struct PlantedRows {
  var labels: [Bool] = []
  var scores: [Double] = []
  var columns: [SliceColumn]

  init(count: Int, seed: UInt64) {
    var state = seed
    // A linear congruential generator is random enough to plant rows.
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var sex: [Int32] = []
    var race: [Int32] = []
    for _ in 0..<count {
      sex.append(Int32(next(2)))
      race.append(Int32(next(4)) - 1)
      labels.append(next(3) == 0)
      scores.append(Double(next(64)) / 64)
    }
    columns = [
      SliceColumn(GroupColumn(name: "sex", groups: ["Female", "Male"], codes: sex)),
      SliceColumn(GroupColumn(name: "race", groups: ["White", "Black", "Other"], codes: race)),
    ]
  }

  /// The groups of a row.
  func groups(_ row: Int) -> (String) -> [String]? {
    { name in
      guard let column = columns.first(where: { $0.name == name }), column.codes[row] >= 0 else { return nil }
      return column.members[Int(column.codes[row])].map { column.groups[Int($0)] }
    }
  }

  /// A rate counted by hand, row by row.
  func rate(_ rate: RateTerm.Rate, threshold: Double = 0.5) -> MetricValue {
    let rows = labels.indices.filter { row in
      rate.rows.holds(groups(row)) && (rate.rate.label ?? labels[row]) == labels[row]
    }
    guard !rows.isEmpty else { return .undefined("no rows") }
    let counted = rows.count { row in
      (scores[row] >= rate.threshold ?? threshold) == rate.rate.countsSelected(label: labels[row])
    }
    return .defined(Double(counted) / Double(rows.count))
  }
}
