import LinearAlgebra

/// The matrix product `op(a) · op(b)`, where `op` transposes or not.
///
/// - Shapes: `op(a)` is `[m, k]`, `op(b)` is `[k, n]`, the result `[m, n]`.
/// - Precondition: The inner dimensions agree.
public func matmul<Scalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, transposingA: Bool = false, transposingB: Bool = false
) -> Tensor<Scalar> {
  let (m, k) = transposingA ? (a.columns, a.rows) : (a.rows, a.columns)
  let (inner, n) = transposingB ? (b.columns, b.rows) : (b.rows, b.columns)
  precondition(k == inner, "matmul: inner dimensions differ, [\(m), \(k)] · [\(inner), \(n)]")
  return Tensor(MatrixProduct(transposeA: transposingA, transposeB: transposingB), [a, b], rows: m, columns: n)
}

/// `C = op(A) · op(B)`; with `G = ∂loss/∂C`, the gradients are products again: `∂op(A) = G · op(B)ᵀ`,
/// `∂op(B) = op(A)ᵀ · G`, each transposed once more where `op` transposes.
struct MatrixProduct: Operation {
  let transposeA: Bool
  let transposeB: Bool

  func readsDeviations(input: Int) -> Bool { input == 0 && !transposeA && !transposeB }

  func rowwiseInputs(_ inputs: [Node], rows: Int) -> [Bool]? { transposeA ? nil : [true, false] }

  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? {
    planner.multiply(inputs[0], inputs[1], transposeA: transposeA, transposeB: transposeB, into: output)
    return nil
  }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {
    let (a, b, g) = (step.inputs[0], step.inputs[1], step.outputGradient)
    // In the order of the targets: where both are the same value, the second adds to the first.
    if let target = step.targets[0] {
      if transposeA {
        planner.multiply(
          b, g, transposeA: transposeB, transposeB: true, into: target.region, accumulate: target.accumulates)
      } else {
        planner.multiply(g, b, transposeB: !transposeB, into: target.region, accumulate: target.accumulates)
      }
    }
    if let target = step.targets[1] {
      if let selected = a.deviations {
        planner.emit(
          .deviationsGradient(
            count: g.rows, inner: target.region.rows, columns: g.columns, rows: selected.rows,
            indices: selected.indices, dy: g.pointer, dw: target.region.pointer,
            accumulate: target.accumulates ? 1 : 0))
      } else if transposeB {
        planner.multiply(
          g, a, transposeA: true, transposeB: transposeA, into: target.region, accumulate: target.accumulates)
      } else {
        planner.multiply(a, g, transposeA: !transposeA, into: target.region, accumulate: target.accumulates)
      }
    }
  }
}
