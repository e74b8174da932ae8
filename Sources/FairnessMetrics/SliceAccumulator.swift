/// Evaluates slices of rows that come in pieces, in memory that does not grow with the rows.
///
/// Each piece brings its scores, labels and columns; groups may turn up that earlier pieces did not have, as long
/// as a column's list of them only grows. In the end the statistics of any slice, and of any cross of the columns, are
/// sums over the cells that occurred. The trainer feeds one piece, `equipoise evaluate` as many as the file needs.
public struct SliceAccumulator: Sendable {
  /// The names of the columns to slice by.
  public let columns: [String]

  /// The decision thresholds, ascending.
  public let thresholds: [Double]

  private let empty: SliceStatistics
  private var groups: [[String]]
  /// The cells: their groups in each column, nil where missing, and what is known of them.
  private var members: [[[Int32]?]] = []
  private var statistics: [SliceStatistics] = []
  private var indexOf: [[[Int32]?]: Int] = [:]

  /// Creates an accumulator that has seen no rows.
  ///
  /// - Parameters:
  ///   - columns: The names of the columns to slice by.
  ///   - thresholds: The decision thresholds, in any order; a row is selected when its score is at least that.
  ///   - calibrationBins: Whether log loss and its kin are wanted: the number of bins to judge calibration in.
  ///   - histogramBins: Whether ROC AUC and its kin are wanted: the number of bins to rank scores by.
  public init(
    columns: [String], thresholds: [Double], calibrationBins: Int? = nil, histogramBins: Int? = nil
  ) {
    self.columns = columns
    self.thresholds = Array(Set(thresholds)).sorted()
    groups = Array(repeating: [], count: columns.count)
    empty = SliceStatistics(
      thresholds: self.thresholds, scoreSums: calibrationBins.map { ScoreSums(calibrationBins: $0) },
      histogram: histogramBins.map { ScoreHistogram(bins: $0) })
  }

  /// Adds rows.
  ///
  /// A score that is NaN counts as not selected here, so refuse it while reading.
  ///
  /// - Parameters:
  ///   - scores: The scores, `[n]`.
  ///   - labels: The labels, `[n]`.
  ///   - weights: The rows' weights, finite and at least 0; nil for 1 each.
  ///   - columns: The columns, in the order of `columns`.
  /// - Precondition: All are equally long, and the columns are those of `columns`.
  @specialized(where Value == Float)
  @specialized(where Value == Double)
  public mutating func add<Value: Score>(
    scores: [Value], labels: [Bool], weights: [Double]? = nil, columns: [SliceColumn]
  ) {
    precondition(columns.map(\.name) == self.columns, "SliceAccumulator: expected the columns \(self.columns)")
    precondition(
      scores.count == labels.count && (weights.map { $0.count == scores.count } ?? true),
      "SliceAccumulator: \(scores.count) scores, but \(labels.count) labels or not as many weights")
    for (index, column) in columns.enumerated() where column.groups.count > groups[index].count {
      groups[index] = column.groups
    }
    let crossed = CrossedCells(columns, rows: scores.count)
    let targets = crossed.codes.map { codes in
      target(of: zip(codes, columns).map { code, column in code < 0 ? nil : column.members[Int(code)] })
    }
    let bins = thresholdBins(scores)
    let width = 2 * (thresholds.count + 1)
    if let weights {
      for row in scores.indices {
        let target = targets[Int(crossed.cells[row])]
        statistics[target].between[2 * Int(bins[row]) + (labels[row] ? 1 : 0)].add(weights[row])
      }
    } else {
      let counts = countRows(crossed, bins: bins, labels: labels)
      for (cell, target) in targets.enumerated() {
        for index in 0..<width where counts[cell * width + index] > 0 {
          statistics[target].between[index].merge(WeightSum(rows: counts[cell * width + index]))
        }
      }
    }
    if empty.scoreSums != nil || empty.histogram != nil {
      statistics.withUnsafeMutableBufferPointer { statistics in
        for row in scores.indices {
          let target = targets[Int(crossed.cells[row])]
          let weight = weights?[row] ?? 1
          statistics[target].scoreSums?.add(score: Double(scores[row]), label: labels[row], weight: weight)
          statistics[target].histogram?.add(score: Double(scores[row]), label: labels[row], weight: weight)
        }
      }
    }
  }

