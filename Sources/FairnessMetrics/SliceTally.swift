/// Counts rows by cell, threshold and label, in one pass over columns that may use all cores.
///
/// Rows are cut into pieces by their number alone, and what the pieces found is added up in their order, so that sums of
/// weights are equal to the bit however many cores there are.
struct SliceTally<Value: Score> {
  let scores: [Value]
  let labels: [Bool]
  let weights: [Double]?
  let layout: CellLayout
  let rules: [DecisionRule<Value>]

  /// The entries of a cell: two labels between neighbouring thresholds.
  var entries: Int { 2 * (rules.count + 1) }

  /// The rows that make a piece worth while.
  private static var pieceRows: Int { 1 << 18 }

  private var size: Int { layout.count * entries }

  /// The number of pieces, given how many entries each keeps.
  private func pieces(keeping kept: Int) -> Int {
    max(1, min(scores.count / Self.pieceRows, 64, (1 << 22) / max(1, kept)))
  }

  // MARK: - Counts

  /// The rows of each entry of each cell, `[cells][entries]`.
  func rows() -> [Int] {
    let size = size
    let pieces = pieces(keeping: size)
    // Tables take turns, so that two rows of one cell in a row do not wait for one another's addition.
    let tables = size <= 1 << 12 ? 4 : 1
    var counts = [UInt32](repeating: 0, count: pieces * tables * size)
    counts.withUnsafeMutableBufferPointer { counts in
      labels.withUnsafeBufferPointer { labels in
        Parallel.perform(pieces) { piece in
          let counts = UnsafeMutableBufferPointer(
            rebasing: counts[(piece * tables * size)..<((piece + 1) * tables * size)])
          layout.forEachBlock(of: Parallel.rows(piece, of: pieces, count: scores.count)) { start, cells in
            addDecisions(to: cells, from: start)
            for index in 0..<cells.count {
              let entry = Int(cells[index] &* 2 &+ (labels[start &+ index] ? 1 : 0))
              counts[(index & (tables &- 1)) &* size &+ entry] &+= 1
            }
          }
        }
      }
    }
    var sums = [Int](repeating: 0, count: size)
    for (index, count) in counts.enumerated() where count > 0 { sums[index % size] += Int(count) }
    return sums
  }

  /// The weights of each entry of each cell, `[cells][entries]`.
  func weightSums(_ weights: [Double]) -> [WeightSum] {
    let size = size
    let pieces = pieces(keeping: 8 * size)
    var sums = [WeightSum](repeating: WeightSum(), count: pieces * size)
    sums.withUnsafeMutableBufferPointer { sums in
      labels.withUnsafeBufferPointer { labels in
        weights.withUnsafeBufferPointer { weights in
          Parallel.perform(pieces) { piece in
            let sums = UnsafeMutableBufferPointer(rebasing: sums[(piece * size)..<((piece + 1) * size)])
            layout.forEachBlock(of: Parallel.rows(piece, of: pieces, count: scores.count)) { start, cells in
              addDecisions(to: cells, from: start)
              for index in 0..<cells.count {
                let entry = Int(cells[index] &* 2 &+ (labels[start &+ index] ? 1 : 0))
                sums[entry].add(weights[start &+ index])
              }
            }
          }
        }
      }
    }
    guard pieces > 1 else { return sums }
    var merged = Array(sums[..<size])
    for index in size..<sums.count where sums[index].rows > 0 { merged[index % size].merge(sums[index]) }
    return merged
  }

  /// Turns each cell into `cell·(thresholds + 1)` plus the number of thresholds that the row's score reaches.
  @inline(__always)
  private func addDecisions(to cells: UnsafeMutableBufferPointer<UInt32>, from start: Int) {
    let bins = UInt32(rules.count + 1)
    scores.withUnsafeBufferPointer { scores in
      for index in 0..<cells.count { cells[index] &*= bins }
      for rule in rules {
        for index in 0..<cells.count { cells[index] &+= rule.selects(scores[start &+ index]) ? 1 : 0 }
      }
    }
  }

  // MARK: - Scores

  /// Adds the rows' scores to the sums and histograms of their cells.
  ///
  /// - Parameters:
  ///   - numberOf: For each cell the index of its sums and histogram, `[cells]`; −1 for one that does not occur.
  ///   - sums: To be added to; empty where none are wanted.
  ///   - histograms: To be added to; empty where none are wanted.
  func addScores(numberOf: [Int32], to sums: inout [ScoreSums], _ histograms: inout [ScoreHistogram]) {
    let kept = sums.count * 64 + histograms.reduce(0) { $0 + 2 * $1.positives.count }
    let pieces = min(16, pieces(keeping: kept))
    guard pieces > 1 else {
      addScores(numberOf, 0..<scores.count, &sums, &histograms)
      return
    }
    let emptySums = sums.map { $0.emptied() }
    let emptyHistograms = histograms.map { ScoreHistogram(bins: $0.positives.count) }
    var found = [(sums: [ScoreSums], histograms: [ScoreHistogram])](repeating: ([], []), count: pieces)
    found.withUnsafeMutableBufferPointer { found in
      Parallel.perform(pieces) { piece in
        var (sums, histograms) = (emptySums, emptyHistograms)
        addScores(numberOf, Parallel.rows(piece, of: pieces, count: scores.count), &sums, &histograms)
        found[piece] = (sums, histograms)
      }
    }
    for piece in found {
      for index in sums.indices { sums[index].merge(piece.sums[index]) }
      for index in histograms.indices { histograms[index].merge(piece.histograms[index]) }
    }
  }

  private func addScores(
    _ numberOf: [Int32], _ rows: Range<Int>, _ sums: inout [ScoreSums], _ histograms: inout [ScoreHistogram]
  ) {
    scores.withUnsafeBufferPointer { scores in
      labels.withUnsafeBufferPointer { labels in
        numberOf.withUnsafeBufferPointer { numberOf in
          if !sums.isEmpty {
            sums.withUnsafeMutableBufferPointer { sums in
              layout.forEachBlock(of: rows) { start, cells in
                for index in 0..<cells.count {
                  sums[Int(numberOf[Int(cells[index])])].add(
                    score: Double(scores[start &+ index]), label: labels[start &+ index],
                    weight: weights?[start &+ index] ?? 1)
                }
              }
            }
          }
          if !histograms.isEmpty {
            histograms.withUnsafeMutableBufferPointer { histograms in
              layout.forEachBlock(of: rows) { start, cells in
                for index in 0..<cells.count {
                  histograms[Int(numberOf[Int(cells[index])])].add(
                    score: Double(scores[start &+ index]), label: labels[start &+ index],
                    weight: weights?[start &+ index] ?? 1)
                }
              }
            }
          }
        }
      }
    }
  }
}
