import AdversarialGame

/// How a game seeks the λ that meets its target.
public struct TargetedGameSettings: Sendable, Hashable {
  /// How many standard errors a condition must hold by.
  public var margin = 1.0

  /// Every so many epochs the validation rows are looked at: λ moves, and an iterate is kept.
  public var interval = 1

  /// λ before the first look, in units of H(Y)/H(Z).
  public var initialLambda = 0.0

  /// The step of λ per unit of violation, > 0.
  public var lambdaRate = 1.0

  /// The largest λ.
  public var lambdaBound = 100.0

  /// How both learning rates change over the epochs.
  public var pace = PaceSchedule.constant

  /// What is done about a collapse.
  public var response = CollapseGuard.Response.rollBack

  /// What counts as one.
  public var sentinel = CollapseSentinel.Settings()

  /// Whether the groups of an attribute weigh the same in the adversary's loss: then so they do in its entropy.
  public var balancesGroups = false

  public init() {}

  /// Refuses what no search can follow.
  func check() throws(MitigationError) {
    func require(_ isMet: Bool, _ message: String) throws(MitigationError) {
      if !isMet { throw .settings(message) }
    }
    try require(margin >= 0 && margin.isFinite, "'margin' is \(margin); it must be a finite number of at least 0.")
    try require(interval >= 1, "'interval' is \(interval); it must be at least 1.")
    try require(
      lambdaBound > 0 && lambdaBound.isFinite, "'lambdaBound' is \(lambdaBound); it must be finite and above 0.")
    try require(
      (0...lambdaBound).contains(initialLambda),
      "'initialLambda' is \(initialLambda); it must lie in 0...\(lambdaBound).")
    try require(lambdaRate > 0 && lambdaRate.isFinite, "'lambdaRate' is \(lambdaRate); it must be finite and above 0.")
  }
}
