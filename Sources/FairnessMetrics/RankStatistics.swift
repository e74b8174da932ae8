/// What the ranks of a slice's scores tell: the area under the ROC curve with its variance, and average precision.
public struct RankStatistics: Sendable, Hashable {
  /// The exact area; see `rocAUC(scores:labels:)`.
  public var rocAUC: MetricValue

  /// The area with its variance; nil without two rows of each label, or with weights. See `deLongROCAUC(scores:labels:)`.
  public var rocAUCEstimate: ROCAUCEstimate?

  /// See `averagePrecision(scores:labels:weights:)`.
  public var averagePrecision: MetricValue

  /// The statistics of rows with weights.
  public init<Value: Score>(scores: [Value], labels: [Bool], weights: [Double]) {
    rocAUC = FairnessMetrics.rocAUC(scores: scores, labels: labels, weights: weights)
    rocAUCEstimate = nil
    averagePrecision = FairnessMetrics.averagePrecision(scores: scores, labels: labels, weights: weights)
  }

  private init(_ sweep: RankSums) {
    if let reason = missingClass(positives: sweep.totalPositives, negatives: sweep.totalNegatives) {
      rocAUC = .undefined(reason)
    } else {
      rocAUC = .defined(
        Double(sweep.twiceWins) / (2 * Double(sweep.totalPositives) * Double(sweep.totalNegatives)))
    }
    rocAUCEstimate = sweep.estimate(rocAUC)
    averagePrecision = MetricValue(
      sweep.precision.value, over: Double(sweep.totalPositives),
      orElse: sweep.totalNegatives == 0 ? "there are no rows" : "no row has a positive label")
  }

  /// The statistics of every slice, from one sort of all rows and one sweep through them.
  ///
  /// - Parameters:
  ///   - scores: The scores, `[n]`.
  ///   - labels: The labels, `[n]`.
  ///   - cells: The rows' cells, of which the slices are made.
  ///   - slices: The cells of each slice; a cell may be in several.
  /// - Precondition: Scores, labels and cells are equally many, and fewer than 2³¹.
  public static func of(
    scores: [Double], labels: [Bool], cells: CrossedCells, slices: [[Int]]
  ) -> [RankStatistics] {
    precondition(
      scores.count == labels.count && scores.count == cells.cells.count,
      "RankStatistics: \(scores.count) scores, but \(labels.count) labels and \(cells.cells.count) cells")
    guard let rows = rankedRows(scores, payload: { UInt32(cells.cells[$0]) << 1 | (labels[$0] ? 1 : 0) }) else {
      return slices.map { _ in RankStatistics(undefinedBecause: scoreIsNaN) }
    }
    var cellCounts = [(positives: Int, negatives: Int)](repeating: (0, 0), count: cells.codes.count)
    for row in rows {
      if row.payload & 1 == 1 {
        cellCounts[Int(row.payload >> 1)].positives += 1
      } else {
        cellCounts[Int(row.payload >> 1)].negatives += 1
      }
    }
    // The slices of cell c are sliceList[starts[c]..<starts[c + 1]].
    var slicesOfCell = [[Int32]](repeating: [], count: cells.codes.count)
    for (slice, cells) in slices.enumerated() {
      for cell in cells { slicesOfCell[cell].append(Int32(slice)) }
    }
    let sliceList = slicesOfCell.flatMap { $0 }
    var starts = [0]
    for slices in slicesOfCell { starts.append(starts[starts.count - 1] + slices.count) }

    var sweeps = slices.map { cells in
      RankSums(
        positives: cells.reduce(0) { $0 + cellCounts[$1].positives },
        negatives: cells.reduce(0) { $0 + cellCounts[$1].negatives })
    }
    sweeps.withUnsafeMutableBufferPointer { sweeps in
      sliceList.withUnsafeBufferPointer { sliceList in
        starts.withUnsafeBufferPointer { starts in
          for row in rows {
            let cell = Int(row.payload >> 1)
            for index in starts[cell]..<starts[cell + 1] {
              sweeps[Int(sliceList[index])].add(key: row.key, label: Int(row.payload & 1))
            }
          }
        }
      }
    }
    return sweeps.map { sweep in
      var sweep = sweep
      sweep.endBlock()
      return RankStatistics(sweep)
    }
  }

  private init(undefinedBecause reason: String) {
    rocAUC = .undefined(reason)
    averagePrecision = .undefined(reason)
  }
}

/// The sums of one slice while a sweep goes through its rows from the lowest score up.
private struct RankSums {
  let totalPositives: Int
  let totalNegatives: Int
  private var key: UInt64 = 0
  private var positives = 0
  private var negatives = 0
  private var positivesInBlock = 0
  private var negativesInBlock = 0

  /// Twice the pairs that a positive row wins, ties counting once.
  var twiceWins = 0

  /// `Σ P·(positives)` over blocks: average precision times the number of positive rows.
  var precision = CompensatedSum()

  /// `Σ x²` over positive rows of the share x of negatives each beats, and over negative rows of the share of positives
  /// that each beats.
  private var positiveSquares = CompensatedSum()
  private var negativeSquares = CompensatedSum()

  init(positives: Int, negatives: Int) {
    totalPositives = positives
    totalNegatives = negatives
  }

  @inline(__always) mutating func add(key: UInt64, label: Int) {
    if key != self.key {
      endBlock()
      self.key = key
    }
    positivesInBlock &+= label
    negativesInBlock &+= 1 &- label
  }

  /// A tied block's positives beat the negatives below it, and tie with those in it.
  @inline(__always) mutating func endBlock() {
    if positivesInBlock > 0 {
      let twiceBeaten = 2 &* negatives &+ negativesInBlock
      twiceWins &+= positivesInBlock &* twiceBeaten
      positiveSquares.add(Double(positivesInBlock) * (Double(twiceBeaten) * Double(twiceBeaten)))
      // Selected at this score: everything from this block up.
      let selectedPositives = Double(totalPositives &- positives)
      precision.add(
        Double(positivesInBlock) * (selectedPositives / (selectedPositives + Double(totalNegatives &- negatives))))
    }
    if negativesInBlock > 0 {
      let twiceBeaten = Double(2 &* positives &+ positivesInBlock)
      negativeSquares.add(Double(negativesInBlock) * (twiceBeaten * twiceBeaten))
    }
    positives &+= positivesInBlock
    negatives &+= negativesInBlock
    positivesInBlock = 0
    negativesInBlock = 0
  }

  /// The area with its variance `S₁₀/P + S₀₁/N`, from the second moments.
  func estimate(_ value: MetricValue) -> ROCAUCEstimate? {
    guard case .defined(let area) = value, totalPositives >= 2, totalNegatives >= 2 else { return nil }
    let (p, n) = (Double(totalPositives), Double(totalNegatives))
    let positiveVariance = max(0, positiveSquares.value / (4 * n * n) - p * area * area) / (p - 1)
    // A negative row beats the share 1 − area of positives in the mean.
    let negativeVariance = max(0, negativeSquares.value / (4 * p * p) - n * (1 - area) * (1 - area)) / (n - 1)
    return ROCAUCEstimate(
      area: area, variance: positiveVariance / p + negativeVariance / n,
      rowsOfRarerLabel: min(totalPositives, totalNegatives))
  }
}
