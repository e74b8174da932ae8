import Wording

/// One cell of a row that did not come from a file.
package enum RowCell: Sendable, Hashable {
  case missing
  case number(Double)
  case category(String)
}

/// Turns single rows into features, without a table: what a service needs that answers row by row.
///
/// The features are those of `FeatureEncoder.encode`, bit by bit.
package struct RowEncoder: Sendable {
  /// What the encoder was fitted on and a row does not have.
  package struct Unseen: Sendable, Hashable {
    /// The column's index.
    package var column: Int
    /// The value, in quotation marks, or `a missing cell`.
    package var value: String
  }

  /// A class, as one count of references costs less for each cell than five.
  private final class Categorical: Sendable {
    let indicatorOf: [String: Int]
    let missingCategory: String
    let absent: [Float]
    let present: [Float]
    let bucket: [Float]

    init(_ categorical: FeatureEncoder.Categorical) {
      var indicatorOf: [String: Int] = [:]
      for (position, name) in categorical.categories.enumerated()
      where categorical.isKnown[position] && indicatorOf[name] == nil {
        indicatorOf[name] = position - categorical.droppedCount
      }
      self.indicatorOf = indicatorOf
      missingCategory = categorical.missingCategory
      absent = categorical.absentValues
      present = categorical.presentValues
      bucket = categorical.bucketFeatures
    }
  }

  private enum Plan {
    case numeric(FeatureEncoder.Numeric)
    case categorical(Categorical)
  }

  /// The columns' names, in the order in which a row's cells stand.
  package let columnNames: [String]

  /// The number of features, d.
  package let featureCount: Int

  private let plans: [Plan]

  package init(_ encoder: FeatureEncoder) {
    columnNames = encoder.columns.map(\.name)
    featureCount = encoder.featureCount
    plans = encoder.columns.map { column in
      switch column.encoding {
      case .numeric(let numeric): .numeric(numeric)
      case .categorical(let categorical): .categorical(Categorical(categorical))
      }
    }
  }

  /// Whether a column holds numbers.
  package func isNumeric(_ column: Int) -> Bool {
    if case .numeric = plans[column] { true } else { false }
  }

  /// Appends the features of a row.
  ///
  /// - Parameters:
  ///   - cells: One for each column; numbers in numeric columns and categories in the others.
  ///   - unseen: Gets what no training row has, which is encoded as the average of the training rows.
  /// - Returns: The first column whose number is too large for a feature; the features are of no use then. Nil where all
  ///   is well.
  package func append(
    _ cells: ArraySlice<RowCell>, to features: inout [Float], unseen: inout [Unseen]
  ) -> Int? {
    precondition(cells.count == plans.count, "RowEncoder: \(cells.count) cells for \(plans.count) columns")
    var tooLarge: Int?
    for (column, cell) in cells.enumerated() {
      switch plans[column] {
      case .numeric(let numeric):
        var number: Double?
        if case .number(let value) = cell { number = value }
        let feature = number.map { Float(($0 - numeric.mean) / numeric.scale) } ?? numeric.missingValue
        if !feature.isFinite { tooLarge = tooLarge ?? column }
        features.append(feature)
        if let pieces = numeric.pieces {
          let x = number ?? numeric.fill
          for piece in 0..<pieces.count { features.append(pieces.value(piece, of: x)) }
        }
      case .categorical(let categorical):
        var name: String?
        if case .category(let text) = cell { name = text }
        if let indicator = categorical.indicatorOf[name ?? categorical.missingCategory] {
          let first = features.count
          features += categorical.absent
          if indicator >= 0 { features[first + indicator] = categorical.present[indicator] }
        } else {
          unseen.append(Unseen(column: column, value: name.map { Excerpt.quoted($0) } ?? "a missing cell"))
          features += categorical.bucket
        }
      }
    }
    return tooLarge
  }
}
