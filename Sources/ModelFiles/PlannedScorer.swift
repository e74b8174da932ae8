import AdversarialGame
import LinearAlgebra
import TabularData

/// A saved model's scorer that is made ready once, for rows that come a few at a time.
///
/// Its scores are those of `SavedModel.scores`, to the last bit. Not for use by two threads at once.
package final class PlannedScorer {
  private let scorer: Scorer
  private let base: [Float]?
  /// A single network, planned; nil where there are several, which are planned at each call.
  private let network: PlannedClassifier?

  package init(_ model: SavedModel) {
    scorer = model.scorer
    base = model.encoder.baseRow
    network = if case .network(let classifier) = scorer { PlannedClassifier(classifier, base: base) } else { nil }
  }

  /// The scores of encoded rows; parameters as for `SavedModel.scores`.
  package func scores(_ features: Matrix<Float>, sensitive: [SensitiveColumn]) -> [Float] {
    network?.predictions(features) ?? scorer.scores(features, base: base, sensitive: sensitive)
  }
}
