import CKernels
import LinearAlgebra

/// The value of `x`, through which no gradient passes.
public func stopGradient<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(StopGradient(), [x], rows: x.rows, columns: x.columns)
}

/// The value of `x`; backwards, the gradient is multiplied by `−scale`.
///
/// - Parameter scale: λ of the gradient reversal, `[1, 1]`: an input where it changes during training (Ganin's ramp).
/// - Source: Ganin and Lempitsky (2015), arXiv:1409.7495.
public func reverseGradient<Scalar>(_ x: Tensor<Scalar>, scale: Tensor<Scalar>) -> Tensor<Scalar> {
  precondition(scale.rows == 1 && scale.columns == 1, "reverseGradient: the scale is [1, 1], not \(scale.shape)")
  return Tensor(ReverseGradient(), [x, scale], rows: x.rows, columns: x.columns)
}

/// `y = x`, `∂x = 0`.
struct StopGradient: RowwiseOperation {
  var sharesInput: Bool { true }
  func hasGradient(input: Int) -> Bool { false }
  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? { nil }
  func planGradient(_ planner: inout Planner, _ step: GradientStep) {}
}

/// `y = x`, `∂x = −λ · ∂y`. Not the derivative of the value: that is the point of it.
struct ReverseGradient: RowwiseOperation {
  var sharesInput: Bool { true }
  func hasGradient(input: Int) -> Bool { input == 0 }
  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? { nil }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {
    guard let target = step.targets[0] else { return }
    let (rows, columns) = (step.output.rows, step.output.columns)
    if !target.accumulates { planner.clear(target.region) }
    planner.emit(
      .binaryGradient(
        rows: rows, columns: columns, sign: -1, dy: step.outputGradient.pointer,
        other: eq_view(data: step.inputs[1].pointer, row_stride: 0, column_stride: 0), target: target.region.pointer,
        rowStride: columns, columnStride: 1))
  }
}
