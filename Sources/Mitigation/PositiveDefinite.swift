/// Solves `A·x = b` for a positive definite A by Cholesky's factors.
///
/// - Parameters:
///   - matrix: A, `[n, n]` row by row; its lower half is read, and overwritten by the factor.
///   - right: b, `[n]`.
///   - leastPivot: What a pivot that rounding made smaller is lifted to; nil for 10⁻¹⁴ of the largest number on the
///     diagonal.
func solvePositiveDefinite(_ matrix: inout [Double], _ right: [Double], leastPivot: Double? = nil) -> [Double] {
  let size = right.count
  var solution = right
  let leastPivot = leastPivot ?? 1e-14 * (0..<size).reduce(0) { max($0, matrix[$1 * size + $1]) }
  matrix.withUnsafeMutableBufferPointer { a in
    for i in 0..<size {
      for j in 0...i {
        var sum = a[i * size + j]
        for k in 0..<j { sum -= a[i * size + k] * a[j * size + k] }
        a[i * size + j] = i == j ? max(sum, leastPivot).squareRoot() : sum / a[j * size + j]
      }
    }
    for i in 0..<size {
      for k in 0..<i { solution[i] -= a[i * size + k] * solution[k] }
      solution[i] /= a[i * size + i]
    }
    for i in (0..<size).reversed() {
      for k in (i + 1)..<max(i + 1, size) { solution[i] -= a[k * size + i] * solution[k] }
      solution[i] /= a[i * size + i]
    }
  }
  return solution
}
