import LinearAlgebra

extension PieceEncoding {
  /// The rows of a block: their features stay in the nearest cache between the columns' turn and the rows'.
  private static let blockSize = 256

  /// What a row has in a column that is as in the base row.
  private static let nothing: Int32 = -1

  /// The same features as deviations from the encoder's base row, appended to those of earlier pieces.
  mutating func appendDeviations(
    of table: Table, rows: [Int], to features: inout DeviationBuffer
  ) throws(DataError) {
    let columns = try begin(rows.count, of: table)
    var block = Block(columns, firsts: plans.map { Int32($0.first) }, size: Self.blockSize)
    for start in stride(from: 0, to: rows.count, by: Self.blockSize) {
      let some = rows[start..<min(start + Self.blockSize, rows.count)]
      for index in plans.indices {
        switch columns[index] {
        case .numeric(let cells, let numeric):
          if let row = block.fill(index, cells, numeric, rows: some) {
            throw tooLarge(plans[index], row: row, table)
          }
        case .categorical(let codes, let indicators):
          let kinds = deviations.kinds[index]
          for (slot, row) in zip((index * Self.blockSize)..., some) {
            let meaning = indicators.meanings[Int(codes[row]) + 1]
            if meaning == indicators.common {
              block.places[slot] = Self.nothing
            } else {
              block.places[slot] = kinds + DeviationTable.kind(meaning)
              if meaning < Indicators.none { addUnseen(meaning, ofPlan: index) }
            }
          }
        }
      }
      block.append(some.count, deviations, to: &features)
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

  /// What the rows of a block hold, column after column, to be put together row after row.
  ///
  /// All in flat arrays: to reach into a column's own arrays for each cell would cost more in counting references than
  /// everything else together.
  private struct Block {
    let size: Int
    /// By column: its first feature.
    let firsts: [Int32]
    /// By column and row: a numeric feature or a kind of cell of the deviation table, or `nothing`.
    var places: [Int32]
    /// By column and row: the deviation of a numeric feature.
    var values: [Float]
    /// By column: the number of its pieces, and where their deviations begin.
    let pieceCounts: [Int]
    let pieceStarts: [Int]
    /// By column, row and piece.
    var pieces: [Float]
    let baseValues: [[Float]]

    init(_ columns: [Cells], firsts: [Int32], size: Int) {
      self.size = size
      self.firsts = firsts
      places = Array(repeating: PieceEncoding.nothing, count: columns.count * size)
      values = Array(repeating: 0, count: columns.count * size)
      baseValues = columns.map {
        if case .numeric(_, let numeric) = $0, let pieces = numeric.pieces { pieces.baseValues } else { [] }
      }
      pieceCounts = baseValues.map(\.count)
      var starts: [Int] = []
      var total = 0
      for count in pieceCounts {
        starts.append(total)
        total += count * size
      }
      pieceStarts = starts
      pieces = Array(repeating: 0, count: total)
    }

    /// Takes a numeric column's cells; returns a row of which the number does not fit a `Float`.
    mutating func fill(
      _ index: Int, _ cells: [Double], _ numeric: FeatureEncoder.Numeric, rows: ArraySlice<Int>
    ) -> Int? {
      let first = firsts[index]
      let missing = numeric.missingValue
      let common = numeric.commonValue
      for (slot, row) in zip((index * size)..., rows) {
        let value = cells[row].isNaN ? missing : Float((cells[row] - numeric.mean) / numeric.scale)
        if !value.isFinite { return row }
        places[slot] = value != common ? first : PieceEncoding.nothing
        values[slot] = value - common
      }
      guard let cut = numeric.pieces else { return nil }
      var slot = pieceStarts[index]
      for row in rows {
        let x = cells[row].isNaN ? numeric.fill : cells[row]
        for piece in 0..<pieceCounts[index] {
          pieces[slot] = cut.value(piece, of: x) - baseValues[index][piece]
          slot += 1
        }
      }
      return nil
    }

    /// Appends the block's rows.
    func append(_ rows: Int, _ table: DeviationTable, to features: inout DeviationBuffer) {
      for row in 0..<rows {
        for index in firsts.indices {
          let place = places[index * size + row]
          if place >= 0 {
            if table.kinds[index] < 0 {
              features.append(place, values[index * size + row])
            } else {
              for entry in table.starts[Int(place)]..<table.starts[Int(place) + 1] {
                features.append(table.features[entry], table.values[entry])
              }
            }
          }
          let count = pieceCounts[index]
          if count == 0 { continue }
          let start = pieceStarts[index] + row * count
          for piece in 0..<count where pieces[start + piece] != 0 {
            features.append(firsts[index] + Int32(1 + piece), pieces[start + piece])
          }
        }
        features.endRow()
      }
    }
  }
}

/// What each kind of cell of the categorical columns has beyond the base row.
struct DeviationTable: Sendable {
  /// By column, where its kinds begin: the unseen bucket, a category without an indicator, then the indicators. A
  /// numeric column has none, −1.
  private(set) var kinds: [Int32] = []
  /// By kind, where its entries begin; one more at the end.
  private(set) var starts: [Int] = [0]
  private(set) var features: [Int32] = []
  private(set) var values: [Float] = []

  /// The place of a cell's kind among those of its column.
  ///
  /// - Parameter meaning: As in `PieceEncoding.Indicators.meanings`.
  @inline(__always)
  static func kind(_ meaning: Int32) -> Int32 { meaning < PieceEncoding.Indicators.none ? 0 : meaning + 2 }

  init(_ plans: [PieceEncoding.Plan]) {
    for plan in plans {
      guard case .categorical(let indicators) = plan.kind else {
        kinds.append(-1)
        continue
      }
      kinds.append(Int32(starts.count - 1))
      let common = Int(indicators.common)
      append(indicators.bucket, at: indicators.base.indices, indicators.base, first: plan.first)
      let without = common >= 0 ? common..<common + 1 : 0..<0
      append(indicators.absent, at: without, indicators.base, first: plan.first)
      var row = indicators.absent
      for indicator in 0..<indicators.width {
        // Elsewhere the row is as the base row; a column may have very many indicators.
        let places = common < 0 || common == indicator ? [indicator] : [min(common, indicator), max(common, indicator)]
        row[indicator] = indicators.present[indicator]
        append(row, at: places, indicators.base, first: plan.first)
        row[indicator] = indicators.absent[indicator]
      }
    }
  }

  /// A kind of cell by its features, of which those at some places may differ from the base row.
  private mutating func append(_ row: [Float], at places: some Sequence<Int>, _ base: [Float], first: Int) {
    for feature in places where row[feature] != base[feature] {
      features.append(Int32(first + feature))
      values.append(row[feature] - base[feature])
    }
    starts.append(features.count)
  }
}
