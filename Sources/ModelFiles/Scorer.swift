import AdversarialGame
import LinearAlgebra
import Mitigation
import RealModule

/// What of a model turns features into scores.
public enum Scorer: Sendable, Hashable {
  /// One network: the classifier of a game, say.
  case network(Classifier)

  /// Networks that predict label and groups, and a decision corrected for constraints.
  case corrected(PlugInClassifier)

  /// The number of features, d.
  public var inputs: Int {
    switch self {
    case .network(let classifier): classifier.network.inputs
    case .corrected(let classifier): classifier.predictor.labelNetwork.inputs
    }
  }

  /// The scores, n of them, in 0...1.
  ///
  /// - Parameters:
  ///   - features: The rows, `[n, d]`.
  ///   - base: The base row of the training, see `Classifier.logits`.
  public func scores(_ features: Matrix<Float>, base: [Float]?) -> [Float] {
    switch self {
    case .network(let classifier): classifier.probabilities(features, base: base)
    case .corrected(let classifier): classifier.scores(features, base: base)
    }
  }

  /// The scores as log odds, n of them; a corrected decision's are bounded by ±88, as a score may be 0 or 1.
  public func logits(_ features: Matrix<Float>, base: [Float]?) -> [Float] {
    switch self {
    case .network(let classifier): classifier.logits(features, base: base)
    case .corrected(let classifier):
      classifier.scores(features, base: base).map { score in
        let odds = Double(score) / (1 - Double(score))
        return score.isNaN ? .nan : Float(min(88, max(-88, Double.log(odds))))
      }
    }
  }

  /// The last hidden layer of every row, `[n, h]`; nil where there is no hidden layer, or more than one network.
  public func representation(_ features: Matrix<Float>, base: [Float]?) -> Matrix<Float>? {
    switch self {
    case .network(let classifier): classifier.representation(features, base: base)
    case .corrected: nil
    }
  }
}
