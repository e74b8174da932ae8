import Autograd
import LinearAlgebra
import NeuralNetworks

/// The article's adversary: a perceptron that sees the prediction and nothing else, or for equalized odds the label too.
///
/// - Source: Louppe, Kagan and Cranmer (2017), arXiv:1611.01046, as applied by "Fairness in Machine Learning with
///   PyTorch": input `[n, 1]`, three hidden layers of 32 units with ReLU, one output for each attribute. The forms with
///   the label are those of Zhang, Lemoine and Mitchell (2018), arXiv:1801.07593, and of fairlearn.
public struct PredictionAdversary: Adversary, Hashable {
  /// What stands for the prediction.
  public enum Input: String, Sendable, Hashable, Codable, CaseIterable {
    /// `σ(logit)`, in 0...1, as in the article.
    case probability
    /// The classifier's output before the sigmoid.
    case logit
    /// `σ((1 + |c|)·logit)` with a learned c, from 1: nearer to the decision than the probability, and still with a
    /// derivative. Zhang's adversary for Adult, and AIF360's.
    case sharpened
  }

  /// How the label y stands beside the prediction p.
  public enum Labels: String, Sendable, Hashable, Codable, CaseIterable {
    /// Not at all: `[p]`.
    case unseen
    /// `[p, y]`, as in fairlearn.
    case beside
    /// `[p, p·y, p·(1 − y)]`, with which a linear adversary can judge the rows of each label apart: Zhang's and AIF360's.
    case crossed

    /// The columns of the adversary's input.
    var columns: Int {
      switch self {
      case .unseen: 1
      case .beside: 2
      case .crossed: 3
      }
    }
  }

  public let network: Perceptron
  public let input: Input
  public let labels: Labels

  /// - Parameters:
  ///   - attributes: The attributes to be guessed; they determine the number of outputs.
  ///   - predictions: The classifier's outputs, k, all of which are read: 1 where the label is binary or a number.
  /// - Precondition: Of several outputs the label is not seen, and nothing is sharpened.
  public init(
    attributes: [SensitiveAttribute], hidden: [Int] = [32, 32, 32], activation: Activation = .relu,
    dropout: Double = 0, input: Input = .probability, labels: Labels = .unseen, predictions: Int = 1
  ) {
    precondition(
      predictions == 1 || labels == .unseen && input != .sharpened,
      "PredictionAdversary: \(predictions) outputs beside labels or sharpened")
    network = Perceptron(
      inputs: labels.columns + predictions - 1, hidden: hidden, outputs: attributes.last?.columns.upperBound ?? 1,
      activation: activation, dropout: dropout)
    self.input = input
    self.labels = labels
  }

  private static let sharpness = "sharpness"

  public func initialParameters(using stream: inout RandomStream) -> Parameters<Float> {
    var parameters: Parameters<Float> = network.initialParameters(using: &stream)
    if input == .sharpened { parameters.append(Self.sharpness, Matrix(rows: 1, columns: 1, repeating: 1)) }
    return parameters
  }

  public func outputs<Scalar>(
    for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    let prediction =
      switch input {
      case .probability: view.probabilities
      case .logit: view.logits
      case .sharpened: sigmoid(view.logits * abs(weights[Self.sharpness]).shifted(by: 1))
      }
    let seen =
      switch labels {
      case .unseen: prediction
      case .beside: concatenate(columns: [prediction, view.labels])
      case .crossed:
        concatenate(columns: [
          prediction, prediction * view.labels, prediction * view.labels.scaled(by: -1).shifted(by: 1),
        ])
      }
    return network(seen, weights, mode: view.mode)
  }
}
