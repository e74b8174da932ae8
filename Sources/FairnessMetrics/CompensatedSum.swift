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
