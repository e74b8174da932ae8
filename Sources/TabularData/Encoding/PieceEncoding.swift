import LinearAlgebra
import Wording

/// Turns rows that come in pieces into features, dense or as deviations from the encoder's base row, and counts the
/// cells that hold what no training row has.
package struct PieceEncoding {
  /// What becomes of the cells of one column, looked up once before the rows.
  struct Plan {
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
  struct Indicators {
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
  private(set) var plans: [Plan]
  /// What cells have beyond the base row.
  let deviations: DeviationTable
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
    deviations = DeviationTable(plans)
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
  enum Cells {
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

  /// The cells of all columns of a piece of which some rows are to be encoded.
  mutating func begin(_ rows: Int, of table: Table) throws(DataError) -> [Cells] {
    rowCount += rows
    var columns: [Cells] = []
    for index in plans.indices { columns.append(try cells(ofPlan: index, table)) }
    return columns
  }

  /// Counts a cell for the unseen bucket.
  mutating func addUnseen(_ meaning: Int32, ofPlan index: Int) { plans[index].unseenCounts[Int(-2 - meaning)] += 1 }

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

  func tooLarge(_ plan: Plan, row: Int, _ table: Table) -> DataError {
    DataError(
      .badData, at: table.origins.place(ofRow: row),
      "column \(Excerpt.quoted(plan.name)) has a number too large for a feature. Check it, or standardise the column.")
  }

  // MARK: - Dense

  /// The features of some rows, row after row.
  package mutating func dense(_ table: Table, rows: [Int]) throws(DataError) -> [Float] {
    let d = encoder.featureCount
    let columns = try begin(rows.count, of: table)
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
}

extension FeatureEncoder.Numeric {
  /// What stands for a missing cell.
  var missingValue: Float { Float((fill - mean) / scale) }
}
