import CKernels
import LinearAlgebra

/// `max(x, 0)`. At the kink, x = 0, the derivative is 0.
public func relu<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unary(.relu, x) }

/// `x` where x > 0, elsewhere `slope · x`. At the kink, x = 0, the derivative is `slope`.
public func leakyReLU<Scalar>(_ x: Tensor<Scalar>, slope: Double = 0.01) -> Tensor<Scalar> {
  unary(.leakyReLU(slope: slope), x)
}

/// The hyperbolic tangent.
public func tanh<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unary(.tanh, x) }

/// `1 / (1 + exp(−x))`, in (0, 1), computed without overflow for any x.
public func sigmoid<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unary(.sigmoid, x) }

/// `log(1 + exp(x))`, computed as `max(x, 0) + log1p(exp(−|x|))`, so that it does not overflow.
public func softplus<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unary(.softplus, x) }

/// The exponential; +∞ where it exceeds the largest number.
public func exp<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unary(.exp, x) }

/// The natural logarithm; −∞ at 0 (in single precision below the smallest normal number), NaN below 0.
public func log<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unary(.log, x) }

/// `x²`.
public func square<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unary(.square, x) }

/// `√x`; its derivative at 0 is +∞.
public func squareRoot<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unary(.squareRoot, x) }

/// `|x|`. At the kink, x = 0, the derivative is 0.
public func abs<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unary(.abs, x) }

/// `1 / x`.
public func reciprocal<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unary(.reciprocal, x) }

extension Tensor {
  /// `factor · x`.
  public func scaled(by factor: Double) -> Tensor { unary(.scale(factor), self) }

  /// `x + offset`.
  public func shifted(by offset: Double) -> Tensor { unary(.shift(offset), self) }

  public static prefix func - (x: Tensor) -> Tensor { x.scaled(by: -1) }
}

private func unary<Scalar>(_ kind: Unary.Kind, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(Unary(kind: kind), [x], rows: x.rows, columns: x.columns)
}

/// `y = f(x)` element by element, with `∂x = ∂y · f′(x)`.
struct Unary: RowwiseOperation {
  enum Kind: Equatable {
    case scale(Double)
    case shift(Double)
    case relu
    case leakyReLU(slope: Double)
    case tanh
    case sigmoid
    case softplus
    case exp
    case log
    case square
    case squareRoot
    case abs
    case reciprocal
  }

  let kind: Kind

  /// The kernel and its parameter.
  private var kernel: (eq_unary, Double) {
    switch kind {
    case .scale(let factor): (EQ_SCALE, factor)
    case .shift(let offset): (EQ_SHIFT, offset)
    case .relu: (EQ_RELU, 0)
    case .leakyReLU(let slope): (EQ_LEAKY_RELU, slope)
    case .tanh: (EQ_TANH, 0)
    case .sigmoid: (EQ_SIGMOID, 0)
    case .softplus: (EQ_SOFTPLUS, 0)
    case .exp: (EQ_EXP, 0)
    case .log: (EQ_LOG, 0)
    case .square: (EQ_SQUARE, 0)
    case .squareRoot: (EQ_SQRT, 0)
    case .abs: (EQ_ABS, 0)
    case .reciprocal: (EQ_RECIPROCAL, 0)
    }
  }

  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? {
    let (op, parameter) = kernel
    planner.emit(
      .unary(op, count: output.count, parameter: parameter, x: inputs[0].pointer, y: output.pointer))
    return nil
  }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {
    guard let target = step.targets[0] else { return }
    let (op, parameter) = kernel
    planner.emit(
      .unaryGradient(
        op, count: step.output.count, parameter: parameter, x: step.inputs[0].pointer, y: step.output.pointer,
        dy: step.outputGradient.pointer, dx: target.region.pointer, accumulate: target.accumulates ? 1 : 0))
  }
}
