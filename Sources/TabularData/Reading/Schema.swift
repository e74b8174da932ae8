/// What the cells of a column are.
public enum ColumnType: String, Sendable, Equatable, Codable, CaseIterable {
  /// Finite numbers.
  case numeric
  /// Names of categories.
  case categorical
}

/// The names and types of the columns of a table, and which cells count as missing.
public struct Schema: Sendable, Equatable, Codable {
  /// A column's name and type.
  public struct Column: Sendable, Equatable, Codable {
    public var name: String
    public var type: ColumnType

    public init(name: String, type: ColumnType) {
      self.name = name
      self.type = type
    }
  }

  /// The columns, in the order of the table.
  public var columns: [Column]

  /// The cells that count as missing; an empty cell always does.
  public var missingMarkers: [String]

  public init(columns: [Column], missingMarkers: [String]) {
    self.columns = columns
    self.missingMarkers = missingMarkers
  }

  /// The type of a column, or nil where there is no such column.
  public subscript(name: String) -> ColumnType? {
    columns.first { $0.name == name }?.type
  }

  /// How to read new data so that its columns get the types of this schema.
  public var readingOptions: ReadingOptions {
    ReadingOptions(
      types: Dictionary(columns.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first }),
      missingMarkers: missingMarkers)
  }
}

/// How the columns of a file get their types.
public struct ReadingOptions: Sendable, Equatable, Codable {
  /// Types that are given; the others are inferred. A name that the file does not have is no fault here.
  public var types: [String: ColumnType]

  /// The cells that count as missing; an empty cell always does.
  public var missingMarkers: [String]

  /// Columns about whose type nobody cares (dropped ones): what is not all numbers is categorical, without complaint.
  public var unchecked: Set<String>

  /// Columns that are left out of the table and of memory.
  public var skipped: Set<String>

  public init(
    types: [String: ColumnType] = [:], missingMarkers: [String] = ["?"], unchecked: Set<String> = [],
    skipped: Set<String> = []
  ) {
    self.types = types
    self.missingMarkers = missingMarkers
    self.unchecked = unchecked
    self.skipped = skipped
  }
}
