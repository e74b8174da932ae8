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
    var fitting = try EncoderFitting(names, head: table, missing: missing, options: options)
    try fitting.addKept(table, rows: keptRows)
    try fitting.addTraining(table, rows: trainingRows)
    try fitting.addSquares(table, rows: trainingRows)
    return try fitting.encoder()
  }
}

/// Fits an encoder to rows that come in pieces: first all kept rows, then the training rows, then, where there are
/// numeric columns to standardise, the training rows once more for their squares.
///
/// Sums are in the order of the rows, so that the pieces they come in do not show in any bit.
struct EncoderFitting {
  /// The numbers of a column over the training rows in which it is present.
  private struct Numbers {
    var sum = 0.0
    var present = 0
    /// The sum of squared differences from the mean.
    var squares = 0.0
    /// The winner of a majority vote, and by how many votes (Boyer and Moore 1991).
    var candidate = 0.0
    var lead = 0
    /// What quantiles are computed from, where they are wanted.
    var sample = QuantileSample()

    var mean: Double { sum / Double(present) }

    /// The candidate, where it has won by so much that most rows have it.
    var common: Double? { 5 * lead > present ? candidate : nil }

    mutating func add(_ value: Double) {
      sum += value
      present += 1
      if value == candidate {
        lead += 1
      } else if lead == 0 {
        candidate = value
        lead = 1
      } else {
        lead -= 1
      }
    }
  }

  /// The rows with each category, by code + 1; first those in which the cell is missing.
  fileprivate struct Categories {
    var names: [String] = []
    var kept: [Int] = [0]
    var training: [Int] = [0]
  }

  private enum Column {
    case numeric(Numbers)
    case categorical(Categories)
  }

  private let names: [String]
  private let source: String
  private let missing: MissingPolicy
  private let options: EncodingOptions
  private var columns: [Column] = []
  private var keptRows = 0
  private var trainingRows = 0

  init(_ names: [String], head: Table, missing: MissingPolicy, options: EncodingOptions) throws(DataError) {
    self.names = names
    self.missing = missing
    self.options = options
    source = head.source
    for name in names {
      switch try head.column(named: name).cells {
      case .numeric: columns.append(.numeric(Numbers()))
      case .categorical: columns.append(.categorical(Categories()))
      }
    }
  }

  /// The columns of which squares are needed; empty where that pass can be left out.
  var squaredColumns: Set<String> {
    guard options.standardize != .none else { return [] }
    return Set(zip(names, columns).compactMap { if case .numeric = $1 { $0 } else { nil } })
  }

  /// Counts the categories of kept rows of a piece.
  mutating func addKept(_ table: Table, rows: [Int]) throws(DataError) {
    keptRows += rows.count
    for index in columns.indices {
      guard case .categorical(let codes, let categories) = try table.column(named: names[index]).cells,
        case .categorical(var counted) = columns[index]
      else { continue }
      columns[index] = .categorical(Categories())  // the only reference, so that counting copies nothing
      counted.grow(to: categories)
      Self.count(codes, rows, into: &counted.kept)
      columns[index] = .categorical(counted)
    }
  }

  /// Counts and sums training rows of a piece.
  mutating func addTraining(_ table: Table, rows: [Int]) throws(DataError) {
    trainingRows += rows.count
    for index in columns.indices {
      switch (try table.column(named: names[index]).cells, columns[index]) {
      case (.numeric(let values), .numeric(var numbers)):
        columns[index] = .numeric(Numbers())  // the only reference, so that sampling copies nothing
        for row in rows where !values[row].isNaN {
          numbers.add(values[row])
          if options.numericPieces > 0 { numbers.sample.add(values[row]) }
        }
        columns[index] = .numeric(numbers)
      case (.categorical(let codes, let categories), .categorical(var counted)):
        columns[index] = .categorical(Categories())
        counted.grow(to: categories)
        Self.count(codes, rows, into: &counted.training)
        columns[index] = .categorical(counted)
      default: preconditionFailure("EncoderFitting: column \(names[index]) has changed its type")
      }
    }
  }

  /// Sums the squares of training rows of a piece; filled cells lie at the mean and add nothing.
  mutating func addSquares(_ table: Table, rows: [Int]) throws(DataError) {
    guard options.standardize != .none else { return }
    for index in columns.indices {
      guard case .numeric(var numbers) = columns[index],
        case .numeric(let values) = try table.column(named: names[index]).cells
      else { continue }
      let mean = numbers.mean
      for row in rows where !values[row].isNaN { numbers.squares += (values[row] - mean) * (values[row] - mean) }
      columns[index] = .numeric(numbers)
    }
  }

