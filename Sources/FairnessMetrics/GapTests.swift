import RealModule

/// Rows of which some have a property: what a test of two shares compares.
public struct CountedShare: Sendable, Hashable, Codable {
  /// The rows that have it.
  public var part: Int

  /// All rows.
  public var whole: Int

  /// - Precondition: `0 ≤ part ≤ whole`.
  public init(_ part: Int, of whole: Int) {
    precondition(part >= 0 && part <= whole, "CountedShare: \(part) of \(whole) rows is not a share")
    self.part = part
    self.whole = whole
  }

  /// The share; undefined without rows.
  public var value: MetricValue { MetricValue(Double(part), over: Double(whole), orElse: "there are no rows") }
}

/// The test that two shares are equal, by their pooled standard error.
///
/// `z = (p₁ − p₂) / √(p(1 − p)(1/n₁ + 1/n₂))` with p the share of both together; two-sided. It needs some ten rows of
/// each kind expected in each group; below, use `fisherExactTest`.
///
/// - Returns: The p-value; 1 where no row or every row has the property; undefined where a group has no rows.
public func twoProportionTest(_ a: CountedShare, _ b: CountedShare) -> MetricValue {
  guard a.whole > 0 && b.whole > 0 else { return .undefined("a group has no rows") }
  let (n1, n2) = (Double(a.whole), Double(b.whole))
  let pooled = (Double(a.part) + Double(b.part)) / (n1 + n2)
  let error = (pooled * (1 - pooled) * (1 / n1 + 1 / n2)).squareRoot()
  guard error > 0 else { return .defined(1) }
  return .defined(NormalDistribution.twoSidedTail((Double(a.part) / n1 - Double(b.part) / n2) / error))
}

/// Fisher's exact test that two shares are equal, two-sided.
///
/// The p-value is the chance, with all margins fixed, of a table no more likely than the one found; tables within
/// 10⁻⁷ of its chance count as equally likely, as in R and SciPy. Takes time proportional to the smallest margin.
///
/// - Returns: The p-value; undefined where a group has no rows.
public func fisherExactTest(_ a: CountedShare, _ b: CountedShare) -> MetricValue {
  guard a.whole > 0 && b.whole > 0 else { return .undefined("a group has no rows") }
  let part = a.part + b.part
  let lowest = max(0, part - b.whole)
  let highest = min(part, a.whole)
  func logChoose(_ n: Int, _ k: Int) -> Double {
    Double.logGamma(Double(n + 1)) - Double.logGamma(Double(k + 1)) - Double.logGamma(Double(n - k + 1))
  }
  // Chances relative to that of the table found, each from its neighbour's: no cancellation between large logarithms.
  func chances(_ steps: StrideThrough<Int>, ratio: (Int) -> Double) -> [Double] {
    var chance = 1.0
    return steps.map { k in
      chance *= ratio(k)
      return chance
    }
  }
  let above = chances(stride(from: a.part + 1, through: highest, by: 1)) { k in
    Double(a.whole - k + 1) / Double(k) * Double(part - k + 1) / Double(b.whole - part + k)
  }
  let below = chances(stride(from: a.part - 1, through: lowest, by: -1)) { k in
    Double(k + 1) / Double(a.whole - k) * Double(b.whole - part + k + 1) / Double(part - k)
  }
  let found = Double.exp(
    logChoose(a.whole, a.part) + logChoose(b.whole, b.part) - logChoose(a.whole + b.whole, part))
  let relative = (above + below).filter { $0 <= 1 + 1e-7 }.reduce(1, +)
  let total = (above + below).reduce(1, +)
  // Where everything stays in range, the relative chances alone give the p-value most exactly.
  return .defined(min(1, total.isFinite ? relative / total : found * relative))
}

/// The test of a gap between two shares that suits their size: Fisher's where fewer than ten rows of a kind are
/// expected in a group, and else that of two proportions.
public func gapTest(_ a: CountedShare, _ b: CountedShare) -> MetricValue {
  guard a.whole > 0 && b.whole > 0 else { return .undefined("a group has no rows") }
  let pooled = Double(a.part + b.part) / Double(a.whole + b.whole)
  let leastExpected = Double(min(a.whole, b.whole)) * min(pooled, 1 - pooled)
  return leastExpected < 10 ? fisherExactTest(a, b) : twoProportionTest(a, b)
}

