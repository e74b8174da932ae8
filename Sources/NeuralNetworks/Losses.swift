import Autograd
import LinearAlgebra

/// How the losses of rows become one number.
public enum LossReduction: Sendable, Hashable {
  /// Not at all: the losses stay as they are.
  case none
  /// Their sum.
  case sum
  /// Their sum divided by their number, whatever their weights: PyTorch's `mean`.
  case mean

  func callAsFunction<Scalar>(_ losses: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .none: losses
    case .sum: losses.sum()
    case .mean: losses.mean()
    }
  }
}

/// The binary cross-entropy of logits x against targets t in 0...1: `max(x, 0) − x·t + log1p(exp(−|x|))`.
///
/// - Shapes: `logits` and `targets` are `[n, k]`; `weights` is `[n, k]` or `[n, 1]`; the result `[n, k]` or `[1, 1]`.
/// - Edge cases: finite for all finite logits; no gradient flows to targets or weights.
public func binaryCrossEntropy<Scalar>(
  logits: Tensor<Scalar>, targets: Tensor<Scalar>, weights: Tensor<Scalar>? = nil, reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  reduction(elementLosses(.binaryCrossEntropy, outputs: logits, targets: targets, weights: weights))
}

/// The categorical cross-entropy of logits x against target rows t that sum to 1: `logsumexp(x) − Σⱼ tⱼ·xⱼ`.
///
/// - Shapes: `logits` and `targets` are `[n, c]`; `weights` is `[n, 1]`; the result `[n, 1]` or `[1, 1]`.
public func categoricalCrossEntropy<Scalar>(
  logits: Tensor<Scalar>, targets: Tensor<Scalar>, weights: Tensor<Scalar>? = nil, reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  reduction(rowCrossEntropies(logits: logits, targets: targets, weights: weights))
}

/// The squared error `(x − t)²`.
///
/// - Shapes: as for `binaryCrossEntropy`.
public func squaredError<Scalar>(
  predictions: Tensor<Scalar>, targets: Tensor<Scalar>, weights: Tensor<Scalar>? = nil,
  reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  reduction(elementLosses(.squaredError, outputs: predictions, targets: targets, weights: weights))
}

/// The hinge loss `max(0, 1 − (2t − 1)·x)` of scores x against targets t, 0 or 1.
///
/// - Shapes: as for `binaryCrossEntropy`.
public func hinge<Scalar>(
  scores: Tensor<Scalar>, targets: Tensor<Scalar>, weights: Tensor<Scalar>? = nil, reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  reduction(elementLosses(.hinge, outputs: scores, targets: targets, weights: weights))
}
