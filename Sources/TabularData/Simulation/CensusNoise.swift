/// The noise of one node: row i has word i of the SplitMix64 sequence whose seed is mixed from the seed and the node.
struct CensusNoise {
  private let key: UInt64

  init(seed: UInt64, node: Int) {
    key = Self.mix(Self.mix(seed) &+ UInt64(node + 1) &* 0x9e37_79b9_7f4a_7c15)
  }

  /// The 64 bits of a row.
  @inline(__always)
  subscript(row: UInt64) -> UInt64 {
    Self.mix(key &+ (row &+ 1) &* 0x9e37_79b9_7f4a_7c15)
  }

  /// `⌊upper half · total / 2³²⌋`, a whole number in `0..<total`; `total ≤ 2³²`.
  @inline(__always)
  static func upper(_ word: UInt64, below total: UInt64) -> UInt64 {
    ((word >> 32) &* total) >> 32
  }

  /// The same with the lower half.
  @inline(__always)
  static func lower(_ word: UInt64, below total: UInt64) -> UInt64 {
    ((word & 0xffff_ffff) &* total) >> 32
  }

  /// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
  @inline(__always)
  private static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
