import LinearAlgebra

/// Row by row, `exp(xⱼ) / Σₖ exp(xₖ)`, computed after subtracting the row's maximum.
public func softmax<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(Softmax(), [x], rows: x.rows, columns: x.columns)
}

/// Row by row, `log Σₖ exp(xₖ)`, `[n, 1]`, computed after subtracting the row's maximum.
public func logSumExp<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(LogSumExp(), [x], rows: x.rows, columns: 1)
}

/// With y = softmax(x): `∂x = y ∘ (∂y − Σₖ yₖ ∂yₖ)`.
struct Softmax: RowwiseOperation {
  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? {
    planner.emit(.softmax(rows: output.rows, columns: output.columns, x: inputs[0].pointer, y: output.pointer))
    return nil
  }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {
    guard let target = step.targets[0] else { return }
    planner.emit(
      .softmaxGradient(
        rows: step.output.rows, columns: step.output.columns, y: step.output.pointer,
        dy: step.outputGradient.pointer, dx: target.region.pointer, accumulate: target.accumulates ? 1 : 0))
  }
}

/// With y = logsumexp(x): `∂xⱼ = ∂y · exp(xⱼ − y)`.
struct LogSumExp: RowwiseOperation {
  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? {
    planner.emit(.logSumExp(rows: inputs[0].rows, columns: inputs[0].columns, x: inputs[0].pointer, y: output.pointer))
    return nil
  }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {
    guard let target = step.targets[0] else { return }
    planner.emit(
      .logSumExpGradient(
        rows: step.inputs[0].rows, columns: step.inputs[0].columns, x: step.inputs[0].pointer,
        y: step.output.pointer, dy: step.outputGradient.pointer, dx: target.region.pointer,
        accumulate: target.accumulates ? 1 : 0))
  }
}
