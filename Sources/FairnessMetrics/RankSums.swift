/// What a sweep through a slice's rows, from the lowest score up, finds out; everything but precision in whole numbers,
/// so that parts of the sweep may be put together in any order.
struct RankSums: Sendable {
  /// The rows passed so far.
  var positives = 0
  var negatives = 0

  /// Twice the pairs that a positive row wins, ties counting once; fewer than 2³¹ rows make fewer than 2⁶¹ pairs.
  private(set) var twiceWins = 0

  /// `Σ x²` over positive rows, x being twice the negatives that each beats, ties counting once; each below 2⁶⁴.
  private(set) var positiveSquares: UInt128 = 0

  /// The same over negative rows, of the positives that each beats.
  private(set) var negativeSquares: UInt128 = 0

  /// `Σ P·(positives)` over blocks of tied rows: average precision times the number of positive rows.
  private(set) var precision = CompensatedSum()

  /// The block of tied rows that the last row was in, by number.
  private var block = UInt32.max

  /// In a sweep for the area, the rows passed before the block; in one with moments, the block's own rows so far.
  private var blockPositives = 0
  private var blockNegatives = 0

  /// Passes one row; for the area alone.
  ///
  /// A positive row beats the negatives below its block, and ties with those in it: of each such pair the later row
  /// counts the tie, so that the block need not be known as a whole.
  ///
  /// - Parameter block: The number of the row's block, other than `UInt32.max`.
  @inline(__always) mutating func add(label: Int, block: UInt32) {
    let isNew = block != self.block
    self.block = block
    blockPositives = isNew ? positives : blockPositives
    blockNegatives = isNew ? negatives : blockNegatives
    twiceWins &+= label == 1 ? blockNegatives &+ negatives : positives &- blockPositives
    positives &+= label
    negatives &+= 1 &- label
  }

  /// Passes one row; with moments. After the last one, call `endBlock`.
  @inline(__always) mutating func add(label: Int, block: UInt32, totalPositives: Int, totalRows: Int) {
    if block != self.block {
      endBlock(totalPositives: totalPositives, totalRows: totalRows)
      self.block = block
    }
    blockPositives &+= label
    blockNegatives &+= 1 &- label
  }

  /// A tied block's positives beat the negatives below it, and tie with those in it.
  @inline(__always) mutating func endBlock(totalPositives: Int, totalRows: Int) {
    if blockPositives > 0 {
      let twiceBeaten = 2 &* negatives &+ blockNegatives
      twiceWins &+= blockPositives &* twiceBeaten
      positiveSquares &+= Self.square(twiceBeaten, times: blockPositives)
      // Selected at this score: everything from this block up.
      let selected = Double(totalRows &- positives &- negatives)
      precision.add(Double(blockPositives) * (Double(totalPositives &- positives) / selected))
    }
    if blockNegatives > 0 {
      negativeSquares &+= Self.square(2 &* positives &+ blockPositives, times: blockNegatives)
    }
    positives &+= blockPositives
    negatives &+= blockNegatives
    blockPositives = 0
    blockNegatives = 0
  }

  @inline(__always)
  private static func square(_ twiceBeaten: Int, times rows: Int) -> UInt128 {
    let (high, low) = UInt(bitPattern: twiceBeaten &* twiceBeaten).multipliedFullWidth(by: UInt(bitPattern: rows))
    return UInt128(high) << 64 | UInt128(low)
  }

  /// Adds what the next part of the sweep found, which began where this one ended.
  mutating func append(_ next: RankSums) {
    positives = next.positives
    negatives = next.negatives
    twiceWins += next.twiceWins
    positiveSquares += next.positiveSquares
    negativeSquares += next.negativeSquares
    precision.merge(next.precision)
  }

  /// The area under the ROC curve, after the whole sweep.
  var rocAUC: MetricValue {
    if let reason = missingClass(positives: positives, negatives: negatives) { return .undefined(reason) }
    return .defined(Double(twiceWins) / (2 * Double(positives) * Double(negatives)))
  }

  /// The area with its variance `S₁₀/P + S₀₁/N`, after the whole sweep; nil without two rows of each label.
  ///
  /// The sample variances come as `(m·Σx² − (Σx)²) / (m·(m − 1))` from exact whole numbers below 2¹²⁷, so that nothing
  /// cancels.
  var rocAUCEstimate: ROCAUCEstimate? {
    guard case .defined(let area) = rocAUC, positives >= 2, negatives >= 2 else { return nil }
    let (p, n) = (Double(positives), Double(negatives))
    let wins = UInt128(twiceWins)
    let losses = 2 * UInt128(positives) * UInt128(negatives) - wins
    let positiveSpread = Double(UInt128(positives) * positiveSquares - wins * wins)
    let negativeSpread = Double(UInt128(negatives) * negativeSquares - losses * losses)
    // x counts each pair twice, hence the four.
    let positiveVariance = positiveSpread / (p * (p - 1)) / (4 * n * n)
    let negativeVariance = negativeSpread / (n * (n - 1)) / (4 * p * p)
    return ROCAUCEstimate(
      area: area, variance: positiveVariance / p + negativeVariance / n, rowsOfRarerLabel: min(positives, negatives))
  }
}
