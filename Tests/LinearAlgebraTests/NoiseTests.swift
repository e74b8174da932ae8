import CKernels
import LinearAlgebra
import Testing

/// The generator behind dropout, sixteen lanes at once, against one lane at a time.
@Suite struct NoiseTests {
  /// xoshiro128++ as its authors give it, for one lane.
  struct Lane {
    var words: [UInt32]

    mutating func next() -> UInt32 {
      func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { (word << count) | (word >> (32 - count)) }
      let result = rotate(words[0] &+ words[3], 7) &+ words[0]
      let shifted = words[1] << 9
      words[2] ^= words[0]
      words[3] ^= words[1]
      words[1] ^= words[2]
      words[0] ^= words[3]
      words[2] ^= shifted
      words[3] = rotate(words[3], 11)
      return result
    }
  }

  /// The first numbers from the state 1, 2, 3, 4 as in the tests of Rust's `rand_xoshiro`, from the reference in C.
  @Test func theLaneOfThisTestIsTheReference() {
    var lane = Lane(words: [1, 2, 3, 4])
    #expect(
      (0..<10).map { _ in lane.next() } == [
        641, 1_573_767, 3_222_811_527, 3_517_856_514, 836_907_274, 4_247_214_768, 3_867_114_732, 1_355_841_295,
        495_546_011, 621_204_420,
      ])
  }

  @Test(arguments: [1, 15, 16, 17, 33, 1000], [0.0001, 0.2, 0.5, 0.9])
  func everyVariantDrawsTheSame(count: Int, probability: Double) {
    var stream = RandomStream(seed: 2)
    let start = (0..<64).map { _ in UInt32(truncatingIfNeeded: stream.next()) }
    var lanes = (0..<16).map { lane in Lane(words: (0..<4).map { start[$0 * 16 + lane] }) }
    var words: [UInt32] = []
    while words.count < count { for lane in 0..<16 { words.append(lanes[lane].next()) } }
    let end = (0..<4).flatMap { word in lanes.map { $0.words[word] } }
    let threshold = UInt32(probability * 4_294_967_296)
    let scale = Float(1 / (1 - probability))

    let x = [Float](repeating: 3, count: count)
    for variant in 0..<Precision.kernelVariantCount {
      var noise = eq_noise()
      withUnsafeMutableBytes(of: &noise.words) { bytes in start.withUnsafeBytes { bytes.copyMemory(from: $0) } }
      var y = [Float](repeating: -1, count: count)
      var mask = y
      Precision.single.kernels(variant: variant).pointee.dropout(count, probability, x, &y, &mask, &noise)
      #expect(mask == words[..<count].map { $0 >= threshold ? scale : 0 }, "variant \(variant)")
      #expect(y == mask.map { 3 * $0 })
      #expect(withUnsafeBytes(of: &noise.words) { Array($0.bindMemory(to: UInt32.self)) } == end)
    }
  }

  /// The fused kernel draws a block of sixteen for each row's part of sixteen columns.
  @Test(arguments: [1, 16, 17, 33], [0.2, 0.5])
  func fusedDropoutDrawsTheSame(columns: Int, probability: Double) {
    let rows = 3
    var stream = RandomStream(seed: 2)
    let start = (0..<64).map { _ in UInt32(truncatingIfNeeded: stream.next()) }
    var lanes = (0..<16).map { lane in Lane(words: (0..<4).map { start[$0 * 16 + lane] }) }
    let threshold = UInt32(probability * 4_294_967_296)
    let before = (0..<rows * columns).map { Float($0 % 7) - 2.5 }
    let bias = (0..<columns).map { Float($0 % 3) - 1 }
    var expected: [Float] = []
    for row in 0..<rows {
      for block in stride(from: 0, to: columns, by: 16) {
        let words = (0..<16).map { lanes[$0].next() }
        for column in block..<min(block + 16, columns) {
          let value = max(0, before[row * columns + column] + bias[column])
          expected.append(words[column - block] >= threshold ? value * Float(1 / (1 - probability)) : 0)
        }
      }
    }
    for variant in 0..<Precision.kernelVariantCount {
      var noise = eq_noise()
      withUnsafeMutableBytes(of: &noise.words) { bytes in start.withUnsafeBytes { bytes.copyMemory(from: $0) } }
      var y = before
      bias.withUnsafeBytes { bias in
        guard let bias = bias.baseAddress else { return }
        withUnsafeMutablePointer(to: &noise) { noise in
          Precision.single.kernels(variant: variant).pointee.bias_activation(
            rows, columns, &y, [eq_activation(bias: bias, relu: 1, drop: probability, noise: noise)])
        }
      }
      #expect(y == expected, "variant \(variant)")
    }
  }
}
