import Wording

/// Turns a sensitive column into codes of groups.
public struct SensitiveCoder: Sendable, Equatable, Codable {
  /// The column.
  public let column: String

  /// The groups: names in the order of their UTF-8 bytes, numbers and bins in rising order.
  public let groups: [String]

  /// The index into `groups` of the privileged group, where one is named.
  public let privileged: Int?

  /// The boundaries of the bins of a numeric column, in rising order.
  public let bins: [Double]?

  /// A numeric column of at most so many different numbers may serve as groups without bins.
  static let maximumNumericGroups = 10

  /// Whether each row belongs to a group that is kept.
  static func kept(
    _ sensitive: DataRecipe.Sensitive, in table: Table, rows: [Int]
  ) throws(DataError) -> [Int] {
    guard let keep = sensitive.keep else { return rows }
    let all = try groups(of: sensitive, in: table, rows: rows)
    let numeric = try column(of: sensitive, in: table).cells.type == .numeric
    var wanted: Set<String> = []
    for name in keep {
      guard let group = ColumnGroups.match(name, among: all, numeric: numeric && sensitive.bins == nil) else {
        throw DataError(
          .badData, at: table.source,
          "sensitive column \(Excerpt.quoted(sensitive.column)) never has the group \(Excerpt.quoted(name)) to keep. "
            + "It has \(Excerpt.list(all)).")
      }
      wanted.insert(group)
    }
    let codes = try codes(of: sensitive.column, bins: sensitive.bins, groups: all, in: table, rows: rows)
    let isWanted = all.map { wanted.contains($0) }
    return zip(rows, codes).filter { $1 >= 0 && isWanted[Int($1)] }.map(\.0)
  }

  /// Finds the groups in the kept rows of a table.
  static func fit(_ sensitive: DataRecipe.Sensitive, to table: Table, rows: [Int]) throws(DataError) -> SensitiveCoder {
    let name = Excerpt.quoted(sensitive.column)
    let groups = try groups(of: sensitive, in: table, rows: rows)
    guard let only = groups.first else {
      throw DataError(
        .badData, at: table.source, "sensitive column \(name) is missing in every row. Name another column.")
    }
    guard groups.count > 1 else {
      throw DataError(
        .badData, at: table.source,
        "sensitive column \(name) has one group, \(Excerpt.quoted(only)), in the \(rows.count) rows kept. "
          + "Comparing groups needs two: check the groups kept and the filters.")
    }
    var privileged: Int?
    if let wanted = sensitive.privileged {
      let numeric = try column(of: sensitive, in: table).cells.type == .numeric && sensitive.bins == nil
      guard let group = ColumnGroups.match(wanted, among: groups, numeric: numeric) else {
        throw DataError(
          .badData, at: table.source,
          "sensitive column \(name) never has the privileged group \(Excerpt.quoted(wanted)). "
            + "It has \(Excerpt.list(groups)).")
      }
      privileged = groups.firstIndex(of: group)
    }
    return SensitiveCoder(column: sensitive.column, groups: groups, privileged: privileged, bins: sensitive.bins)
  }

  /// The attribute in some rows of a table; −1 where it is missing or a group that the coder does not know.
  ///
  /// - Throws: `DataError` where the table has no such column.
  public func attribute(of table: Table, rows: [Int]) throws(DataError) -> SensitiveColumn {
    SensitiveColumn(
      name: column, groups: groups, privileged: privileged,
      codes: try Self.codes(of: column, bins: bins, groups: groups, in: table, rows: rows))
  }

  // MARK: - Groups

  private static func column(of sensitive: DataRecipe.Sensitive, in table: Table) throws(DataError) -> Table.Column {
    try sensitiveColumn(named: sensitive.column, in: table)
  }

  private static func sensitiveColumn(named name: String, in table: Table) throws(DataError) -> Table.Column {
    if let column = table[name] { return column }
    let names = table.columns.map(\.name)
    let hint =
      NearestName.find(name, among: names).map { "Did you mean \(Excerpt.quoted($0))?" }
      ?? "The table has \(Excerpt.list(names, limit: 60))."
    throw DataError(.badData, at: table.source, "Missing demographic feature: \(Excerpt.quoted(name)). \(hint)")
  }

  private static func groups(
    of sensitive: DataRecipe.Sensitive, in table: Table, rows: [Int]
  ) throws(DataError) -> [String] {
    let column = try column(of: sensitive, in: table)
    let name = Excerpt.quoted(sensitive.column)
    if let bins = sensitive.bins {
      guard case .numeric(let values) = column.cells else {
        throw DataError(
          .badData, at: table.source, "sensitive column \(name) has bins, and is not numeric. Leave out the bins.")
      }
      guard !bins.isEmpty, zip(bins, bins.dropFirst()).allSatisfy({ $0 < $1 }), bins.allSatisfy(\.isFinite) else {
        let shown = bins.map { GroupValue.name($0) }.joined(separator: ", ")
        throw DataError(
          .badData, at: table.source,
          "sensitive column \(name) has the bins [\(shown)]. Name at least one boundary, in rising order.")
      }
      let names = binNames(bins)
      var seen = [Bool](repeating: false, count: names.count)
      for row in rows where !values[row].isNaN { seen[bin(of: values[row], bins)] = true }
      return names.indices.filter { seen[$0] }.map { names[$0] }
    }
    let groups = ColumnGroups.occurring(in: column.cells, rows: rows)
    if case .numeric = column.cells, groups.count > maximumNumericGroups {
      throw DataError(
        .badData, at: table.source,
        "sensitive column \(name) has \(groups.count) different numbers, from \(groups[0]) to "
          + "\(groups[groups.count - 1]). Cut it into groups by bins, or declare it categorical (data.types).")
    }
    return groups
  }

  private static func codes(
    of name: String, bins: [Double]?, groups: [String], in table: Table, rows: [Int]
  ) throws(DataError) -> [Int32] {
    let column = try sensitiveColumn(named: name, in: table)
    switch column.cells {
    case .numeric(let values):
      if let bins {
        let names = binNames(bins)
        let codes = names.map { name in Int32(groups.firstIndex(of: name) ?? -1) }
        return rows.map { values[$0].isNaN ? -1 : codes[bin(of: values[$0], bins)] }
      }
      var codeOf: [Double: Int32] = [:]
      for (code, group) in groups.enumerated() {
        if let number = GroupValue.number(group) { codeOf[number] = Int32(code) }
      }
      return rows.map { codeOf[values[$0]] ?? -1 }
    case .categorical(let codes, let categories):
      let map = categories.map { category in Int32(groups.firstIndex(of: category) ?? -1) }
      return rows.map { codes[$0] < 0 ? -1 : map[Int(codes[$0])] }
    }
  }

  private static func binNames(_ bins: [Double]) -> [String] {
    let names = bins.map { GroupValue.name($0) }
    return ["<\(names[0])"] + zip(names, names.dropFirst()).map { "[\($0), \($1))" } + [">=\(names[names.count - 1])"]
  }

  /// The number of boundaries at or below a value.
  private static func bin(of value: Double, _ bins: [Double]) -> Int {
    bins.prefix { $0 <= value }.count
  }
}
