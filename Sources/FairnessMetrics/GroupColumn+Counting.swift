/// A row's label and decision in one byte, `2·label + decision`: what the counting loops read.
typealias Cell = UInt8

/// The cell of each row, with a row selected when its score is at or above the threshold.
@inline(__always)
func cells<Value: Score>(scores: [Value], labels: [Bool], threshold: Double) -> [Cell] {
  precondition(scores.count == labels.count, "cells: \(scores.count) scores, but \(labels.count) labels")
  let rule = DecisionRule<Value>(threshold: threshold)
  return [Cell](unsafeUninitializedCapacity: scores.count) { cells, initialized in
    scores.withUnsafeBufferPointer { scores in
      labels.withUnsafeBufferPointer { labels in
        for row in 0..<scores.count {
          cells[row] = (labels[row] ? 2 : 0) + (rule.selects(scores[row]) ? 1 : 0)
        }
      }
    }
    initialized = scores.count
  }
}

extension GroupColumn {
  /// Counts the cells of the rows in each group, and of those in none.
  ///
  /// - Parameters:
  ///   - cells: The cell of each row, `[n]`.
  ///   - weights: What each row counts, `[n]`, finite and at least 0; nil for 1 each.
  func counts(of cells: [Cell], weights: [Double]? = nil) -> (groups: [ConfusionCounts], missing: ConfusionCounts) {
    precondition(
      codes.count == cells.count && weights?.count ?? cells.count == cells.count,
      "GroupColumn '\(name)': \(codes.count) codes, but \(cells.count) rows")
    if let weights {
      var counts = [ConfusionCounts](repeating: ConfusionCounts(), count: groups.count + 1)
      for (row, code) in codes.enumerated() {
        counts[Int(code) + 1].add(label: cells[row] & 2 != 0, decision: cells[row] & 1 != 0, weight: weights[row])
      }
      return (Array(counts.dropFirst()), counts[0])
    }
    // Two tables take turns, so that two rows of one cell in a row do not wait for one another's addition.
    let size = 4 * (groups.count + 1)
    let tables = [Int](unsafeUninitializedCapacity: 2 * size) { tables, initialized in
      tables.initialize(repeating: 0)
      codes.withUnsafeBufferPointer { codes in
        cells.withUnsafeBufferPointer { cells in
          for row in 0..<codes.count {
            tables[(row & 1) &* size &+ 4 &* Int(codes[row] &+ 1) &+ Int(cells[row])] &+= 1
          }
        }
      }
      initialized = 2 * size
    }
    let counts = (0...groups.count).map { group in
      let cell = { tables[4 * group + $0] + tables[size + 4 * group + $0] }
      return ConfusionCounts(
        truePositives: cell(3), falsePositives: cell(1), trueNegatives: cell(0), falseNegatives: cell(2))
    }
    return (Array(counts.dropFirst()), counts[0])
  }
}
