import LinearAlgebra

/// The columns of all tensors side by side.
///
/// - Precondition: There is at least one, and all have the same number of rows.
public func concatenate<Scalar>(columns tensors: [Tensor<Scalar>]) -> Tensor<Scalar> {
  precondition(!tensors.isEmpty, "concatenate: no tensors")
  for tensor in tensors {
    precondition(
      tensor.rows == tensors[0].rows, "concatenate: rows differ, \(tensors[0].shape) and \(tensor.shape)")
  }
  return Tensor(
    Concatenation(), tensors, rows: tensors[0].rows, columns: tensors.reduce(0) { $0 + $1.columns })
}

extension Tensor {
  /// The columns of a range, `[n, range.count]`.
  ///
  /// - Precondition: The range is not empty and lies within the columns.
  public subscript(columns range: Range<Int>) -> Tensor {
    precondition(
      !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= columns,
      "columns: \(range) is not a part of \(shape)")
    return Tensor(ColumnSlice(range: range), [self], rows: rows, columns: range.count)
  }
}

/// `y = [x₁ x₂ …]`; each input's gradient is its block of columns of ∂y.
struct Concatenation: RowwiseOperation {
  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? {
    var offset = 0
    for input in inputs {
      planner.emit(
        .copyColumns(
          rows: input.rows, columns: input.columns, from: input.pointer, fromStride: input.columns,
          to: output.pointer + offset * planner.precision.stride, toStride: output.columns, accumulate: 0))
      offset += input.columns
    }
    return nil
  }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {
    var offset = 0
    for (input, target) in zip(step.inputs, step.targets) {
      if let target {
        planner.emit(
          .copyColumns(
            rows: input.rows, columns: input.columns,
            from: step.outputGradient.pointer + offset * planner.precision.stride,
            fromStride: step.output.columns, to: target.region.pointer, toStride: input.columns,
            accumulate: target.accumulates ? 1 : 0))
      }
      offset += input.columns
    }
  }
}

/// `y = x[:, range]`; the gradient goes to these columns, and 0 to the others.
struct ColumnSlice: RowwiseOperation {
  let range: Range<Int>

  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? {
    planner.emit(
      .copyColumns(
        rows: output.rows, columns: output.columns,
        from: inputs[0].pointer + range.lowerBound * planner.precision.stride, fromStride: inputs[0].columns,
        to: output.pointer, toStride: output.columns, accumulate: 0))
    return nil
  }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {
    guard let target = step.targets[0] else { return }
    if !target.accumulates { planner.clear(target.region) }
    planner.emit(
      .copyColumns(
        rows: step.output.rows, columns: step.output.columns, from: step.outputGradient.pointer,
        fromStride: step.output.columns,
        to: target.region.pointer + range.lowerBound * planner.precision.stride, toStride: target.region.columns,
        accumulate: 1))
  }
}
