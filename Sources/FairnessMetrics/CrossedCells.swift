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
    for column in columns {
      precondition(
        column.codes.count == rows, "CrossedCells: \(rows) rows, but \(column.codes.count) codes of '\(column.name)'")
    }
    var cells: [Int32]?
    // The codes of each provisional cell.
    var codes: [[Int32]] = [[]]
    var next = 0
    while next < columns.count || cells == nil {
      // As many columns at once as leave few enough cells to be listed, whether they occur or not.
      var end = next
      var size = codes.count
      while end < columns.count && size * (columns[end].members.count + 1) <= Self.mostListed {
        size *= columns[end].members.count + 1
        end += 1
      }
      if end > next || columns.isEmpty {
        let crossed = Array(columns[next..<end])
        cells = Self.cross(cells, with: crossed, rows: rows)
        for column in crossed {
          let width = column.members.count + 1
          codes = (0..<(codes.count * width)).map { codes[$0 / width] + [Int32($0 % width) - 1] }
        }
        next = end
      } else {
        let column = columns[next]
        (cells, codes) = Self.compactCross(
          cells ?? [Int32](repeating: 0, count: rows), codes, with: column.codes, width: column.members.count + 1)
        next += 1
      }
    }
    (self.cells, self.codes) = Self.withoutEmptyCells(cells ?? [], codes)
  }

  private static let mostListed = 1 << 16

  /// The rows of a piece that may be worked on beside others.
  private static let pieceRows = 1 << 17

  /// The cells of all rows, times the cells that further columns make.
  private static func cross(_ cells: [Int32]?, with columns: [SliceColumn], rows: Int) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: rows) { target, initialized in
      let pieces = max(1, rows / pieceRows)
      Parallel.perform(pieces) { piece in
        let range = Parallel.rows(piece, of: pieces, count: rows)
        // Blocks that stay in the first cache while one column after the other is crossed.
        for start in stride(from: range.lowerBound, to: range.upperBound, by: CellLayout.blockRows) {
          let block = start..<min(start + CellLayout.blockRows, range.upperBound)
          for row in block { target[row] = cells?[row] ?? 0 }
          for column in columns {
            let width = Int32(column.members.count + 1)
            column.codes.withUnsafeBufferPointer { codes in
              for row in block { target[row] = target[row] &* width &+ codes[row] &+ 1 }
            }
          }
        }
      }
      initialized = rows
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
    let pieces = max(1, min(cells.count / pieceRows, 64))
    var occurs = [Bool](repeating: false, count: pieces * codes.count)
    occurs.withUnsafeMutableBufferPointer { occurs in
      cells.withUnsafeBufferPointer { cells in
        Parallel.perform(pieces) { piece in
          for row in Parallel.rows(piece, of: pieces, count: cells.count) {
            occurs[piece &* codes.count &+ Int(cells[row])] = true
          }
        }
      }
    }
    var numberOf = [Int32](repeating: -1, count: codes.count)
    var remaining: [[Int32]] = []
    for cell in codes.indices
    where stride(from: cell, to: occurs.count, by: codes.count).contains(where: { occurs[$0] }) {
      numberOf[cell] = Int32(remaining.count)
      remaining.append(codes[cell])
    }
    if remaining.count == codes.count { return (cells, codes) }
    let renumbered = [Int32](unsafeUninitializedCapacity: cells.count) { target, initialized in
      cells.withUnsafeBufferPointer { cells in
        numberOf.withUnsafeBufferPointer { numberOf in
          Parallel.perform(pieces) { piece in
            for row in Parallel.rows(piece, of: pieces, count: cells.count) {
              target[row] = numberOf[Int(cells[row])]
            }
          }
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
