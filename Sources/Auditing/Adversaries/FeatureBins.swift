import LinearAlgebra

/// The columns of a view, divided into bins of about equally many rows, as boosted trees read them.
///
/// A value's bin depends on nothing but how many values lie below it. Trees therefore see the same in a column and in
/// any increasing function of it. The bins are of all rows that are audited: no sensitive attribute has a part in them.
package struct FeatureBins: Sendable {
  /// One column.
  struct Column: Sendable {
    /// The bin of each row.
    let bins: [UInt8]
    let count: Int
    /// The bin of most rows, and whether they are so many (two fifths) that it pays to sum the others only.
    let commonest: UInt8
    let isSparse: Bool
  }

  let rows: Int
  let columns: [Column]

  /// - Parameter limit: The most bins of a column, in 2...256. A column with no more distinct values has one for each.
  package init(_ view: Matrix<Float>, limit: Int) {
    rows = view.rows
    columns = (0..<view.columns).map { Self.column(view.column($0), limit: limit) }
  }

  private static func column(_ values: [Float], limit: Int) -> Column {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var distinct = 0
    for place in order.indices where place == 0 || values[order[place]] != values[order[place - 1]] { distinct += 1 }
    var bins = [UInt8](repeating: 0, count: values.count)
    var sizes = [Int](repeating: 0, count: limit)
    var bin = 0
    var lastWanted = 0
    var wanted = 0
    for (place, row) in order.enumerated() {
      if place > 0 && values[row] != values[order[place - 1]] {
        wanted = distinct <= limit ? wanted + 1 : place * limit / values.count
        // Bins that a block of equal values skipped are not numbered.
        if wanted != lastWanted { bin += 1 }
        lastWanted = wanted
      }
      bins[row] = UInt8(bin)
      sizes[bin] += 1
    }
    let commonest = sizes.indices.max { sizes[$0] < sizes[$1] } ?? 0
    return Column(
      bins: bins, count: bin + 1, commonest: UInt8(commonest), isSparse: 5 * sizes[commonest] >= 2 * values.count)
  }
}

extension FeatureBins: Equatable {
  /// Whether trees see the same in both.
  package static func == (a: FeatureBins, b: FeatureBins) -> Bool {
    a.columns.count == b.columns.count && zip(a.columns, b.columns).allSatisfy { $0.bins == $1.bins }
  }
}
