/// Whether constraints are met, said honestly.
public enum Feasibility: String, Sendable, Hashable, Codable, CaseIterable {
  /// All constraints hold.
  case feasible
  /// The largest violation is small, but there is one.
  case nearlyFeasible = "nearly feasible"
  /// A constraint is violated by more.
  case infeasible

  /// - Parameters:
  ///   - violation: The largest violation; 0 or below where all constraints hold. NaN is infeasible.
  ///   - tolerance: What still counts as holding, for rounding; in the unit of the constraints.
  ///   - near: What counts as nearly holding.
  public init(largestViolation violation: Double, tolerance: Double = 1e-9, near: Double = 0.005) {
    self = violation <= tolerance ? .feasible : violation <= near ? .nearlyFeasible : .infeasible
  }
}
