import Autograd
import LinearAlgebra

/// A fully connected layer, `y = x·W + b`.
///
/// - Shapes: x `[n, inputs]`, W `[inputs, outputs]`, b `[1, outputs]`, y `[n, outputs]`. PyTorch's weight is Wᵀ.
public struct Linear: Sendable, Hashable {
  public let inputs: Int
  public let outputs: Int

  /// - Precondition: Both sizes are positive.
  public init(inputs: Int, outputs: Int) {
    precondition(inputs > 0 && outputs > 0, "Linear: sizes must be positive, not \(inputs) and \(outputs)")
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The layer's value, given its parameters `weight` and `bias`.
  public func callAsFunction<Scalar>(_ x: Tensor<Scalar>, _ weights: ParameterTensors<Scalar>) -> Tensor<Scalar> {
    matmul(x, weights["weight"]) + weights["bias"]
  }

  /// Initial parameters as PyTorch draws them: weight and bias uniform in ±1/√inputs.
  ///
  /// - Source: `torch.nn.Linear.reset_parameters`, that is Kaiming's uniform initialisation with a = √5.
  public func initialParameters<Scalar>(using stream: inout RandomStream) -> Parameters<Scalar> {
    let bound = 1 / Double(inputs).squareRoot()
    func uniform(rows: Int, columns: Int) -> Matrix<Scalar> {
      Matrix(
        rows: rows, columns: columns,
        values: (0..<rows * columns).map { _ in Scalar(bound * (2 * stream.uniform() - 1)) })
    }
    var parameters = Parameters<Scalar>()
    parameters.append("weight", uniform(rows: inputs, columns: outputs))
    parameters.append("bias", uniform(rows: 1, columns: outputs))
    return parameters
  }
}
