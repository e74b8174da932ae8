import CKernels
import LinearAlgebra

extension Tensor {
  /// The sum, element by element. An operand with one row or one column (or both) is repeated along that axis.
  ///
  /// - Precondition: On each axis the lengths are equal, or one of them is 1.
  public static func + (a: Tensor, b: Tensor) -> Tensor { binary(.add, a, b) }

  /// The difference, element by element; operands broadcast as for the sum.
  public static func - (a: Tensor, b: Tensor) -> Tensor { binary(.subtract, a, b) }

  /// The product, element by element; operands broadcast as for the sum.
  public static func * (a: Tensor, b: Tensor) -> Tensor { binary(.multiply, a, b) }

  /// The quotient, element by element, as `a · (1/b)`; operands broadcast as for the sum.
  public static func / (a: Tensor, b: Tensor) -> Tensor { a * reciprocal(b) }
}

private func binary<Scalar>(_ kind: Binary.Kind, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  func common(_ first: Int, _ second: Int) -> Int {
    precondition(
      first == second || first == 1 || second == 1, "\(kind): shapes do not broadcast, \(a.shape) and \(b.shape)")
    return max(first, second)
  }
  return Tensor(Binary(kind: kind), [a, b], rows: common(a.rows, b.rows), columns: common(a.columns, b.columns))
}

/// `y = a ∘ b` with broadcasting. A repeated operand's gradient is the sum over the axes on which it was repeated:
/// `∂a = Σ ∂y · ∂y/∂a`.
struct Binary: RowwiseOperation {
  enum Kind: String {
    case add
    case subtract
    case multiply
  }

  let kind: Kind

  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? {
    let op: eq_binary =
      switch kind {
      case .add: EQ_ADD
      case .subtract: EQ_SUBTRACT
      case .multiply: EQ_MULTIPLY
      }
    planner.emit(
      .binary(
        op, rows: output.rows, columns: output.columns, a: inputs[0].view(rows: output.rows, columns: output.columns),
        b: inputs[1].view(rows: output.rows, columns: output.columns), out: output.pointer))
    return nil
  }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {
    let (rows, columns) = (step.output.rows, step.output.columns)
    for (index, target) in step.targets.enumerated() {
      guard let target else { continue }
      if !target.accumulates { planner.clear(target.region) }
      let strides = target.region.view(rows: rows, columns: columns)
      planner.emit(
        .binaryGradient(
          rows: rows, columns: columns, sign: kind == .subtract && index == 1 ? -1 : 1,
          dy: step.outputGradient.pointer,
          other: kind == .multiply ? step.inputs[1 - index].view(rows: rows, columns: columns) : nil,
          target: target.region.pointer, rowStride: strides.row_stride, columnStride: strides.column_stride))
    }
  }
}
