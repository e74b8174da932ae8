import Autograd
import LinearAlgebra
import NeuralNetworks
import RealModule

/// An adversary that gives a continuous attribute a density: a mixture of Gaussians whose weights, means and widths follow
/// from the prediction.
///
/// `L_z = −mean log Σ_c π_c·N(z; μ_c, σ_c)`, in nats of the standardised attribute, with m components:
/// `π = softmax(a)`, `μ = b`, `σ = exp(s) + 10⁻³`, where a, b and s are 3m outputs of a perceptron. At independence its
/// least value is the differential entropy of z, which is `log √(2πe) = 1.4189` for a normal attribute. Of an attribute
/// with groups the loss is the cross-entropy.
///
/// - Departure: the 10⁻³ keeps a component from shrinking onto one number that many rows share, as ages do, where the
///   likelihood would have no bound.
/// - Source: Louppe, Kagan and Cranmer (2017), arXiv:1611.01046, section 5.1: 5 components, two layers of 20 units.
public struct MixtureDensityAdversary: Adversary, Hashable {
  /// The least width of a component, in standard deviations of the attribute.
  public static let leastWidth = 1e-3

  public let network: Perceptron
  public let attributes: [SensitiveAttribute]

  /// The components of each mixture, m.
  public let components: Int

  public let input: PredictionAdversary.Input
  public let seesLabels: Bool

  /// - Parameters:
  ///   - attributes: The attributes to be guessed; they determine the number of outputs.
  ///   - seesLabels: Whether the label stands beside the prediction, for equalized odds.
  ///   - predictions: The classifier's outputs, k, all of which are read.
  /// - Precondition: There is at least one component, `input` is not `sharpened`, and beside several outputs the label is
  ///   not seen.
  public init(
    attributes: [SensitiveAttribute], components: Int = 5, hidden: [Int] = [20, 20], activation: Activation = .relu,
    input: PredictionAdversary.Input = .probability, seesLabels: Bool = false, predictions: Int = 1
  ) {
    precondition(predictions == 1 || !seesLabels, "MixtureDensityAdversary: \(predictions) outputs beside labels")
    precondition(components > 0, "MixtureDensityAdversary: \(components) components")
    precondition(input != .sharpened, "MixtureDensityAdversary: the prediction is not sharpened")
    self.attributes = attributes
    self.components = components
    self.input = input
    self.seesLabels = seesLabels
    let outputs = attributes.reduce(0) { $0 + Self.width(of: $1, components) }
    network = Perceptron(
      inputs: predictions + (seesLabels ? 1 : 0), hidden: hidden, outputs: max(1, outputs), activation: activation)
  }

  private static func width(of attribute: SensitiveAttribute, _ components: Int) -> Int {
    attribute.kind == .continuous ? 3 * components : attribute.columns.count
  }

  public func initialParameters(using stream: inout RandomStream) -> Parameters<Float> {
    network.initialParameters(using: &stream)
  }

  /// The mean of the mixture, or the logits of the groups.
  public func outputs<Scalar>(
    for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    concatenate(
      columns: parts(for: view, weights).map { attribute, part in
        guard attribute.kind == .continuous else { return part }
        let mixture = Mixture(part, components: components)
        return (softmax(mixture.logits) * mixture.means).sum(over: .columns)
      })
  }

  public func losses<Scalar>(
    outputs: Tensor<Scalar>, for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    concatenate(
      columns: parts(for: view, weights).enumerated().map { index, part in
        let wanted = view.targets[columns: part.attribute.columns]
        let weights = view.weights(ofAttribute: index)
        switch part.attribute.kind {
        case .binary: return binaryCrossEntropy(logits: part.outputs, targets: wanted, weights: weights)
        case .categorical: return categoricalCrossEntropy(logits: part.outputs, targets: wanted, weights: weights)
        case .continuous:
          let losses = Mixture(part.outputs, components: components).negativeLogLikelihood(of: wanted)
          return (weights.map { losses * $0 } ?? losses).mean()
        }
      })
  }

  /// The network's outputs for each attribute.
  private func parts<Scalar>(
    for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> [(attribute: SensitiveAttribute, outputs: Tensor<Scalar>)] {
    let prediction = input == .logit ? view.logits : view.probabilities
    let seen = seesLabels ? concatenate(columns: [prediction, view.labels]) : prediction
    let outputs = network(seen, weights, mode: view.mode)
    var offset = 0
    return attributes.map { attribute in
      let width = Self.width(of: attribute, components)
      defer { offset += width }
      return (attribute, outputs[columns: offset..<offset + width])
    }
  }
}

/// A mixture of m Gaussians for each row, from 3m outputs of a network.
private struct Mixture<Scalar: EngineScalar> {
  let logits: Tensor<Scalar>
  let means: Tensor<Scalar>
  let widths: Tensor<Scalar>

  init(_ outputs: Tensor<Scalar>, components m: Int) {
    logits = outputs[columns: 0..<m]
    means = outputs[columns: m..<2 * m]
    widths = exp(outputs[columns: 2 * m..<3 * m]).shifted(by: MixtureDensityAdversary.leastWidth)
  }

  /// `−log Σ_c π_c·N(z; μ_c, σ_c)` of each row, `[n, 1]`, in logarithms throughout.
  func negativeLogLikelihood(of z: Tensor<Scalar>) -> Tensor<Scalar> {
    let squares = square((z - means) / widths).scaled(by: -0.5)
    let joint = logSumExp(logits - log(widths) + squares)
    return (logSumExp(logits) - joint).shifted(by: 0.5 * Double.log(2 * .pi))
  }
}
