import Autograd
import LinearAlgebra

/// Compares the gradients of an expression with central differences, in double precision.
///
/// The expression's result is multiplied by an uneven matrix and summed, so that a transposed or misrouted gradient
/// cannot pass. The step is `cbrt(ulp of 1) ≈ 6e-6` (relative to 1 + |x|), where truncation and rounding balance; the
/// error left is about its square, so the tolerance is 1e-7, relative to 1 + |derivative|.
///
/// - Parameters:
///   - points: The values of the inputs; keep them away from kinks.
///   - fusing: Whether the planner joins chains of operations.
///   - variant: The kernel variant, nil for the best.
///   - expression: Builds the expression from inputs of the points' shapes.
/// - Returns: Nil, or a description of the first mismatch.
package func gradientMismatch(
  at points: [Matrix<Double>], fusing: Bool = true, variant: Int? = nil,
  _ expression: ([Tensor<Double>]) -> Tensor<Double>
) -> String? {
  let inputs = points.map { Tensor<Double>.input(rows: $0.rows, columns: $0.columns) }
  let result = expression(inputs)
  let loss = (result * .constant(.uneven(result.rows, result.columns))).sum()
  let program = Program(
    values: [loss], gradients: [.init(of: loss, withRespectTo: inputs)], fusing: fusing, variant: variant)
  func run(_ values: [Matrix<Double>]) -> Double {
    for (input, value) in zip(inputs, values) { program.set(input, to: value) }
    program.run()
    return program.scalar(of: loss)
  }

  _ = run(points)
  let gradients = program.tensorGradients(0)
  for (index, point) in points.enumerated() {
    for element in point.values.indices {
      let step = 6e-6 * (1 + Swift.abs(point.values[element]))
      var shifted = points
      shifted[index].values[element] = point.values[element] + step
      let above = run(shifted)
      shifted[index].values[element] = point.values[element] - step
      let below = run(shifted)
      let difference = (above - below) / (2 * step)
      let gradient = gradients[index].values[element]
      if !(Swift.abs(gradient - difference) <= 1e-7 * (1 + Swift.abs(difference))) {
        return "input \(index), element \(element): gradient \(gradient), central difference \(difference)"
      }
    }
  }
  return nil
}

extension Matrix where Scalar: BinaryFloatingPoint {
  /// Uneven values between −1 and 1, none of them near 0, no two alike.
  package static func uneven(_ rows: Int, _ columns: Int, seed: Int = 1) -> Matrix {
    let values = (0..<rows * columns).map { index -> Scalar in
      let fraction = (Double(index + 1) * 0.618_033_988_749 * Double(2 * seed + 1)).truncatingRemainder(dividingBy: 1)
      let magnitude = 0.15 + 0.8 * fraction
      return Scalar((index * 7 + seed) % 3 == 0 ? -magnitude : magnitude)
    }
    return Matrix(rows: rows, columns: columns, values: values)
  }

  /// Uneven values between 0.15 and 0.95.
  package static func unevenPositive(_ rows: Int, _ columns: Int, seed: Int = 1) -> Matrix {
    var matrix = uneven(rows, columns, seed: seed)
    matrix.values = matrix.values.map { Swift.abs($0) }
    return matrix
  }
}

/// The largest difference between two matrices, relative to 1 + the second's magnitude; +∞ where the shapes differ.
package func largestDifference<Scalar: EngineScalar>(_ a: Matrix<Scalar>, _ b: Matrix<Scalar>) -> Scalar {
  guard a.rows == b.rows && a.columns == b.columns else { return .infinity }
  return zip(a.values, b.values).reduce(0) { largest, pair in
    if pair.0 == pair.1 { return largest }
    let difference = Swift.abs(pair.0 - pair.1) / (1 + Swift.abs(pair.1))
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}
