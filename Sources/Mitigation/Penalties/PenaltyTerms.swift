import Autograd
import LinearAlgebra

/// The penalties that take more than a line, of predictions `[n, 1]` and membership `[n, g]`.
enum PenaltyTerms {
  /// `x` as a row, `[1, n]`.
  private static func transposed<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    matmul(.constant(1), x, transposingB: true)
  }

  /// With weights `c = shares·(a − b)`, all three means of a pair are one quadratic form, `cᵀ·K·c`.
  static func meanDiscrepancy<Scalar>(
    _ predictions: Tensor<Scalar>, _ membership: Tensor<Scalar>, _ kernel: Penalty.Kernel
  ) -> Tensor<Scalar> {
    let pairs = GroupPairs(membership)
    let distances = predictions - transposed(predictions)
    let similarities =
      switch kernel {
      case .gaussian(let length): exp(square(distances).scaled(by: -1 / (length * length)))
      case .laplacian(let length): exp(abs(distances).scaled(by: -1 / length))
      }
    let weights = matmul(pairs.shares, pairs.differences)
    return pairs.mean((weights * matmul(similarities, weights)).sum(over: .rows))
  }

  /// `H·K·H` is K less the means of its rows and of its columns, plus the mean of all, on the rows that have a group.
  static func independence<Scalar>(
    _ predictions: Tensor<Scalar>, _ membership: Tensor<Scalar>, _ width: Double
  ) -> Tensor<Scalar> {
    let known = membership.sum(over: .columns)
    let both = known * transposed(known)
    let count = known.sum()
    let inverse = reciprocal(count + relu(count.scaled(by: -1).shifted(by: 1)))
    let k = exp(square(predictions - transposed(predictions)).scaled(by: -1 / width)) * both
    let rowMeans = k.sum(over: .columns) * inverse
    let columnMeans = k.sum(over: .rows) * inverse
    let mean = k.sum() * square(inverse)
    let centered = k - rowMeans * transposed(known) - known * columnMeans + both * mean
    // Rows of one group are at distance 0, of two groups at 1.
    let same = matmul(membership, membership, transposingB: true)
    let l = exp(same.shifted(by: -1).scaled(by: 1 / width))
    let others = count.shifted(by: -1)
    return (l * centered).sum() * reciprocal(square(others) + relu(count.scaled(by: -1).shifted(by: 2)))
  }

  static func mutualInformation<Scalar>(
    _ predictions: Tensor<Scalar>, _ membership: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let counts = membership.sum(over: .rows)
    let count = counts.sum()
    let inverse = reciprocal(count + relu(count.scaled(by: -1).shifted(by: 1)))
    let known = membership.sum(over: .columns)
    let overall = (predictions * known).sum() * inverse
    let rates = matmul(predictions, GroupPairs(membership).shares, transposingA: true)
    // Probabilities may round to 0 and 1; x·ln x is 0 there.
    func logarithm(_ x: Tensor<Scalar>) -> Tensor<Scalar> { log(x.shifted(by: 1e-12)) }
    func complement(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.scaled(by: -1).shifted(by: 1) }
    let selected = rates * (logarithm(rates) - logarithm(overall))
    let rejected = complement(rates) * (logarithm(complement(rates)) - logarithm(complement(overall)))
    return ((selected + rejected) * counts).sum() * inverse
  }

  static func absoluteCorrelation<Scalar>(
    _ predictions: Tensor<Scalar>, _ membership: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let known = membership.sum(over: .columns)
    let count = known.sum()
    let inverse = reciprocal(count + relu(count.scaled(by: -1).shifted(by: 1)))
    // The second of two indicators tells what the first does.
    let indicators = membership.columns == 2 ? membership[columns: 1..<2] : membership
    func centered(_ x: Tensor<Scalar>) -> Tensor<Scalar> { (x - (x * known).sum(over: .rows) * inverse) * known }
    let (p, z) = (centered(predictions), centered(indicators))
    let covariances = (p * z).sum(over: .rows) * inverse
    let variances = (square(p).sum() * inverse) * (square(z).sum(over: .rows) * inverse)
    return abs(covariances * reciprocal(squareRoot(variances.shifted(by: 1e-7)))).mean()
  }
}
