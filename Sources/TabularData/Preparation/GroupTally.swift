import Wording

/// The groups of a sensitive column that occur in some rows, collected piece by piece.
struct GroupTally {
  /// A numeric column of at most so many different numbers may serve as groups without bins.
  static let maximumNumericGroups = 10

  private let sensitive: DataRecipe.Sensitive
  private let source: String
  private let type: ColumnType
  private var values: ValueTally
  private let binNames: [String]
  private var binIsSeen: [Bool]
  /// What the kept groups are: numbers, or names of categories or bins. Empty where all are kept.
  private let keptNumbers: Set<Double>
  private let keptNames: Set<String>

  /// Checks that the column can make groups.
  init(_ sensitive: DataRecipe.Sensitive, in table: Table) throws(DataError) {
    self.sensitive = sensitive
    source = table.source
    let name = Excerpt.quoted(sensitive.column)
    type = try SensitiveCoder.column(named: sensitive.column, in: table).cells.type
    values = ValueTally(type)
    if let bins = sensitive.bins {
      guard type == .numeric else {
        throw DataError(
          .badData, at: table.source, "sensitive column \(name) has bins, and is not numeric. Leave out the bins.")
      }
      guard !bins.isEmpty, zip(bins, bins.dropFirst()).allSatisfy({ $0 < $1 }), bins.allSatisfy(\.isFinite) else {
        let shown = bins.map { GroupValue.name($0) }.joined(separator: ", ")
        throw DataError(
          .badData, at: table.source,
          "sensitive column \(name) has the bins [\(shown)]. Name at least one boundary, in rising order.")
      }
      binNames = SensitiveCoder.binNames(bins)
    } else {
      binNames = []
    }
    binIsSeen = binNames.map { _ in false }
    keptNumbers = Set((sensitive.keep ?? []).compactMap { GroupValue.number($0) })
    keptNames = Set(sensitive.keep ?? [])
  }

  /// Notes the groups of some rows of a piece.
  mutating func add(_ cells: Table.Cells, rows: [Int]) {
    guard case .numeric(let numbers) = cells, let bins = sensitive.bins else {
      return values.add(cells, rows: rows)
    }
    for row in rows where !numbers[row].isNaN { binIsSeen[SensitiveCoder.bin(of: numbers[row], bins)] = true }
  }

  /// The rows of a piece whose group is kept.
  func kept(_ cells: Table.Cells, rows: [Int]) -> [Int] {
    switch cells {
    case .numeric(let numbers):
      guard let bins = sensitive.bins else { return rows.filter { keptNumbers.contains(numbers[$0]) } }
      let isKept = binNames.map { keptNames.contains($0) }
      return rows.filter { !numbers[$0].isNaN && isKept[SensitiveCoder.bin(of: numbers[$0], bins)] }
    case .categorical(let codes, let categories):
      let isKept = categories.map { keptNames.contains($0) }
      return rows.filter { codes[$0] >= 0 && isKept[Int(codes[$0])] }
    }
  }

  /// The groups that occur: names in the order of their UTF-8 bytes, numbers and bins in rising order.
  func groups() throws(DataError) -> [String] {
    if sensitive.bins != nil { return binNames.indices.filter { binIsSeen[$0] }.map { binNames[$0] } }
    let groups = values.occurring
    if type == .numeric, groups.count > Self.maximumNumericGroups {
      throw DataError(
        .badData, at: source,
        "sensitive column \(Excerpt.quoted(sensitive.column)) has \(groups.count) different numbers, from \(groups[0]) "
          + "to \(groups[groups.count - 1]). Cut it into groups by bins, or declare it categorical (data.types).")
    }
    return groups
  }

  /// Refuses groups to keep that never occur.
  func checkKept() throws(DataError) {
    guard let keep = sensitive.keep else { return }
    let groups = try groups()
    for name in keep where match(name, among: groups) == nil {
      throw DataError(
        .badData, at: source,
        "sensitive column \(Excerpt.quoted(sensitive.column)) never has the group \(Excerpt.quoted(name)) to keep. "
          + "It has \(Excerpt.list(groups)).")
    }
  }

  /// The group that a name means.
  func match(_ wanted: String, among groups: [String]) -> String? {
    sensitive.bins == nil ? values.match(wanted, among: groups) : groups.first { $0 == wanted }
  }
}
