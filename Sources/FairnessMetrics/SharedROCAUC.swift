extension ScoreHistogram {
  /// The correlation of the areas under the ROC curve of two groups that share rows, after DeLong.
  ///
  /// With `v_g(s)` the share of the other label's rows of group g that a row with score s beats (ties half), and `A_g` the
  /// area, `cov = Σ (v₁ − A₁)(v₂ − A₂) / (P₁·P₂)` over shared positive rows, plus the same over shared negative rows; rows of
  /// one bin are taken as tied.
  ///
  /// - Parameter shared: The histogram of the rows that are in both groups.
  /// - Returns: The correlation in 0...1; 0 where an area has no variance.
  /// - Precondition: All have equally many bins.
  public func rocAUCCorrelation(with other: ScoreHistogram, shared: ScoreHistogram) -> Double {
    guard let first = rocAUCEstimate(), let second = other.rocAUCEstimate(), first.variance > 0, second.variance > 0
    else { return 0 }
    let (p1, n1) = (positives.reduce(0, +), negatives.reduce(0, +))
    let (p2, n2) = (other.positives.reduce(0, +), other.negatives.reduce(0, +))
    var below = SIMD4<Double>.zero
    var covariance = 0.0
    for bin in positives.indices {
      let here = SIMD4(positives[bin], negatives[bin], other.positives[bin], other.negatives[bin])
      let middle = below + 0.5 * here
      // A positive row beats the negatives below it; a negative row is beaten by the positives above it.
      covariance +=
        shared.positives[bin] * (middle[1] / n1 - first.area) * (middle[3] / n2 - second.area) / (p1 * p2)
        + shared.negatives[bin] * (1 - middle[0] / p1 - first.area) * (1 - middle[2] / p2 - second.area) / (n1 * n2)
      below += here
    }
    return min(1, max(0, covariance / (first.variance * second.variance).squareRoot()))
  }
}
