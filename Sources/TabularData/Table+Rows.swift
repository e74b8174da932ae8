import Wording

extension Table {
  /// The names and types of the columns.
  ///
  /// - Parameter missingMarkers: The markers the table was read with, to be kept with the types.
  public func schema(missingMarkers: [String]) -> Schema {
    Schema(columns: columns.map { Schema.Column(name: $0.name, type: $0.cells.type) }, missingMarkers: missingMarkers)
  }

  /// The column of a name.
  ///
  /// - Throws: `DataError` that names the nearest column there is.
  public func column(named name: String) throws(DataError) -> Column {
    if let column = self[name] { return column }
    let hint =
      NearestName.find(name, among: columns.map(\.name)).map { "Did you mean \(Excerpt.quoted($0))?" }
      ?? "It has \(Excerpt.list(columns.map(\.name), limit: 60))."
    throw DataError(.badData, at: source, "has no column \(Excerpt.quoted(name)). \(hint)")
  }

  /// The same table with some categories of a column renamed, such as `>50K.` to `>50K`; those that become equal are
  /// one afterwards.
  public func renamingCategories(of name: String, _ newNames: [String: String]) -> Table {
    var renamed = columns
    for index in renamed.indices where renamed[index].name == name {
      guard case .categorical(let codes, let categories) = renamed[index].cells else { continue }
      var merged = CategoryList()
      let map = categories.map { merged.code(of: newNames[$0] ?? $0) }
      renamed[index].cells = .categorical(
        codes: codes.map { $0 < 0 ? -1 : map[Int($0)] }, categories: merged.categories)
    }
    return Table(columns: renamed, source: source, origins: origins)
  }

  /// Tables of the same columns, one under the other; the order of columns is that of the first.
  ///
  /// - Throws: `DataError` where a column is missing in one of them or has another type there.
  /// - Precondition: There is at least one table.
  public static func concatenating(_ tables: [Table]) throws(DataError) -> Table {
    precondition(!tables.isEmpty, "Table.concatenating: no tables")
    let first = tables[0]
    guard tables.count > 1 else { return first }
    for table in tables {
      if let missing = first.columns.first(where: { table[$0.name] == nil }) {
        throw mismatch(table, lacks: missing.name, of: first)
      }
      if let extra = table.columns.first(where: { first[$0.name] == nil }) {
        throw mismatch(first, lacks: extra.name, of: table)
      }
    }
    var columns: [Column] = []
    for column in first.columns {
      columns.append(Column(name: column.name, cells: try joined(column.name, tables)))
    }
    var origins = RowOrigins(runs: [])
    var offset = 0
    for table in tables {
      origins.append(table.origins, offset: offset)
      offset += table.rowCount
    }
    return Table(columns: columns, source: tables.map(\.source).joined(separator: " + "), origins: origins)
  }

  private static func mismatch(_ table: Table, lacks name: String, of other: Table) -> DataError {
    DataError(
      .badData, at: table.source,
      "has no column \(Excerpt.quoted(name)), which \(other.source) has. Give both files the same columns.")
  }

  private static func joined(_ name: String, _ tables: [Table]) throws(DataError) -> Cells {
    var numbers: [Double] = []
    var list = CategoryList()
    var codes: [Int32] = []
    for table in tables {
      switch try table.column(named: name).cells {
      case .numeric(let values):
        numbers += values
      case .categorical(let tableCodes, let categories):
        let map = categories.map { list.code(of: $0) }
        codes += tableCodes.map { $0 < 0 ? -1 : map[Int($0)] }
      }
    }
    if !numbers.isEmpty && !codes.isEmpty {
      throw DataError(
        .badData, at: tables.map(\.source).joined(separator: " + "),
        "column \(Excerpt.quoted(name)) is numeric in one file and categorical in another. Declare its type (data.types)."
      )
    }
    return codes.isEmpty ? .numeric(numbers) : .categorical(codes: codes, categories: list.categories)
  }
}

extension Table.Cells {
  /// The type of the column.
  public var type: ColumnType {
    switch self {
    case .numeric: .numeric
    case .categorical: .categorical
    }
  }
}

/// Categories in order of appearance, each with its code.
struct CategoryList {
  private(set) var categories: [String] = []
  private var codes: [String: Int32] = [:]

  mutating func code(of name: String) -> Int32 {
    if let code = codes[name] { return code }
    let code = Int32(categories.count)
    codes[name] = code
    categories.append(name)
    return code
  }
}
