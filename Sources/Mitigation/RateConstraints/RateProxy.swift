import Autograd
import LinearAlgebra

/// A function with a gradient in the place of a decision: of the margin s, how far a logit lies above the threshold's,
/// instead of 1 where s ≥ 0 and 0 elsewhere.
///
/// A rate with a positive coefficient uses `φ(s)` for ŷ; one with a negative coefficient `1 − φ(−s)`, so that the proxy of
/// a constraint lies above the constraint where φ lies above the decision.
///
/// - Source: Cotter, Jiang and Sridharan (2019), arXiv:1804.06500, section 2; Goh et al. (2016), arXiv:1606.07558.
public enum RateProxy: Sendable, Hashable, Codable {
  /// `max(0, 1 + s)`: convex, above the decision.
  case hinge
  /// `log₂(1 + eˢ)`: smooth, convex, above the decision.
  case logistic
  /// `min(1, max(0, 1 + s))`: above the decision, with no gradient outside −1...0.
  case ramp
  /// `1/(1 + exp(−sharpness·s))`: neither convex nor above the decision, but close to it; the sharper, the closer.
  case sigmoid(sharpness: Double = 1)

  /// The proxy of the decision, element by element.
  public func callAsFunction<Scalar>(_ margins: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .hinge: relu(margins.shifted(by: 1))
    case .logistic: softplus(margins).scaled(by: 1.442695040888963407)
    case .ramp: relu(margins.shifted(by: 1)) - relu(margins)
    case .sigmoid(let sharpness): Autograd.sigmoid(margins.scaled(by: sharpness))
    }
  }
}
