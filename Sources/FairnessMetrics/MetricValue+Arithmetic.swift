extension MetricValue {
  /// The number as a value; where it is not finite, undefined.
  init(_ number: Double) {
    self = number.isFinite ? .defined(number) : .undefined("it is too large for a number, or not a number")
  }

  /// A quotient that exists only where its denominator is not 0.
  ///
  /// - Parameter reason: Why the denominator is 0, should it be.
  init(_ numerator: Double, over denominator: Double, orElse reason: @autoclosure () -> String) {
    self = denominator == 0 ? .undefined(reason()) : MetricValue(numerator / denominator)
  }

  /// A function of two values; undefined where the first or else the second is, for the same reason.
  func combined(with other: MetricValue, by operation: (Double, Double) -> Double) -> MetricValue {
    guard case .defined(let a) = self else { return self }
    guard case .defined(let b) = other else { return other }
    return MetricValue(operation(a, b))
  }
}
