/// A condition that a metric is to meet.
public struct Gate: Sendable, Hashable, Codable {
  /// How the metric is held against the bound.
  public enum Relation: String, Sendable, Hashable, Codable, CaseIterable {
    case less = "<"
    case atMost = "<="
    case atLeast = ">="
    case greater = ">"
  }

  /// What is to hold between metric and bound, for the gate to be passed.
  public var relation: Relation

  /// The bound.
  public var bound: Double

  public init(_ relation: Relation, _ bound: Double) {
    self.relation = relation
    self.bound = bound
  }

  /// The gate that is passed exactly where this one is not: for conditions that name the failure.
  public var negated: Gate {
    switch relation {
    case .less: Gate(.atLeast, bound)
    case .atMost: Gate(.greater, bound)
    case .atLeast: Gate(.less, bound)
    case .greater: Gate(.atMost, bound)
    }
  }

  /// Whether a number meets the condition.
  public func holds(_ value: Double) -> Bool {
    switch relation {
    case .less: value < bound
    case .atMost: value <= bound
    case .atLeast: value >= bound
    case .greater: value > bound
    }
  }

  /// Judges an estimate.
  ///
  /// The gate is passed, or failed, only where every value in the interval would be; else the evidence is insufficient.
  /// Without an interval the value alone decides. A statistic that does not exist is no evidence.
  public func verdict(_ estimate: Estimate) -> Verdict {
    guard case .defined(let value) = estimate.value else {
      return .insufficientEvidence(estimate.value.reason ?? "the metric does not exist")
    }
    guard let interval = estimate.interval else { return holds(value) ? .pass : .fail }
    switch (holds(interval.low), holds(interval.high), holds(value)) {
    case (true, true, true): return .pass
    case (false, false, false): return .fail
    default: return .insufficientEvidence("the interval reaches across the bound")
    }
  }
}

/// What the data say about a gate.
public enum Verdict: Sendable, Hashable {
  /// The condition is met.
  case pass
  /// The condition is not met.
  case fail
  /// The data cannot tell; with the reason.
  case insufficientEvidence(String)
}
