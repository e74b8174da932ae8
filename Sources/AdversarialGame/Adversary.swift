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
  /// one for each group of a categorical one, in the order of `view.attributes`. Its ROC AUC is reported.
  func outputs<Scalar>(for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>) -> Tensor<Scalar>

  /// The adversary's loss for each attribute, `[1, a]`, each a mean over the rows: L_z without λ.
  ///
  /// By default the cross-entropy of `outputs`, binary or categorical, times `view.targetWeights`.
  func losses<Scalar>(
    outputs: Tensor<Scalar>, for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar>
}

extension Adversary {
  public func losses<Scalar>(
    outputs: Tensor<Scalar>, for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    view.crossEntropies(outputs: outputs)
  }
}

extension AdversaryView {
  /// The mean cross-entropy of outputs for each attribute, `[1, a]`, weighted by `targetWeights` and divided by the
  /// number of rows, n.
  ///
  /// - Parameter outputs: Logits, `[n, k]`, in the order of the attributes' columns.
  public func crossEntropies(outputs: Tensor<Scalar>) -> Tensor<Scalar> {
    precondition(
      outputs.columns == targets.columns,
      "Adversary: [n, \(outputs.columns)] outputs for [n, \(targets.columns)] targets of the attributes")
    let areAllBinary = attributes.allSatisfy { $0.columns.count == 1 }
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
        }
      })
  }
}
