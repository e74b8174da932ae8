/// A confidence interval: the values that the data do not speak against.
public struct Interval: Sendable, Hashable, Codable {
  /// The lower end.
  public var low: Double

  /// The upper end.
  public var high: Double

  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// Whether a value lies in the interval, its ends included.
  public func contains(_ value: Double) -> Bool { low <= value && value <= high }
}

/// A statistic with its uncertainty.
public struct Estimate: Sendable, Hashable {
  /// The statistic, or why there is none.
  public var value: MetricValue

  /// Its confidence interval; nil where the statistic does not exist or its uncertainty is not known.
  public var interval: Interval?

  public init(value: MetricValue, interval: Interval?) {
    self.value = value
    self.interval = interval
  }
}
