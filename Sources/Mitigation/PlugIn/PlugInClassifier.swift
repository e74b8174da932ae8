import LinearAlgebra

/// A classifier whose decision is corrected for constraints on rates, from what it predicts about cells.
///
/// It reads the features alone. Its score is a probability that is at least ½ where a row is selected.
public struct PlugInClassifier: Sendable, Hashable {
  /// What predicts the cells.
  public var predictor: CellPredictor

  /// What decides.
  public var decision: PlugInDecision

  /// - Precondition: Both are about equally many cells.
  public init(predictor: CellPredictor, decision: PlugInDecision) {
    precondition(
      predictor.cells == decision.cellCosts.count,
      "PlugInClassifier: \(predictor.cells) cells predicted, \(decision.cellCosts.count) decided on")
    self.predictor = predictor
    self.decision = decision
  }

  /// The scores, n of them, in 0...1.
  ///
  /// - Parameters:
  ///   - features: The rows, `[n, d]`.
  ///   - base: The base row of the training, see `Classifier.logits`.
  public func scores(_ features: Matrix<Float>, base: [Float]? = nil) -> [Float] {
    scores(FeatureRows(features, base: base))
  }

  /// The same for rows in the form that the engine reads.
  public func scores(_ rows: FeatureRows<Float>) -> [Float] { decision.scores(predictor.probabilities(rows)) }
}
