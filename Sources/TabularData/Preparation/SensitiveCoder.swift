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

  /// The rows that belong to a group that is kept.
  static func kept(
    _ sensitive: DataRecipe.Sensitive, in table: Table, rows: [Int]
  ) throws(DataError) -> [Int] {
    guard sensitive.keep != nil else { return rows }
    var tally = try GroupTally(sensitive, in: table)
    let cells = try column(named: sensitive.column, in: table).cells
    tally.add(cells, rows: rows)
    try tally.checkKept()
    return tally.kept(cells, rows: rows)
  }

  /// Finds the groups in the kept rows of a table.
  static func fit(_ sensitive: DataRecipe.Sensitive, to table: Table, rows: [Int]) throws(DataError) -> SensitiveCoder {
    var tally = try GroupTally(sensitive, in: table)
    tally.add(try column(named: sensitive.column, in: table).cells, rows: rows)
    return try fit(sensitive, to: tally, rows: rows.count, at: table.source)
  }

  /// Finds the groups among those of the kept rows.
  static func fit(
    _ sensitive: DataRecipe.Sensitive, to tally: GroupTally, rows: Int, at source: String
  ) throws(DataError) -> SensitiveCoder {
    let name = Excerpt.quoted(sensitive.column)
    let groups = try tally.groups()
    guard let only = groups.first else {
      throw DataError(
        .badData, at: source, "sensitive column \(name) is missing in every row. Name another column.")
    }
    guard groups.count > 1 else {
      throw DataError(
        .badData, at: source,
        "sensitive column \(name) has one group, \(Excerpt.quoted(only)), in the \(rows) rows kept. "
          + "Comparing groups needs two: check the groups kept and the filters.")
    }
    var privileged: Int?
    if let wanted = sensitive.privileged {
      guard let group = tally.match(wanted, among: groups) else {
        throw DataError(
          .badData, at: source,
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

  static func column(named name: String, in table: Table) throws(DataError) -> Table.Column {
    if let column = table[name] { return column }
    let names = table.columns.map(\.name)
    let hint =
      NearestName.find(name, among: names).map { "Did you mean \(Excerpt.quoted($0))?" }
      ?? "The table has \(Excerpt.list(names, limit: 60))."
    throw DataError(.badData, at: table.source, "Missing demographic feature: \(Excerpt.quoted(name)). \(hint)")
  }

  private static func codes(
    of name: String, bins: [Double]?, groups: [String], in table: Table, rows: [Int]
  ) throws(DataError) -> [Int32] {
    let column = try Self.column(named: name, in: table)
    let lookup = GroupLookup(groups: groups, bins: bins)
    switch column.cells {
    case .numeric(let values): return rows.map { lookup.code(ofNumber: values[$0]) }
    case .categorical(let codes, let categories):
      let map = categories.map { lookup.code(ofCategory: $0) }
      return rows.map { codes[$0] < 0 ? -1 : map[Int(codes[$0])] }
    }
  }

  package static func binNames(_ bins: [Double]) -> [String] {
    let names = bins.map { GroupValue.name($0) }
    return ["<\(names[0])"] + zip(names, names.dropFirst()).map { "[\($0), \($1))" } + [">=\(names[names.count - 1])"]
  }

  /// The number of boundaries at or below a value.
  static func bin(of value: Double, _ bins: [Double]) -> Int {
    bins.prefix { $0 <= value }.count
  }
}

/// The groups of single values, looked up.
package struct GroupLookup: Sendable {
  private let bins: [Double]?
  private let codeOfBin: [Int32]
  private let codeOfNumber: [Double: Int32]
  private let codeOfName: [String: Int32]

  package init(_ coder: SensitiveCoder) {
    self.init(groups: coder.groups, bins: coder.bins)
  }

  init(groups: [String], bins: [Double]?) {
    var codeOfName: [String: Int32] = [:]
    var codeOfNumber: [Double: Int32] = [:]
    for (code, group) in groups.enumerated() {
      if codeOfName[group] == nil { codeOfName[group] = Int32(code) }
      if let number = GroupValue.number(group) { codeOfNumber[number] = Int32(code) }
    }
    self.bins = bins
    codeOfBin = (bins.map(SensitiveCoder.binNames) ?? []).map { codeOfName[$0] ?? -1 }
    self.codeOfName = codeOfName
    self.codeOfNumber = codeOfNumber
  }

  /// The group of a number; −1 where it is NaN, or in no known group.
  package func code(ofNumber value: Double) -> Int32 {
    guard let bins else { return codeOfNumber[value] ?? -1 }
    return value.isNaN ? -1 : codeOfBin[SensitiveCoder.bin(of: value, bins)]
  }

  /// The group of a category; −1 where it is not known.
  package func code(ofCategory name: String) -> Int32 { codeOfName[name] ?? -1 }
}
