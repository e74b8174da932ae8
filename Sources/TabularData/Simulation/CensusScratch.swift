/// The buffers with which a block of rows is drawn, and the inner loops over them.
struct CensusScratch {
  /// The noise of the node at hand.
  private(set) var noise: [UInt64]
  private var context: [Int32]
  private var score: [Int32]

  init(size: Int) {
    noise = [UInt64](repeating: 0, count: size)
    context = [Int32](repeating: 0, count: size)
    score = [Int32](repeating: 0, count: size)
  }

  /// Fills the noise of rows `firstRow ..< firstRow + count`.
  mutating func fillNoise(_ source: CensusNoise, firstRow: Int, count: Int) {
    noise.withUnsafeMutableBufferPointer { noise in
      for row in 0..<count { noise[row] = source[UInt64(firstRow + row)] }
    }
  }

  /// Draws the codes of one node for a block; `codes` holds those of its parents.
  mutating func draw(_ equation: CensusModel.Equation, codes: inout [[UInt8]], node: Int, count: Int) {
    switch equation {
    case .table(let parents, let shares, let stride, let total):
      fillContext(parents, codes: codes, count: count)
      drawTable(shares, stride: stride, total: total, into: &codes[node], count: count)
    case .logistic(let terms, let sigmoid, let shift, let total):
      score.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
      for term in terms {
        fillContext(term.parents, codes: codes, count: count)
        addScores(term.scores, count: count)
      }
      drawLogistic(sigmoid, shift: shift, total: total, into: &codes[node], count: count)
    }
  }

  /// The row of the table that each row of the block draws from: the sum of what its parents' codes add.
  private mutating func fillContext(_ parents: [CensusModel.Parent], codes: [[UInt8]], count: Int) {
    context.withUnsafeMutableBufferPointer { context in
      if parents.isEmpty { context.update(repeating: 0) }
      for (position, parent) in parents.enumerated() {
        codes[parent.node].withUnsafeBufferPointer { codes in
          parent.offsets.withUnsafeBufferPointer { offsets in
            if position == 0 {
              for row in 0..<count { context[row] = offsets[Int(codes[row])] }
            } else {
              for row in 0..<count { context[row] &+= offsets[Int(codes[row])] }
            }
          }
        }
      }
    }
  }

  private mutating func addScores(_ scores: [Int32], count: Int) {
    for row in 0..<count { score[row] &+= scores[Int(context[row])] }
  }

  /// Counts the shares that the noise has reached, eight at a time.
  private func drawTable(_ shares: [UInt16], stride: Int, total: UInt64, into codes: inout [UInt8], count: Int) {
    shares.withUnsafeBytes { shares in
      codes.withUnsafeMutableBufferPointer { codes in
        for row in 0..<count {
          let draw = SIMD8(repeating: UInt16(truncatingIfNeeded: CensusNoise.upper(noise[row], below: total)))
          var reached = SIMD8<UInt16>.zero
          let start = Int(context[row]) &* stride &* 2
          for offset in Swift.stride(from: start, to: start &+ stride &* 2, by: 16) {
            let share = shares.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt16>.self)
            reached.replace(with: reached &+ 1, where: share .<= draw)
          }
          codes[row] = UInt8(truncatingIfNeeded: reached.wrappedSum())
        }
      }
    }
  }

  private func drawLogistic(
    _ sigmoid: [Int32], shift: Int32, total: UInt64, into codes: inout [UInt8], count: Int
  ) {
    for row in 0..<count {
      let step = min(max(Int(score[row] >> shift) + sigmoid.count / 2, 0), sigmoid.count - 1)
      let draw = Int32(truncatingIfNeeded: CensusNoise.upper(noise[row], below: total))
      codes[row] = draw >= Int32(total) - sigmoid[step] ? 1 : 0
    }
  }
}
