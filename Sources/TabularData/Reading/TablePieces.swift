import Wording

/// A column that is wanted of a file, and as what.
package struct ColumnRequest: Sendable, Hashable {
  /// How the cells are read.
  package enum Kind: Sendable, Hashable {
    case number
    case category
  }

  package var name: String
  package var kind: Kind

  /// What needs the column, as it follows its name in a message; empty where that is plain.
  package var need: String

  package init(_ name: String, _ kind: Kind, need: String = "") {
    self.name = name
    self.kind = kind
    self.need = need
  }
}

/// Consecutive rows of a file.
package struct TablePiece: Sendable {
  /// The cells of one column in these rows.
  package enum Cells: Sendable {
    /// Numbers; a missing cell is NaN.
    case numbers([Double])
    /// Codes into the reader's list of the column's values; a missing cell is −1.
    case codes([Int32])
  }

  /// The number of rows.
  package var rows: Int

  /// The columns, in the order of the request.
  package var columns: [Cells]

  /// Where each row stands.
  package var origins: RowOrigins

  package init(rows: Int, columns: [Cells], origins: RowOrigins) {
    self.rows = rows
    self.columns = columns
    self.origins = origins
  }
}

/// Gives the rows of a file in pieces, in memory that does not grow with the file.
package protocol PieceReader: AnyObject {
  /// The next rows, at most `limit` of them; nil at the end.
  func next(limit: Int) throws(DataError) -> TablePiece?

  /// The values of a categorical column so far, by code; they only grow.
  ///
  /// - Parameter column: Its index in the request.
  func values(of column: Int) -> [String]
}

/// What readers of all formats say of a wanted column.
package enum PieceReading {
  /// The largest number of different values that make groups.
  package static let largestGroupCount = 10_000

  /// For each byte, whether a missing marker begins with it: hardly any number does. For the caller to free.
  static func firstBytes(of missingMarkers: some Sequence<[UInt8]>) -> UnsafeMutablePointer<Bool> {
    let begins = UnsafeMutablePointer<Bool>.allocate(capacity: 256)
    begins.initialize(repeating: false, count: 256)
    for case let first? in missingMarkers.map(\.first) { begins[Int(first)] = true }
    return begins
  }

  /// A wanted column is not in the file.
  package static func noColumn(_ request: ColumnRequest, among names: [String], at place: String) -> DataError {
    let remedy =
      NearestName.find(request.name, among: names).map { "Did you mean \(Excerpt.quoted($0))?" }
      ?? "Its columns are \(Excerpt.list(names, limit: 12))."
    return DataError(.badData, at: place, "has no column \(Excerpt.quoted(request.name))\(request.need). \(remedy)")
  }

  /// A cell that should be a number is none.
  package static func notNumber(_ found: String, column: String, at place: String) -> DataError {
    DataError(
      .badData, at: place,
      "column '\(column)' should be a number, found \(found). Correct the cell, or declare \(found) as missing.")
  }

  /// A cell is no number in a column that is one by its other cells, or was told to be.
  static func notNumeric(_ found: String, column: String, at place: String) -> DataError {
    DataError(
      .badData, at: place,
      "column '\(column)' should be a number, found \(found). Correct the cell; or in a configuration list \(found) as "
        + "missing (data.missing.markers), or declare the column categorical (data.types).")
  }
}

/// Texts and numbers of rows, collected into a piece: for readers whose rows are not cells of CSV.
package struct PieceBuilder {
  let requests: [ColumnRequest]
  let missingMarkers: Set<String>
  var numbers: [[Double]]
  var codes: [[Int32]]
  let dictionaries: [CategoryDictionary]

  package init(_ requests: [ColumnRequest], missingMarkers: [String]) {
    self.requests = requests
    self.missingMarkers = Set(missingMarkers)
    numbers = requests.map { _ in [] }
    codes = requests.map { _ in [] }
    dictionaries = requests.map {
      CategoryDictionary(
        column: $0.name, missingMarkers: missingMarkers.map { Array($0.utf8) }, limit: PieceReading.largestGroupCount)
    }
  }

  /// Adds a cell that holds a text.
  package mutating func append(_ text: String, column: Int, place: @autoclosure () -> String) throws(DataError) {
    if text.isEmpty || missingMarkers.contains(text) { return appendMissing(column: column) }
    switch requests[column].kind {
    case .category: codes[column].append(try dictionaries[column].code(of: text, place: place()))
    case .number:
      var text = text
      guard case .number(let value) = text.withUTF8({ DecimalNumber.read(UnsafeRawBufferPointer($0)) }) else {
        throw PieceReading.notNumber(Excerpt.quoted(text), column: requests[column].name, at: place())
      }
      numbers[column].append(value)
    }
  }

  /// Adds a cell that holds a number.
  ///
  /// - Parameter text: The number as it names a category.
  package mutating func append(
    _ value: Double, text: @autoclosure () -> String, column: Int, place: @autoclosure () -> String
  ) throws(DataError) {
    switch requests[column].kind {
    case .category: try append(text(), column: column, place: place())
    case .number:
      guard value.isFinite else {
        throw PieceReading.notNumber("'\(value)'", column: requests[column].name, at: place())
      }
      numbers[column].append(value)
    }
  }

  /// Adds a missing cell.
  package mutating func appendMissing(column: Int) {
    switch requests[column].kind {
    case .category: codes[column].append(-1)
    case .number: numbers[column].append(.nan)
    }
  }

  /// The rows collected, which are then forgotten; the values of categories stay.
  package mutating func take(rows: Int, origins: RowOrigins) -> TablePiece {
    let columns = requests.indices.map { column -> TablePiece.Cells in
      requests[column].kind == .number ? .numbers(numbers[column]) : .codes(codes[column])
    }
    for column in requests.indices {
      numbers[column].removeAll(keepingCapacity: true)
      codes[column].removeAll(keepingCapacity: true)
    }
    return TablePiece(rows: rows, columns: columns, origins: origins)
  }

  package func values(of column: Int) -> [String] { dictionaries[column].names }
}
