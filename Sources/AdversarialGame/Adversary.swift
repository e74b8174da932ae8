import Autograd
import LinearAlgebra
import NeuralNetworks

/// The second player: it reads the sensitive attributes off what the classifier gives away.
///
/// A conforming type is the adversary's architecture, a value; its weights are `Parameters`, which the trainer keeps.
/// Two requirements are enough: how the weights begin, and what the adversary makes of a view. Its expressions are
/// generic over the scalar, so that the same source trains in single precision and is checked in double.
///
/// ```swift
/// struct LogisticAdversary: Adversary {
///   let layer: Linear
///   func initialParameters(using stream: inout RandomStream) -> Parameters<Float> {
///     layer.initialParameters(using: &stream)
///   }
///   func outputs<Scalar>(for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>) -> Tensor<Scalar> {
///     layer(view.logits, weights)
///   }
/// }
/// ```
public protocol Adversary: Sendable {
  /// The weights before training.
  func initialParameters(using stream: inout RandomStream) -> Parameters<Float>

  /// The adversary's guess of the attributes, `[n, k]`, before sigmoid or softmax: one logit for a binary attribute,
  /// one for each group of a categorical one, a number for a continuous one, in the order of `view.attributes`. Its ROC
  /// AUC is reported where there are groups.
  func outputs<Scalar>(for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>) -> Tensor<Scalar>

  /// The adversary's loss for each attribute, `[1, a]`, each a mean over the rows: L_z without λ.
  ///
  /// By default the cross-entropy of `outputs`, binary or categorical, or for a continuous attribute their squared
  /// error, times `view.targetWeights`.
  func losses<Scalar>(
    outputs: Tensor<Scalar>, for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar>

  /// What the classifier is to raise, `[1, a]`, where it is not the adversary's own loss; nil, the default, where it is.
  /// λ multiplies it.
  func pressures<Scalar>(
    outputs: Tensor<Scalar>, for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar>?

  /// A loss that both players minimise, `[1, 1]`, beside their own; nil, the default, for none. λ has no part in it.
  func sharedLoss<Scalar>(for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>) -> Tensor<Scalar>?
}

extension Adversary {
  public func losses<Scalar>(
    outputs: Tensor<Scalar>, for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    view.crossEntropies(outputs: outputs)
  }

  public func pressures<Scalar>(
    outputs: Tensor<Scalar>, for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar>? { nil }

  public func sharedLoss<Scalar>(
    for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar>? { nil }
}

extension AdversaryView {
  /// The mean cross-entropy of outputs for each attribute, `[1, a]`, weighted by `targetWeights` and divided by the
  /// number of rows, n. Of a continuous attribute it is the squared error, as fairlearn has it.
  ///
  /// - Parameter outputs: Logits, `[n, k]`, in the order of the attributes' columns.
  public func crossEntropies(outputs: Tensor<Scalar>) -> Tensor<Scalar> {
    precondition(
      outputs.columns == targets.columns,
      "Adversary: [n, \(outputs.columns)] outputs for [n, \(targets.columns)] targets of the attributes")
    let areAllBinary = attributes.allSatisfy { if case .binary = $0.kind { true } else { false } }
    if areAllBinary {
      return binaryCrossEntropy(logits: outputs, targets: targets, weights: targetWeights, reduction: .none)
        .mean(over: .rows)
    }
    return concatenate(
      columns: attributes.enumerated().map { index, attribute in
        let logits = outputs[columns: attribute.columns]
        let wanted = targets[columns: attribute.columns]
        let weights = targetWeights.map { $0[columns: index..<index + 1] }
        return switch attribute.kind {
        case .binary: binaryCrossEntropy(logits: logits, targets: wanted, weights: weights)
        case .categorical: categoricalCrossEntropy(logits: logits, targets: wanted, weights: weights)
        case .continuous: squaredError(predictions: logits, targets: wanted, weights: weights)
        }
      })
  }

  /// The cross-entropy of each row for each attribute, `[n, 1]` each, without weights; the squared error of a continuous
  /// one.
  func rowLosses(outputs: Tensor<Scalar>) -> [Tensor<Scalar>] {
    attributes.map { attribute in
      let logits = outputs[columns: attribute.columns]
      let wanted = targets[columns: attribute.columns]
      return switch attribute.kind {
      case .binary: binaryCrossEntropy(logits: logits, targets: wanted, reduction: .none)
      case .categorical: categoricalCrossEntropy(logits: logits, targets: wanted, reduction: .none)
      case .continuous: squaredError(predictions: logits, targets: wanted, reduction: .none)
      }
    }
  }

  /// The weight of each row for an attribute, `[n, 1]`; nil where all are 1.
  func weights(ofAttribute index: Int) -> Tensor<Scalar>? {
    targetWeights.map { $0[columns: index..<index + 1] }
  }
}