/// The test of a gap between the shares of two groups that may have rows in common.
///
/// Rows of both groups move both shares alike: `var = p(1 − p)(1/n₁ + 1/n₂ − 2·n₁₂/(n₁·n₂))` with p the share of all
/// rows together. Where fewer than ten rows of a kind are expected, the rows that the groups do not share are held against
/// one another by Fisher's test.
///
/// - Parameter shared: The rows that are in both, n₁₂.
/// - Returns: The p-value; 1 where the groups are the same rows; undefined where a group has no rows.
public func gapTest(_ a: CountedShare, _ b: CountedShare, shared: CountedShare) -> MetricValue {
  guard a.whole > 0 && b.whole > 0 else { return .undefined("a group has no rows") }
  if shared.whole == 0 { return gapTest(a, b) }
  let (n1, n2, n12) = (Double(a.whole), Double(b.whole), Double(shared.whole))
  let pooled = Double(a.part + b.part - shared.part) / (n1 + n2 - n12)
  // Counts of rows with weights are rounded, so that their differences may be one too few.
  func rest(_ share: CountedShare) -> CountedShare {
    let part = max(0, share.part - shared.part)
    return CountedShare(part, of: max(part, share.whole - shared.whole))
  }
  let own = (rest(a), rest(b))
  if Double(min(a.whole, b.whole)) * min(pooled, 1 - pooled) < 10, own.0.whole > 0, own.1.whole > 0 {
    return fisherExactTest(own.0, own.1)
  }
  let error = max(0, pooled * (1 - pooled) * (1 / n1 + 1 / n2 - 2 * n12 / (n1 * n2))).squareRoot()
  guard error > 0 else { return .defined(1) }
  return .defined(NormalDistribution.twoSidedTail((Double(a.part) / n1 - Double(b.part) / n2) / error))
}

/// Holm's correction of p-values for their being many: the chance of even one false alarm among them all stays below
/// the level they are held against.
///
/// `p̃_(i) = max_{j ≤ i} min(1, (m − j + 1)·p_(j))` in ascending order.
///
/// - Returns: The corrected p-values, in the order given.
/// - Source: Holm (1979), Scand. J. Statist. 6.
public func holmCorrected(_ pValues: [Double]) -> [Double] {
  var corrected = pValues
  var largest = 0.0
  for (rank, index) in pValues.indices.sorted(by: { pValues[$0] < pValues[$1] }).enumerated() {
    largest = max(largest, min(1, Double(pValues.count - rank) * pValues[index]))
    corrected[index] = largest
  }
  return corrected
}

/// The smallest gap between the shares of two groups that a test would find with the chance `power`.
///
/// `(z_{1−α/2} + z_power)·√(p(1 − p)(1/n₁ + 1/n₂))`, and no more than 1. A gap that was not found but is smaller than
/// this one has not been ruled out.
///
/// - Parameters:
///   - share: p, the share in both groups together.
///   - rows: n₁ and n₂.
///   - level: α, the chance of a false alarm, inside 0...1.
///   - power: The chance to find the gap, inside 0...1.
public func detectableGap(
  share: Double, rows: (Double, Double), level: Double = 0.05, power: Double = 0.8
) -> MetricValue {
  guard rows.0 > 0 && rows.1 > 0 else { return .undefined("a group has no rows") }
  let z = NormalDistribution.criticalValue(confidence: 1 - level) + NormalDistribution.quantile(power)
  // A share of 0 or 1 was found in finitely many rows; one more row of the other kind keeps the variance honest.
  let n = rows.0 + rows.1
  let p = min(max(share, 1 / (n + 2)), 1 - 1 / (n + 2))
  return .defined(min(1, z * (p * (1 - p) * (1 / rows.0 + 1 / rows.1)).squareRoot()))
}
