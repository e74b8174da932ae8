import TabularData

/// A column of numbers that is not in the file: a model's scores of its rows.
public struct SuppliedColumn: Sendable {
  /// The name under which the evaluation asks for it.
  public var name: String

  /// A number for each row of the file.
  public var values: [Double]

  public init(_ name: String, values: [Double]) {
    self.name = name
    self.values = values
  }
}

/// Reads a file, and puts a supplied column among its own.
final class SupplyingReader: PieceReader {
  private let reader: any PieceReader
  private let supplied: SuppliedColumn
  /// Where the supplied column stands in the request.
  private let place: Int
  private var rows = 0

  /// - Parameters:
  ///   - reader: A reader of the request without the supplied column.
  ///   - place: The index of the supplied column in the request.
  init(_ reader: any PieceReader, _ supplied: SuppliedColumn, place: Int) {
    self.reader = reader
    self.supplied = supplied
    self.place = place
  }

  func next(limit: Int) throws(DataError) -> TablePiece? {
    guard var piece = try reader.next(limit: limit) else { return nil }
    guard rows + piece.rows <= supplied.values.count else {
      throw DataError(
        .badData, at: piece.origins.place(ofRow: supplied.values.count - rows),
        "has no score: the model scored \(supplied.values.count) rows. Was the file changed meanwhile?")
    }
    piece.columns.insert(.numbers(Array(supplied.values[rows..<(rows + piece.rows)])), at: place)
    rows += piece.rows
    return piece
  }

  func values(of column: Int) -> [String] {
    column == place ? [] : reader.values(of: column < place ? column : column - 1)
  }
}
