import FairnessMetrics
import MetricExpressions

/// The errors of predicted numbers by combination of groups, with bootstrap draws made as the rows pass.
struct RegressionAccumulator: Sendable {
  /// Every draw costs every row some nanoseconds, so there are no more than these.
  static let mostDraws = 200

  /// What is known of some rows.
  struct Statistics: Sendable {
    var sums = RegressionSums()
    /// By draw: the weight, and the sums of errors, absolute errors, squared errors and predictions;
    /// the rest is 0, as vectors have powers of two of numbers.
    var draws: [SIMD8<Double>]

    mutating func merge(_ other: Statistics) {
      sums.merge(other.sums)
      for draw in draws.indices { draws[draw] += other.draws[draw] }
    }
  }

  private let columns: [String]
  private let bootstrap: PoissonBootstrap?
  private var members: [[[Int32]?]] = []
  private var statistics: [Statistics] = []
  private var indexOf: [[[Int32]?]: Int] = [:]
  private var groups: [[String]]

  init(columns: [String], bootstrap: PoissonBootstrap?) {
    self.columns = columns
    self.bootstrap = bootstrap
    groups = columns.map { _ in [] }
  }

  var cellCount: Int { members.count }

  mutating func add(
    predictions: [Double], targets: [Double], weights: [Double]?, columns: [SliceColumn], firstRow: Int
  ) {
    for (index, column) in columns.enumerated() { groups[index] = column.groups }
    let crossed = CrossedCells(columns, rows: predictions.count)
    let empty = Statistics(draws: Array(repeating: .zero, count: bootstrap?.draws ?? 0))
    let targetCells = crossed.codes.map { codes -> Int in
      let key = zip(codes, columns).map { code, column in code < 0 ? nil : column.members[Int(code)] }
      if let index = indexOf[key] { return index }
      indexOf[key] = members.count
      members.append(key)
      statistics.append(empty)
      return members.count - 1
    }
    for row in predictions.indices {
      let cell = targetCells[Int(crossed.cells[row])]
      let weight = weights?[row] ?? 1
      statistics[cell].sums.add(prediction: predictions[row], target: targets[row], weight: weight)
      guard let bootstrap else { continue }
      let error = predictions[row] - targets[row]
      let terms = weight * SIMD8(1, error, abs(error), error * error, predictions[row], 0, 0, 0)
      for draw in 0..<bootstrap.draws {
        statistics[cell].draws[draw] += Double(bootstrap.multiplicity(draw: draw, row: firstRow + row)) * terms
      }
    }
  }

  func rows(missing column: String) -> Int {
    guard let index = columns.firstIndex(of: column) else { return 0 }
    return zip(members, statistics).reduce(0) { $0 + ($1.0[index] == nil ? $1.1.sums.rows : 0) }
  }

  /// The slices that some columns make; none for the whole.
  func slices(crossing names: [String]) -> [(slice: Slice, statistics: Statistics)] {
    let crossing = names.compactMap { columns.firstIndex(of: $0) }
    var sums: [[Int]: Statistics] = [:]
    for (members, statistics) in zip(members, statistics) {
      var keys: [[Int]] = [[]]
      for column in crossing {
        // The index after the last group stands for a missing value, so that it sorts last.
        let indices = members[column].map { $0.map(Int.init) } ?? [groups[column].count]
        keys = keys.flatMap { key in indices.map { key + [$0] } }
      }
      for key in keys {
        if sums[key] == nil { sums[key] = statistics } else { sums[key]?.merge(statistics) }
      }
    }
    return sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, statistics in
      let terms = zip(crossing, key).map { column, group in
        Slice.Term(
          column: columns[column], group: group < groups[column].count ? groups[column][group] : nil)
      }
      return (Slice(terms), statistics)
    }
  }

  /// The statistics of the rows that satisfy a predicate.
  func statistics(_ predicate: RowPredicate) -> Statistics {
    var result = Statistics(draws: Array(repeating: .zero, count: bootstrap?.draws ?? 0))
    for (members, statistics) in zip(members, statistics) {
      let holds = predicate.holds { column in
        guard let index = columns.firstIndex(of: column) else { return nil }
        return members[index]?.map { groups[index][Int($0)] }
      }
      if holds { result.merge(statistics) }
    }
    return result
  }
}

extension SliceMetric {
  /// A statistic of a regression.
  func callAsFunction(_ sums: RegressionSums) -> MetricValue {
    switch self {
    case .meanAbsoluteError: sums.meanAbsoluteError
    case .rootMeanSquaredError: sums.rootMeanSquaredError
    case .meanError: sums.meanError
    case .meanPrediction: sums.meanPrediction
    default: .undefined("the predictions are numbers")
    }
  }

  /// The same of one draw.
  func callAsFunction(draw: SIMD8<Double>) -> MetricValue {
    guard draw[0] > 0 else { return .undefined("the draw has no rows") }
    return switch self {
    case .meanAbsoluteError: .defined(draw[2] / draw[0])
    case .rootMeanSquaredError: .defined((draw[3] / draw[0]).squareRoot())
    case .meanError: .defined(draw[1] / draw[0])
    case .meanPrediction: .defined(draw[4] / draw[0])
    default: .undefined("the predictions are numbers")
    }
  }
}
