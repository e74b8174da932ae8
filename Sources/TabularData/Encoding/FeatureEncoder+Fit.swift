import Wording

extension FeatureEncoder {
  /// Fits an encoder.
  ///
  /// - Parameters:
  ///   - table: The table.
  ///   - names: The feature columns, in the order of the features.
  ///   - keptRows: All rows that the data set uses: their values are the categories.
  ///   - trainingRows: The rows that every statistic is computed on; at least one.
  public static func fit(
    to table: Table, columns names: [String], keptRows: [Int], trainingRows: [Int],
    missing: MissingPolicy = MissingPolicy(), options: EncodingOptions = EncodingOptions()
  ) throws(DataError) -> FeatureEncoder {
    precondition(!trainingRows.isEmpty, "FeatureEncoder.fit: no training rows")
    var columns: [Column] = []
    for name in names {
      let encoding: Encoding
      switch try table.column(named: name).cells {
      case .numeric(let values):
        encoding = .numeric(
          try fitNumeric(values, name, table, trainingRows, standardize: options.standardize != .none))
      case .categorical(let codes, let categories):
        encoding = .categorical(
          try fitCategorical(
            codes, categories, name, table, keptRows: keptRows, trainingRows: trainingRows, missing: missing,
            options: options))
      }
      columns.append(Column(name: name, encoding: encoding))
    }
    return FeatureEncoder(columns: columns)
  }

  private static func fitNumeric(
    _ values: [Double], _ name: String, _ table: Table, _ rows: [Int], standardize: Bool
  ) throws(DataError) -> Numeric {
    var sum = 0.0
    var present = 0
    for row in rows where !values[row].isNaN {
      sum += values[row]
      present += 1
    }
    guard present > 0 else {
      throw DataError(
        .badData, at: table.source,
        "column \(Excerpt.quoted(name)) has no number in any of the \(rows.count) training rows. Drop it.")
    }
    let fill = sum / Double(present)
    guard standardize else { return Numeric(fill: fill, mean: 0, scale: 1) }
    // Two passes; filled cells lie at the mean and add nothing to the squares.
    var squares = 0.0
    for row in rows where !values[row].isNaN { squares += (values[row] - fill) * (values[row] - fill) }
    let n = Double(rows.count)
    guard squares.isFinite else {
      throw DataError(
        .badData, at: table.source,
        "column \(Excerpt.quoted(name)) has numbers too large to be squared. Rescale it, or drop it.")
    }
    return Numeric(fill: fill, mean: fill, scale: Self.scale(variance: squares / n, mean: fill, count: n))
  }

  /// The standard deviation, or 1 for a column that is constant but for rounding (scikit-learn's bound, from
  /// Chan, Golub, LeVeque 1983: variance ≤ n·ε·variance + (n·mean·ε)²).
  private static func scale(variance: Double, mean: Double, count: Double) -> Double {
    let epsilon = Double.ulpOfOne
    let bound = count * epsilon * variance + (count * mean * epsilon) * (count * mean * epsilon)
    return variance <= bound ? 1 : variance.squareRoot()
  }

  private static func fitCategorical(
    _ codes: [Int32], _ categories: [String], _ name: String, _ table: Table, keptRows: [Int], trainingRows: [Int],
    missing: MissingPolicy, options: EncodingOptions
  ) throws(DataError) -> Categorical {
    // Missing is counted behind the categories, at index `categories.count`.
    func counts(_ rows: [Int]) -> [Int] {
      var counts = [Int](repeating: 0, count: categories.count + 1)
      for row in rows { counts[codes[row] < 0 ? categories.count : Int(codes[row])] += 1 }
      return counts
    }
    let kept = counts(keptRows)
    let training = counts(trainingRows)
    var trainingCount: [String: Int] = [:]
    for (code, count) in kept.enumerated() where count > 0 {
      trainingCount[code < categories.count ? categories[code] : missing.category, default: 0] += training[code]
    }
    let vocabulary = trainingCount.keys.sorted(by: GroupValue.precedes)
    guard vocabulary.count <= options.maximumCategories else {
      throw DataError(
        .badData, at: table.source,
        "column \(Excerpt.quoted(name)) has \(vocabulary.count) categories in \(keptRows.count) rows, more than "
          + "\(options.maximumCategories). Drop it, or declare it numeric.")
    }
    let dropped = options.dropFirst ? min(1, vocabulary.count) : 0
    let n = Double(trainingRows.count)
    let means = vocabulary.dropFirst(dropped).map { Double(trainingCount[$0] ?? 0) / n }
    let standardize = options.standardize == .all
    return Categorical(
      categories: vocabulary, isKnown: vocabulary.map { trainingCount[$0] ?? 0 > 0 }, droppedCount: dropped,
      missingCategory: missing.category, means: means,
      offsets: standardize ? means : means.map { _ in 0 },
      // The variance of an indicator with mean p is p(1 − p).
      scales: means.map { standardize ? Self.scale(variance: $0 * (1 - $0), mean: $0, count: n) : 1 })
  }
}
