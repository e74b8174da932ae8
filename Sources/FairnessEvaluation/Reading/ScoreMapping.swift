import RealModule

/// How scores of other scales become numbers in 0...1, in the same order.
enum ScoreMapping {
  /// `1 / (1 + e^−logit)`.
  static func probability(_ logit: Double) -> Double { 1 / (1 + .exp(-logit)) }

  /// The position of a score in its range: 0 at the lower end, 1 at the upper.
  static func position(_ score: Double, in low: Double, _ high: Double) -> Double {
    min(1, max(0, (score - low) / (high - low)))
  }

  /// A threshold on the scale that scores are kept in.
  static func threshold(_ threshold: Double, _ scale: EvaluationSpecification.ScoreScale) -> Double {
    if case .range(let low, let high) = scale { position(threshold, in: low, high) } else { threshold }
  }
}
