import Autograd
import LinearAlgebra
import NeuralNetworks

/// An adversary that knows no sensitive attribute: it weighs up the rows on which the classifier does badly, as far as
/// they can be told apart by features and label.
///
/// Adversarially reweighted learning: `min_θ max_φ Σᵢ λᵢ·ℓᵢ`, where ℓ is the classifier's cross-entropy and
/// `λᵢ = 1 + n·fᵢ / Σⱼ fⱼ` over the batch, `f = σ(w·[x, y] + b)`. Here `L_z = −Σᵢ fᵢ·ℓᵢ / Σⱼ fⱼ`, so that at λ = 1 the
/// classifier's loss `L_y − λ·L_z` is `mean(λᵢ·ℓᵢ)`, the paper's. Its loss is the same for every attribute of the data,
/// which serve for measuring alone: with the mean over attributes, the λ that counts is their mean.
///
/// Its `outputs` are the logit of f, for every attribute: their ROC AUC tells whether the weights it gives find the groups
/// that it does not know.
///
/// - Edge cases: rows weigh what they weigh in the classifier's loss; rows whose attribute is missing count as any other.
/// - Source: Lahoti et al. (2020), arXiv:2006.13114, section 3: a linear adversary on features and label.
public struct ReweightingAdversary: Adversary, Hashable {
  private static let label = "label"

  public let layer: Linear
  public let attributes: [SensitiveAttribute]

  /// - Parameters:
  ///   - attributes: The attributes of the data, of which only the number of columns matters.
  ///   - features: The number of features, d.
  public init(attributes: [SensitiveAttribute], features: Int) {
    layer = Linear(inputs: features, outputs: 1)
    self.attributes = attributes
  }

  public func initialParameters(using stream: inout RandomStream) -> Parameters<Float> {
    var parameters: Parameters<Float> = layer.initialParameters(using: &stream)
    parameters.append(Self.label, Matrix(rows: 1, columns: 1, repeating: 0))
    return parameters
  }

  public func outputs<Scalar>(
    for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    let logit = logit(for: view, weights)
    return concatenate(columns: (0..<view.targets.columns).map { _ in logit })
  }

  public func losses<Scalar>(
    outputs: Tensor<Scalar>, for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    let losses = binaryCrossEntropy(logits: view.logits, targets: view.labels, reduction: .none)
    let shares = sigmoid(logit(for: view, weights))
    var loss: Tensor<Scalar>
    if let rowWeights = view.rowWeights {
      let weighted = shares * rowWeights
      loss = (weighted * losses).sum() * reciprocal(weighted.sum().shifted(by: 1e-12)) * rowWeights.mean()
    } else {
      loss = (shares * losses).sum() * reciprocal(shares.sum())
    }
    loss = -loss
    return concatenate(columns: view.attributes.map { _ in loss })
  }

  private func logit<Scalar>(
    for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    guard let features = view.features else { preconditionFailure("ReweightingAdversary: a view without features") }
    return layer(features, weights) + view.labels * weights[Self.label]
  }
}
