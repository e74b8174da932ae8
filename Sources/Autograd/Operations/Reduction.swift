import CKernels
import LinearAlgebra

/// The axes over which a reduction runs.
public enum Axes: Sendable, Hashable {
  /// Over the rows: `[n, d]` becomes `[1, d]`.
  case rows
  /// Over the columns: `[n, d]` becomes `[n, 1]`.
  case columns
  /// Over both: `[n, d]` becomes `[1, 1]`.
  case all
}

extension Tensor {
  /// The sum over axes.
  public func sum(over axes: Axes = .all) -> Tensor { reduction(axes, scale: 1) }

  /// The mean over axes: the sum divided by the number of summands.
  public func mean(over axes: Axes = .all) -> Tensor {
    let count =
      switch axes {
      case .rows: rows
      case .columns: columns
      case .all: rows * columns
      }
    return reduction(axes, scale: 1 / Double(count))
  }

  private func reduction(_ axes: Axes, scale: Double) -> Tensor {
    Tensor(
      Reduction(scale: scale), [self], rows: axes == .columns ? rows : 1, columns: axes == .rows ? columns : 1)
  }
}

/// `y = scale · Σ x` over the axes on which the output has length 1; `∂x = scale · ∂y`, repeated along them.
struct Reduction: Operation {
  let scale: Double

  func rowwiseInputs(_ inputs: [Node], rows: Int) -> [Bool]? { inputs[0].rows == rows ? [true] : nil }

  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? {
    let input = inputs[0]
    let strides = output.view(rows: input.rows, columns: input.columns)
    planner.emit(
      .reduce(
        rows: input.rows, columns: input.columns, scale: scale, x: input.pointer, out: output.pointer,
        rowStride: output.rows == 1 ? 0 : strides.row_stride,
        columnStride: output.columns == 1 ? 0 : strides.column_stride))
    return nil
  }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {
    guard let target = step.targets[0] else { return }
    let (rows, columns) = (target.region.rows, target.region.columns)
    planner.emit(
      .broadcast(
        rows: rows, columns: columns, scale: scale, x: step.outputGradient.view(rows: rows, columns: columns),
        out: target.region.pointer, accumulate: target.accumulates ? 1 : 0))
  }
}
