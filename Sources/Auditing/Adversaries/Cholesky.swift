/// Solves `A·x = b` for a symmetric positive definite A by Cholesky's factorisation, in place.
///
/// - Parameters:
///   - matrix: A, `[d, d]` row by row; its lower triangle becomes the factor L of `A = L·Lᵀ`.
///   - vector: b, which becomes x.
/// - Returns: False where A is not positive definite within rounding; both are then of no use.
func solvePositiveDefinite(_ matrix: inout [Double], _ vector: inout [Double]) -> Bool {
  let d = vector.count
  return matrix.withUnsafeMutableBufferPointer { a in
    for j in 0..<d {
      var pivot = a[j * d + j]
      for k in 0..<j { pivot -= a[j * d + k] * a[j * d + k] }
      guard pivot > 0, pivot.isFinite else { return false }
      let root = pivot.squareRoot()
      a[j * d + j] = root
      for i in (j + 1)..<max(d, j + 1) {
        var sum = a[i * d + j]
        for k in 0..<j { sum -= a[i * d + k] * a[j * d + k] }
        a[i * d + j] = sum / root
      }
    }
    for i in 0..<d {
      for k in 0..<i { vector[i] -= a[i * d + k] * vector[k] }
      vector[i] /= a[i * d + i]
    }
    for i in (0..<d).reversed() {
      for k in (i + 1)..<max(d, i + 1) { vector[i] -= a[k * d + i] * vector[k] }
      vector[i] /= a[i * d + i]
    }
    return true
  }
}
