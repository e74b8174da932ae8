import Wording

/// One raw column with each distinct cell looked at once: is it missing, a number, or something else?
struct ColumnReading {
  /// By index into the raw column's cells: the number, NaN where the cell is missing or no finite number.
  private(set) var numbers: [Double] = []

  /// By index into the raw column's cells: whether the cell is missing.
  private(set) var isMissing: [Bool] = []

  private let column: RawTable.Column
  private let table: RawTable
  private(set) var numberCount = 0
  private var firstNotFinite: Int?
  private var firstOther: Int?

  init(_ column: RawTable.Column, of table: RawTable, missingMarkers: [[UInt8]]) {
    self.column = column
    self.table = table
    let cells = column.cells
    let bytes = table.bytes
    let count = cells.cellCount
    numbers.reserveCapacity(count)
    isMissing.reserveCapacity(count)
    for index in 0..<count {
      let cell = bytes.buffer(cells.cells[index])
      let missing = cell.isEmpty || missingMarkers.contains { $0.count == cell.count && $0.elementsEqual(cell) }
      isMissing.append(missing)
      guard !missing else {
        numbers.append(.nan)
        continue
      }
      switch DecimalNumber.read(cell) {
      case .number(let value):
        numbers.append(value)
        numberCount += 1
      case .notFinite:
        numbers.append(.nan)
        if firstNotFinite == nil { firstNotFinite = index }
      case .notNumber:
        numbers.append(.nan)
        if firstOther == nil { firstOther = index }
      }
    }
  }

  /// Whether every cell that is not missing is a finite number; so also where all are missing.
  var isAllNumbers: Bool { firstNotFinite == nil && firstOther == nil }

  /// Whether the column looks numeric, but for a few cells: at least nine in ten of its present cells are numbers, or
  /// all that are not are NaN or infinite. To take such a column for categorical in silence would make a category of
  /// every number, because of one slip of the pen.
  var isAmbiguous: Bool {
    guard !isAllNumbers && numberCount > 0 else { return false }
    if firstOther == nil { return true }
    var present = 0
    var number = 0
    for row in 0..<table.rowCount {
      let index = column.cells.index(ofRow: row)
      if isMissing[index] { continue }
      present += 1
      if !numbers[index].isNaN { number += 1 }
    }
    return number * 10 >= present * 9
  }

  /// The complaint about the first cell that is no finite number.
  func notNumericError() -> DataError {
    let offending = [firstNotFinite, firstOther].compactMap { $0 }.min() ?? 0
    let row = (0..<table.rowCount).first { column.cells.index(ofRow: $0) == offending } ?? 0
    let found = Excerpt.quoted(table.bytes.buffer(column.cells.cells[offending]))
    return PieceReading.notNumeric(found, column: column.name, at: table.origins.place(ofRow: row))
  }

  /// The column as numbers.
  func numericCells() throws(DataError) -> Table.Cells {
    guard isAllNumbers else { throw notNumericError() }
    let cells = column.cells
    if cells.isPlain { return .numeric(numbers) }
    let rows = table.rowCount
    return .numeric(
      numbers.withUnsafeBufferPointer { numbers in
        Array(unsafeUninitializedCapacity: rows) { buffer, count in
          for row in 0..<rows { buffer.initializeElement(at: row, to: numbers[Int(cells.codes[row])]) }
          count = rows
        }
      })
  }

  /// The column as categories, in order of their first appearance; spellings that Unicode counts as equal are one.
  func categoricalCells() throws(DataError) -> Table.Cells {
    let cells = column.cells
    var codeOf: [String: Int32] = [:]
    var categories: [String] = []
    var codes: [Int32] = []
    codes.reserveCapacity(cells.cellCount)
    for index in 0..<cells.cellCount {
      guard !isMissing[index] else {
        codes.append(-1)
        continue
      }
      let bytes = table.bytes.buffer(cells.cells[index])
      guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
        let row = (0..<table.rowCount).first { cells.index(ofRow: $0) == index } ?? 0
        throw DataError(
          .badData, at: table.origins.place(ofRow: row),
          "column '\(column.name)' holds bytes that are not UTF-8 text: \(Excerpt.quoted(bytes)). Save it as UTF-8.")
      }
      if let code = codeOf[text] {
        codes.append(code)
      } else {
        codeOf[text] = Int32(categories.count)
        codes.append(Int32(categories.count))
        categories.append(text)
      }
    }
    if cells.isPlain { return .categorical(codes: codes, categories: categories) }
    let rows = table.rowCount
    let rowCodes = codes.withUnsafeBufferPointer { codes in
      [Int32](unsafeUninitializedCapacity: rows) { buffer, count in
        for row in 0..<rows { buffer.initializeElement(at: row, to: codes[Int(cells.codes[row])]) }
        count = rows
      }
    }
    return .categorical(codes: rowCodes, categories: categories)
  }
}
