/// How the codes of a row's columns make the number of its cell.
///
/// A mixed radix number of code + 1 in each column, so that a missing value is digit 0: computed block by block, without
/// a list of all rows' cells. Where there are far more combinations than rows, the cells are those that
/// `CrossedCells` finds to occur.
struct CellLayout {
  /// The rows of a block, which stays in the first cache.
  static let blockRows = 2048

  /// The number of cells, whether they occur or not.
  let count: Int

  private let sources: [[Int32]]
  private let widths: [Int32]
  /// What is added to a code: 1 where −1 stands for a missing value.
  private let offset: Int32
  private let crossedCodes: [[Int32]]?

  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - entries: How many counts are kept of each cell.
  init(_ columns: [SliceColumn], rows: Int, entries: Int) {
    let widths = columns.map { $0.members.count + 1 }
    let mostCells = max(1 << 12, min(rows, 1 << 20)) / entries
    var count = 1
    for width in widths where count <= mostCells { count *= width }
    if count <= mostCells {
      for column in columns {
        precondition(
          column.codes.count == rows, "CellLayout: \(rows) rows, but \(column.codes.count) codes of '\(column.name)'")
      }
      self.count = count
      sources = columns.map(\.codes)
      self.widths = widths.map(Int32.init)
      offset = 1
      crossedCodes = nil
    } else {
      let crossed = CrossedCells(columns, rows: rows)
      self.count = crossed.codes.count
      sources = [crossed.cells]
      self.widths = [Int32(crossed.codes.count)]
      offset = 0
      crossedCodes = crossed.codes
    }
  }

  /// The code of each column in a cell; −1 where it is missing.
  func codes(of cell: Int) -> [Int32] {
    if let crossedCodes { return crossedCodes[cell] }
    var rest = cell
    var codes = [Int32](repeating: 0, count: widths.count)
    for column in widths.indices.reversed() {
      codes[column] = Int32(rest % Int(widths[column])) - 1
      rest /= Int(widths[column])
    }
    return codes
  }

  /// Calls a body for one block of rows after the other, with the cell of each.
  ///
  /// - Precondition: Every code is −1 or an index into its column's members.
  @inline(__always)
  func forEachBlock(
    of rows: Range<Int>, _ body: (_ start: Int, _ cells: UnsafeMutableBufferPointer<UInt32>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.blockRows) { block in
      for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.blockRows) {
        let cells = UnsafeMutableBufferPointer(rebasing: block[..<min(Self.blockRows, rows.upperBound - start)])
        fill(cells, from: start)
        body(start, cells)
      }
    }
  }

  private func fill(_ cells: UnsafeMutableBufferPointer<UInt32>, from start: Int) {
    cells.update(repeating: 0)
    for (source, width) in zip(sources, widths) {
      let width = UInt32(width)
      let offset = offset
      // One bit gathers whether any code is out of range: counting must not write beside its table.
      var outOfRange: UInt32 = 0
      source.withUnsafeBufferPointer { source in
        for index in 0..<cells.count {
          let digit = UInt32(bitPattern: source[start &+ index] &+ offset)
          outOfRange |= digit < width ? 0 : 1
          cells[index] = cells[index] &* width &+ digit
        }
      }
      precondition(outOfRange == 0, "CellLayout: a code is neither −1 nor one that its column has")
    }
  }
}
