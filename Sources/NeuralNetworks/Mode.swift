import Autograd

/// Whether a network is trained or used: an argument of the call, not a state of the network.
public enum Mode {
  /// Dropout off.
  case inference
  /// Dropout on, its random bits drawn from the source.
  case training(NoiseSource)

  /// `x` with dropout while training, `x` itself otherwise.
  public func dropout<Scalar>(_ x: Tensor<Scalar>, probability: Double) -> Tensor<Scalar> {
    switch self {
    case .inference: x
    case .training(let noise): Autograd.dropout(x, probability: probability, noise: noise)
    }
  }
}
