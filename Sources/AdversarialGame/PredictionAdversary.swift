import Autograd
import LinearAlgebra
import NeuralNetworks

/// The article's adversary: a perceptron that sees the prediction and nothing else.
///
/// - Source: Louppe, Kagan and Cranmer (2017), arXiv:1611.01046, as applied by "Fairness in Machine Learning with
///   PyTorch": input `[n, 1]`, three hidden layers of 32 units with ReLU, one output for each attribute.
public struct PredictionAdversary: Adversary, Hashable {
  /// What stands for the prediction.
  public enum Input: String, Sendable, Hashable, Codable, CaseIterable {
    /// `σ(logit)`, in 0...1, as in the article.
    case probability
    /// The classifier's output before the sigmoid.
    case logit
  }

  public let network: Perceptron
  public let input: Input

  /// - Parameter attributes: The attributes to be guessed; they determine the number of outputs.
  public init(
    attributes: [SensitiveAttribute], hidden: [Int] = [32, 32, 32], activation: Activation = .relu,
    dropout: Double = 0, input: Input = .probability
  ) {
    network = Perceptron(
      inputs: 1, hidden: hidden, outputs: attributes.last?.columns.upperBound ?? 1, activation: activation,
      dropout: dropout)
    self.input = input
  }

  public func initialParameters(using stream: inout RandomStream) -> Parameters<Float> {
    network.initialParameters(using: &stream)
  }

  public func outputs<Scalar>(
    for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    network(input == .probability ? view.probabilities : view.logits, weights, mode: view.mode)
  }
}
