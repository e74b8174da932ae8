import RealModule

/// A reproducible stream of random bits: xoshiro256** with its state seeded by SplitMix64.
///
/// The sequence depends on the seed alone, on no platform and no library version. Each purpose (initial weights,
/// shuffling, dropout) has its own stream, split from the one seed by `split(_:)`, so that drawing more numbers for
/// one purpose never moves another.
///
/// - Source: Blackman and Vigna (2021), "Scrambled linear pseudorandom number generators", ACM TOMS 47(4).
public struct RandomStream: RandomNumberGenerator, Sendable, Hashable, Codable {
  /// The four words of xoshiro256**; never all zero.
  private var state: [UInt64]

  /// Creates the stream of a seed.
  public init(seed: UInt64) {
    var mixer = SplitMix64(state: seed)
    state = (0..<4).map { _ in mixer.next() }
  }

  /// An independent stream for a purpose: the same seed and name always give the same stream.
  ///
  /// The name is hashed by FNV-1a and mixed with the first word of this stream's state; this stream does not advance.
  public func split(_ purpose: String) -> RandomStream {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return split(hash)
  }

  /// An independent stream for a numbered member of a family, such as the i-th bootstrap draw.
  public func split(_ index: UInt64) -> RandomStream {
    var mixer = SplitMix64(state: state[0] ^ SplitMix64.mix(index &+ 0x9e37_79b9_7f4a_7c15))
    return RandomStream(seed: mixer.next())
  }

  private enum CodingKeys: CodingKey {
    case state
  }

  /// Reads a stored state.
  ///
  /// - Throws: `DecodingError` where it is not four words, or all are zero, which no state ever is.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    state = try container.decode([UInt64].self, forKey: .state)
    if state.count != 4 || state.allSatisfy({ $0 == 0 }) {
      throw DecodingError.dataCorruptedError(
        forKey: .state, in: container, debugDescription: "a random stream's state has four words, not all of them 0")
    }
  }

  public mutating func next() -> UInt64 {
    let result = rotate(state[1] &* 5, 7) &* 9
    let shifted = state[1] << 17
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = rotate(state[3], 45)
    return result
  }

  /// A number in 0..<1, a multiple of 2⁻⁵³.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A whole number in `0..<bound`, without bias (Lemire 2019).
  ///
  /// - Precondition: `bound > 0`.
  public mutating func below(_ bound: UInt64) -> UInt64 {
    precondition(bound > 0, "RandomStream.below: the bound must be positive")
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }

  /// A standard normal number, by the polar method of Marsaglia; the second of each pair is dropped, so that the
  /// state is the four words and nothing else.
  public mutating func normal() -> Double {
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let s = u * u + v * v
      if s > 0 && s < 1 { return u * (-2 * Double.log(s) / s).squareRoot() }
    }
  }

  /// Shuffles in place (Fisher and Yates). Unlike the standard library's, the order is fixed for all Swift versions.
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    elements.withUnsafeMutableBufferPointer { buffer in
      guard buffer.count > 1 else { return }
      for last in stride(from: buffer.count - 1, to: 0, by: -1) {
        buffer.swapAt(last, Int(below(UInt64(last + 1))))
      }
    }
  }

  private func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
    (word << count) | (word >> (64 - count))
  }
}

/// SplitMix64, which turns any seed into well-mixed words (Steele, Lea, Flood 2014).
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Self.mix(state)
  }

  static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
