import TabularData

extension PreparedData {
  /// A sentence for each column of numbers in which a mean stands for missing cells.
  ///
  /// Missing categories need none: they are a category of their own.
  ///
  /// - Parameters:
  ///   - source: What the sentences name as the place.
  ///   - column: The cells of a column in every row of the table.
  func imputations(
    in source: String, column: (String) throws(DataError) -> Table.Cells
  ) throws(DataError) -> [DataWarning] {
    var warnings: [DataWarning] = []
    let rows = splits.values.flatMap(\.sourceRows)
    for encoded in encoder.columns {
      guard case .numeric(let encoding) = encoded.encoding, case .numeric(let values) = try column(encoded.name)
      else { continue }
      let missing = rows.count { values[$0].isNaN }
      if missing > 0 {
        let fill = (encoding.fill * 1e4).rounded() / 1e4
        warnings.append(
          DataWarning(
            at: source,
            "column '\(encoded.name)' is missing in \(missing) of \(rows.count) rows; the mean of the training rows, "
              + "\(fill), stands for it."))
      }
    }
    return warnings
  }
}
