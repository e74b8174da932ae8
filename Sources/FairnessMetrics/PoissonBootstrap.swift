import RealModule

/// Intervals for any statistic by drawing the rows anew, each a Poisson(1) number of times.
///
/// Whether a row counts 0, 1, 2, … times in a draw depends on the seed, the draw and the row's number alone. So a stream
/// can be drawn from as it passes, the pieces may come in any order, and equal seeds give equal intervals.
/// Statistics of counts need no pass over the rows at all: n rows drawn Poisson(1) times each are a Poisson(n)
/// number of rows.
///
/// - Source: Hanley and MacGibbon (2006), Comput. Methods Programs Biomed. 83; Chamandy et al. (2012).
public struct PoissonBootstrap: Sendable, Hashable {
  /// The seed from which all draws follow.
  public let seed: UInt64

  /// The number of draws.
  public let draws: Int

  /// - Precondition: At least two draws.
  public init(seed: UInt64, draws: Int = 1000) {
    precondition(draws >= 2, "PoissonBootstrap: \(draws) draws make no interval")
    self.seed = seed
    self.draws = draws
  }

  /// How often a row counts in a draw: a Poisson(1) number.
  ///
  /// - Parameter row: The row's number in the whole data, not in its piece.
  public func multiplicity(draw: Int, row: Int) -> Int {
    let key = CounterGenerator.mixed(seed &+ CounterGenerator.mixed(UInt64(truncatingIfNeeded: draw)))
    var uniform = Double(CounterGenerator.mixed(key ^ UInt64(truncatingIfNeeded: row)) >> 11) * 0x1p-53
    // The inverse of the cumulative distribution: P(k) = e⁻¹/k!.
    var chance = Double.exp(-1)
    var count = 0
    while uniform >= chance && count < 20 {
      uniform -= chance
      count += 1
      chance /= Double(count)
    }
    return count
  }

  /// One draw of a group's counts: each cell becomes a Poisson number with its count as mean.
  ///
  /// - Parameter stream: A number for the group, so that groups are drawn independently.
  /// - Precondition: The counts are of rows that each weigh 1.
  public func resampled(_ counts: ConfusionCounts, draw: Int, stream: Int) -> ConfusionCounts {
    var generator = CounterGenerator(seed: seed, draw: draw, stream: stream)
    return ConfusionCounts(
      truePositives: generator.poisson(counts.truePositives.value),
      falsePositives: generator.poisson(counts.falsePositives.value),
      trueNegatives: generator.poisson(counts.trueNegatives.value),
      falseNegatives: generator.poisson(counts.falseNegatives.value))
  }

  /// The interval of a statistic of the counts of some groups, such as a `ParityMetric`.
  ///
  /// - Parameters:
  ///   - confidence: Inside 0...1.
  ///   - statistic: The statistic of the groups, in the order given.
  /// - Returns: The interval; nil where the statistic does not exist in more than one draw of ten.
  public func interval(
    of groups: [(name: String, counts: ConfusionCounts)], confidence: Double = 0.95,
    _ statistic: ([(name: String, counts: ConfusionCounts)]) -> MetricValue
  ) -> Interval? {
    percentileInterval(
      (0..<draws).map { draw in
        statistic(
          groups.enumerated().map { stream, group in
            (name: group.name, counts: resampled(group.counts, draw: draw, stream: stream))
          })
      }, confidence: confidence)
  }

  /// The interval of a statistic of rows that lie in memory.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - confidence: Inside 0...1.
  ///   - statistic: The statistic of the rows with the weights given, `[rows]`.
  /// - Returns: The interval; nil where the statistic does not exist in more than one draw of ten.
  public func interval(
    rows: Int, confidence: Double = 0.95, _ statistic: (_ weights: [Double]) -> MetricValue
  ) -> Interval? {
    percentileInterval(
      (0..<draws).map { draw in statistic((0..<rows).map { Double(multiplicity(draw: draw, row: $0)) }) },
      confidence: confidence)
  }
}

/// The interval between the percentiles of a statistic's draws.
///
/// - Returns: The interval; nil where the statistic does not exist in more than one draw of ten.
public func percentileInterval(_ draws: [MetricValue], confidence: Double = 0.95) -> Interval? {
  let values = draws.compactMap(\.value).sorted()
  guard values.count >= 2, 10 * values.count >= 9 * draws.count else { return nil }
  func percentile(_ p: Double) -> Double {
    let place = p * Double(values.count - 1)
    let below = min(values.count - 2, Int(place))
    return values[below] + (place - Double(below)) * (values[below + 1] - values[below])
  }
  return Interval(low: percentile(0.5 * (1 - confidence)), high: percentile(0.5 * (1 + confidence)))
}
