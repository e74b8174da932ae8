import LinearAlgebra
import Mitigation
import TabularData

extension Scorer {
  /// Whether chance has a part in the decisions.
  public var isDrawn: Bool {
    switch self {
    case .network, .corrected: false
    case .mixture: true
    case .processed(let scorer, let processing):
      scorer.isDrawn || processing.decision?.thresholds.isRandomized == true
    }
  }

  /// The same, its draws by another seed.
  public func drawing(_ seed: UInt64) -> Scorer {
    switch self {
    case .network, .corrected: return self
    case .mixture(let classifier, _): return .mixture(classifier, seed: seed)
    case .processed(let scorer, var processing):
      processing.decision?.seed = seed
      return .processed(scorer.drawing(seed), processing)
    }
  }
}

extension SavedModel {
  /// The chance that each row is selected, n of them; nil where nothing is drawn.
  ///
  /// - Parameter sensitive: The rows' sensitive columns, among them `readColumns`.
  public func selectionChances(_ features: Matrix<Float>, sensitive: [SensitiveColumn]) -> [Double]? {
    switch scorer {
    case .mixture(let classifier, _):
      return classifier.selectionChances(features, base: encoder.baseRow, threshold: threshold)
    case .processed(let inner, let processing):
      let features = features.roundTripped(base: encoder.baseRow)
      guard scorer.isDrawn, let seen = try? processing.features(features, sensitive: sensitive) else { return nil }
      let base = processing.base(encoder.baseRow, features: features.columns)
      if case .mixture(let classifier, _) = inner {
        return classifier.selectionChances(seen, base: base, threshold: threshold)
      }
      return try? processing.decision?.thresholds.chances(
        inner.scores(seen, base: base, sensitive: sensitive), sensitive: sensitive)
    case .network, .corrected: return nil
    }
  }
}
