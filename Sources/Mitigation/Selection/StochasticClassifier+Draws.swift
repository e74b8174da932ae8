import LinearAlgebra

extension StochasticClassifier {
  /// The member that decides about each row, drawn by the row itself: n indices into `members`.
  ///
  /// The draw is a hash of the row's features and the seed. So a row has one decision wherever it stands, and rows with
  /// equal features have equal ones; nobody's decision changes by asking again. Over seeds each member decides with its
  /// probability.
  ///
  /// - Parameters:
  ///   - features: The rows, `[n, d]`.
  ///   - seed: Names the hash.
  public func drawnMembers(_ features: Matrix<Float>, seed: UInt64) -> [Int] {
    (0..<features.rows).map { row in
      var left = Self.uniform(
        features.values[row * features.columns..<(row + 1) * features.columns], seed: seed, purpose: "mixture")
      for (index, member) in members.enumerated() {
        left -= member.probability
        if left < 0 { return index }
      }
      // Rounding of the sum; a member without a chance is none.
      return members.lastIndex { $0.probability > 0 } ?? 0
    }
  }

  /// The log odds by the member that is drawn for each row, n of them.
  ///
  /// - Parameters:
  ///   - features: The rows, `[n, d]`.
  ///   - base: The base row of the training, see `Classifier.logits`.
  ///   - seed: As for `drawnMembers`.
  public func drawnLogits(_ features: Matrix<Float>, base: [Float]? = nil, seed: UInt64) -> [Float] {
    let drawn = drawnMembers(features.roundTripped(base: base), seed: seed)
    let logits = members.map { $0.classifier.logits(features, base: base) }
    return drawn.indices.map { logits[drawn[$0]][$0] }
  }

  /// The scores by the member that is drawn for each row, n of them, in 0...1. Parameters as for `drawnLogits`.
  public func drawnProbabilities(_ features: Matrix<Float>, base: [Float]? = nil, seed: UInt64) -> [Float] {
    let drawn = drawnMembers(features.roundTripped(base: base), seed: seed)
    let probabilities = members.map { $0.classifier.probabilities(features, base: base) }
    return drawn.indices.map { probabilities[drawn[$0]][$0] }
  }

  /// A number in 0..<1 that follows from values and a seed: FNV-1a over their bits, mixed by a stream of that seed, which
  /// is another for each purpose.
  static func uniform(_ values: ArraySlice<Float>, seed: UInt64, purpose: String) -> Double {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for value in values {
      // Both zeros are one value.
      var bits = value == 0 ? 0 : value.bitPattern
      for _ in 0..<4 {
        hash = (hash ^ UInt64(bits & 0xff)) &* 0x0000_0100_0000_01b3
        bits >>= 8
      }
    }
    var stream = RandomStream(seed: seed).split(purpose).split(hash)
    return stream.uniform()
  }
}
