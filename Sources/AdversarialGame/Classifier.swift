import Autograd
import CKernels
import LinearAlgebra
import NeuralNetworks
import TabularData

/// The first player: a perceptron that predicts the label, with its weights.
///
/// Of a binary label its output is a logit; of several classes it has a logit for each; of a number its output is
/// `(ŷ − mean) / deviation` (see `LabelKind`), and it is a regression rather than a classifier.
public struct Classifier: Sendable, Hashable {
  /// The architecture, with the outputs of its kind of label.
  public let network: Perceptron

  /// What it predicts.
  public let label: LabelKind

  /// The weights, named as in `Perceptron`.
  public var parameters: Parameters<Float>

  /// Creates a classifier with given weights.
  ///
  /// - Precondition: The network has the outputs that the label needs, and the parameters are its own.
  public init(network: Perceptron, label: LabelKind = .binary, parameters: Parameters<Float>) {
    precondition(
      network.outputs == label.outputs, "Classifier: the label needs \(label.outputs) outputs, not \(network.outputs)")
    var stream = RandomStream(seed: 0)
    let expected: Parameters<Float> = network.initialParameters(using: &stream)
    precondition(parameters.entries == expected.entries, "Classifier: the parameters are another network's")
    self.network = network
    self.label = label
    self.parameters = parameters
  }

  /// Creates a classifier with initial weights as PyTorch draws them.
  public init(network: Perceptron, label: LabelKind = .binary, using stream: inout RandomStream) {
    self.init(network: network, label: label, parameters: network.initialParameters(using: &stream))
  }

  /// The outputs before sigmoid or softmax, `[n, k]`, row after row, dropout off; of a number the standardised
  /// prediction.
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
    var logits = [Float](repeating: 0, count: rows.rows * network.outputs)
    if rows.rows == 0 { return logits }
    ClassifierScorer(network: network, storage: ParameterStorage(parameters), rows: rows, noise: nil)
      .score(into: &logits)
    return logits
  }

  /// The last hidden layer of every row, `[n, h]`, dropout off; nil where the network has no hidden layer. Parameters as
  /// for `logits`.
  public func representation(_ features: Matrix<Float>, base: [Float]? = nil) -> Matrix<Float>? {
    guard let width = network.hidden.last else { return nil }
    var logits = [Float](repeating: 0, count: features.rows * network.outputs)
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
  ///
  /// - Precondition: The label is binary; see `predictions` for others.
  public func probabilities(_ features: Matrix<Float>, base: [Float]? = nil) -> [Float] {
    probabilities(FeatureRows(features, base: base))
  }

  /// The same for rows in the form that the engine reads.
  public func probabilities(_ rows: FeatureRows<Float>) -> [Float] {
    precondition(label == .binary, "Classifier: probabilities of a label that is not binary; ask for predictions")
    return predictions(rows)
  }

  /// The predictions of the kind of label, `[n, k]`, row after row: `σ(logit)`; of several classes the softmax of their
  /// logits, which add up to 1; the number in the unit of the data. Parameters as for `logits`.
  public func predictions(_ features: Matrix<Float>, base: [Float]? = nil) -> [Float] {
    predictions(FeatureRows(features, base: base))
  }

  /// The same for rows in the form that the engine reads.
  public func predictions(_ rows: FeatureRows<Float>) -> [Float] {
    var outputs = logits(rows)
    label.predict(&outputs)
    return outputs
  }
}

/// Replaces logits by `1 / (1 + exp(−x))`, in place.
package func sigmoid(_ values: inout [Float]) {
  let kernels = Precision.single.kernels.pointee
  // A copy, because the kernel is compiled for operands that do not overlap.
  let logits = values
  kernels.unary(EQ_SIGMOID, logits.count, 0, logits, &values)
}
