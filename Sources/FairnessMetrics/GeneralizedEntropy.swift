import RealModule

extension ConfusionCounts {
  /// How unequally a classifier's errors benefit the rows: the generalised entropy of the benefits `b = ŷ − y + 1`.
  ///
  /// `GE_α = mean((b/μ)^α − 1) / (α·(α − 1))`, with μ the mean benefit; in the limits
  /// `GE_1 = mean((b/μ)·ln(b/μ))`, the Theil index, and `GE_0 = −mean(ln(b/μ))`. A correct decision has benefit 1, a
  /// false positive 2, a false negative 0, so that the counts say it all. It is 0 where all benefit alike.
  ///
  /// - Edge cases: Undefined without rows, and where all rows are false negatives (μ = 0). With α ≤ 0 a single false
  ///   negative makes it infinite: undefined.
  /// - Source: Speicher et al. (2018), arXiv:1807.00787; as in AIF360's `generalized_entropy_index`.
  public func generalizedEntropy(alpha: Double = 2) -> MetricValue {
    generalizedEntropyIndex(
      [(1, correct.value), (2, falsePositives.value), (0, falseNegatives.value)], alpha: alpha)
  }

  /// The Theil index of the benefits, `GE_1`.
  public var theilIndex: MetricValue { generalizedEntropy(alpha: 1) }

  /// The mean benefit `ŷ − y + 1`; undefined without rows.
  var meanBenefit: MetricValue {
    MetricValue(correct.value + 2 * falsePositives.value, over: total.value, orElse: "there are no rows")
  }
}

/// The part of the generalised entropy that lies between groups: that of the groups' mean benefits.
///
/// - Edge cases: As for `ConfusionCounts.generalizedEntropy(alpha:)`, over all groups that have rows.
public func betweenGroupGeneralizedEntropy(_ groups: [ConfusionCounts], alpha: Double = 2) -> MetricValue {
  generalizedEntropyIndex(
    groups.compactMap { counts in counts.meanBenefit.value.map { ($0, counts.total.value) } }, alpha: alpha)
}

/// The generalised entropy of benefits that come with weights.
private func generalizedEntropyIndex(_ benefits: [(benefit: Double, weight: Double)], alpha: Double) -> MetricValue {
  let total = benefits.reduce(0) { $0 + $1.weight }
  guard total > 0 else { return .undefined("there are no rows") }
  let mean = benefits.reduce(0) { $0 + $1.benefit * $1.weight } / total
  guard mean > 0 else { return .undefined("every row is a false negative, so that no row has a benefit") }
  var sum = 0.0
  for (benefit, weight) in benefits where weight > 0 {
    let share = benefit / mean
    if share == 0 && alpha <= 0 {
      return .undefined("a row without benefit makes it infinite; choose an alpha above 0")
    }
    switch alpha {
    case 0: sum -= weight * .log(share)
    case 1: sum += share == 0 ? 0 : weight * share * .log(share)
    default: sum += weight * ((share == 0 ? 0 : .pow(share, alpha)) - 1) / (alpha * (alpha - 1))
    }
  }
  return MetricValue(sum / total)
}
