/// The matrix product by its definition, in the order of the formula: what the tests compare the engine with.
///
/// `C = op(A) · op(B)`, `Cᵢⱼ = Σₖ op(A)ᵢₖ · op(B)ₖⱼ`.
///
/// - Precondition: The inner dimensions agree.
package func naiveProduct<Scalar: EngineScalar>(
  _ a: Matrix<Scalar>, transposed transposeA: Bool = false, _ b: Matrix<Scalar>, transposed transposeB: Bool = false
) -> Matrix<Scalar> {
  let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
  let (inner, n) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
  precondition(k == inner, "naiveProduct: inner dimensions differ, [\(m), \(k)] · [\(inner), \(n)]")
  var product = Matrix<Scalar>(rows: m, columns: n, repeating: 0)
  for i in 0..<m {
    for j in 0..<n {
      var sum: Scalar = 0
      for l in 0..<k {
        sum += (transposeA ? a[l, i] : a[i, l]) * (transposeB ? b[j, l] : b[l, j])
      }
      product[i, j] = sum
    }
  }
  return product
}
