import CKernels
import LinearAlgebra

/// A fully connected layer at once: `drop(relu(op(x) · op(w) + b))`, with ReLU and dropout as asked.
///
/// Made by `Fusion`, never written by hand. The derivative reads the result only: where it is 0, the unit was off or
/// dropped, and passes nothing on; elsewhere the incoming gradient is multiplied by `1/(1 − p)`.
struct Dense: Operation {
  let product: MatrixProduct
  let relu: Bool
  let dropout: Dropout?

  func readsDeviations(input: Int) -> Bool { product.readsDeviations(input: input) }

  func rowwiseInputs(_ inputs: [Node], rows: Int) -> [Bool]? {
    product.rowwiseInputs(inputs, rows: rows).map { $0 + [false] }
  }

  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? {
    planner.multiply(
      inputs[0], inputs[1], transposeA: product.transposeA, transposeB: product.transposeB, into: output,
      then: planner.activation(bias: inputs[2], relu: relu, dropout: dropout))
    return nil
  }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {
    let gradient = step.outputGradient
    planner.emit(
      .biasActivationGradient(
        rows: gradient.rows, columns: gradient.columns, y: step.output.pointer, dy: gradient.pointer,
        relu: relu ? 1 : 0, probability: dropout?.probability ?? 0, bias: step.targets[2]?.region.pointer,
        accumulate: step.targets[2]?.accumulates == true ? 1 : 0))
    product.planGradient(&planner, step)
  }
}
