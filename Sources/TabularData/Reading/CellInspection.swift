import Wording

/// What the cells of one column of a file are, looked at as they pass by: the type that `CSVReader` would give it.
final class CellInspection {
  /// What a cell is.
  private enum Kind: Int32 {
    case missing = -1
    case number = 0
    case notFinite = 1
    case other = 2
  }

  /// Cells that are looked up instead of read again, at most: beyond, a column hardly repeats itself.
  private static let largestCount = 4096

  let column: String
  private let path: String
  private let missingMarkers: [[UInt8]]
  private var table = CodeTable()
  private var known = 0
  private var present = 0
  private var numbers = 0
  private var firstNotFinite: (line: Int, cell: String)?
  private var firstOther: (line: Int, cell: String)?

  init(column: String, path: String, missingMarkers: [[UInt8]]) {
    self.column = column
    self.path = path
    self.missingMarkers = missingMarkers
  }

  deinit { table.deallocate() }

  /// Looks at a cell.
  func add(_ cell: UnsafeRawBufferPointer, key: CellKey, line: Int) throws(DataError) {
    var code = table.code(key, length: cell.count)
    if code == CodeTable.unknown { code = read(cell, key, line: line).rawValue }
    if code >= 0 { present += 1 }
    if code == Kind.number.rawValue { numbers += 1 }
  }

  private func read(_ cell: UnsafeRawBufferPointer, _ key: CellKey, line: Int) -> Kind {
    let kind = kind(of: cell)
    switch kind {
    case .missing, .number: break
    case .notFinite: if firstNotFinite == nil { firstNotFinite = (line, Excerpt.quoted(cell)) }
    case .other: if firstOther == nil { firstOther = (line, Excerpt.quoted(cell)) }
    }
    if known < Self.largestCount && cell.count <= CellKey.wholeLength {
      known += 1
      let index = table.index(key, length: cell.count) { _ in false }
      table.insert(CodeTable.Slot(key: key, length: UInt32(cell.count), code: kind.rawValue), at: index)
    }
    return kind
  }

  private func kind(of cell: UnsafeRawBufferPointer) -> Kind {
    if cell.isEmpty || missingMarkers.contains(where: { $0.count == cell.count && $0.elementsEqual(cell) }) {
      return .missing
    }
    return switch DecimalNumber.read(cell) {
    case .number: .number
    case .notFinite: .notFinite
    case .notNumber: .other
    }
  }

  /// Whether every cell that is not missing is a finite number; so also where all are missing.
  var isAllNumbers: Bool { firstNotFinite == nil && firstOther == nil }

  /// Whether the column looks numeric, but for a few cells, as `ColumnReading` has it.
  var isAmbiguous: Bool {
    guard !isAllNumbers && numbers > 0 else { return false }
    return firstOther == nil || numbers * 10 >= present * 9
  }

  /// The complaint about the first cell that is no finite number.
  var notNumericError: DataError {
    let found = [firstNotFinite, firstOther].compactMap { $0 }
    let first = found.min { $0.line < $1.line } ?? (line: 0, cell: "''")
    return PieceReading.notNumeric(first.cell, column: column, at: "\(path):\(first.line)")
  }
}
