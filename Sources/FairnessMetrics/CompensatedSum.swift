/// A sum of many numbers that does not lose the small ones.
///
/// Holds the rounded sum and the error of its rounding, so that n terms are added with a relative error of about
/// `2u + n·u²` (u = 2⁻⁵³) of the sum of their magnitudes, instead of `n·u`: fed in pieces and merged, it gives what
/// it gives fed at once, but for the last bit.
///
/// - Source: Neumaier (1974); with every step renormalised, as in Ogita, Rump and Oishi (2005), "Accurate sum and dot
///   product", `Sum2`.
public struct CompensatedSum: Sendable, Hashable, Codable {
  private var high = 0.0
  private var low = 0.0

  /// The empty sum, 0.
  public init() {}

  /// The sum, rounded to a `Double`.
  public var value: Double { high + low }

  /// Adds a number.
  @inline(__always) public mutating func add(_ term: Double) {
    let sum = high + term
    let back = sum - high
    low += (high - (sum - back)) + (term - back)
    high = sum
  }

  /// Adds another sum.
  public mutating func merge(_ other: CompensatedSum) {
    add(other.high)
    low += other.low
  }
}

/// Several sums as `CompensatedSum`, side by side in the lanes of a vector.
struct CompensatedSums<Lanes: SIMD & Sendable>: Sendable, Hashable, Codable where Lanes.Scalar == Double {
  private var high = Lanes()
  private var low = Lanes()

  init() {}

  /// One of the sums, rounded to a `Double`.
  func value(_ lane: Int) -> Double { high[lane] + low[lane] }

  /// Adds a number to each sum.
  @inline(__always) mutating func add(_ terms: Lanes) {
    let sum = high + terms
    let back = sum - high
    low += (high - (sum - back)) + (terms - back)
    high = sum
  }

  /// Adds other sums, each to its own.
  mutating func merge(_ other: CompensatedSums) {
    add(other.high)
    low += other.low
  }
}
