extension FeatureEncoder {
  /// What most rows hold in each feature, d values, where so few features of a row differ from it that working with
  /// the deviations pays; nil where they do not.
  ///
  /// A numeric column has the number that most training rows have, or 0 where there is none, and its pieces what they are
  /// in the middle of the training rows; an indicator has the value of rows with its category where these are more than
  /// half, else that of the others: 0, or what standardisation made of it. A row differs in each numeric column, some of
  /// its pieces, and in one or two indicators of each categorical one at most, so it pays from about three features to
  /// each of these. The row depends on the encoder alone, not on the rows encoded, so that a saved model scores as it was
  /// trained.
  public var baseRow: [Float]? {
    let deviations = columns.reduce(0) { $0 + $1.expectedDeviations }
    guard 3 * deviations <= featureCount else { return nil }
    return columns.flatMap { column -> [Float] in
      switch column.encoding {
      case .numeric(let numeric): [numeric.commonValue] + (numeric.pieces?.baseValues ?? [])
      case .categorical(let categorical): categorical.commonValues
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

extension FeatureEncoder.Numeric {
  /// The feature of most rows, or 0.
  var commonValue: Float { common.map { Float(($0 - mean) / scale) } ?? 0 }
}

extension FeatureEncoder.Categorical {
  /// What each indicator is in rows of other categories.
  var absentValues: [Float] { zip(offsets, scales).map { Float((0 - $0) / $1) } }

  /// What each indicator is in rows of its category.
  var presentValues: [Float] { zip(offsets, scales).map { Float((1 - $0) / $1) } }

  /// The features of a row in the unseen bucket.
  package var bucketFeatures: [Float] {
    zip(means, zip(offsets, scales)).map { mean, standard in Float((mean - standard.0) / standard.1) }
  }

  /// The features of the rows of each category that a training row has.
  package var featuresByCategory: [(category: String, features: [Float])] {
    let (absent, present) = (absentValues, presentValues)
    return categories.indices.filter { isKnown[$0] }.map { position in
      var features = absent
      let indicator = position - droppedCount
      if indicator >= 0 { features[indicator] = present[indicator] }
      return (categories[position], features)
    }
  }

  /// The indicator of more than half of the training rows.
  var commonIndicator: Int? { means.firstIndex { $0 > 0.5 } }

  /// The features of a row with the most frequent category, if more than half of the rows have it, else of one with none.
  var commonValues: [Float] {
    var values = absentValues
    if let commonIndicator { values[commonIndicator] = presentValues[commonIndicator] }
    return values
  }
}
