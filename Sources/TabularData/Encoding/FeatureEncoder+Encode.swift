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

/// Turns rows that come in pieces into features, dense or as deviations from the encoder's base row, and counts the
/// cells that hold what no training row has.
package struct PieceEncoding {
  /// What becomes of the cells of one column, looked up once before the rows.
  private struct Plan {
    enum Kind {
      case numeric(FeatureEncoder.Numeric)
      case categorical(Indicators)
    }
    var name: String
    /// The column's first feature.
    var first: Int
    var kind: Kind
    /// The names of what goes to the unseen bucket, and how many cells did.
    var unseenNames: [String] = []
    var unseenCounts: [Int] = []
  }

  /// The features of a categorical column.
  private struct Indicators {
    /// The number of features.
    var width: Int
    /// The features of a row without any of the indicators.
    var absent: [Float]
    /// Each indicator's feature in the rows of its category.
    var present: [Float]
    /// The features of the base row.
    var base: [Float]
    /// The one indicator that is present in the base row, or none.
    var common: Int32
    static let none: Int32 = -1
    /// The features of a row in the unseen bucket.
    var bucket: [Float]
    /// By code + 1, first the missing cell: the indicator, −1 where the category has none, −2 − k for the k-th unseen
    /// name.
    var meanings: [Int32]
    private let positions: [String: Int]

    init(_ categorical: FeatureEncoder.Categorical) {
      width = categorical.means.count
      absent = categorical.absentValues
      present = categorical.presentValues
      common = categorical.commonIndicator.map(Int32.init) ?? Self.none
      base = categorical.commonValues
      bucket = categorical.bucketFeatures
      meanings = []
      var positions: [String: Int] = [:]
      for (position, name) in categorical.categories.enumerated() where categorical.isKnown[position] {
        if positions[name] == nil { positions[name] = position - categorical.droppedCount }
      }
      self.positions = positions
    }

    /// The indicator of a category, −1 where it has none; nil where no training row has the category.
    func indicator(of name: String) -> Int32? { positions[name].map { Int32(max(-1, $0)) } }
  }

  private let encoder: FeatureEncoder
  private let source: String
  private var plans: [Plan]
  private var rowCount = 0

  /// - Parameter head: The columns of the source.
  /// - Throws: `DataError` that names the columns which are missing.
  package init(_ encoder: FeatureEncoder, head: Table) throws(DataError) {
    self.encoder = encoder
    source = head.source
    let absent = encoder.columns.map(\.name).filter { head[$0] == nil }
    guard absent.isEmpty else {
      throw DataError(
        .badData, at: head.source,
        "lacks the column\(absent.count == 1 ? "" : "s") \(Excerpt.list(absent, limit: 60)), which the encoder was "
          + "fitted on. Give new data all the feature columns of the training data.")
    }
    var first = 0
    plans = []
    for column in encoder.columns {
      let kind: Plan.Kind =
        switch column.encoding {
        case .numeric(let numeric): .numeric(numeric)
        case .categorical(let categorical): .categorical(Indicators(categorical))
        }
      plans.append(Plan(name: column.name, first: first, kind: kind))
      first += column.width
    }
  }

  /// A warning for each column that had values for the unseen bucket, in all pieces so far.
  package var warnings: [DataWarning] {
    plans.compactMap { plan in
      let found = plan.unseenCounts.indices.filter { plan.unseenCounts[$0] > 0 }
      guard !found.isEmpty else { return nil }
      let cells = found.reduce(0) { $0 + plan.unseenCounts[$1] }
      return FeatureEncoder.unseenWarning(
        column: plan.name, cells: cells, of: rowCount, values: found.map { plan.unseenNames[$0] }, at: source)
    }
  }

  // MARK: - Cells

  /// The cells of one column of a piece, under the type that the encoder was fitted on.
  private enum Cells {
    case numeric([Double], FeatureEncoder.Numeric)
    case categorical([Int32], Indicators)
  }

  /// The cells of a column; its plan learns the categories that earlier pieces did not have.
  private mutating func cells(ofPlan index: Int, _ table: Table) throws(DataError) -> Cells {
    let cells = try table.column(named: plans[index].name).cells
    switch (plans[index].kind, cells) {
    case (.numeric(let numeric), .numeric(let values)):
      return .numeric(values, numeric)
    case (.categorical(let indicators), .categorical(let codes, let categories)):
      return .categorical(codes, learn(categories, indicators, index))
    case (.categorical(let indicators), .numeric(let values)) where values.allSatisfy(\.isNaN):
      // A column without any cell has no type of its own.
      return .categorical(values.map { _ in -1 }, learn([], indicators, index))
    case (.numeric(let numeric), .categorical(let codes, _)) where codes.allSatisfy({ $0 < 0 }):
      return .numeric(codes.map { _ in .nan }, numeric)
    case (.numeric, .categorical), (.categorical, .numeric):
      throw DataError(
        .badData, at: table.source,
        "column \(Excerpt.quoted(plans[index].name)) is \(cells.type.rawValue), and the encoder was fitted on it as "
          + "\(cells.type == .numeric ? "categorical" : "numeric"). Read it with the schema of the training data.")
    }
  }

  private mutating func learn(_ categories: [String], _ known: Indicators, _ index: Int) -> Indicators {
    guard known.meanings.count < categories.count + 1,
      case .categorical(let categorical) = encoder.columns[index].encoding
    else { return known }
    var indicators = known
    let names = [categorical.missingCategory] + categories
    for code in known.meanings.count..<names.count {
      if let indicator = indicators.indicator(of: names[code]) {
        indicators.meanings.append(indicator)
      } else {
        indicators.meanings.append(-2 - Int32(plans[index].unseenNames.count))
        plans[index].unseenNames.append(code == 0 ? "a missing cell" : Excerpt.quoted(names[code]))
        plans[index].unseenCounts.append(0)
      }
    }
    plans[index].kind = .categorical(indicators)
    return indicators
  }

  private func tooLarge(_ plan: Plan, row: Int, _ table: Table) -> DataError {
    DataError(
      .badData, at: table.origins.place(ofRow: row),
      "column \(Excerpt.quoted(plan.name)) has a number too large for a feature. Check it, or standardise the column.")
  }

  // MARK: - Dense

  /// The features of some rows, row after row.
  package mutating func dense(_ table: Table, rows: [Int]) throws(DataError) -> [Float] {
    let d = encoder.featureCount
    rowCount += rows.count
    var columns: [Cells] = []
    for index in plans.indices { columns.append(try cells(ofPlan: index, table)) }
    var tooLarge: (plan: Int, row: Int)?
    let values = [Float](unsafeUninitializedCapacity: rows.count * d) { buffer, count in
      // Column after column: each pass is a simple loop over one array, and writes its block of every row.
      for index in plans.indices {
        let first = plans[index].first
        switch columns[index] {
        case .numeric(let cells, let numeric):
          if let row = Self.fill(buffer, d, at: first, cells, rows, numeric) { tooLarge = tooLarge ?? (index, row) }
        case .categorical(let codes, let indicators):
          Self.fill(buffer, d, at: first, codes, rows, indicators, unseen: &plans[index].unseenCounts)
        }
      }
      count = rows.count * d
    }
    if let tooLarge { throw self.tooLarge(plans[tooLarge.plan], row: tooLarge.row, table) }
    return values
  }

  /// Writes a numeric column; returns a table row of which the number does not fit a `Float`.
  private static func fill(
    _ buffer: UnsafeMutableBufferPointer<Float>, _ d: Int, at first: Int, _ cells: [Double], _ rows: [Int],
    _ numeric: FeatureEncoder.Numeric
  ) -> Int? {
    guard let base = buffer.baseAddress else { return nil }
    var tooLarge: Int?
    let missing = numeric.missingValue
    var target = base + first
    for row in rows {
      let value = cells[row].isNaN ? missing : Float((cells[row] - numeric.mean) / numeric.scale)
      if !value.isFinite { tooLarge = tooLarge ?? row }
      target.initialize(to: value)
      target += d
    }
    if let pieces = numeric.pieces {
      target = base + first + 1
      for row in rows {
        let x = cells[row].isNaN ? numeric.fill : cells[row]
        for piece in 0..<pieces.count { (target + piece).initialize(to: pieces.value(piece, of: x)) }
        target += d
      }
    }
    return tooLarge
  }

  /// Writes the block of a categorical column into every row, and counts what goes to the unseen bucket.
  private static func fill(
    _ buffer: UnsafeMutableBufferPointer<Float>, _ d: Int, at first: Int, _ codes: [Int32], _ rows: [Int],
    _ indicators: Indicators, unseen: inout [Int]
  ) {
    guard let base = buffer.baseAddress else { return }
    let width = indicators.width
    indicators.absent.withUnsafeBufferPointer { absent in
      var target = base + first
      for row in rows {
        let meaning = Int(indicators.meanings[Int(codes[row]) + 1])
        if meaning >= -1 {
          for offset in 0..<width { (target + offset).initialize(to: absent[offset]) }
          if meaning >= 0 { target[meaning] = indicators.present[meaning] }
        } else {
          unseen[-2 - meaning] += 1
          for offset in 0..<width { (target + offset).initialize(to: indicators.bucket[offset]) }
        }
        target += d
      }
    }
  }

  // MARK: - Deviations

  /// The rows of a block: their features stay in the nearest cache between the columns' turn and the rows'.
  private static let blockSize = 256

  /// What a row has in a column of its block: a numeric feature or an indicator, or one of these.
  private static let nothing: Int32 = -1
  private static let unseen: Int32 = -2
  private static let noIndicator: Int32 = -3

  /// The same features as deviations from the encoder's base row, appended to those of earlier pieces.
  mutating func appendDeviations(
    of table: Table, rows: [Int], to features: inout DeviationBuffer
  ) throws(DataError) {
    rowCount += rows.count
    var columns: [Cells] = []
    for index in plans.indices { columns.append(try cells(ofPlan: index, table)) }
    let size = Self.blockSize
    var places = [Int32](repeating: Self.nothing, count: plans.count * size)
    var values = [Float](repeating: 0, count: plans.count * size)
    for start in stride(from: 0, to: rows.count, by: size) {
      let block = rows[start..<min(start + size, rows.count)]
      for index in plans.indices {
        let first = Int32(plans[index].first)
        switch columns[index] {
        case .numeric(let cells, let numeric):
          let missing = numeric.missingValue
          let common = numeric.commonValue
          var tooLarge: Int?
          for (slot, row) in zip((index * size)..., block) {
            let value = cells[row].isNaN ? missing : Float((cells[row] - numeric.mean) / numeric.scale)
            if !value.isFinite { tooLarge = tooLarge ?? row }
            places[slot] = value != common ? first : Self.nothing
            values[slot] = value - common
          }
          if let tooLarge { throw self.tooLarge(plans[index], row: tooLarge, table) }
        case .categorical(let codes, let indicators):
          for (slot, row) in zip((index * size)..., block) {
            let meaning = indicators.meanings[Int(codes[row]) + 1]
            if meaning >= 0 && meaning != indicators.common {
              places[slot] = meaning
            } else if meaning == indicators.common {
              places[slot] = Self.nothing
            } else if meaning == Indicators.none {
              places[slot] = Self.noIndicator
            } else {
              plans[index].unseenCounts[Int(-2 - meaning)] += 1
              places[slot] = Self.unseen
            }
          }
        }
      }
      appendBlock(block, places, values, columns, to: &features)
    }
  }

  /// All rows of a piece as the engine reads them, the deviations from the encoder's base row: what `FeatureRows` makes
  /// of the dense features, without these ever being made.
  ///
  /// - Parameter base: The encoder's base row.
  package mutating func featureRows(_ table: Table, base: [Float]) throws(DataError) -> FeatureRows<Float> {
    var buffer = DeviationBuffer()
    buffer.reserve(rows: table.rowCount, deviations: 16 * table.rowCount)
    try appendDeviations(of: table, rows: Array(0..<table.rowCount), to: &buffer)
    return FeatureRows(base: base, starts: [0] + buffer.ends, columns: buffer.columns, values: buffer.values)
  }

  private func appendBlock(
    _ block: ArraySlice<Int>, _ places: [Int32], _ values: [Float], _ columns: [Cells],
    to features: inout DeviationBuffer
  ) {
    let pieces = columns.map { column -> (cells: [Double], fill: Double, pieces: FeatureEncoder.Numeric.Pieces)? in
      guard case .numeric(let cells, let numeric) = column, let pieces = numeric.pieces else { return nil }
      return (cells, numeric.fill, pieces)
    }
    let bases = pieces.map { $0?.pieces.baseValues ?? [] }
    places.withUnsafeBufferPointer { places in
      values.withUnsafeBufferPointer { values in
        for row in 0..<block.count {
          for (index, plan) in plans.enumerated() {
            let slot = index * Self.blockSize + row
            let place = places[slot]
            if place != Self.nothing {
              switch columns[index] {
              case .numeric: features.append(place, values[slot])
              case .categorical(_, let indicators):
                Self.append(place, indicators, at: Int32(plan.first), to: &features)
              }
            }
            guard let cut = pieces[index] else { continue }
            let cell = cut.cells[block[block.startIndex + row]]
            let x = cell.isNaN ? cut.fill : cell
            for piece in 0..<cut.pieces.count {
              let value = cut.pieces.value(piece, of: x)
              let base = bases[index][piece]
              if value != base { features.append(Int32(plan.first + 1 + piece), value - base) }
            }
          }
          features.endRow()
        }
      }
    }
  }

  /// Appends the deviations of a categorical column, in the order of the features.
  @inline(__always)
  private static func append(
    _ place: Int32, _ indicators: Indicators, at first: Int32, to features: inout DeviationBuffer
  ) {
    guard place != unseen else {
      for feature in 0..<indicators.width where indicators.bucket[feature] != indicators.base[feature] {
        features.append(first + Int32(feature), indicators.bucket[feature] - indicators.base[feature])
      }
      return
    }
    func appendCommon() {
      guard indicators.common >= 0 else { return }
      let common = Int(indicators.common)
      let deviation = indicators.absent[common] - indicators.base[common]
      if deviation != 0 { features.append(first + indicators.common, deviation) }
    }
    guard place != noIndicator else { return appendCommon() }
    if indicators.common < place { appendCommon() }
    let deviation = indicators.present[Int(place)] - indicators.base[Int(place)]
    if deviation != 0 { features.append(first + place, deviation) }
    if indicators.common > place { appendCommon() }
  }
}

extension FeatureEncoder.Numeric {
  /// What stands for a missing cell.
  var missingValue: Float { Float((fill - mean) / scale) }
}

/// Rows as deviations from a base row, in arrays that grow.
struct DeviationBuffer: Sendable {
  /// Where each row's deviations end, counted from the first row of all, also of those taken out.
  private(set) var ends: [Int32] = []
  private(set) var columns: [Int32] = []
  private(set) var values: [Float] = []
  private var removed = 0

  /// The number of deviations of all rows so far, also of those taken out.
  var total: Int { removed + columns.count }

  @inline(__always)
  mutating func append(_ column: Int32, _ value: Float) {
    columns.append(column)
    values.append(value)
  }

  @inline(__always)
  mutating func endRow() { ends.append(Int32(truncatingIfNeeded: removed + columns.count)) }

  mutating func reserve(rows: Int, deviations: Int) {
    ends.reserveCapacity(rows)
    columns.reserveCapacity(deviations)
    values.reserveCapacity(deviations)
  }

  /// Takes the rows out; what follows counts on.
  mutating func removeAll() {
    removed += columns.count
    ends.removeAll(keepingCapacity: true)
    columns.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }
}
