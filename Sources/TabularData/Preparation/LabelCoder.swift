import Wording

/// Turns a label column into numbers: 0 and 1, the indices of classes, or its own.
public struct LabelCoder: Sendable, Equatable, Codable {
  /// The column.
  public let column: String

  /// The values that count as 1, as the data spell them; none where the label is not binary.
  public let positive: [String]

  /// The values that count as 0, as the data that it was fitted on spell them; none where the label is not binary.
  public let negative: [String]

  /// What the label is where it is not binary. Nil keeps the files of binary ones as they always were.
  private let targets: LabelKind?

  /// What the labels are.
  public var kind: LabelKind { targets ?? .binary }

  init(column: String, positive: [String], negative: [String]) {
    self.column = column
    self.positive = positive
    self.negative = negative
    targets = nil
  }

  init(column: String, kind: LabelKind) {
    self.column = column
    positive = []
    negative = []
    targets = kind
  }

  /// Finds the two classes in the kept rows of a table.
  static func fit(
    _ label: DataRecipe.Label, to table: Table, rows: [Int], warnings: inout [DataWarning]
  ) throws(DataError) -> LabelCoder {
    let cells = try table.column(named: label.column).cells
    var tally = ValueTally(cells.type)
    tally.add(cells, rows: rows)
    return try fit(label, to: tally, rows: rows.count, at: table.source, warnings: &warnings)
  }

  /// Finds the two classes in the values of the kept rows.
  static func fit(
    _ label: DataRecipe.Label, to tally: ValueTally, rows: Int, at source: String, warnings: inout [DataWarning]
  ) throws(DataError) -> LabelCoder {
    let name = Excerpt.quoted(label.column)
    let values = tally.occurring
    guard let last = values.last else {
      throw DataError(.badData, at: source, "label \(name) is missing in every row. Name another column.")
    }
    guard values.count > 1 else {
      throw DataError(
        .badData, at: source,
        "label \(name) has one value, \(Excerpt.quoted(last)), in the \(rows) rows kept. "
          + "A classifier needs two classes: check the label's name and the filters.")
    }
    var positive: [String] = []
    if label.positive.isEmpty {
      guard values.count == 2 else {
        throw DataError(
          .badData, at: source,
          "label \(name) has \(values.count) values: \(Excerpt.list(values)). Name those that count as positive.")
      }
      positive = [last]
      warnings.append(
        DataWarning(
          at: source, "label \(name): \(Excerpt.quoted(last)) counts as positive, as no positive value is named.")
      )
    } else {
      for wanted in label.positive {
        guard let value = tally.match(wanted, among: values) else {
          throw DataError(
            .badData, at: source,
            "label \(name) never has the positive value \(Excerpt.quoted(wanted)). It has \(Excerpt.list(values)).")
        }
        if !positive.contains(value) { positive.append(value) }
      }
    }
    let negative = values.filter { !positive.contains($0) }
    guard !negative.isEmpty else {
      throw DataError(
        .badData, at: source,
        "label \(name) is positive in every row: \(Excerpt.list(values)) all count as positive. Leave one out.")
    }
    // With a positive value named, a misspelt or third value would become 0 in silence.
    if !label.positive.isEmpty && negative.count > 1 {
      let counts = tally.countByName
      let shown = negative.map { value in
        let count = counts[value] ?? 0
        return "\(Excerpt.quoted(value)) (\(count) row\(count == 1 ? "" : "s"))"
      }
      warnings.append(
        DataWarning(at: source, "label \(name): \(Excerpt.sentence(quoted: shown)) count as negative."))
    }
    return LabelCoder(column: label.column, positive: positive, negative: negative)
  }

  /// The labels of some rows: numbers of their kind, or nil where missing.
  ///
  /// - Throws: `DataError` where the table has no such column; where a row has a class that no training row has, or a
  ///   number that is too large; where a column of numbers has others.
  public func labels(of table: Table, rows: [Int]) throws(DataError) -> [Float?] {
    switch kind {
    case .binary: break
    case .categorical(let classes): return try codes(of: table, rows: rows, classes: classes)
    case .continuous: return try numbers(of: table, rows: rows)
    }
    switch try table.column(named: column).cells {
    case .numeric(let values):
      let wanted = Set(positive.compactMap { GroupValue.number($0) })
      return rows.map { values[$0].isNaN ? nil : wanted.contains(values[$0]) ? 1 : 0 }
    case .categorical(let codes, let categories):
      let wanted = Set(positive)
      let isPositive = categories.map { wanted.contains($0) }
      return rows.map { codes[$0] < 0 ? nil : isPositive[Int(codes[$0])] ? 1 : 0 }
    }
  }

  /// The values of the column that the data it was fitted on have in neither class; none where the label is not binary.
  public func unknownValues(of table: Table) throws(DataError) -> [String] {
    guard kind == .binary else { return [] }
    let known = Set(positive + negative)
    switch try table.column(named: column).cells {
    case .numeric(let values):
      let numbers = Set(known.compactMap { GroupValue.number($0) })
      return Set(values).filter { !$0.isNaN && !numbers.contains($0) }.sorted().map { GroupValue.name($0) }
    case .categorical(let codes, let categories):
      let present = Set(codes)
      return categories.indices.filter { present.contains(Int32($0)) && !known.contains(categories[$0]) }
        .map { categories[$0] }
    }
  }

  private func codes(of table: Table, rows: [Int], classes: [String]) throws(DataError) -> [Float?] {
    let cells = try table.column(named: column).cells
    let lookup = GroupLookup(groups: classes, bins: nil)
    let name: (Int) -> String
    let code: (Int) -> Int32
    switch cells {
    case .numeric(let values):
      name = { GroupValue.name(values[$0]) }
      code = { lookup.code(ofNumber: values[$0]) }
    case .categorical(let codes, let categories):
      let map = categories.map { lookup.code(ofCategory: $0) }
      name = { categories[Int(codes[$0])] }
      code = { map[Int(codes[$0])] }
    }
    var labels: [Float?] = []
    labels.reserveCapacity(rows.count)
    for row in rows {
      guard !cells.isMissing(at: row) else {
        labels.append(nil)
        continue
      }
      let found = code(row)
      guard found >= 0 else {
        throw DataError(
          .badData, at: table.origins.place(ofRow: row),
          "label \(Excerpt.quoted(column)) is \(Excerpt.quoted(name(row))), a class that no training row has. The "
            + "training rows have \(Excerpt.list(classes)). Take the row out by a filter, or stratify the split by the "
            + "label.")
      }
      labels.append(Float(found))
    }
    return labels
  }

  private func numbers(of table: Table, rows: [Int]) throws(DataError) -> [Float?] {
    let values = try LabelFitting.numbers(of: column, in: table)
    var labels: [Float?] = []
    labels.reserveCapacity(rows.count)
    for row in rows {
      let value = values[row]
      guard value.isNaN || Float(value).isFinite else {
        throw DataError(
          .badData, at: table.origins.place(ofRow: row),
          "label \(Excerpt.quoted(column)) is \(GroupValue.name(value)), beyond single precision. Give it in a larger unit."
        )
      }
      labels.append(value.isNaN ? nil : Float(value))
    }
    return labels
  }
}
