import FairnessMetrics

/// A ROC AUC with its interval, or the reason why there is none.
public struct AreaEstimate: Sendable, Hashable, Codable {
  /// The area, in 0...1; nil where it does not exist.
  public var value: Double?

  /// Its confidence interval; nil where it is not known.
  public var interval: Interval?

  /// Why there is no value; nil where there is one.
  public var reason: String?

  /// An area.
  public init(_ value: Double, interval: Interval?) {
    self.value = value
    self.interval = interval
  }

  /// No area.
  public init(undefinedBecause reason: String) {
    self.reason = reason
  }
}
