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
    let absent = columns.map(\.name).filter { table[$0] == nil }
    guard absent.isEmpty else {
      throw DataError(
        .badData, at: table.source,
        "lacks the column\(absent.count == 1 ? "" : "s") \(Excerpt.list(absent, limit: 60)), which the encoder was "
          + "fitted on. Give new data all the feature columns of the training data.")
    }
    let n = rows?.count ?? table.rowCount
    let d = featureCount
    var values: [Float] = []
    values.reserveCapacity(n * d)
    var plans: [Plan] = []
    for column in columns { plans.append(try plan(column, table)) }
    let plannedColumns = plans
    var unseen = plans.map { [Int](repeating: 0, count: $0.unseenNames.count) }
    var overflow: (column: Int, row: Int)?
    values = [Float](unsafeUninitializedCapacity: n * d) { buffer, count in
      // Column after column: each pass is a simple loop over one array, and writes its block of every row.
      var first = 0
      for (index, plan) in plannedColumns.enumerated() {
        switch plan.source {
        case .numeric(let cells, let numeric):
          if let row = Self.fill(buffer, n, d, at: first, cells, rows, numeric), overflow == nil {
            overflow = (index, row)
          }
        case .categorical(let codes, let table):
          Self.fill(buffer, n, d, at: first, codes, rows, table, unseen: &unseen[index])
        }
        first += columns[index].width
      }
      count = n * d
    }
    if let overflow {
      throw DataError(
        .badData, at: table.origins.place(ofRow: overflow.row),
        "column \(Excerpt.quoted(columns[overflow.column].name)) has a number too large for a feature. "
          + "Check it, or standardise the column.")
    }
    var warnings: [DataWarning] = []
    for (index, counts) in unseen.enumerated() {
      let names = plans[index].unseenNames
      let found = counts.indices.filter { counts[$0] > 0 }
      guard !found.isEmpty else { continue }
      let cells = found.reduce(0) { $0 + counts[$1] }
      warnings.append(
        DataWarning(
          at: table.source,
          "column \(Excerpt.quoted(columns[index].name)): \(cells) of \(n) rows hold what no training row has "
            + "(\(Excerpt.list(quoted: found.map { names[$0] }))); they are encoded as the average of the training rows."
        ))
    }
    return (Matrix(rows: n, columns: d, values: values), warnings)
  }

  // MARK: - Plans

  /// What encoding a column of one table needs, looked up once before the rows.
  private struct Plan {
    enum Source {
      case numeric([Double], Numeric)
      case categorical([Int32], Blocks)
    }
    var source: Source
    /// The names of what goes to the unseen bucket, by the number in `Blocks.unseen`.
    var unseenNames: [String]
  }

  /// The constants of every category of the table, the missing cell first: `width` numbers from `width · (code + 1)`.
  private struct Blocks {
    var width: Int
    var values: [Float]
    /// By code + 1: the number of the unseen value, or −1 where the category is known.
    var unseen: [Int32]
  }

  private func plan(_ column: Column, _ table: Table) throws(DataError) -> Plan {
    let cells = try table.column(named: column.name).cells
    switch (column.encoding, cells) {
    case (.numeric(let numeric), .numeric(let values)):
      return Plan(source: .numeric(values, numeric), unseenNames: [])
    case (.categorical(let categorical), .categorical(let codes, let categories)):
      return blocks(categorical, codes, categories)
    case (.categorical(let categorical), .numeric(let values)) where values.allSatisfy(\.isNaN):
      // A column without any cell has no type of its own.
      return blocks(categorical, values.map { _ in -1 }, [])
    case (.numeric(let numeric), .categorical(let codes, _)) where codes.allSatisfy({ $0 < 0 }):
      return Plan(source: .numeric(codes.map { _ in .nan }, numeric), unseenNames: [])
    case (.numeric, .categorical), (.categorical, .numeric):
      throw DataError(
        .badData, at: table.source,
        "column \(Excerpt.quoted(column.name)) is \(cells.type.rawValue), and the encoder was fitted on it as "
          + "\(cells.type == .numeric ? "categorical" : "numeric"). Read it with the schema of the training data.")
    }
  }

  private func blocks(_ categorical: Categorical, _ codes: [Int32], _ categories: [String]) -> Plan {
    let positions = Dictionary(
      categorical.categories.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let width = categorical.means.count
    let bucket = zip(categorical.means, zip(categorical.offsets, categorical.scales)).map { mean, standard in
      Float((mean - standard.0) / standard.1)
    }
    let zeros = categorical.absentValues
    var blocks = Blocks(width: width, values: [], unseen: [])
    var unseenNames: [String] = []
    for (code, name) in ([categorical.missingCategory] + categories).enumerated() {
      guard let position = positions[name], categorical.isKnown[position] else {
        blocks.values += bucket
        blocks.unseen.append(Int32(unseenNames.count))
        unseenNames.append(code == 0 ? "a missing cell" : Excerpt.quoted(name))
        continue
      }
      let start = blocks.values.count
      blocks.values += zeros
      blocks.unseen.append(-1)
      let indicator = position - categorical.droppedCount
      if indicator >= 0 {
        blocks.values[start + indicator] =
          Float((1 - categorical.offsets[indicator]) / categorical.scales[indicator])
      }
    }
    return Plan(source: .categorical(codes, blocks), unseenNames: unseenNames)
  }

  // MARK: - Filling

  /// Writes a numeric column; returns a table row of which the number does not fit a `Float`.
  private static func fill(
    _ buffer: UnsafeMutableBufferPointer<Float>, _ n: Int, _ d: Int, at first: Int, _ cells: [Double],
    _ rows: [Int]?, _ numeric: Numeric
  ) -> Int? {
    guard let base = buffer.baseAddress else { return nil }
    var tooLarge: Int?
    let missing = Float((numeric.fill - numeric.mean) / numeric.scale)
    var target = base + first
    for index in 0..<n {
      let row = rows.map { $0[index] } ?? index
      let cell = cells[row]
      let value = cell.isNaN ? missing : Float((cell - numeric.mean) / numeric.scale)
      if !value.isFinite { tooLarge = tooLarge ?? row }
      target.initialize(to: value)
      target += d
    }
    return tooLarge
  }

  /// Writes the block of a categorical column into every row, and counts what goes to the unseen bucket.
  private static func fill(
    _ buffer: UnsafeMutableBufferPointer<Float>, _ n: Int, _ d: Int, at first: Int, _ codes: [Int32],
    _ rows: [Int]?, _ blocks: Blocks, unseen: inout [Int]
  ) {
    guard let base = buffer.baseAddress else { return }
    let width = blocks.width
    blocks.values.withUnsafeBufferPointer { constants in
      var target = base + first
      for index in 0..<n {
        let code = Int(codes[rows.map { $0[index] } ?? index]) + 1
        let number = blocks.unseen[code]
        if number >= 0 { unseen[Int(number)] += 1 }
        let start = code * width
        for offset in 0..<width { (target + offset).initialize(to: constants[start + offset]) }
        target += d
      }
    }
  }
}
