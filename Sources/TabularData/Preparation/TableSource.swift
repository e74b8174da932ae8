/// Rows that can be gone through in pieces, any number of times, always the same ones in the same order.
///
/// The pieces are tables of equal columns and types. The list of categories of a column only grows from piece to piece,
/// so that a code means the same in all of them.
public protocol TableSource: AnyObject {
  /// The names and types of all columns, and the name of the source; its rows are not looked at.
  var head: Table { get }

  /// Goes through the rows once.
  ///
  /// - Parameters:
  ///   - columns: The columns that are needed; a piece may have more. Nil: all that the source can give.
  ///   - body: Called with one piece after the other.
  func forEachPiece(
    columns: Set<String>?, _ body: (SourcePiece) throws(DataError) -> Void
  ) throws(DataError)
}

/// Consecutive rows of a source.
public struct SourcePiece: Sendable {
  /// The rows.
  public var table: Table

  /// The 0-based position of the first of them in the source.
  public var firstRow: Int

  /// The split that ranges of the piece's rows belong to, where the source itself divides its rows.
  public var parts: [(split: SplitName, rows: Range<Int>)]

  /// How much of the source has been gone through with this piece, in 0...1.
  public var share: Double

  public init(
    _ table: Table, firstRow: Int, parts: [(split: SplitName, rows: Range<Int>)] = [], share: Double = 1
  ) {
    self.table = table
    self.firstRow = firstRow
    self.parts = parts
    self.share = share
  }
}

/// A table in memory as a source of one piece.
public final class WholeTable: TableSource {
  public let head: Table
  private let parts: [(split: SplitName, rows: Range<Int>)]

  public init(_ table: Table) {
    head = table
    parts = []
  }

  /// One table for each part of a split, of which there may be several to a part.
  ///
  /// - Throws: `DataError` where the tables do not have the same columns.
  /// - Precondition: There is at least one table.
  public init(_ tables: [(split: SplitName, table: Table)]) throws(DataError) {
    head = try Table.concatenating(tables.map(\.table))
    var offset = 0
    var parts: [(split: SplitName, rows: Range<Int>)] = []
    for (split, table) in tables {
      parts.append((split, offset..<offset + table.rowCount))
      offset += table.rowCount
    }
    self.parts = parts
  }

  public func forEachPiece(
    columns: Set<String>?, _ body: (SourcePiece) throws(DataError) -> Void
  ) throws(DataError) {
    try body(SourcePiece(head, firstRow: 0, parts: parts))
  }
}

/// Simulated rows as a source; each time through they are drawn anew, which gives the same rows.
public final class SimulatedRows: TableSource {
  private static let pieceSize = 1 << 14

  public let head: Table
  private let simulator: CensusSimulator
  private let rows: Int
  private let seed: UInt64

  public init(rows: Int, seed: UInt64, simulator: CensusSimulator = CensusSimulator()) {
    self.simulator = simulator
    self.rows = rows
    self.seed = seed
    head = simulator.rows(count: 0, seed: seed)
  }

  public func forEachPiece(
    columns: Set<String>?, _ body: (SourcePiece) throws(DataError) -> Void
  ) throws(DataError) {
    for first in stride(from: 0, to: rows, by: Self.pieceSize) {
      let end = min(rows, first + Self.pieceSize)
      let table = simulator.rows(first..<end, seed: seed)
      // Rows are counted from the first of all, as in one table.
      let origins = RowOrigins(runs: [.init(firstRow: -first, source: table.source, firstLine: nil)])
      try body(
        SourcePiece(
          Table(columns: table.columns, source: table.source, origins: origins), firstRow: first,
          share: Double(end) / Double(rows)))
    }
  }
}
