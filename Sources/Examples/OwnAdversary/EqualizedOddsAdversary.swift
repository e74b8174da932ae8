import AdversarialGame
import Autograd
import LinearAlgebra
import NeuralNetworks

/// An adversary that knows the true label besides the prediction.
///
/// The library's `PredictionAdversary` sees the prediction alone. A classifier that gives it nothing selects both groups
/// equally often, whatever their labels: demographic parity. This one sees the label as well, so it gains nothing from a
/// difference between the groups that the labels explain; what is left to read is a difference among rows of one label.
/// A classifier that gives it nothing has equal true and false positive rates: equalized odds.
///
/// - Source: Zhang, Lemoine and Mitchell (2018), arXiv:1801.07593, section 4.
struct EqualizedOddsAdversary: Adversary {
  /// Its architecture: a perceptron with three inputs, a row's logit, label, and their product.
  let network: Perceptron

  /// An adversary against these attributes.
  init(attributes: [SensitiveAttribute]) {
    let outputs = attributes.reduce(0) { $0 + $1.columns.count }
    network = Perceptron(inputs: 3, hidden: [16, 16], outputs: outputs, activation: .relu)
  }

  /// The first requirement: how the weights begin.
  func initialParameters(using stream: inout RandomStream) -> Parameters<Float> {
    network.initialParameters(using: &stream)
  }

  /// The second and last: what the adversary makes of the rows it is shown, `[n, attributes]`.
  ///
  /// The product of logit and label lets the adversary treat the rows of each label in its own way. Everything here is
  /// an expression; the trainer differentiates it, for the adversary's weights and, through `view`, for the classifier's.
  func outputs<Scalar>(for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>) -> Tensor<Scalar> {
    let inputs = concatenate(columns: [view.logits, view.labels, view.logits * view.labels])
    return network(inputs, weights, mode: view.mode)
  }
}
