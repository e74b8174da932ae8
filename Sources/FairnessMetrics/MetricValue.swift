/// A statistic, or the reason why it does not exist.
///
/// An empty group has no rate, and one class has no ROC AUC. Such a statistic is never shown as 0, 0.5, 1 or NaN: each
/// of these would read as a finding.
public enum MetricValue: Sendable, Hashable {
  /// The statistic's value; finite.
  case defined(Double)

  /// Why there is none, as a clause for people: "no row of either group is selected".
  case undefined(String)

  /// The value, or nil where the statistic does not exist.
  public var value: Double? {
    switch self {
    case .defined(let value): value
    case .undefined: nil
    }
  }

  /// Why the statistic does not exist, or nil where it does.
  public var reason: String? {
    switch self {
    case .defined: nil
    case .undefined(let reason): reason
    }
  }
}
