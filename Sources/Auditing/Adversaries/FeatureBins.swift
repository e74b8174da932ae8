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
  }

  /// Rows that are in the same bin of every column: to trees they are one.
  struct Cells: Sendable {
    /// The cell of each row.
    let ofRow: [Int32]
    /// A row of each cell.
    let firstRows: [Int32]
  }

  let rows: Int
  let columns: [Column]

  /// Whether trees are grown on cells rather than on rows.
  package var usesCells: Bool { cells != nil }

  /// The cells, where they are at most half as many as the rows, so that it pays to train on them.
  let cells: Cells?

  /// - Parameter limit: The most bins of a column, in 2...256. A column with no more distinct values has one for each.
  package init(_ view: Matrix<Float>, limit: Int) {
    rows = view.rows
    columns = (0..<view.columns).map { Self.column(view.column($0), limit: limit) }
    cells = Self.cells(columns, rows: view.rows)
  }

  private static func cells(_ columns: [Column], rows: Int) -> Cells? {
    var ofRow = [Int32](repeating: 0, count: rows)
    var firstRows: [Int32] = [0]
    for column in columns {
      var numbers = [Int32](repeating: -1, count: firstRows.count * column.count)
      firstRows = []
      for row in 0..<rows {
        let place = Int(ofRow[row]) * column.count + Int(column.bins[row])
        if numbers[place] < 0 {
          numbers[place] = Int32(firstRows.count)
          firstRows.append(Int32(row))
        }
        ofRow[row] = numbers[place]
      }
      guard 2 * firstRows.count <= rows else { return nil }
    }
    return Cells(ofRow: ofRow, firstRows: firstRows)
  }

  /// The few distinct values of a column, ascending; nil where there are more than `most`.
  private static func distinctValues(of values: [Float], most: Int) -> [Float]? {
    var found: [Float] = []
    for value in values where !found.contains(value) {
      guard found.count < most else { return nil }
      found.append(value)
    }
    return found.sorted()
  }

  private static func column(_ values: [Float], limit: Int) -> Column {
    if let few = distinctValues(of: values, most: min(limit, 8)) {
      return Column(bins: values.map { UInt8(few.firstIndex(of: $0) ?? 0) }, count: few.count)
    }
    let order = values.indices.sorted { values[$0] < values[$1] }
    var distinct = 0
    for place in order.indices where place == 0 || values[order[place]] != values[order[place - 1]] { distinct += 1 }
    var bins = [UInt8](repeating: 0, count: values.count)
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
    }
    return Column(bins: bins, count: bin + 1)
  }
}

extension FeatureBins: Equatable {
  /// Whether trees see the same in both.
  package static func == (a: FeatureBins, b: FeatureBins) -> Bool {
    a.columns.count == b.columns.count && zip(a.columns, b.columns).allSatisfy { $0.bins == $1.bins }
  }
}
