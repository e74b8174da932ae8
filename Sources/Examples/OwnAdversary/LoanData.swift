import LinearAlgebra
import TabularData

/// Made-up loans: whether a person paid back, and what the bank knows of them.
///
/// People pay back by merit, of which group "a" has more on average. The bank sees the merit through some noise, and a
/// postcode that tells the group; where it is unsure of a person's merit, it gains by going after their postcode.
enum LoanData {
  /// Rows from a seed: features merit and postcode, label 1 for paid back, sensitive attribute `group`.
  static func rows(_ count: Int, seed: UInt64) -> Dataset {
    var stream = RandomStream(seed: seed)
    var features: [Float] = []
    var labels: [Float] = []
    var codes: [Int32] = []
    for _ in 0..<count {
      let isInA = stream.below(2) == 0
      let merit = stream.normal() + (isInA ? 0.8 : -0.8)
      features.append(Float(merit + stream.normal()))
      features.append(Float((isInA ? 1.5 : -1.5) + stream.normal()))
      labels.append(merit + 0.3 * stream.normal() > 0 ? 1 : 0)
      codes.append(isInA ? 0 : 1)
    }
    return Dataset(
      features: Matrix(rows: count, columns: 2, values: features), labels: labels,
      sensitive: [SensitiveColumn(name: "group", groups: ["a", "b"], privileged: 0, codes: codes)],
      sourceRows: Array(0..<count))
  }
}
