import LinearAlgebra

/// The gradients of a loss with respect to tensors, computed once: for a look, or for a check.
///
/// Training plans a `Program` once and replays it; this plans, runs and forgets.
///
/// - Precondition: `loss` is `[1, 1]`, and all leaves behind it are constants or parameters.
/// - Returns: For each tensor, a matrix of its shape.
public func gradients<Scalar>(of loss: Tensor<Scalar>, withRespectTo tensors: [Tensor<Scalar>]) -> [Matrix<Scalar>] {
  let program = Program(values: [loss], gradients: [.init(of: loss, withRespectTo: tensors)])
  program.run()
  return program.tensorGradients(0)
}
