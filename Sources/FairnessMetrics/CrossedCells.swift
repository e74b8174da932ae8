/// The finest division of rows that some columns make: one cell for each combination of codes that occurs.
///
/// Counting by cell takes one pass over the rows; every slice of these columns, and every cross of them, is then
/// a sum over cells, also where groups overlap.
public struct CrossedCells: Sendable {
  /// The columns that were crossed.
  public let columns: [SliceColumn]

  /// The cell of each row, `[n]`, an index into `codes`.
  public let cells: [Int32]

  /// The code of each column in each cell, `[cells][columns]`; −1 where it is missing.
  public let codes: [[Int32]]

  /// Crosses columns.
  ///
  /// - Parameters:
  ///   - columns: The columns, none or any number of them.
  ///   - rows: The number of rows, n.
  /// - Precondition: Every column has n codes.
  public init(_ columns: [SliceColumn], rows: Int) {
    self.columns = columns
    var cells = [Int32](repeating: 0, count: rows)
    // The codes of each provisional cell; an empty list where it is not known to occur.
    var codes: [[Int32]] = [[]]
    for column in columns {
      precondition(
        column.codes.count == rows, "CrossedCells: \(rows) rows, but \(column.codes.count) codes of '\(column.name)'")
      let width = column.members.count + 1
      let size = codes.count * width
      if size <= 1 << 16 {
        Self.cross(&cells, with: column.codes, width: Int32(width))
        codes = (0..<size).map { codes[$0 / width] + [Int32($0 % width) - 1] }
      } else {
        (cells, codes) = Self.compactCross(cells, codes, with: column.codes, width: width)
      }
    }
    (self.cells, self.codes) = Self.withoutEmptyCells(cells, codes)
  }

  private static func cross(_ cells: inout [Int32], with codes: [Int32], width: Int32) {
    cells.withUnsafeMutableBufferPointer { cells in
      codes.withUnsafeBufferPointer { codes in
        for row in 0..<cells.count { cells[row] = cells[row] &* width &+ codes[row] &+ 1 }
      }
    }
  }

  /// Crosses where the product is large, numbering the cells in the order of their first rows.
  private static func compactCross(
    _ cells: [Int32], _ codes: [[Int32]], with column: [Int32], width: Int
  ) -> ([Int32], [[Int32]]) {
    var numberOf: [Int: Int32] = [:]
    var crossedCodes: [[Int32]] = []
    let crossed = zip(cells, column).map { cell, code -> Int32 in
      let key = Int(cell) * width + Int(code) + 1
      if let number = numberOf[key] { return number }
      let number = Int32(crossedCodes.count)
      numberOf[key] = number
      crossedCodes.append(codes[Int(cell)] + [code])
      return number
    }
    return (crossed, crossedCodes)
  }

  private static func withoutEmptyCells(_ cells: [Int32], _ codes: [[Int32]]) -> ([Int32], [[Int32]]) {
    var occurs = [Bool](repeating: false, count: codes.count)
    cells.withUnsafeBufferPointer { cells in
      for cell in cells { occurs[Int(cell)] = true }
    }
    if occurs.allSatisfy({ $0 }) { return (cells, codes) }
    var numberOf = [Int32](repeating: -1, count: codes.count)
    var remaining: [[Int32]] = []
    for cell in codes.indices where occurs[cell] {
      numberOf[cell] = Int32(remaining.count)
      remaining.append(codes[cell])
    }
    let renumbered = [Int32](unsafeUninitializedCapacity: cells.count) { target, initialized in
      cells.withUnsafeBufferPointer { cells in
        numberOf.withUnsafeBufferPointer { numberOf in
          for row in 0..<cells.count { target[row] = numberOf[Int(cells[row])] }
        }
      }
      initialized = cells.count
    }
    return (renumbered, remaining)
  }

  /// The slices that some of the columns make, and the cells of each.
  ///
  /// Slices come in the order of the columns' groups, rows with missing values last; only those with rows are listed.
  ///
  /// - Parameter crossing: The columns, as indices into `columns`; none for the whole.
  public func slices(crossing: [Int]) -> [(slice: Slice, cells: [Int])] {
    var cellsOf: [[Int]: [Int]] = [:]
    for (cell, codes) in codes.enumerated() {
      // The index after the last group stands for a missing value, so that it sorts last.
      var keys: [[Int]] = [[]]
      for column in crossing {
        let groups =
          codes[column] < 0
          ? [columns[column].groups.count] : columns[column].members[Int(codes[column])].map(Int.init)
        keys = keys.flatMap { key in groups.map { key + [$0] } }
      }
      for key in keys { cellsOf[key, default: []].append(cell) }
    }
    return cellsOf.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, cells in
      let terms = zip(crossing, key).map { column, group in
        let groups = columns[column].groups
        return Slice.Term(column: columns[column].name, group: group < groups.count ? groups[group] : nil)
      }
      return (Slice(terms), cells)
    }
  }
}
