import LinearAlgebra
import TabularData

/// A classifier whose decision is corrected for constraints on rates, from what it predicts about cells.
///
/// It reads the features, and the groups of a row only where it is told which. Its score is a probability that is at
/// least ½ where a row is selected.
public struct PlugInClassifier: Sendable, Hashable {
  /// What predicts the cells.
  public var predictor: CellPredictor

  /// What decides.
  public var decision: PlugInDecision

  /// The groups that the decision reads; nil for features alone.
  public var reads: ReadGroups?

  /// - Precondition: All are about equally many cells.
  public init(predictor: CellPredictor, decision: PlugInDecision, reads: ReadGroups? = nil) {
    precondition(
      predictor.cells == decision.cellCosts.count
        && 2 * (reads?.combinations.count ?? predictor.cells / 2)
          == predictor.cells,
      "PlugInClassifier: \(predictor.cells) cells predicted, \(decision.cellCosts.count) decided on, and "
        + "\(reads?.combinations.count ?? 0) combinations of groups read")
    self.predictor = predictor
    self.decision = decision
    self.reads = reads
  }

  /// The scores, n of them, in 0...1.
  ///
  /// - Parameters:
  ///   - features: The rows, `[n, d]`.
  ///   - base: The base row of the training, see `Classifier.logits`.
  ///   - sensitive: The columns that the decision reads, where it reads any; others are passed over.
  public func scores(
    _ features: Matrix<Float>, base: [Float]? = nil, sensitive: [SensitiveColumn] = []
  ) -> [Float] {
    scores(FeatureRows(features, base: base), sensitive: sensitive)
  }

  /// The same for rows in the form that the engine reads.
  public func scores(_ rows: FeatureRows<Float>, sensitive: [SensitiveColumn] = []) -> [Float] {
    let probabilities = predictor.probabilities(rows)
    return decision.scores(reads.map { $0.conditioned(probabilities, on: sensitive) } ?? probabilities)
  }
}
