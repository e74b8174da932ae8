/// The limits of the largest gap between the values of several groups.
///
/// The largest gap of an estimate is too large where groups are alike, for noise makes a gap too. So its lower limit is
/// held against every pair of groups that may be the widest: those that are not clearly below the highest group, and
/// not clearly above the lowest. Their number m corrects the level (Bonferroni), to z(α/m); where no gap at all is
/// clear, the limit is 0. With two groups, or extremes that stand clear of the others, m is 1 and the limits
/// are those of a difference of two values. The upper limit needs no correction, because the largest gap errs upwards.
struct GapLimits {
  /// The largest value minus the smallest.
  let value: Double

  /// The number of pairs that may be the widest.
  let pairs: Int

  private let groups: [GroupValue]
  private let correlation: (Int, Int) -> Double
  private let highest: Int
  private let lowest: Int
  private let alpha: Double

  /// - Parameters:
  ///   - groups: The groups' values.
  ///   - correlation: Of the values of two groups, by index; 0 where they share no rows.
  ///   - alpha: 1 − confidence.
  /// - Precondition: There are at least two groups.
  init(_ groups: [GroupValue], alpha: Double, correlation: @escaping (Int, Int) -> Double) {
    precondition(groups.count >= 2, "GapLimits: a gap needs two groups")
    var (highest, lowest) = (0, 0)
    for index in groups.indices {
      if groups[index].value > groups[highest].value { highest = index }
      if groups[index].value < groups[lowest].value { lowest = index }
    }
    // With all equal, any pair will do.
    if highest == lowest { lowest = highest == 0 ? 1 : 0 }
    self.groups = groups
    self.correlation = correlation
    self.highest = highest
    self.lowest = lowest
    self.alpha = alpha
    value = groups[highest].value - groups[lowest].value
    guard groups.count > 2 else {
      pairs = 1
      return
    }
    let all = groups.count * (groups.count - 1) / 2
    let z = NormalDistribution.criticalValue(confidence: 1 - alpha / Double(all))
    func isClear(_ above: Int, _ below: Int) -> Bool {
      GroupValue.difference(groups[above], groups[below], correlation: correlation(above, below), z: z).low > 0
    }
    let high = groups.indices.map { $0 == highest || !isClear(highest, $0) }
    let low = groups.indices.map { $0 == lowest || !isClear($0, lowest) }
    let (highs, lows) = (high.count { $0 }, low.count { $0 })
    let both = zip(high, low).count { $0 && $1 }
    pairs = max(1, highs * lows - both * (both + 1) / 2)
  }

  private func z(_ pairs: Int) -> Double { NormalDistribution.criticalValue(confidence: 1 - alpha / Double(pairs)) }

  /// The limits of the gap; the lower one may lie below 0.
  ///
  /// - Parameter pairs: The number of pairs to correct for, where other gaps are looked at with this one.
  func difference(correctingFor pairs: Int) -> Interval {
    let rho = correlation(highest, lowest)
    let low = GroupValue.difference(groups[highest], groups[lowest], correlation: rho, z: z(pairs)).low
    let high = GroupValue.difference(groups[highest], groups[lowest], correlation: rho, z: z(1)).high
    return Interval(low: low, high: high)
  }

  /// The limits of the smallest value over the largest; the upper one may lie above 1.
  ///
  /// - Parameter lowestAtLeast: What the smallest value counts as where it is 0 of the group's rows, for the upper limit.
  func ratio(correctingFor pairs: Int, lowestAtLeast: GroupValue?) -> Interval {
    let rho = correlation(highest, lowest)
    let far = GroupValue.ratio(groups[lowest], to: groups[highest], correlation: rho, z: z(1))
    let near = GroupValue.ratio(
      groups[lowest].value > 0 ? groups[lowest] : lowestAtLeast ?? groups[lowest], to: groups[highest],
      correlation: rho, z: z(pairs))
    return Interval(low: groups[lowest].value > 0 ? far.low : 0, high: near.high)
  }

  /// The index of the group with the smallest value.
  var lowestGroup: Int { lowest }
}
