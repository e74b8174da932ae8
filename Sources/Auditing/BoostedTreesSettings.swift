/// The training of gradient-boosted trees.
public struct BoostedTreesSettings: Sendable, Hashable, Codable {
  /// The trees, one after another.
  public var rounds: Int

  /// The most splits between a tree's root and a leaf, in 1...7; 1 makes stumps.
  public var depth: Int

  /// What each tree's leaves are multiplied by, η in 0...1.
  public var shrinkage: Double

  /// The most bins that a column's values are divided into, in 2...256.
  public var bins: Int

  /// λ of the leaf values `−G / (H + λ)`.
  public var penalty: Double

  /// The least sum of `p(1 − p)` over a leaf's rows: 5 is 20 rows of an even chance, or 105 of a chance of 0.05.
  public var minimumLeafHessian: Double

  /// - Precondition: The values lie in the ranges given with them.
  public init(
    rounds: Int = 40, depth: Int = 3, shrinkage: Double = 0.15, bins: Int = 128, penalty: Double = 1,
    minimumLeafHessian: Double = 5
  ) {
    precondition(
      rounds > 0 && (1...7).contains(depth) && shrinkage > 0 && shrinkage <= 1 && (2...256).contains(bins)
        && penalty >= 0 && minimumLeafHessian > 0,
      "BoostedTreesSettings: a setting is out of its range")
    self.rounds = rounds
    self.depth = depth
    self.shrinkage = shrinkage
    self.bins = bins
    self.penalty = penalty
    self.minimumLeafHessian = minimumLeafHessian
  }
}
