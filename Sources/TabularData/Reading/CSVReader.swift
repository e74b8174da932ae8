/// Reads CSV files into tables.
///
/// Plain files are mapped into memory, gzip files (known by their first bytes, whatever the name) unzipped into it. A
/// column is numeric where every present cell of every file is a finite number, otherwise categorical, unless `options`
/// gives its type. A column of numbers with a few other cells, such as `nan`, is refused rather than guessed at.
public struct CSVReader: Sendable {
  /// How cells are told apart.
  public var format: CSVFormat

  /// How columns get their types.
  public var options: ReadingOptions

  public init(format: CSVFormat = CSVFormat(), options: ReadingOptions = ReadingOptions()) {
    self.format = format
    self.options = options
  }

  /// Reads one file.
  ///
  /// - Throws: `DataError` with path and line.
  public func read(_ path: String) throws(DataError) -> Table {
    let raw = try RawTable.read(path, format: format, skipping: options.skipped)
    return try tables(of: [raw])[0]
  }

  /// Reads several files of the same columns, each into a table of its own; a column has one type in all of them.
  public func read(_ paths: [String]) throws(DataError) -> [Table] {
    var raws: [RawTable] = []
    for path in paths { raws.append(try RawTable.read(path, format: format, skipping: options.skipped)) }
    return try tables(of: raws)
  }

  /// Only cuts the file into cells, without types: what the benchmark of the scanner measures.
  ///
  /// - Returns: The number of rows.
  package func scan(_ path: String) throws(DataError) -> Int {
    try RawTable.read(path, format: format, skipping: options.skipped).rowCount
  }

  private func tables(of raws: [RawTable]) throws(DataError) -> [Table] {
    let markers = options.missingMarkers.map { Array($0.utf8) }
    var columns: [[Table.Column]] = raws.map { _ in [] }
    var done: Set<String> = []
    for raw in raws {
      for column in raw.columns where done.insert(column.name).inserted {
        // The same column of every file, so that all agree on one type.
        var readings: [(file: Int, reading: ColumnReading)] = []
        for (file, other) in raws.enumerated() {
          guard let same = other.columns.first(where: { $0.name == column.name }) else { continue }
          readings.append((file, ColumnReading(same, of: other, missingMarkers: markers)))
        }
        let type = try type(of: column.name, readings.map(\.reading))
        for (file, reading) in readings {
          let cells = try type == .numeric ? reading.numericCells() : reading.categoricalCells()
          columns[file].append(Table.Column(name: column.name, cells: cells))
        }
      }
    }
    return zip(raws, columns).map { raw, columns in
      let order = Dictionary(uniqueKeysWithValues: raw.columns.enumerated().map { ($1.name, $0) })
      return Table(
        columns: columns.sorted { order[$0.name, default: 0] < order[$1.name, default: 0] }, source: raw.path,
        origins: raw.origins)
    }
  }

  private func type(of name: String, _ readings: [ColumnReading]) throws(DataError) -> ColumnType {
    if let given = options.types[name] { return given }
    if readings.allSatisfy(\.isAllNumbers) { return .numeric }
    if !options.unchecked.contains(name) {
      for reading in readings where reading.isAmbiguous { throw reading.notNumericError() }
    }
    return .categorical
  }
}
