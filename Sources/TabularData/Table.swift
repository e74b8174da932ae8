/// Named columns of equal length: what a file of rows becomes once every column has a type.
public struct Table: Sendable {
  /// One column: its name and its cells, top to bottom.
  public struct Column: Sendable, Equatable {
    /// The name in the header.
    public var name: String

    /// The cells.
    public var cells: Cells

    public init(name: String, cells: Cells) {
      self.name = name
      self.cells = cells
    }
  }

  /// The cells of a column, by its type.
  public enum Cells: Sendable, Equatable {
    /// Numbers; a missing cell is NaN, which no present cell can be (the reader refuses NaN and infinity).
    case numeric([Double])

    /// Codes into the list of categories; a missing cell is −1. The categories keep the spelling of the file.
    case categorical(codes: [Int32], categories: [String])

    /// The number of cells.
    public var count: Int {
      switch self {
      case .numeric(let values): values.count
      case .categorical(let codes, _): codes.count
      }
    }
  }

  /// The columns, in the order of the file.
  public private(set) var columns: [Column]

  /// The number of rows.
  public let rowCount: Int

  /// Where the rows came from, for messages and records: a path or a name.
  public var source: String

  /// Where each row came from: file and line.
  public let origins: RowOrigins

  /// Creates a table.
  ///
  /// - Parameter origins: Where each row came from; nil: a source without lines.
  /// - Precondition: All columns have the same length, and no two have the same name.
  public init(columns: [Column], source: String, origins: RowOrigins? = nil) {
    let rowCount = columns.first?.cells.count ?? 0
    precondition(
      columns.allSatisfy { $0.cells.count == rowCount }, "Table: columns of different length in \(source)")
    precondition(Set(columns.map(\.name)).count == columns.count, "Table: a column name occurs twice in \(source)")
    self.columns = columns
    self.rowCount = rowCount
    self.source = source
    self.origins = origins ?? RowOrigins(source: source)
  }

  /// The column of a name, or nil.
  public subscript(name: String) -> Column? {
    columns.first { $0.name == name }
  }
}
