import RealModule

/// Random numbers that depend on nothing but the seed and what they are for: SplitMix64 from a mixed start.
struct CounterGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64, draw: Int, stream: Int) {
    state = Self.mixed(
      Self.mixed(seed &+ Self.mixed(UInt64(truncatingIfNeeded: draw))) ^ UInt64(truncatingIfNeeded: stream))
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Self.mixed(state)
  }

  /// SplitMix64's finaliser, of the word plus its increment so that 0 is not a fixed point.
  static func mixed(_ word: UInt64) -> UInt64 {
    var z = word &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  private mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Two standard normal numbers, after Box and Muller.
  mutating func normals() -> SIMD2<Double> {
    let radius = (-2 * Double.log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    return SIMD2(radius * .cos(angle), radius * .sin(angle))
  }

  /// A Poisson number.
  ///
  /// - Source: Hörmann (1993), "The transformed rejection method for generating Poisson random variables", algorithm
  ///   PTRS; below a mean of 10, where it does not hold, by multiplying uniform numbers (Knuth).
  mutating func poisson(_ mean: Double) -> Int {
    if mean <= 0 { return 0 }
    if mean < 10 {
      let limit = Double.exp(-mean)
      var product = uniform()
      var count = 0
      while product > limit {
        product *= uniform()
        count += 1
      }
      return count
    }
    let b = 0.931 + 2.53 * mean.squareRoot()
    let a = -0.059 + 0.02483 * b
    let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
    let acceptance = 0.9277 - 3.6224 / (b - 2)
    while true {
      let u = uniform() - 0.5
      let v = 1 - uniform()
      let s = 0.5 - abs(u)
      let k = ((2 * a / s + b) * u + mean + 0.43).rounded(.down)
      if s >= 0.07 && v <= acceptance { return Int(k) }
      if k < 0 || (s < 0.013 && v > s) { continue }
      let accepted = Double.log(v * inverseAlpha / (a / (s * s) + b))
      if accepted <= k * .log(mean) - mean - .logGamma(k + 1) { return Int(k) }
    }
  }
}
