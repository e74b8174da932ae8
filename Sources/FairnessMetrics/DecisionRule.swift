/// The rule that turns scores into decisions: a row is selected when its score is at or above the threshold.
///
/// The two are compared exactly, as real numbers, whatever the precision of the scores: `Float(0.7)` is 0.69999999, so
/// it is not selected at the threshold 0.7. Everything that decides, the metrics and the written predictions alike,
/// goes through this rule, so that no row is counted one way and reported the other. NaN is never selected.
public struct DecisionRule<Value: Score>: Sendable, Hashable {
  /// The smallest score that is selected, which tells the same scores apart as the threshold does.
  let smallestSelected: Value

  /// - Parameter threshold: The threshold; infinity selects no finite score, minus infinity all.
  public init(threshold: Double) {
    let rounded = Value(threshold)
    smallestSelected = Double(rounded) < threshold ? rounded.nextUp : rounded
  }

  /// Whether a row of this score is selected.
  @inline(__always)
  public func selects(_ score: Value) -> Bool { score >= smallestSelected }
}
