import LinearAlgebra

/// Sets each element to 0 with a probability, and divides the others by 1 − `probability`, so that the mean stays.
///
/// Each run of the program draws anew from `noise`. To leave dropout off, leave the call out: there is no mode.
///
/// - Precondition: `0 ≤ probability < 1`; 0 returns `x` itself.
/// - Source: Srivastava et al. (2014), JMLR 15; the scaling at training time is PyTorch's.
public func dropout<Scalar>(_ x: Tensor<Scalar>, probability: Double, noise: NoiseSource) -> Tensor<Scalar> {
  precondition(probability >= 0 && probability < 1, "dropout: probability \(probability) is not in 0..<1")
  if probability == 0 { return x }
  return Tensor(Dropout(probability: probability, noise: noise), [x], rows: x.rows, columns: x.columns)
}

/// `y = x ∘ mask` with mask ∈ {0, 1/(1 − p)}; `∂x = ∂y ∘ mask`.
struct Dropout: RowwiseOperation {
  let probability: Double
  let noise: NoiseSource

  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? {
    let mask = planner.region(rows: output.rows, columns: output.columns)
    planner.emit(
      .dropout(
        count: output.count, probability: probability, x: inputs[0].pointer, y: output.pointer, mask: mask.pointer,
        noise: noise.pointer))
    return mask
  }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {
    guard let target = step.targets[0], let mask = step.auxiliary else { return }
    planner.emit(
      .product(
        count: step.output.count, a: step.outputGradient.pointer, b: mask.pointer, out: target.region.pointer,
        accumulate: target.accumulates ? 1 : 0))
  }
}
