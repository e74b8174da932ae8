import LinearAlgebra
import Wording

extension DataRecipe {
  /// The rows of each part.
  ///
  /// - Parameters:
  ///   - rows: The rows to use, rising.
  ///   - given: The rows of each table, for `DataSplit.tables`.
  func splitRows(
    _ rows: [Int], of table: Table, label: LabelCoder, given: [SplitName: [Int]]?, warnings: inout [DataWarning]
  ) throws(DataError) -> [SplitName: [Int]] {
    let parts: [SplitName: [Int]]
    switch split {
    case .fractions(let shares, let stratify, let seed):
      try Self.check(shares, at: table.source)
      let strata = try strata(stratify, rows, table, label)
      let sizes = SplitDrawing.sizes(shares, rows: rows.count)
      let drawn = SplitDrawing.draw(sizes, strata: strata, stream: RandomStream(seed: seed).split("data split"))
      parts = drawn.mapValues { part in part.map { rows[$0] } }
    case .column(let name, let values):
      parts = try partsByColumn(name, values, rows, table, warnings: &warnings)
    case .tables:
      let kept = Set(rows)
      parts = (given ?? [:]).mapValues { part in part.filter { kept.contains($0) } }
    }
    for name in SplitName.allCases {
      if let part = parts[name], part.isEmpty {
        throw DataError(
          .badData, at: table.source,
          "the \(name.rawValue) split is empty: \(rows.count) rows are to be divided. Give it a larger share.")
      }
    }
    return parts
  }

  private static func check(_ shares: [SplitName: Double], at source: String) throws(DataError) {
    func shown() -> String {
      SplitName.allCases.compactMap { name in shares[name].map { "\(name.rawValue) \(GroupValue.name($0))" } }
        .joined(separator: ", ")
    }
    guard shares[.train] != nil else {
      throw DataError(.badData, at: source, "the split (\(shown())) has no train part. Give train a share.")
    }
    for name in SplitName.allCases {
      guard let share = shares[name], !(share > 0 && share <= 1) else { continue }
      throw DataError(
        .badData, at: source,
        "the split gives \(name.rawValue) the share \(GroupValue.name(share)). A share is above 0 and at most 1.")
    }
    let sum = SplitName.allCases.reduce(0) { $0 + (shares[$1] ?? 0) }
    guard sum <= 1 + 1e-9 else {
      throw DataError(
        .badData, at: source,
        "the split (\(shown())) adds up to \(GroupValue.name(sum)). Shares may add up to 1 at most.")
    }
  }

  /// The stratum of every row, counted from 0 in the order of appearance.
  private func strata(
    _ stratify: DataSplit.Stratification, _ rows: [Int], _ table: Table, _ label: LabelCoder
  ) throws(DataError) -> [Int] {
    switch stratify {
    case .none:
      return rows.map { _ in 0 }
    case .label:
      return try label.labels(of: table, rows: rows).map { $0 == 1 ? 1 : 0 }
    case .column(let name):
      var numbers: [String: Int] = [:]
      let cells = try table.column(named: name).cells
      let strata = rows.map { row in
        let key = cells.name(at: row) ?? ""
        let next = numbers.count
        return numbers[key, default: next] == next
          ? {
            numbers[key] = next
            return next
          }() : numbers[key, default: next]
      }
      guard numbers.count <= max(2, rows.count / 2) else {
        throw DataError(
          .badData, at: table.source,
          "column \(Excerpt.quoted(name)) has \(numbers.count) values in \(rows.count) rows, too many to stratify by. "
            + "Name a column with few values.")
      }
      return strata
    }
  }

  private func partsByColumn(
    _ name: String, _ values: [SplitName: [String]]?, _ rows: [Int], _ table: Table, warnings: inout [DataWarning]
  ) throws(DataError) -> [SplitName: [Int]] {
    let cells = try table.column(named: name).cells
    let occurring = ColumnGroups.occurring(in: cells, rows: rows)
    var partOf: [String: SplitName] = [:]
    for split in SplitName.allCases {
      for wanted in values?[split] ?? (values == nil ? [split.rawValue] : []) {
        guard let value = ColumnGroups.match(wanted, among: occurring, numeric: cells.type == .numeric) else {
          if values == nil && split != .train { continue }
          throw DataError(
            .badData, at: table.source,
            "column \(Excerpt.quoted(name)) never says \(Excerpt.quoted(wanted)) for the \(split.rawValue) split. "
              + "It has \(Excerpt.list(occurring)).")
        }
        if let other = partOf[value], other != split {
          throw DataError(
            .badData, at: table.source,
            "column \(Excerpt.quoted(name)): \(Excerpt.quoted(value)) means both the \(other.rawValue) and the "
              + "\(split.rawValue) split. Give it to one.")
        }
        partOf[value] = split
      }
    }
    var parts: [SplitName: [Int]] = [:]
    for split in partOf.values { parts[split] = [] }
    var unused = 0
    for row in rows {
      if let split = cells.name(at: row).flatMap({ partOf[$0] }) {
        parts[split, default: []].append(row)
      } else {
        unused += 1
      }
    }
    guard parts[.train] != nil else {
      throw DataError(
        .badData, at: table.source,
        "column \(Excerpt.quoted(name)) gives no row to the train split. It has \(Excerpt.list(occurring)).")
    }
    if unused > 0 {
      warnings.append(
        DataWarning(
          at: table.source, "column \(Excerpt.quoted(name)) puts \(unused) rows in no split; they are left out."))
    }
    return parts
  }
}

extension Table.Cells {
  /// The value of a cell as a name; nil where it is missing.
  func name(at row: Int) -> String? {
    switch self {
    case .numeric(let values): values[row].isNaN ? nil : GroupValue.name(values[row])
    case .categorical(let codes, let categories): codes[row] < 0 ? nil : categories[Int(codes[row])]
    }
  }
}