  /// Adds what another accumulator has seen.
  ///
  /// - Precondition: Both have the same columns, with the same groups as far as both know them, and thresholds.
  public mutating func merge(_ other: SliceAccumulator) {
    precondition(
      columns == other.columns && thresholds == other.thresholds, "SliceAccumulator.merge: the columns differ")
    for index in groups.indices where other.groups[index].count > groups[index].count {
      groups[index] = other.groups[index]
    }
    for (members, statistics) in zip(other.members, other.statistics) {
      self.statistics[target(of: members)].merge(statistics)
    }
  }

  /// The statistics of the slices that some columns make: one column's groups, or the intersections of several.
  ///
  /// Slices come in the order of the groups, those with missing values last; only those with rows are listed. No column
  /// gives the whole.
  ///
  /// - Precondition: The names are among `columns`.
  public func slices(crossing names: [String]) -> [(slice: Slice, statistics: SliceStatistics)] {
    let crossing = names.map { name in
      guard let index = columns.firstIndex(of: name) else {
        preconditionFailure("SliceAccumulator: no column '\(name)' among \(columns)")
      }
      return index
    }
    if crossing.isEmpty { return [(Slice(), total)] }
    var sums: [[Int]: SliceStatistics] = [:]
    for (members, statistics) in zip(members, statistics) {
      var keys: [[Int]] = [[]]
      for column in crossing {
        // The index after the last group stands for a missing value, so that it sorts last.
        let indices = members[column].map { $0.map(Int.init) } ?? [groups[column].count]
        keys = keys.flatMap { key in indices.map { key + [$0] } }
      }
      for key in keys { sums[key, default: empty].merge(statistics) }
    }
    return sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, statistics in
      let terms = zip(crossing, key).map { column, group in
        Slice.Term(column: columns[column], group: group < groups[column].count ? groups[column][group] : nil)
      }
      return (Slice(terms), statistics)
    }
  }

  /// The finest division of the rows: the groups of each cell in each column, nil where missing, and its statistics.
  ///
  /// Cells do not overlap, also where groups do.
  package var cells: [(groups: [[String]?], statistics: SliceStatistics)] {
    zip(members, statistics).map { members, statistics in
      let names = members.enumerated().map { column, indices in
        indices.map { $0.map { groups[column][Int($0)] } }
      }
      return (names, statistics)
    }
  }

  /// The number of cells that occurred; memory grows with it.
  package var cellCount: Int { members.count }

  /// The statistics of all rows.
  public var total: SliceStatistics {
    statistics.reduce(into: empty) { $0.merge($1) }
  }

  private mutating func target(of members: [[Int32]?]) -> Int {
    if let index = indexOf[members] { return index }
    let index = statistics.count
    indexOf[members] = index
    self.members.append(members)
    statistics.append(empty)
    return index
  }

  /// How many thresholds each score reaches, `[n]`.
  @inline(__always)
  private func thresholdBins<Value: Score>(_ scores: [Value]) -> [UInt16] {
    precondition(thresholds.count <= Int(UInt16.max), "SliceAccumulator: too many thresholds, \(thresholds.count)")
    return [UInt16](unsafeUninitializedCapacity: scores.count) { bins, initialized in
      bins.initialize(repeating: 0)
      for threshold in thresholds {
        let rule = DecisionRule<Value>(threshold: threshold)
        scores.withUnsafeBufferPointer { scores in
          for row in 0..<scores.count { bins[row] &+= rule.selects(scores[row]) ? 1 : 0 }
        }
      }
      initialized = scores.count
    }
  }

  private func countRows(_ crossed: CrossedCells, bins: [UInt16], labels: [Bool]) -> [Int] {
    let width = 2 * (thresholds.count + 1)
    let size = crossed.codes.count * width
    // Two tables take turns, so that two rows of one cell in a row do not wait for one another's addition.
    var counts = [Int](repeating: 0, count: 2 * size)
    counts.withUnsafeMutableBufferPointer { counts in
      crossed.cells.withUnsafeBufferPointer { cells in
        bins.withUnsafeBufferPointer { bins in
          labels.withUnsafeBufferPointer { labels in
            for row in 0..<cells.count {
              let index = Int(cells[row]) &* width &+ 2 &* Int(bins[row]) &+ (labels[row] ? 1 : 0)
              counts[(row & 1) &* size &+ index] &+= 1
            }
          }
        }
      }
    }
    return (0..<size).map { counts[$0] + counts[size + $0] }
  }
}
