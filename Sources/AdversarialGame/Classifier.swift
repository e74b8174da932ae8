import Autograd
import CKernels
import LinearAlgebra
import NeuralNetworks

/// The first player: a perceptron that predicts a binary label, with its weights.
public struct Classifier: Sendable, Hashable {
  /// The architecture, with one output.
  public let network: Perceptron

  /// The weights, named as in `Perceptron`.
  public var parameters: Parameters<Float>

  /// Creates a classifier with given weights.
  ///
  /// - Precondition: The network has one output, and the parameters are its own.
  public init(network: Perceptron, parameters: Parameters<Float>) {
    precondition(network.outputs == 1, "Classifier: a binary label needs one output, not \(network.outputs)")
    var stream = RandomStream(seed: 0)
    let expected: Parameters<Float> = network.initialParameters(using: &stream)
    precondition(parameters.entries == expected.entries, "Classifier: the parameters are another network's")
    self.network = network
    self.parameters = parameters
  }

  /// Creates a classifier with initial weights as PyTorch draws them.
  public init(network: Perceptron, using stream: inout RandomStream) {
    self.init(network: network, parameters: network.initialParameters(using: &stream))
  }

  /// The outputs before the sigmoid, n of them, dropout off.
  ///
  /// - Parameters:
  ///   - features: The rows, `[n, d]`.
  ///   - base: The base row that the classifier was trained with (`Dataset.baseRow`), so that the scores are those of
  ///     the training to the last bit; without it they are equal but for rounding.
  public func logits(_ features: Matrix<Float>, base: [Float]? = nil) -> [Float] {
    logits(FeatureRows(features, base: base))
  }

  /// The same for rows in the form that the engine reads.
  public func logits(_ rows: FeatureRows<Float>) -> [Float] {
    var logits = [Float](repeating: 0, count: rows.rows)
    if rows.rows == 0 { return logits }
    ClassifierScorer(network: network, storage: ParameterStorage(parameters), rows: rows, noise: nil)
      .score(into: &logits)
    return logits
  }

  /// The last hidden layer of every row, `[n, h]`, dropout off; nil where the network has no hidden layer. Parameters as
  /// for `logits`.
  public func representation(_ features: Matrix<Float>, base: [Float]? = nil) -> Matrix<Float>? {
    guard let width = network.hidden.last else { return nil }
    var logits = [Float](repeating: 0, count: features.rows)
    var hidden = [Float](repeating: 0, count: features.rows * width)
    if features.rows > 0 {
      ClassifierScorer(
        network: network, storage: ParameterStorage(parameters), rows: FeatureRows(features, base: base), noise: nil,
        keepsRepresentation: true
      ).score(into: &logits, representation: &hidden)
    }
    return Matrix(rows: features.rows, columns: width, values: hidden)
  }

  /// The predictions `σ(logit)`, n of them, in 0...1. Parameters as for `logits`.
  public func probabilities(_ features: Matrix<Float>, base: [Float]? = nil) -> [Float] {
    probabilities(FeatureRows(features, base: base))
  }

  /// The same for rows in the form that the engine reads.
  public func probabilities(_ rows: FeatureRows<Float>) -> [Float] {
    var scores = logits(rows)
    sigmoid(&scores)
    return scores
  }
}

/// Replaces logits by `1 / (1 + exp(−x))`, in place.
package func sigmoid(_ values: inout [Float]) {
  let kernels = Precision.single.kernels.pointee
  // A copy, because the kernel is compiled for operands that do not overlap.
  let logits = values
  kernels.unary(EQ_SIGMOID, logits.count, 0, logits, &values)
}
