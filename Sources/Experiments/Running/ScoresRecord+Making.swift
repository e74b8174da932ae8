import FairnessMetrics
import RunRecords
import TabularData

extension ScoresRecord {
  /// The most groups that are told apart, those of crossed attributes included.
  private static let mostGroups = 64

  /// Counts the scores of one split in every state of the classifier: all rows, the groups of each sensitive attribute,
  /// and those of the attributes crossed where they are not too many.
  init(of states: [RunEvaluator.State], on split: (name: String, rows: Dataset)) {
    let labels = split.rows.labels.map { $0 > 0 }
    var columns = split.rows.sensitive.map { ($0.name, SliceCodes($0)) }.filter { $0.1.slices.count <= Self.mostGroups }
    // A product of many would leave the numbers.
    let crossedGroups = columns.reduce(1) { min($0, Self.mostGroups + 1) * $1.1.slices.count }
    if columns.count > 1, crossedGroups <= Self.mostGroups {
      let crossed = columns.dropFirst().reduce(columns[0].1) { $0.crossed(with: $1.1) }
      columns.append(("", crossed))
    }
    self.init(
      split: RunRecords.SplitName(ofSplit: split.name),
      states: states.map { state in
        let scores = state.scores[state.scores.count - 1]
        let whole = SliceCodes(slices: [Slice()], codes: [Int32](repeating: 0, count: scores.count))
        return State(
          SummaryPhase(rawValue: state.name) ?? .final,
          ([whole] + columns.map(\.1)).flatMap { $0.distributions(scores, labels: labels, bins: Self.standardBins) })
      })
  }
}

/// Rows divided into slices, each in one of them or, with code −1, in none.
private struct SliceCodes {
  var slices: [Slice]
  var codes: [Int32]

  init(slices: [Slice], codes: [Int32]) {
    self.slices = slices
    self.codes = codes
  }

  init(_ column: SensitiveColumn) {
    slices = column.groups.map { Slice([.init(column: column.name, group: $0)]) }
    codes = column.codes
  }

  func crossed(with other: SliceCodes) -> SliceCodes {
    let count = Int32(other.slices.count)
    return SliceCodes(
      slices: slices.flatMap { first in other.slices.map { Slice(first.terms + $0.terms) } },
      codes: zip(codes, other.codes).map { $0 < 0 || $1 < 0 ? -1 : $0 * count + $1 })
  }

  func distributions(_ scores: [Float], labels: [Bool], bins: Int) -> [ScoresRecord.Distribution] {
    var made = slices.map { slice in
      ScoresRecord.Distribution(
        slice, positives: [Int](repeating: 0, count: bins), negatives: [Int](repeating: 0, count: bins))
    }
    for (row, code) in codes.enumerated() where code >= 0 && scores[row] >= 0 && scores[row] <= 1 {
      // Exact in double precision, so that a row is in the bins from its last threshold on, as the decision rule has it.
      let bin = min(bins - 1, Int(Double(scores[row]) * Double(bins)))
      if labels[row] { made[Int(code)].positives[bin] += 1 } else { made[Int(code)].negatives[bin] += 1 }
    }
    return made
  }
}
