import Wording

/// Reads the wanted columns of a CSV file, plain, gzipped or from a pipe, in pieces of rows.
///
/// The text passes through one buffer, which grows only where a single row is longer; of the cells, numbers and codes
/// stay. Cells are told apart exactly as `CSVReader` does.
package final class CSVPieceReader: PieceReader {
  private static let longestRow = 1 << 28

  private let stream: ByteStream
  private let format: CSVFormat
  private let requests: [ColumnRequest]
  private let missingMarkers: [[UInt8]]
  private var buffer: UnsafeMutableRawBufferPointer
  private var filled = 0
  private var isLast = false
  private var scanner: CSVScanner
  private var roles: [PieceRole] = []
  private let dictionaries: [CategoryDictionary]
  private let inspects: Bool
  private var totalRows = 0

  /// The names of all columns of the file.
  private(set) var columnNames: [String] = []

  /// What the cells of each column are, where they are inspected; repeated columns have none.
  private(set) var inspections: [CellInspection] = []

  /// Opens a file and reads its header.
  ///
  /// - Parameters:
  ///   - requests: The wanted columns, no name twice.
  ///   - bufferSize: The bytes that are looked at at once; for tests.
  package convenience init(
    _ path: String, format: CSVFormat = CSVFormat(), requests: [ColumnRequest], missingMarkers: [String] = ["?"],
    bufferSize: Int = 1 << 20
  ) throws(DataError) {
    try self.init(
      path, format: format, requests: requests, missingMarkers: missingMarkers, bufferSize: bufferSize,
      inspecting: false
    ) { name, markers in
      CategoryDictionary(column: name, missingMarkers: markers, limit: PieceReading.largestGroupCount)
    }
  }

  /// Opens a file to look at the cells of all columns, of which none is kept.
  convenience init(inspecting path: String, format: CSVFormat, missingMarkers: [String]) throws(DataError) {
    try self.init(
      path, format: format, requests: [], missingMarkers: missingMarkers, bufferSize: 1 << 20, inspecting: true
    ) { name, markers in CategoryDictionary(column: name, missingMarkers: markers, limit: 0) }
  }

  /// - Parameter dictionary: Makes the dictionary of a column, from its name and the missing markers.
  init(
    _ path: String, format: CSVFormat, requests: [ColumnRequest], missingMarkers: [String], bufferSize: Int,
    inspecting: Bool, dictionary: (String, [[UInt8]]) -> CategoryDictionary
  ) throws(DataError) {
    stream = try ByteStream(path)
    inspects = inspecting
    self.format = format
    self.requests = requests
    self.missingMarkers = missingMarkers.map { Array($0.utf8) }
    dictionaries = requests.map { [missingMarkers = self.missingMarkers] in dictionary($0.name, missingMarkers) }
    // The first bytes tell what the file is, so that they have to come together.
    buffer = .allocate(byteCount: max(8, bufferSize), alignment: 16)
    do throws(DataError) {
      filled = try stream.read(into: buffer)
      isLast = filled < buffer.count
      scanner = try CSVScanner(UnsafeRawBufferPointer(rebasing: buffer[..<filled]), format: format, path: path)
    } catch {
      buffer.deallocate()
      throw error
    }
    // From here on `deinit` frees what was allocated.
    try readHeader()
  }

  deinit {
    scanner.deallocate()
    buffer.deallocate()
  }

  package func values(of column: Int) -> [String] { dictionaries[column].names }

  /// How much of the file itself has been read, in bytes.
  var fileBytesRead: Int { stream.fileBytesRead }

  // MARK: - Header

  private func readHeader() throws(DataError) {
    let names = if let names = format.columnNames { names } else { try headerCells() }
    for request in requests where !names.contains(request.name) {
      throw PieceReading.noColumn(request, among: names, at: stream.path)
    }
    columnNames = names
    if inspects {
      var firsts: [String: Int] = [:]
      roles = names.enumerated().map { index, name -> PieceRole in
        if let first = firsts[name] { return .repeated(of: first) }
        firsts[name] = index
        inspections.append(CellInspection(column: name, path: stream.path, missingMarkers: missingMarkers))
        return .inspected(inspections.count - 1)
      }
      return
    }
    roles = names.enumerated().map { index, name -> PieceRole in
      guard let request = requests.firstIndex(where: { $0.name == name }) else { return .skipped }
      if let first = names.firstIndex(of: name), first < index { return .repeated(of: first) }
      return requests[request].kind == .number ? .number(request) : .category(request)
    }
  }

  private func headerCells() throws(DataError) -> [String] {
    while true {
      let (position, line) = (scanner.position, scanner.line)
      do throws(DataError) {
        if scanner.nextRow() {
          var names: [String] = []
          while true {
            let (cell, _, end) = try scanner.nextCell()
            if end == .file && !isLast { break }
            let bytes = scanner.bytes.buffer(cell)
            guard let name = String(validating: bytes, as: UTF8.self), !name.utf8.contains(0) else {
              throw DataError(
                .badData, at: "\(stream.path):\(line)",
                "names column \(names.count + 1) in bytes that are not UTF-8 text. Save it as UTF-8.")
            }
            names.append(name)
            if end != .separator { return names }
          }
        } else if isLast {
          throw DataError(.badData, at: stream.path, "is empty. Name a file with a header line and rows.")
        }
      } catch {
        if isLast || !scanner.endsInQuotes { throw error }
      }
      scanner.rewind(to: position, line: line)
      try refill()
    }
  }

  // MARK: - Rows

  package func next(limit: Int) throws(DataError) -> TablePiece? {
    let numberBuffers = requests.map { request in
      UnsafeMutablePointer<Double>.allocate(capacity: request.kind == .number ? limit : 1)
    }
    let codeBuffers = requests.map { request in
      UnsafeMutablePointer<Int32>.allocate(capacity: request.kind == .category ? limit : 1)
    }
    defer {
      for buffer in numberBuffers { buffer.deallocate() }
      for buffer in codeBuffers { buffer.deallocate() }
    }
    var rows = 0
    var runs: [RowOrigins.Run] = []
    var expectedLine = -1
    reading: while rows < limit {
      switch try readRows(
        upTo: limit, rows: &rows, runs: &runs, expectedLine: &expectedLine, numbers: numberBuffers, codes: codeBuffers)
      {
      case .limit: break reading
      case .needsMore:
        if isLast { break reading }
        try refill()
      }
    }
    guard rows > 0 else {
      if totalRows == 0 {
        let found = format.columnNames == nil ? "has a header line and no rows" : "has no rows"
        throw DataError(.badData, at: stream.path, "\(found). Name a file with rows.")
      }
      return nil
    }
    totalRows += rows
    let columns = requests.indices.map { column -> TablePiece.Cells in
      requests[column].kind == .number
        ? .numbers(Array(UnsafeBufferPointer(start: numberBuffers[column], count: rows)))
        : .codes(Array(UnsafeBufferPointer(start: codeBuffers[column], count: rows)))
    }
    return TablePiece(rows: rows, columns: columns, origins: RowOrigins(runs: runs))
  }

  private enum Stop { case limit, needsMore }

  /// Reads rows until there are enough or the buffer ends; a row that the buffer cuts off is left for the next.
  private func readRows(
    upTo limit: Int, rows: inout Int, runs: inout [RowOrigins.Run], expectedLine: inout Int,
    numbers: [UnsafeMutablePointer<Double>], codes: [UnsafeMutablePointer<Int32>]
  ) throws(DataError) -> Stop {
    // Copies on the stack, so that the loop works in registers; written back at the end.
    var local = scanner
    local.mayGoOn = !isLast
    var sink = PieceSink(
      path: stream.path, roles: roles, numbers: numbers, codes: codes, dictionaries: dictionaries,
      missingMarkers: missingMarkers, names: requests.map(\.name), inspections: inspections)
    defer {
      scanner = local
      sink.deallocate()
    }
    let width = roles.count
    while rows < limit {
      let (position, line) = (local.position, local.line)
      do throws(DataError) {
        guard local.nextRow() else {
          if !isLast { local.rewind(to: position, line: line) }
          return .needsMore
        }
        let rowLine = local.line
        sink.line = rowLine
        let count = try local.readRow(rows, into: &sink, width: width)
        if !isLast && local.position == local.end && !local.endsWithLineFeed {
          local.rewind(to: position, line: line)
          return .needsMore
        }
        guard count == width else {
          throw DataError(
            .badData, at: "\(stream.path):\(rowLine)",
            "has \(count) cell\(count == 1 ? "" : "s"), where the header has \(width). "
              + "Add or remove cells, or quote those that hold a separator.")
        }
        if rowLine != expectedLine {
          runs.append(RowOrigins.Run(firstRow: rows, source: stream.path, firstLine: rowLine))
        }
        expectedLine = rowLine + 1
        rows += 1
      } catch {
        // A quotation mark that is not closed here may be closed in what comes.
        if isLast || !local.endsInQuotes { throw error }
        local.rewind(to: position, line: line)
        return .needsMore
      }
    }
    return .limit
  }

  /// Moves the unread bytes to the front and reads more behind them.
  private func refill() throws(DataError) {
    let rest = filled - scanner.position
    if rest == buffer.count {
      guard buffer.count < Self.longestRow else {
        throw DataError(
          .badData, at: "\(stream.path):\(scanner.line)",
          "has a row of more than \(Self.longestRow >> 20) MiB. Check its quotation marks.")
      }
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
      buffer.deallocate()
      buffer = larger
    } else if scanner.position > 0, let base = buffer.baseAddress {
      base.copyMemory(from: base + scanner.position, byteCount: rest)
    }
    let target = UnsafeMutableRawBufferPointer(rebasing: buffer[rest...])
    let got = try stream.read(into: target)
    filled = rest + got
    isLast = got < target.count
    scanner.resume(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
  }
}

/// What a column of the file is read as.
private enum PieceRole {
  case skipped
  case number(Int)
  case category(Int)
  /// Looked at, and not kept.
  case inspected(Int)
  /// Named like an earlier column; its cells must be equal to those.
  case repeated(of: Int)
}

/// Turns the cells of rows into numbers and codes.
private struct PieceSink: CellSink {
  /// What becomes of the cells of one column.
  private struct Column {
    enum Kind: UInt8 { case skipped, number, category, inspected, repeated }
    var kind = Kind.skipped
    /// The index in the request or among the inspections, or of the column that must be equal.
    var index = 0
    var numbers: UnsafeMutablePointer<Double>?
    var codes: UnsafeMutablePointer<Int32>?
    var table: UnsafeMutablePointer<CodeTable>?
  }

  private let path: String
  private let missingMarkers: [[UInt8]]
  private let names: [String]
  private let dictionaries: [CategoryDictionary]
  private let inspections: [CellInspection]
  private let columns: UnsafeMutableBufferPointer<Column>
  private let beginsMarker: UnsafeMutablePointer<Bool>

  /// The cells of the row by column, where columns are compared; otherwise empty.
  private var cells: [CellReference]
  private let compares: Bool

  /// The line of the row.
  var line = 0

  init(
    path: String, roles: [PieceRole], numbers: [UnsafeMutablePointer<Double>],
    codes: [UnsafeMutablePointer<Int32>], dictionaries: [CategoryDictionary], missingMarkers: [[UInt8]],
    names: [String], inspections: [CellInspection]
  ) {
    self.path = path
    self.missingMarkers = missingMarkers
    self.names = names
    self.dictionaries = dictionaries
    self.inspections = inspections
    columns = .allocate(capacity: roles.count)
    columns.initialize(repeating: Column())
    var compares = false
    for (column, role) in roles.enumerated() {
      switch role {
      case .skipped: break
      case .number(let index): columns[column] = Column(kind: .number, index: index, numbers: numbers[index])
      case .category(let index):
        columns[column] = Column(
          kind: .category, index: index, codes: codes[index], table: dictionaries[index].table)
      case .inspected(let index): columns[column] = Column(kind: .inspected, index: index)
      case .repeated(let first):
        columns[column] = Column(kind: .repeated, index: first)
        compares = true
      }
    }
    self.compares = compares
    let none = CellReference(offset: 0, length: 0, isUnescaped: false)
    cells = compares ? roles.map { _ in none } : []
    beginsMarker = PieceReading.firstBytes(of: missingMarkers)
  }

  func deallocate() {
    columns.deallocate()
    beginsMarker.deallocate()
  }

  @inline(__always)
  mutating func append(
    _ cell: CellReference, key: CellKey, row: Int, column: Int, bytes: CellBytes
  ) throws(DataError) {
    let target = columns[column]
    switch target.kind {
    case .skipped: break
    case .number: target.numbers?[row] = try number(bytes.buffer(cell), target.index)
    case .category:
      var code = target.table?.pointee.code(key, length: cell.length) ?? CodeTable.unknown
      if code == CodeTable.unknown {
        code = try newCode(key, bytes.buffer(cell), target.index)
      }
      target.codes?[row] = code
    case .inspected: try inspections[target.index].add(bytes.buffer(cell), key: key, line: line)
    case .repeated: try compare(cell, target.index, column, bytes)
    }
    if compares { cells[column] = cell }
  }

  @inline(never)
  private func newCode(_ key: CellKey, _ cell: UnsafeRawBufferPointer, _ request: Int) throws(DataError) -> Int32 {
    try dictionaries[request].code(key: key, cell: cell, place: "\(path):\(line)")
  }

  @inline(never)
  private func compare(
    _ cell: CellReference, _ first: Int, _ column: Int, _ bytes: CellBytes
  ) throws(DataError) {
    guard !bytes.buffer(cells[first]).elementsEqual(bytes.buffer(cell)) else { return }
    throw DataError(
      .badData, at: "\(path):\(line)",
      "columns \(first + 1) and \(column + 1) have one name, and differ here. Rename one of them.")
  }

  @inline(__always)
  private func number(_ cell: UnsafeRawBufferPointer, _ request: Int) throws(DataError) -> Double {
    // A marker of missing cells may be a number, such as -1.
    if let first = cell.first, !beginsMarker[Int(first)], case .number(let value) = DecimalNumber.read(cell) {
      return value
    }
    return try rareNumber(cell, request)
  }

  @inline(never)
  private func rareNumber(_ cell: UnsafeRawBufferPointer, _ request: Int) throws(DataError) -> Double {
    if cell.isEmpty || missingMarkers.contains(where: { $0.elementsEqual(cell) }) { return .nan }
    if case .number(let value) = DecimalNumber.read(cell) { return value }
    throw PieceReading.notNumber(Excerpt.quoted(cell), column: names[request], at: "\(path):\(line)")
  }
}
