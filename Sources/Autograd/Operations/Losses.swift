import CKernels
import LinearAlgebra

/// The losses that compare logits with targets element by element.
public enum ElementLoss: Sendable, Hashable {
  /// `max(x, 0) − x·t + log1p(exp(−|x|))`, which is −t·log σ(x) − (1 − t)·log(1 − σ(x)) without overflow.
  case binaryCrossEntropy
  /// `(x − t)²`.
  case squaredError
  /// `max(0, 1 − (2t − 1)·x)` for targets 0 and 1.
  case hinge
}

/// A loss for each element, `[n, k]`, times its weight.
///
/// No gradient flows to targets and weights; where weights are a network's output, multiply by them instead.
///
/// - Precondition: `targets` have the shape of `outputs`; `weights`, too, or one column, which is repeated.
public func elementLosses<Scalar>(
  _ kind: ElementLoss, outputs: Tensor<Scalar>, targets: Tensor<Scalar>, weights: Tensor<Scalar>? = nil
) -> Tensor<Scalar> {
  precondition(
    outputs.rows == targets.rows && outputs.columns == targets.columns,
    "\(kind): outputs and targets differ, \(outputs.shape) and \(targets.shape)")
  guard let weights else {
    return Tensor(ElementLossOperation(kind: kind), [outputs, targets], rows: outputs.rows, columns: outputs.columns)
  }
  precondition(
    weights.rows == outputs.rows && (weights.columns == outputs.columns || weights.columns == 1),
    "\(kind): outputs and weights differ, \(outputs.shape) and \(weights.shape)")
  if weights.columns != outputs.columns {
    return elementLosses(kind, outputs: outputs, targets: targets) * stopGradient(weights)
  }
  return Tensor(
    ElementLossOperation(kind: kind), [outputs, targets, weights], rows: outputs.rows, columns: outputs.columns)
}

/// The categorical cross-entropy of each row, `[n, 1]`, times its weight: `logsumexp(x) − Σⱼ tⱼ·xⱼ`.
///
/// - Shapes: `logits` and `targets` are `[n, c]`, a target row is one-hot or sums to 1; `weights` is `[n, 1]`.
public func rowCrossEntropies<Scalar>(
  logits: Tensor<Scalar>, targets: Tensor<Scalar>, weights: Tensor<Scalar>? = nil
) -> Tensor<Scalar> {
  precondition(
    logits.rows == targets.rows && logits.columns == targets.columns,
    "categoricalCrossEntropy: logits and targets differ, \(logits.shape) and \(targets.shape)")
  if let weights {
    precondition(
      weights.rows == logits.rows && weights.columns == 1,
      "categoricalCrossEntropy: weights should be [\(logits.rows), 1], not \(weights.shape)")
  }
  return Tensor(
    CrossEntropyOperation(), [logits, targets] + (weights.map { [$0] } ?? []), rows: logits.rows, columns: 1)
}

/// `y = w · ℓ(x, t)`; `∂x = ∂y · w · ∂ℓ/∂x`, which is σ(x) − t, 2(x − t), or −(2t − 1) where the hinge is open.
struct ElementLossOperation: RowwiseOperation {
  let kind: ElementLoss

  private var kernel: eq_loss {
    switch kind {
    case .binaryCrossEntropy: EQ_BINARY_CROSS_ENTROPY
    case .squaredError: EQ_SQUARED_ERROR
    case .hinge: EQ_HINGE
    }
  }

  func hasGradient(input: Int) -> Bool { input == 0 }

  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? {
    planner.emit(
      .loss(
        kernel, count: output.count, x: inputs[0].pointer, t: inputs[1].pointer,
        weights: inputs.count > 2 ? UnsafeRawPointer(inputs[2].pointer) : nil, y: output.pointer))
    return nil
  }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {
    guard let target = step.targets[0] else { return }
    planner.emit(
      .lossGradient(
        kernel, count: step.output.count, x: step.inputs[0].pointer, t: step.inputs[1].pointer,
        weights: step.inputs.count > 2 ? UnsafeRawPointer(step.inputs[2].pointer) : nil,
        dy: step.outputGradient.pointer, dx: target.region.pointer, accumulate: target.accumulates ? 1 : 0))
  }
}

/// `y = w · (logsumexp(x) − Σ t·x)`; `∂x = ∂y · w · (softmax(x) − t)`.
struct CrossEntropyOperation: RowwiseOperation {
  func hasGradient(input: Int) -> Bool { input == 0 }

  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? {
    planner.emit(
      .crossEntropy(
        rows: inputs[0].rows, columns: inputs[0].columns, x: inputs[0].pointer, t: inputs[1].pointer,
        weights: inputs.count > 2 ? UnsafeRawPointer(inputs[2].pointer) : nil, y: output.pointer))
    return nil
  }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {
    guard let target = step.targets[0] else { return }
    planner.emit(
      .crossEntropyGradient(
        rows: step.inputs[0].rows, columns: step.inputs[0].columns, x: step.inputs[0].pointer,
        t: step.inputs[1].pointer, weights: step.inputs.count > 2 ? UnsafeRawPointer(step.inputs[2].pointer) : nil,
        dy: step.outputGradient.pointer, dx: target.region.pointer, accumulate: target.accumulates ? 1 : 0))
  }
}
