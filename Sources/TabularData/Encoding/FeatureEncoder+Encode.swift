import LinearAlgebra
import Wording

extension FeatureEncoder {
  /// Encodes rows of a table.
  ///
  /// - Parameters:
  ///   - table: A table with all columns of the encoder; its other columns are ignored.
  ///   - rows: The rows, in the order wanted; nil: all.
  /// - Returns: The features, `[n, d]`, and a warning per column that had values for the unseen bucket.
  /// - Throws: `DataError` that names the columns which are missing or have another type.
  public func encode(
    _ table: Table, rows: [Int]? = nil
  ) throws(DataError) -> (features: Matrix<Float>, warnings: [DataWarning]) {
    var encoding = try PieceEncoding(self, head: table)
    let rows = rows ?? Array(0..<table.rowCount)
    let values = try encoding.dense(table, rows: rows)
    return (Matrix(rows: rows.count, columns: featureCount, values: values), encoding.warnings)
  }
}

extension FeatureEncoder {
  /// What is said of values that no training row has.
  ///
  /// - Parameters:
  ///   - cells: How many cells hold one of them.
  ///   - values: The different ones, in quotation marks.
  package static func unseenWarning(
    column: String, cells: Int, of rows: Int, values: [String], at source: String
  ) -> DataWarning {
    DataWarning(
      at: source,
      "column \(Excerpt.quoted(column)): \(cells) of \(rows) rows hold what no training row has "
        + "(\(Excerpt.list(quoted: values))); they are encoded as the average of the training rows.")
  }
}
