extension FeatureEncoder {
  /// What most rows hold in each feature, d values, where so few features of a row differ from it that working with
  /// the deviations pays; nil where they do not.
  ///
  /// It is 0 for a numeric column, and for an indicator the value of rows without its category: 0, or what
  /// standardisation made of it. A row differs in each numeric column and in one indicator of each categorical one, so
  /// it pays from about three features to each such column. The row depends on the encoder alone, not on the rows
  /// encoded, so that a saved model scores as it was trained.
  public var baseRow: [Float]? {
    guard 3 * columns.count <= featureCount else { return nil }
    return columns.flatMap { column -> [Float] in
      switch column.encoding {
      case .numeric: [0]
      case .categorical(let categorical): categorical.absentValues
      }
    }
  }
}

extension FeatureEncoder.Categorical {
  /// What each indicator is in rows of other categories.
  var absentValues: [Float] { zip(offsets, scales).map { Float((0 - $0) / $1) } }
}
