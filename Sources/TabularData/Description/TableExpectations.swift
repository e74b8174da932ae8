import Wording

/// What a table has to be like, to be held against new data: a file that is made from good data, and changed by hand.
public struct TableExpectations: Sendable, Equatable {
  /// What a column has to be like.
  public struct Column: Sendable, Equatable {
    public var name: String

    public var type: ColumnType

    /// The least share of rows that have a value, in 0...1.
    public var minimumPresent: Double

    /// The categories that there may be; nil for any.
    public var categories: [String]?

    /// The least number; nil for any. Not made from data, of which the next ones may well go beyond.
    public var minimum: Double?

    /// The greatest number; nil for any.
    public var maximum: Double?

    public init(
      name: String, type: ColumnType, minimumPresent: Double, categories: [String]? = nil, minimum: Double? = nil,
      maximum: Double? = nil
    ) {
      self.name = name
      self.type = type
      self.minimumPresent = minimumPresent
      self.categories = categories
      self.minimum = minimum
      self.maximum = maximum
    }
  }

  /// The version of the file's format.
  public var format = 1

  /// The least number of rows.
  public var minimumRows: Int

  /// The columns that there have to be; others are found out.
  public var columns: [Column]

  public init(minimumRows: Int, columns: [Column]) {
    self.minimumRows = minimumRows
    self.columns = columns
  }

  /// The most categories that a column's values are expected to be among; with more, it may hold any text.
  private static let mostCategories = 100

  /// What a good table lets expect: its columns, types and categories; a value in every row of the columns that are
  /// complete, and about as many as now in the others; at least one row.
  public init(of table: Table) {
    minimumRows = 1
    columns = table.columns.map { column in
      let rows = max(1, table.rowCount)
      switch column.cells {
      case .numeric(let values):
        return Column(
          name: column.name, type: .numeric, minimumPresent: Self.expectedShare(values.count { !$0.isNaN }, of: rows))
      case .categorical(let codes, let categories):
        let occurring = Set(codes)
        let names = categories.indices.filter { occurring.contains(Int32($0)) }.map { categories[$0] }
        return Column(
          name: column.name, type: .categorical,
          minimumPresent: Self.expectedShare(codes.count { $0 >= 0 }, of: rows),
          categories: names.count <= Self.mostCategories ? names.sorted(by: GroupValue.precedes) : nil)
      }
    }
  }

  /// All, or five hundredths less than there are, in hundredths.
  private static func expectedShare(_ present: Int, of rows: Int) -> Double {
    present == rows ? 1 : max(0, (Double(present) / Double(rows) * 100 - 5).rounded(.down) / 100)
  }

  // MARK: - Anomalies

  /// A way in which a table is not as expected.
  public struct Anomaly: Sendable, Equatable {
    /// The kinds, under the names that data validation has for them.
    public enum Kind: String, Sendable, Equatable, CaseIterable {
      case missingColumn, newColumn, otherType, unexpectedValues, lowFractionPresent, outOfRange, tooFewRows
    }

    public var kind: Kind
    /// The column; nil for the whole table.
    public var column: String?
    /// What was found, and what was expected.
    public var message: String
  }

  /// What of a table is not as expected, column by column.
  ///
  /// - Source: the anomalies of TensorFlow Data Validation.
  public func anomalies(in table: Table) -> [Anomaly] {
    var found: [Anomaly] = []
    if table.rowCount < minimumRows {
      found.append(
        Anomaly(kind: .tooFewRows, column: nil, message: "\(table.rowCount) rows, expected at least \(minimumRows)"))
    }
    for expected in columns {
      guard let column = table[expected.name] else {
        found.append(Anomaly(kind: .missingColumn, column: expected.name, message: "is not there"))
        continue
      }
      found += Self.anomalies(in: column, of: table, expected)
    }
    for column in table.columns where !columns.contains(where: { $0.name == column.name }) {
      found.append(Anomaly(kind: .newColumn, column: column.name, message: "is not expected"))
    }
    return found
  }

  private static func anomalies(in column: Table.Column, of table: Table, _ expected: Column) -> [Anomaly] {
    var found: [Anomaly] = []
    func add(_ kind: Anomaly.Kind, _ message: String) {
      found.append(Anomaly(kind: kind, column: column.name, message: message))
    }
    let present: Int
    switch column.cells {
    case .numeric(let values): present = values.count { !$0.isNaN }
    case .categorical(let codes, _): present = codes.count { $0 >= 0 }
    }
    let share = Double(present) / Double(max(1, table.rowCount))
    if share < expected.minimumPresent {
      add(
        .lowFractionPresent,
        "\(table.rowCount - present) of \(table.rowCount) rows have no value, expected at least "
          + "\(expected.minimumPresent) of them to have one")
    }
    // A column without any cell has no type of its own.
    guard present > 0 else { return found }
    guard column.cells.type == expected.type else {
      add(.otherType, "is \(column.cells.type.rawValue), expected \(expected.type.rawValue)")
      return found
    }
    switch column.cells {
    case .categorical(let codes, let categories):
      guard let allowed = expected.categories.map(Set.init) else { break }
      var counts = [Int](repeating: 0, count: categories.count)
      for code in codes where code >= 0 { counts[Int(code)] += 1 }
      let strange = categories.indices.filter { counts[$0] > 0 && !allowed.contains(categories[$0]) }
      if !strange.isEmpty {
        let rows = strange.reduce(0) { $0 + counts[$1] }
        let names = strange.sorted { counts[$0] > counts[$1] }.map { Excerpt.quoted(categories[$0]) }
        add(.unexpectedValues, "\(rows) rows hold \(Excerpt.list(quoted: names)), which the expected values lack")
      }
    case .numeric(let values):
      let (low, high) = (expected.minimum ?? -.infinity, expected.maximum ?? .infinity)
      let outside = values.filter { $0 < low || $0 > high }
      if let worst = outside.first {
        add(
          .outOfRange,
          "\(outside.count) rows lie outside of \(GroupValue.name(low))...\(GroupValue.name(high)), such as "
            + GroupValue.name(worst))
      }
    }
    return found
  }
}
