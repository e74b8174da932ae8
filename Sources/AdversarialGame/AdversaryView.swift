import Autograd
import LinearAlgebra
import NeuralNetworks
import TabularData

/// What an adversary may look at, for one batch of rows.
///
/// While the adversary trains, these are plain inputs without a past, so no gradient can reach the classifier; in the
/// classifier's step they come from its network, and the gradient flows through them. An adversary need not know which.
/// What it does not look at costs nothing: the trainer computes and copies only what its loss depends on.
public struct AdversaryView<Scalar: EngineScalar> {
  /// The classifier's outputs before sigmoid or softmax, `[n, k]` with k of `LabelKind.outputs`.
  public let logits: Tensor<Scalar>

  /// The classifier's last hidden layer, `[n, h]`.
  public let representation: Tensor<Scalar>

  /// The labels y, `[n, k]`, 0 or 1, one-hot, or standardised: for adversaries that aim at equalized odds.
  public let labels: Tensor<Scalar>

  /// The sensitive attributes, `[n, k]`: 0 or 1 for a binary one, one-hot for a categorical one, the standardised number
  /// of a continuous one.
  public let targets: Tensor<Scalar>

  /// The weight of each row for each attribute, `[n, a]`; nil where all are 1. It is 0 where the attribute is missing,
  /// and the other rows weigh more for it, so that the weights of an attribute are 1 on average over the split.
  public let targetWeights: Tensor<Scalar>?

  /// The features x, `[n, d]`; nil where a view was made without them.
  public let features: Tensor<Scalar>?

  /// The weight of each row in the classifier's loss, `[n, 1]`; nil where all are 1. It is 0 for what fills up a batch
  /// that is only measured.
  public let rowWeights: Tensor<Scalar>?

  /// The attributes, which say whose columns of `targets` are whose.
  public let attributes: [SensitiveAttribute]

  /// Whether the adversary is being trained.
  public let mode: Mode

  /// What the label is.
  public let label: LabelKind

  /// The classifier's prediction, `[n, k]`: `σ(logits)`, in 0...1; of several classes their softmax; of a number the
  /// standardised number itself.
  public var probabilities: Tensor<Scalar> {
    switch label {
    case .binary: sigmoid(logits)
    case .categorical: softmax(logits)
    case .continuous: logits
    }
  }

  public init(
    logits: Tensor<Scalar>, representation: Tensor<Scalar>, labels: Tensor<Scalar>, targets: Tensor<Scalar>,
    targetWeights: Tensor<Scalar>? = nil, features: Tensor<Scalar>? = nil, rowWeights: Tensor<Scalar>? = nil,
    attributes: [SensitiveAttribute], label: LabelKind = .binary, mode: Mode
  ) {
    self.features = features
    self.rowWeights = rowWeights
    self.logits = logits
    self.representation = representation
    self.labels = labels
    self.targets = targets
    self.targetWeights = targetWeights
    self.attributes = attributes
    self.label = label
    self.mode = mode
  }
}
