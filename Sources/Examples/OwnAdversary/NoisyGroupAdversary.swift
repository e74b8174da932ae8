import AdversarialGame
import Autograd
import LinearAlgebra
import NeuralNetworks

/// An adversary for groups that are not recorded well, with a loss of its own.
///
/// Where people's groups were guessed or mistyped, a cross-entropy chases the wrong ones: of a row that is sure to be
/// wrong it has no bound. This adversary minimises `(1 − p^q) / q` instead, p being the probability that it gives to
/// the group on record: nearly the cross-entropy for small q, and the plain error 1 − p at q = 1, which a wrong row
/// moves no more than any other.
///
/// - Source: Zhang and Sabuncu (2018), arXiv:1805.07836, the generalized cross-entropy.
struct NoisyGroupAdversary: Adversary {
  let network: Perceptron
  /// q, in 0...1.
  let tolerance: Double

  init(attributes: [SensitiveAttribute], tolerance: Double = 0.5) {
    precondition(attributes.allSatisfy { $0.columns.count == 1 }, "NoisyGroupAdversary: attributes of two groups only")
    network = Perceptron(inputs: 1, hidden: [16, 16], outputs: attributes.count)
    self.tolerance = tolerance
  }

  func initialParameters(using stream: inout RandomStream) -> Parameters<Float> {
    network.initialParameters(using: &stream)
  }

  func outputs<Scalar>(for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>) -> Tensor<Scalar> {
    network(view.logits, weights, mode: view.mode)
  }

  /// The third requirement, which has a default: what the adversary minimises, a mean over rows for each attribute,
  /// `[1, attributes]`.
  ///
  /// As p is e to the minus cross-entropy, `p^q = exp(−q·ℓ)`. Rows weigh what the view says, so that those without a
  /// group on record, which weigh 0, take no part.
  func losses<Scalar>(
    outputs: Tensor<Scalar>, for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    let crossEntropies = binaryCrossEntropy(logits: outputs, targets: view.targets, reduction: .none)
    let losses = exp(crossEntropies.scaled(by: -tolerance)).scaled(by: -1 / tolerance).shifted(by: 1 / tolerance)
    let weighted = view.targetWeights.map { losses * $0 } ?? losses
    return weighted.mean(over: .rows)
  }
}
