#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A CSV file cut into cells, before its columns have types. It keeps the file's bytes alive.
///
/// Immutable once made.
final class RawTable: @unchecked Sendable {
  /// One column.
  struct Column {
    let name: String
    fileprivate(set) var cells: CellColumn
  }

  let columns: [Column]
  let rowCount: Int
  let path: String
  let origins: RowOrigins
  private let file: FileBytes
  private let base: UnsafeRawPointer
  private let unescaped: UnsafeMutablePointer<UInt8>?
  private let all: [CellColumn]

  private init(
    columns: [Column], all: [CellColumn], rowCount: Int, path: String, origins: RowOrigins, file: FileBytes,
    base: UnsafeRawPointer, unescaped: UnsafeMutablePointer<UInt8>?
  ) {
    self.columns = columns
    self.all = all
    self.rowCount = rowCount
    self.path = path
    self.origins = origins
    self.file = file
    self.base = base
    self.unescaped = unescaped
  }

  deinit {
    for column in all { column.deallocate() }
    unescaped?.deallocate()
  }

  /// Reads a file.
  ///
  /// - Parameter skipping: Columns that are not to be kept, not even in memory.
  static func read(_ path: String, format: CSVFormat, skipping: Set<String> = []) throws(DataError) -> RawTable {
    let file = try FileBytes.open(path)
    var scanner = try CSVScanner(file.bytes, format: format, path: path)
    let names: [String]
    do throws(DataError) {
      names = try readNames(&scanner, format: format)
    } catch {
      scanner.deallocate()
      throw error
    }
    var builders = names.map { CellColumn(isSkipped: skipping.contains($0)) }
    let rows: Int
    let origins: RowOrigins
    do throws(DataError) {
      (rows, origins) = try readRows(&scanner, into: &builders)
      guard rows > 0 else {
        let found = format.columnNames == nil ? "has a header line and no rows" : "has no rows"
        throw DataError(.badData, at: path, "\(found). Name a file with rows.")
      }
      let kept = try uniqueColumns(
        names, builders, rows: rows, bytes: scanner.bytes, origins: origins, path: path)
      let columns = kept.filter { !skipping.contains(names[$0]) }
        .map { Column(name: names[$0], cells: builders[$0]) }
      return RawTable(
        columns: columns, all: builders, rowCount: rows, path: path, origins: origins, file: file,
        base: scanner.file, unescaped: scanner.unescaped)
    } catch {
      for builder in builders { builder.deallocate() }
      scanner.deallocate()
      throw error
    }
  }

  // MARK: - Cells

  /// The bytes of the cells; valid while this object lives.
  var bytes: CellBytes {
    CellBytes(file: base, unescaped: UnsafeRawPointer(unescaped))
  }

  // MARK: - Reading

  private static func readNames(_ scanner: inout CSVScanner, format: CSVFormat) throws(DataError) -> [String] {
    if let names = format.columnNames {
      if let twice = firstRepeated(names) {
        throw DataError(
          .badData, at: scanner.path, "is given two columns named '\(twice)'. Give each column a name of its own.")
      }
      return names
    }
    guard scanner.nextRow() else {
      throw DataError(.badData, at: scanner.path, "is empty. Name a file with a header line and rows.")
    }
    let place = "\(scanner.path):\(scanner.line)"
    var names: [String] = []
    while true {
      let (cell, _, end) = try scanner.nextCell()
      let bytes = scanner.bytes.buffer(cell)
      guard let name = String(validating: bytes, as: UTF8.self), !name.utf8.contains(0) else {
        throw DataError(
          .badData, at: place, "names column \(names.count + 1) in bytes that are not UTF-8 text. Save it as UTF-8.")
      }
      guard !name.isEmpty else {
        throw DataError(
          .badData, at: place,
          "column \(names.count + 1) has no name. Name it in the header "
            + "(pandas leaves out its row numbers with index=False).")
      }
      names.append(name)
      if end != .separator { return names }
    }
  }

  private static func firstRepeated(_ names: [String]) -> String? {
    var seen: Set<String> = []
    return names.first { !seen.insert($0).inserted }
  }

  private static func readRows(
    _ scanner: inout CSVScanner, into builders: inout [CellColumn]
  ) throws(DataError) -> (rows: Int, origins: RowOrigins) {
    let width = builders.count
    var rows = 0
    var runs: [RowOrigins.Run] = []
    var expectedLine = -1
    let path = scanner.path
    let failure = builders.withUnsafeMutableBufferPointer { builders -> DataError? in
      guard let columns = builders.baseAddress else { return nil }
      var sink = ColumnSink(columns: columns)
      // A copy on the stack, so that the loop works in registers; written back below.
      var local = scanner
      defer { scanner = local }
      do throws(DataError) {
        while local.nextRow() {
          let rowLine = local.line
          if rowLine != expectedLine {
            runs.append(RowOrigins.Run(firstRow: rows, source: path, firstLine: rowLine))
          }
          let column = try local.readRow(rows, into: &sink, width: width)
          guard column == width else {
            return DataError(
              .badData, at: "\(path):\(rowLine)",
              "has \(column) cell\(column == 1 ? "" : "s"), where the header has \(width). "
                + "Add or remove cells, or quote those that hold a separator.")
          }
          expectedLine = rowLine + 1
          rows += 1
        }
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
    return (rows, RowOrigins(runs: runs))
  }

  /// The indices of the columns to keep: of columns with one name and equal cells, the first.
  private static func uniqueColumns(
    _ names: [String], _ builders: [CellColumn], rows: Int, bytes: CellBytes, origins: RowOrigins, path: String
  ) throws(DataError) -> [Int] {
    var firstOfName: [String: Int] = [:]
    var kept: [Int] = []
    for (index, name) in names.enumerated() {
      guard let first = firstOfName[name] else {
        firstOfName[name] = index
        kept.append(index)
        continue
      }
      if let row = firstDifference(builders[first], builders[index], rows: rows, bytes: bytes) {
        throw DataError(
          .badData, at: path,
          "names columns \(first + 1) and \(index + 1) both '\(name)', and they differ, first in "
            + "\(origins.place(ofRow: row)). Rename one of them.")
      }
    }
    return kept
  }

  private static func firstDifference(_ a: CellColumn, _ b: CellColumn, rows: Int, bytes: CellBytes) -> Int? {
    guard a.cellCount > 0 || b.cellCount > 0 else { return nil }  // both skipped
    return (0..<rows).first { row in
      let left = a.cell(ofRow: row)
      let right = b.cell(ofRow: row)
      return left.length != right.length || memcmp(bytes.pointer(left), bytes.pointer(right), left.length) != 0
    }
  }
}

extension CellColumn {
  /// The cell of a row.
  @inline(__always)
  func cell(ofRow row: Int) -> CellReference { isPlain ? cells[row] : cells[Int(codes[row])] }

  /// The index into `cells` of a row's cell.
  @inline(__always)
  func index(ofRow row: Int) -> Int { isPlain ? row : Int(codes[row]) }
}

/// Puts cells into the columns of a raw table.
private struct ColumnSink: CellSink {
  let columns: UnsafeMutablePointer<CellColumn>

  @inline(__always)
  mutating func append(_ cell: CellReference, key: CellKey, row: Int, column: Int, bytes: CellBytes) {
    columns[column].append(row: row, key: key, cell: cell, bytes: bytes)
  }
}
