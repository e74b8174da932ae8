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
    guard !scores.isEmpty else { return }
    let layout = CellLayout(columns, rows: scores.count, entries: 2 * (thresholds.count + 1))
    let tally = SliceTally(
      scores: scores, labels: labels, weights: weights, layout: layout,
      rules: thresholds.map { DecisionRule<Value>(threshold: $0) })
    let found = weights.map { tally.weightSums($0) } ?? tally.rows().map { WeightSum(rows: $0) }
    // The cells that occur, and where their statistics are.
    var numberOf = [Int32](repeating: -1, count: layout.count)
    var targets: [Int] = []
    for cell in 0..<layout.count {
      let entries = found[(cell * tally.entries)..<((cell + 1) * tally.entries)]
      guard entries.contains(where: { $0.rows > 0 }) else { continue }
      let target = target(
        of: zip(layout.codes(of: cell), columns).map { code, column in code < 0 ? nil : column.members[Int(code)] })
      numberOf[cell] = Int32(targets.count)
      targets.append(target)
      for (index, sum) in entries.enumerated() where sum.rows > 0 { statistics[target].between[index].merge(sum) }
    }
    if empty.scoreSums != nil || empty.histogram != nil { addScores(tally, numberOf, targets) }
  }

  @inline(__always)
  private mutating func addScores<Value: Score>(_ tally: SliceTally<Value>, _ numberOf: [Int32], _ targets: [Int]) {
    // Two cells of this piece may be one of those kept: a column that is fed with other codes for the same groups.
    var place: [Int: Int32] = [:]
    var kept: [Int] = []
    let placeOf = targets.map { target -> Int32 in
      if let index = place[target] { return index }
      place[target] = Int32(kept.count)
      kept.append(target)
      return Int32(kept.count - 1)
    }
    // Taken out, so that they are changed in place.
    var sums: [ScoreSums] = []
    var histograms: [ScoreHistogram] = []
    for target in kept {
      if let own = statistics[target].scoreSums.take() { sums.append(own) }
      if let own = statistics[target].histogram.take() { histograms.append(own) }
    }
    tally.addScores(numberOf: numberOf.map { $0 < 0 ? -1 : placeOf[Int($0)] }, to: &sums, &histograms)
    for (index, target) in kept.enumerated() {
      if !sums.isEmpty { statistics[target].scoreSums = sums[index] }
      if !histograms.isEmpty { statistics[target].histogram = histograms[index] }
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
}
