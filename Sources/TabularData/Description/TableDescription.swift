/// What a table holds, column by column: plain values, to be printed or stored.
public struct TableDescription: Sendable, Equatable, Codable {
  /// Where the table came from.
  public var source: String

  /// The number of rows.
  public var rows: Int

  /// The columns, in the order of the table.
  public var columns: [ColumnDescription]

  /// The share of positive labels in every group, where a label and sensitive columns are named.
  public var labelRates: [LabelRate]

  /// A column.
  public struct ColumnDescription: Sendable, Equatable, Codable {
    public var name: String
    public var type: ColumnType
    /// Rows without a value.
    public var missing: Int
    /// Different values, the missing one not counted.
    public var distinct: Int
    /// Of a numeric column with at least one value.
    public var numbers: Numbers?
    /// The most frequent categories, at most ten, by falling count and then by name; empty for numeric columns.
    public var top: [Count]
  }

  /// The numbers of a column, missing ones left out.
  public struct Numbers: Sendable, Equatable, Codable {
    public var mean: Double
    /// The population standard deviation.
    public var standardDeviation: Double
    public var minimum: Double
    /// The middle value; of an even count, the mean of the two in the middle.
    public var median: Double
    public var maximum: Double
  }

  /// A category and its rows.
  public struct Count: Sendable, Equatable, Codable {
    public var value: String
    public var rows: Int
  }

  /// The labels of a group.
  public struct LabelRate: Sendable, Equatable, Codable {
    public var column: String
    public var group: String
    /// The rows of the group that have a label.
    public var rows: Int
    public var positives: Int
    /// `positives / rows`; nil where there is no row.
    public var rate: Double? { rows == 0 ? nil : Double(positives) / Double(rows) }
  }

  /// Describes a table.
  ///
  /// - Parameter recipe: Names the label and the sensitive columns; its filters and kept groups are applied.
  public init(_ table: Table, recipe: DataRecipe? = nil) throws(DataError) {
    self.init(table, try DescribedRows(table, recipe: recipe))
  }

  init(_ table: Table, _ described: DescribedRows) {
    self.init(table, rows: described.rows, labelRates: described.labelRates)
  }

  /// Describes some rows of a table.
  init(_ table: Table, rows: [Int], labelRates: [LabelRate]) {
    source = table.source
    self.rows = rows.count
    columns = table.columns.map { Self.describe($0, rows: rows) }
    self.labelRates = labelRates
  }

  private static func describe(_ column: Table.Column, rows: [Int]) -> ColumnDescription {
    switch column.cells {
    case .numeric(let values):
      let present = rows.map { values[$0] }.filter { !$0.isNaN }.sorted()
      let distinct = zip(present, present.dropFirst()).reduce(present.isEmpty ? 0 : 1) { $0 + ($1.0 == $1.1 ? 0 : 1) }
      return ColumnDescription(
        name: column.name, type: .numeric, missing: rows.count - present.count, distinct: distinct,
        numbers: numbers(sorted: present), top: [])
    case .categorical(let codes, let categories):
      var counts = [Int](repeating: 0, count: categories.count)
      var missing = 0
      for row in rows {
        if codes[row] < 0 { missing += 1 } else { counts[Int(codes[row])] += 1 }
      }
      let occurring = zip(categories, counts).filter { $0.1 > 0 }.sorted {
        $0.1 != $1.1 ? $0.1 > $1.1 : GroupValue.precedes($0.0, $1.0)
      }
      return ColumnDescription(
        name: column.name, type: .categorical, missing: missing, distinct: occurring.count, numbers: nil,
        top: occurring.prefix(10).map { Count(value: $0.0, rows: $0.1) })
    }
  }

  private static func numbers(sorted values: [Double]) -> Numbers? {
    guard let minimum = values.first, let maximum = values.last else { return nil }
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let middle = values.count / 2
    let median = values.count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
    return Numbers(
      mean: mean, standardDeviation: (squares / n).squareRoot(), minimum: minimum, median: median, maximum: maximum)
  }
}

/// The rows of a table that a description is about, with their groups and labels.
struct DescribedRows {
  /// Those that the recipe's filters and groups keep, or all.
  let rows: [Int]

  /// Each sensitive attribute of the rows.
  private(set) var attributes: [SensitiveColumn] = []

  /// The labels of the rows, 0 or 1, nil where one is missing; empty where no binary label is named.
  private(set) var labels: [Float?] = []

  init(_ table: Table, recipe: DataRecipe?) throws(DataError) {
    var kept = Array(0..<table.rowCount)
    guard let recipe else {
      rows = kept
      return
    }
    for filter in recipe.filters {
      let passing = try filter.passing(in: table)
      kept.removeAll { !passing[$0] }
    }
    for sensitive in recipe.sensitive { kept = try SensitiveCoder.kept(sensitive, in: table, rows: kept) }
    rows = kept
    var warnings: [DataWarning] = []
    if recipe.label.kind == .binary {
      labels = try LabelCoder.fit(recipe.label, to: table, rows: rows, warnings: &warnings)
        .labels(of: table, rows: rows)
    }
    for sensitive in recipe.sensitive {
      attributes.append(
        try SensitiveCoder.fit(sensitive, to: table, rows: rows).attribute(of: table, rows: rows))
    }
  }

  /// The share of positive labels in every group.
  var labelRates: [TableDescription.LabelRate] {
    if labels.isEmpty { return [] }
    return attributes.flatMap { attribute in
      var counts = attribute.groups.map {
        TableDescription.LabelRate(column: attribute.name, group: $0, rows: 0, positives: 0)
      }
      for (code, label) in zip(attribute.codes, labels) where code >= 0 {
        guard let label else { continue }
        counts[Int(code)].rows += 1
        if label == 1 { counts[Int(code)].positives += 1 }
      }
      return counts
    }
  }
}
