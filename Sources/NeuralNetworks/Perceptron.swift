import Autograd
import LinearAlgebra

/// A multi-layer perceptron: linear layers with an activation and dropout after each but the last.
///
/// The value holds the architecture; the weights are `Parameters`, named `layers.0.weight`, `layers.0.bias`, … With no
/// hidden layer it is a linear model.
public struct Perceptron: Sendable, Hashable {
  /// The number of features, d.
  public let inputs: Int

  /// The units of each hidden layer.
  public let hidden: [Int]

  /// The number of outputs, k.
  public let outputs: Int

  /// The activation after each hidden layer.
  public let activation: Activation

  /// The probability with which a hidden unit is dropped while training, in 0..<1.
  public let dropout: Double

  /// - Precondition: All sizes are positive, and `0 ≤ dropout < 1`.
  public init(inputs: Int, hidden: [Int], outputs: Int, activation: Activation = .relu, dropout: Double = 0) {
    precondition(
      inputs > 0 && outputs > 0 && hidden.allSatisfy { $0 > 0 },
      "Perceptron: sizes must be positive, not \([inputs] + hidden + [outputs])")
    precondition(dropout >= 0 && dropout < 1, "Perceptron: dropout \(dropout) is not in 0..<1")
    self.inputs = inputs
    self.hidden = hidden
    self.outputs = outputs
    self.activation = activation
    self.dropout = dropout
  }

  /// The layers, from the features to the outputs.
  public var layers: [Linear] {
    let sizes = [inputs] + hidden + [outputs]
    return zip(sizes, sizes.dropFirst()).map { Linear(inputs: $0, outputs: $1) }
  }

  /// The last hidden layer, `[n, h]`, after activation and dropout; `x` itself where there is no hidden layer.
  public func representation<Scalar>(
    _ x: Tensor<Scalar>, _ weights: ParameterTensors<Scalar>, mode: Mode
  ) -> Tensor<Scalar> {
    precondition(x.columns == inputs, "Perceptron: expects \(inputs) features, got [\(x.rows), \(x.columns)]")
    var value = x
    for (index, layer) in layers.dropLast().enumerated() {
      value = mode.dropout(activation(layer(value, weights.scoped("layers.\(index)"))), probability: dropout)
    }
    return value
  }

  /// The outputs, `[n, k]`, from the last hidden layer.
  public func outputs<Scalar>(
    representation: Tensor<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    let last = layers.count - 1
    return layers[last](representation, weights.scoped("layers.\(last)"))
  }

  /// The outputs (logits), `[n, k]`.
  public func callAsFunction<Scalar>(
    _ x: Tensor<Scalar>, _ weights: ParameterTensors<Scalar>, mode: Mode
  ) -> Tensor<Scalar> {
    outputs(representation: representation(x, weights, mode: mode), weights)
  }

  /// Initial parameters, layer by layer, as PyTorch's Linear draws them.
  public func initialParameters<Scalar>(using stream: inout RandomStream) -> Parameters<Scalar> {
    var parameters = Parameters<Scalar>()
    for (index, layer) in layers.enumerated() {
      parameters.append("layers.\(index)", layer.initialParameters(using: &stream))
    }
    return parameters
  }
}
