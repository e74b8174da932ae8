extension FeatureEncoder {
  /// What most rows hold in each feature, d values, where so few features of a row differ from it that working with
  /// the deviations pays; nil where they do not.
  ///
  /// It is 0 for a numeric column, for a piece of one what it is in the middle of the training rows, and for an indicator the value of rows without its category: 0, or what
  /// standardisation made of it. A row differs in each numeric column, some of its pieces, and one indicator of each
  /// categorical one, so it pays from about three features to each of these. The row depends on the encoder alone, not on the rows
  /// encoded, so that a saved model scores as it was trained.
  public var baseRow: [Float]? {
    let deviations = columns.reduce(0) { $0 + $1.expectedDeviations }
    guard 3 * deviations <= featureCount else { return nil }
    return columns.flatMap { column -> [Float] in
      switch column.encoding {
      case .numeric(let numeric): [0] + (numeric.pieces?.baseValues ?? [])
      case .categorical(let categorical): categorical.absentValues
      }
    }
  }
}

extension FeatureEncoder.Column {
  /// How many features of a row differ from the base row, about.
  fileprivate var expectedDeviations: Int {
    if case .numeric(let numeric) = encoding { 1 + (numeric.pieces?.expectedDeviations ?? 0) } else { 1 }
  }
}

extension FeatureEncoder.Categorical {
  /// What each indicator is in rows of other categories.
  var absentValues: [Float] { zip(offsets, scales).map { Float((0 - $0) / $1) } }
}
