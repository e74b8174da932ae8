import FairnessMetrics
import Testing

/// Expects a defined value near a number: within 10⁻¹² of it, which allows for some thousand roundings.
func expect(
  _ value: MetricValue, near expected: Double, _ comment: Comment? = nil, relative: Double = 1e-12,
  absolute: Double = 1e-15, sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let number = value.value else {
    Issue.record("undefined: \(value.reason ?? "")", sourceLocation: sourceLocation)
    return
  }
  #expect(
    abs(number - expected) <= absolute + relative * abs(expected), "\(number) is not \(expected). \(comment ?? "")",
    sourceLocation: sourceLocation)
}

/// A small generator for test inputs: SplitMix64, so that a seed gives the same rows everywhere.
struct TestGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number in 0..<1.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
