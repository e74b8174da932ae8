/// How an audit is made.
public struct AuditSettings: Sendable, Hashable, Codable {
  /// The families of adversaries, in the order of the results.
  public var families: [AdversaryFamily]

  /// The folds of cross-fitting, at least 3.
  public var folds: Int

  /// The permutations behind each p-value, B; the smallest p-value is 1/(1 + B).
  public var permutations: Int

  /// The level α that corrected p-values are held against, inside 0...1.
  public var level: Double

  /// The confidence of the intervals, inside 0...1.
  public var confidence: Double

  /// The most rows that are audited. Of more rows a seeded sample of this size is drawn without replacement, because the
  /// search for nearest neighbours takes time in proportion to the square of the rows.
  public var rowLimit: Int

  /// The seed of folds, initial weights, batches and permutations.
  public var seed: UInt64

  /// - Precondition: There are at least 3 folds, 1 permutation and 1 row; level and confidence lie inside 0...1.
  public init(
    families: [AdversaryFamily] = AdversaryFamily.all, folds: Int = 5, permutations: Int = 4999, level: Double = 0.05,
    confidence: Double = 0.95, rowLimit: Int = 20_000, seed: UInt64 = 0
  ) {
    precondition(folds >= 3 && folds <= 64, "AuditSettings: \(folds) folds are not in 3...64")
    precondition(permutations > 0 && rowLimit > 0, "AuditSettings: permutations and rows must be positive")
    precondition(
      level > 0 && level < 1 && confidence > 0 && confidence < 1,
      "AuditSettings: level \(level) and confidence \(confidence) must lie inside 0...1")
    for family in families {
      switch family {
      case .nearestNeighbours(let count): precondition(count > 0, "AuditSettings: \(count) neighbours")
      case .logisticRegression(let penalty): precondition(penalty >= 0, "AuditSettings: the penalty \(penalty)")
      case .perceptron, .boostedTrees: break
      }
    }
    self.families = families
    self.folds = folds
    self.permutations = permutations
    self.level = level
    self.confidence = confidence
    self.rowLimit = rowLimit
    self.seed = seed
  }
}
