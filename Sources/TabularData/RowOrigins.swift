/// Where each row of a table was read: source and line, kept as runs of rows on consecutive lines.
public struct RowOrigins: Sendable, Equatable {
  /// Rows from `firstRow` on stand in `source`, one a line, from `firstLine` on.
  public struct Run: Sendable, Equatable {
    /// The 0-based row of the table that the run begins with.
    public var firstRow: Int

    /// The file or the name.
    public var source: String

    /// The 1-based line of `firstRow`; nil where the source has no lines.
    public var firstLine: Int?

    public init(firstRow: Int, source: String, firstLine: Int?) {
      self.firstRow = firstRow
      self.source = source
      self.firstLine = firstLine
    }
  }

  /// The runs, by `firstRow`; the first begins with row 0.
  public private(set) var runs: [Run]

  /// Rows that have no line of a file.
  public init(source: String) {
    runs = [Run(firstRow: 0, source: source, firstLine: nil)]
  }

  /// - Precondition: There is at least one run.
  package init(runs: [Run]) { self.runs = runs }

  /// The place of a row as messages show it: `adult.csv:17`, or `census, row 17` where there are no lines.
  public func place(ofRow row: Int) -> String {
    // Binary search for the last run that begins at or before the row.
    var low = 0
    var high = runs.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if runs[middle].firstRow <= row { low = middle } else { high = middle }
    }
    let run = runs[low]
    guard let line = run.firstLine else { return "\(run.source), row \(row - run.firstRow + 1)" }
    return "\(run.source):\(line + row - run.firstRow)"
  }

  /// Appends the origins of a table of which the first row becomes row `offset`.
  mutating func append(_ other: RowOrigins, offset: Int) {
    runs += other.runs.map { Run(firstRow: $0.firstRow + offset, source: $0.source, firstLine: $0.firstLine) }
  }
}