  /// The encoder of all rows seen.
  func encoder() throws(DataError) -> FeatureEncoder {
    var encoded: [FeatureEncoder.Column] = []
    for (name, column) in zip(names, columns) {
      let encoding: FeatureEncoder.Encoding =
        switch column {
        case .numeric(let numbers): .numeric(try numeric(numbers, name))
        case .categorical(let counted): .categorical(try categorical(counted, name))
        }
      encoded.append(FeatureEncoder.Column(name: name, encoding: encoding))
    }
    let encoder = FeatureEncoder(columns: encoded)
    guard encoder.featureCount > 0 else {
      throw DataError(
        .badData, at: source,
        "no feature is left: every column beside the label, sensitive and dropped ones has one category, and "
          + "data.encoding.dropFirst drops it. Drop fewer columns, or set data.encoding.dropFirst to false.")
    }
    return encoder
  }

  private static func count(_ codes: [Int32], _ rows: [Int], into counts: inout [Int]) {
    counts.withUnsafeMutableBufferPointer { counts in
      for row in rows { counts[Int(codes[row]) + 1] += 1 }
    }
  }

  // MARK: - Columns

  private func numeric(_ numbers: Numbers, _ name: String) throws(DataError) -> FeatureEncoder.Numeric {
    guard numbers.present > 0 else {
      throw DataError(
        .badData, at: source,
        "column \(Excerpt.quoted(name)) has no number in any of the \(trainingRows) training rows. Drop it.")
    }
    let fill = numbers.mean
    let pieces = options.numericPieces > 0 ? numbers.sample.pieces(options.numericPieces) : nil
    guard options.standardize != .none else {
      return FeatureEncoder.Numeric(fill: fill, mean: 0, scale: 1, common: numbers.common, pieces: pieces)
    }
    let n = Double(trainingRows)
    guard numbers.squares.isFinite else {
      throw DataError(
        .badData, at: source,
        "column \(Excerpt.quoted(name)) has numbers too large to be squared. Rescale it, or drop it.")
    }
    return FeatureEncoder.Numeric(
      fill: fill, mean: fill, scale: Self.scale(variance: numbers.squares / n, mean: fill, count: n),
      common: numbers.common, pieces: pieces)
  }

  /// The standard deviation, or 1 for a column that is constant but for rounding (scikit-learn's bound, from
  /// Chan, Golub, LeVeque 1983: variance ≤ n·ε·variance + (n·mean·ε)²).
  private static func scale(variance: Double, mean: Double, count: Double) -> Double {
    let epsilon = Double.ulpOfOne
    let bound = count * epsilon * variance + (count * mean * epsilon) * (count * mean * epsilon)
    return variance <= bound ? 1 : variance.squareRoot()
  }

  private func categorical(_ counted: Categories, _ name: String) throws(DataError) -> FeatureEncoder.Categorical {
    var trainingCount: [String: Int] = [:]
    for (index, count) in counted.kept.enumerated() where count > 0 {
      trainingCount[index == 0 ? missing.category : counted.names[index - 1], default: 0] += counted.training[index]
    }
    let vocabulary = trainingCount.keys.sorted(by: GroupValue.precedes)
    guard vocabulary.count <= options.maximumCategories else {
      throw DataError(
        .badData, at: source,
        "column \(Excerpt.quoted(name)) has \(vocabulary.count) categories in \(keptRows) rows, more than "
          + "\(options.maximumCategories). Drop it, or declare it numeric.")
    }
    let dropped = options.dropFirst ? min(1, vocabulary.count) : 0
    let n = Double(trainingRows)
    let means = vocabulary.dropFirst(dropped).map { Double(trainingCount[$0] ?? 0) / n }
    let standardize = options.standardize == .all
    return FeatureEncoder.Categorical(
      categories: vocabulary, isKnown: vocabulary.map { trainingCount[$0] ?? 0 > 0 }, droppedCount: dropped,
      missingCategory: missing.category, means: means,
      offsets: standardize ? means : means.map { _ in 0 },
      // The variance of an indicator with mean p is p(1 − p).
      scales: means.map { standardize ? Self.scale(variance: $0 * (1 - $0), mean: $0, count: n) : 1 })
  }
}

extension EncoderFitting.Categories {
  /// Makes room for categories that earlier pieces did not have.
  fileprivate mutating func grow(to categories: [String]) {
    guard categories.count > names.count else { return }
    names = categories
    kept += [Int](repeating: 0, count: categories.count + 1 - kept.count)
    training += [Int](repeating: 0, count: categories.count + 1 - training.count)
  }
}
