/// The area under the ROC curve of every slice, from one sort of all rows.
///
/// - Parameters:
///   - scores: The scores, `[n]`.
///   - labels: The labels, `[n]`.
///   - cells: The rows' cells, of which the slices are made.
///   - slices: The cells of each slice, as `CrossedCells.slices(crossing:)` gives them; a cell may be in several.
/// - Returns: The exact area of each slice; for what is undefined, see `rocAUC(scores:labels:)`.
/// - Precondition: Scores, labels and cells are equally many, and fewer than 2³¹.
@specialized(where Value == Float)
@specialized(where Value == Double)
public func rocAUC<Value: Score>(
  scores: [Value], labels: [Bool], cells: CrossedCells, slices: [[Int]]
) -> [MetricValue] {
  precondition(
    scores.count == labels.count && scores.count == cells.cells.count,
    "rocAUC: \(scores.count) scores, but \(labels.count) labels and \(cells.cells.count) cells")
  guard let rows = rankedRows(scores, payload: { UInt32(cells.cells[$0]) << 1 | (labels[$0] ? 1 : 0) }) else {
    return Array(repeating: .undefined(scoreIsNaN), count: slices.count)
  }
  // The slices of cell c are sliceList[starts[c]..<starts[c + 1]].
  var slicesOfCell = [[Int32]](repeating: [], count: cells.codes.count)
  for (slice, cells) in slices.enumerated() {
    for cell in cells { slicesOfCell[cell].append(Int32(slice)) }
  }
  let sliceList = slicesOfCell.flatMap { $0 }
  var starts = [0]
  for slices in slicesOfCell { starts.append(starts[starts.count - 1] + slices.count) }

  var sweeps = [RankSweep](repeating: RankSweep(), count: slices.count)
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
  return sweeps.map { $0.rocAUC }
}

/// The counts of one slice while a sweep goes through its rows from the lowest score up.
private struct RankSweep {
  var key: UInt64 = 0
  var positives = 0
  var negatives = 0
  var positivesInBlock = 0
  var negativesInBlock = 0
  var twiceWins = 0

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
    twiceWins &+= positivesInBlock &* (2 &* negatives &+ negativesInBlock)
    positives &+= positivesInBlock
    negatives &+= negativesInBlock
    positivesInBlock = 0
    negativesInBlock = 0
  }

  var rocAUC: MetricValue {
    var ended = self
    ended.endBlock()
    if let reason = missingClass(positives: ended.positives, negatives: ended.negatives) { return .undefined(reason) }
    return .defined(Double(ended.twiceWins) / (2 * Double(ended.positives) * Double(ended.negatives)))
  }
}
