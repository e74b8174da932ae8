import FairnessMetrics

/// A rate that is a mean over fixed rows of ŷ or of 1 − ŷ, so that it is linear in the decisions.
public enum LinearRate: String, Sendable, Hashable, Codable, CaseIterable {
  /// P(ŷ = 1), also positive prediction rate.
  case selectionRate
  /// P(ŷ = 1 | y = 1).
  case truePositiveRate
  /// P(ŷ = 1 | y = 0).
  case falsePositiveRate
  /// P(ŷ = 0 | y = 0).
  case trueNegativeRate
  /// P(ŷ = 0 | y = 1).
  case falseNegativeRate
  /// P(ŷ = y).
  case accuracy
  /// P(ŷ ≠ y).
  case errorRate

  /// The label of the rows that the rate is about; nil for all.
  public var label: Bool? {
    switch self {
    case .truePositiveRate, .falseNegativeRate: true
    case .falsePositiveRate, .trueNegativeRate: false
    case .selectionRate, .accuracy, .errorRate: nil
    }
  }

  /// Whether a selected row of this label counts, and not a rejected one.
  public func countsSelected(label: Bool) -> Bool {
    switch self {
    case .selectionRate, .truePositiveRate, .falsePositiveRate: true
    case .trueNegativeRate, .falseNegativeRate: false
    case .accuracy: label
    case .errorRate: !label
    }
  }
}

/// A multiple of a rate of some rows.
public struct RateTerm: Sendable, Hashable {
  /// A rate, of which rows, at which threshold.
  public struct Rate: Sendable, Hashable {
    /// The rate.
    public var rate: LinearRate

    /// The rows.
    public var rows: RowPredicate

    /// The decision threshold; nil for the usual one.
    public var threshold: Double?

    public init(_ rate: LinearRate, rows: RowPredicate = .all, threshold: Double? = nil) {
      self.rate = rate
      self.rows = rows
      self.threshold = threshold
    }
  }

  /// What the rate is multiplied by.
  public var coefficient: Double

  /// The rate.
  public var rate: Rate

  public init(_ coefficient: Double, _ rate: Rate) {
    self.coefficient = coefficient
    self.rate = rate
  }
}

/// A linear inequality between rates, `Σₖ cₖ·rateₖ ≤ b`: what training can push on.
public struct LinearConstraint: Sendable, Hashable {
  /// The terms; no rate twice.
  public var terms: [RateTerm]

  /// b.
  public var bound: Double

  /// The condition that it is a part of, as it was written.
  public var condition: String

  public init(_ terms: [RateTerm], atMost bound: Double, of condition: String) {
    self.terms = terms
    self.bound = bound
    self.condition = condition
  }

  /// By how much the inequality is violated for some values of the rates, `Σₖ cₖ·rateₖ − b`; negative by what there is
  /// to spare, undefined where a rate is.
  public func violation(_ rate: (RateTerm.Rate) -> MetricValue) -> MetricValue {
    var sum = -bound
    for term in terms {
      switch rate(term.rate) {
      case .defined(let value): sum += term.coefficient * value
      case .undefined(let reason): return .undefined(reason)
      }
    }
    return .defined(sum)
  }
}

extension RateTerm.Rate: CustomStringConvertible {
  /// The rate as an expression writes it: `true_positive_rate(sex = Female)`.
  public var description: String {
    "\(MetricName.snakeCase(rate.rawValue))(\(rows)\(threshold.map { " at \($0)" } ?? ""))"
  }
}

extension LinearConstraint: CustomStringConvertible {
  /// The inequality for people: `0.8·selection_rate(sex = Male) − selection_rate(sex = Female) ≤ 0`.
  public var description: String {
    var text = ""
    for term in terms {
      let isNegative = term.coefficient < 0
      let size = abs(term.coefficient)
      text += text.isEmpty ? (isNegative ? "−" : "") : (isNegative ? " − " : " + ")
      text += (size == 1 ? "" : "\(Self.number(size))·") + "\(term.rate)"
    }
    return "\(text.isEmpty ? "0" : text) ≤ \(Self.number(bound))"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
