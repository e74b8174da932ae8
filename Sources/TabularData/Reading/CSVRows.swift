/// The rows of CSV files as a source that is never in memory as a whole, typed as `CSVReader` would type them.
///
/// Opening it goes through the files once for the types. The files are read again each time through, so that pipes will
/// not do.
public final class CSVRows: TableSource {
  private static let pieceSize = 1 << 14

  public let head: Table
  private let files: [(path: String, part: SplitName?, names: [String])]
  private let format: CSVFormat
  private let missingMarkers: [String]
  private let largestCategoryCount: Int
  private let types: [String: ColumnType]
  private let totalBytes: Int

  /// Looks at the cells of all files.
  ///
  /// - Parameters:
  ///   - files: The files, with the split that their rows belong to where the files divide the rows.
  ///   - largestCategoryCount: A column of more categories is an error, told as soon as it has them.
  ///   - onProgress: Called with the share that has been looked at, in 0...1; what it throws ends the reading.
  /// - Precondition: There is at least one file.
  public init(
    _ files: [(path: String, part: SplitName?)], format: CSVFormat = CSVFormat(),
    options: ReadingOptions = ReadingOptions(), largestCategoryCount: Int = 10_000,
    onProgress: (Double) throws(DataError) -> Void = { _ in }
  ) throws(DataError) {
    precondition(!files.isEmpty, "CSVRows: no files")
    self.format = format
    self.largestCategoryCount = max(largestCategoryCount, PieceReading.largestGroupCount)
    missingMarkers = options.missingMarkers
    var sizes: [Int] = []
    for (path, _) in files {
      // What does not exist is told by the reader.
      guard let size = FileChunks.size(of: path) else {
        _ = try ByteStream(path)
        throw DataError(
          .noInput, at: path, "is no plain file, and has to be read more than once. Copy it to a file first.")
      }
      sizes.append(size)
    }
    totalBytes = max(1, sizes.reduce(0, +))
    var inspections: [[CellInspection]] = []
    var names: [[String]] = []
    var bytesBefore = 0
    for ((path, _), size) in zip(files, sizes) {
      let reader = try CSVPieceReader(inspecting: path, format: format, missingMarkers: options.missingMarkers)
      try Self.check(reader.columnNames, format: format, at: path)
      while try reader.next(limit: Self.pieceSize) != nil {
        try onProgress(Double(bytesBefore + min(size, reader.fileBytesRead)) / Double(totalBytes))
      }
      bytesBefore += size
      inspections.append(reader.inspections)
      names.append(reader.inspections.map(\.column).filter { !options.skipped.contains($0) })
    }
    let types = try Self.types(inspections, options)
    self.types = types
    self.files = zip(files, names).map { ($0.path, $0.part, $1) }
    let heads = zip(files, names).map { file, names in
      Table(columns: names.map { .init(name: $0, cells: .numeric([])) }, source: file.path)
    }
    // Refuses files of different columns.
    _ = try Table.concatenating(heads)
    head = Table(
      columns: names[0].map { name in
        .init(name: name, cells: types[name] == .numeric ? .numeric([]) : .categorical(codes: [], categories: []))
      }, source: files.map(\.path).joined(separator: " + "))
  }

  private static func check(_ names: [String], format: CSVFormat, at path: String) throws(DataError) {
    guard format.columnNames == nil, let index = names.firstIndex(of: "") else { return }
    throw DataError(
      .badData, at: path,
      "column \(index + 1) has no name. Name it in the header (pandas leaves out its row numbers with index=False).")
  }

  /// One type for each column in all files.
  private static func types(
    _ files: [[CellInspection]], _ options: ReadingOptions
  ) throws(DataError) -> [String: ColumnType] {
    var types: [String: ColumnType] = [:]
    for inspection in files.joined() where types[inspection.column] == nil {
      let name = inspection.column
      let same = files.compactMap { $0.first { $0.column == name } }
      if let given = options.types[name] {
        if given == .numeric, let wrong = same.first(where: { !$0.isAllNumbers }) { throw wrong.notNumericError }
        types[name] = given
      } else if same.allSatisfy(\.isAllNumbers) {
        types[name] = .numeric
      } else {
        if !options.unchecked.contains(name), let slip = same.first(where: \.isAmbiguous) { throw slip.notNumericError }
        types[name] = .categorical
      }
    }
    return types
  }

  public func forEachPiece(
    columns wanted: Set<String>?, _ body: (SourcePiece) throws(DataError) -> Void
  ) throws(DataError) {
    let names = head.columns.map(\.name).filter { wanted?.contains($0) ?? true }
    let requests = names.map { ColumnRequest($0, types[$0] == .numeric ? .number : .category) }
    var lists = names.map { _ in CategoryList() }
    var firstRow = 0
    var bytesBefore = 0
    for (path, part, _) in files {
      let reader = try CSVPieceReader(
        path, format: format, requests: requests, missingMarkers: missingMarkers, bufferSize: 1 << 20,
        inspecting: false
      ) { [largestCategoryCount] name, markers in
        CategoryDictionary(
          column: name, missingMarkers: markers, limit: largestCategoryCount,
          remedy: "too many to be categories. Drop it, or declare it numeric (data.types).")
      }
      // The codes of this file as codes of all files.
      var maps = names.map { _ in [Int32]() }
      while let piece = try reader.next(limit: Self.pieceSize) {
        var columns: [Table.Column] = []
        for (index, name) in names.enumerated() {
          switch piece.columns[index] {
          case .numbers(let numbers): columns.append(.init(name: name, cells: .numeric(numbers)))
          case .codes(let codes):
            for value in reader.values(of: index).dropFirst(maps[index].count) {
              maps[index].append(lists[index].code(of: value))
            }
            let map = maps[index]
            columns.append(
              .init(
                name: name,
                cells: .categorical(
                  codes: codes.map { $0 < 0 ? -1 : map[Int($0)] }, categories: lists[index].categories)))
          }
        }
        let bytes = bytesBefore + reader.fileBytesRead
        try body(
          SourcePiece(
            Table(columns: columns, source: path, origins: piece.origins), firstRow: firstRow,
            parts: part.map { [($0, 0..<piece.rows)] } ?? [], share: min(1, Double(bytes) / Double(totalBytes))))
        firstRow += piece.rows
      }
      bytesBefore += reader.fileBytesRead
    }
  }
}
