import Autograd
import LinearAlgebra

/// The function between the layers of a perceptron.
public enum Activation: String, Sendable, Hashable, Codable, CaseIterable {
  case relu
  /// Leaky ReLU with PyTorch's slope, 0.01.
  case leakyReLU
  case tanh
  case sigmoid
  case softplus

  /// The function's value, element by element.
  public func callAsFunction<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .relu: Autograd.relu(x)
    case .leakyReLU: Autograd.leakyReLU(x)
    case .tanh: Autograd.tanh(x)
    case .sigmoid: Autograd.sigmoid(x)
    case .softplus: Autograd.softplus(x)
    }
  }
}
