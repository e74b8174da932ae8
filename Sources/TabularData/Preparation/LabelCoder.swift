import Wording

/// Turns a label column into 0 and 1.
public struct LabelCoder: Sendable, Equatable, Codable {
  /// The column.
  public let column: String

  /// The values that count as 1, as the data spell them.
  public let positive: [String]

  /// The values that count as 0, as the data that it was fitted on spell them.
  public let negative: [String]

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

  /// The labels of some rows: 1, 0, or nil where missing.
  ///
  /// - Throws: `DataError` where the table has no such column.
  public func labels(of table: Table, rows: [Int]) throws(DataError) -> [Float?] {
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
}
