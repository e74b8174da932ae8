import FairnessMetrics

/// A table of findings: what a pack, a search or a comparison came to.
public struct ResultTable: Sendable, Hashable {
  /// What the cells of a column are.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case text
    case count
    /// A fraction in 0...1, or a difference of such; shown in percent.
    case share
    case number
    case pValue
  }

  /// One column.
  public struct Column: Sendable, Hashable {
    public var name: String
    public var kind: Kind

    public init(_ name: String, _ kind: Kind) {
      self.name = name
      self.kind = kind
    }
  }

  /// One cell.
  public enum Cell: Sendable, Hashable {
    case text(String)
    case count(Int)
    case value(MetricValue)
  }

  /// What the table shows.
  public var title: String

  /// What has to be said with it.
  public var notes: [String]

  /// The columns.
  public var columns: [Column]

  /// The rows, each with a cell for every column.
  public var rows: [[Cell]]

  public init(_ title: String, notes: [String] = [], columns: [Column], rows: [[Cell]] = []) {
    self.title = title
    self.notes = notes
    self.columns = columns
    self.rows = rows
  }
}
