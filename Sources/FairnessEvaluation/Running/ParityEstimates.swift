import FairnessMetrics
import MetricExpressions

/// Computes how alike groups are treated, with intervals.
struct ParityEstimates {
  /// With more groups than this, comparing all pairs of score curves takes too long to be drawn a thousand times.
  private static let mostCurves = 20

  /// With more rows than this, the area between score curves comes from their histograms.
  private static let mostExactRows = 200_000

  /// The bins of the histograms that score curves are drawn from, a thousand times for every pair of groups.
  private static let curveBins = 100

  let specification: EvaluationSpecification

  /// The rows that groups have in common; nil where they do not overlap.
  var shared: SharedRows?

  /// One group.
  struct Group {
    var name: String
    var statistics: SliceStatistics
    /// The scores of its rows, where they are few enough to be compared exactly.
    var scores: [Double]?
    var auc: MetricValue?
    /// The area with its variance, where that is known.
    var areaEstimate: ROCAUCEstimate?
  }

  /// Whether rows are few enough for score curves to be compared exactly.
  static func isSmall(_ rows: ExactRows) -> Bool { rows.count <= mostExactRows }

  /// The comparisons at each threshold; those of the scores are repeated at each.
  func thresholds(_ groups: [Group]) -> [ParityEvaluation.AtThreshold] {
    let bootstrap = specification.bootstrap
    let metrics = GroupMetric.allCases.filter { $0.basis == .decisions }
    guard let first = groups.first?.statistics else {
      return specification.shownThresholds.map { ParityEvaluation.AtThreshold(threshold: $0, metrics: []) }
    }
    let indices = specification.thresholdIndices(first)
    let drawnMetrics = metrics.filter { ParityMetric(rawValue: $0.rawValue) == nil }
    var draws = indices.map { _ in drawnMetrics.map { _ in [MetricValue]() } }
    var curveDraws: [[ScoreHistogram]] = []
    let coarse = groups.map { coarsened($0.statistics) }
    let cells = shared?.cells { coarsened($0) }
    let drawsCurves = groups.count <= Self.mostCurves && specification.needsScoreStatistics
    if specification.intervals {
      for draw in 0..<bootstrap.draws {
        let drawn: [SliceStatistics] =
          if let shared, let cells {
            shared.resampled(cells, bootstrap, draw: draw, histogram: drawsCurves)
          } else {
            coarse.enumerated().map { stream, statistics in
              bootstrap.resampled(statistics, draw: draw, stream: stream, histogram: drawsCurves)
            }
          }
        for (place, index) in indices.enumerated() {
          let counts = zip(groups, drawn).map { (name: $0.name, counts: $1.counts(thresholdIndex: index)) }
          for (position, metric) in drawnMetrics.enumerated() {
            if let value = metric(counts) { draws[place][position].append(value) }
          }
        }
        if drawsCurves { curveDraws.append(drawn.compactMap(\.histogram)) }
      }
    }
    let scores = specification.needsScoreStatistics ? scoreMetrics(groups, coarse, curveDraws) : []
    return specification.shownThresholds.enumerated().map { place, threshold in
      let counts = groups.map { (name: $0.name, counts: $0.statistics.counts(thresholdIndex: indices[place])) }
      let estimates = metrics.map { metric -> NamedEstimate in
        if let parity = ParityMetric(rawValue: metric.rawValue) {
          return NamedEstimate(metric.rawValue, estimate(parity, counts, thresholdIndex: indices[place]))
        }
        let value = metric(counts) ?? .undefined("it is not of decisions")
        let position = drawnMetrics.firstIndex(of: metric) ?? 0
        let percentiles =
          value.value == nil
          ? nil : percentileInterval(draws[place][position], confidence: specification.confidence)
        // Draws of an inequality between groups lie above it, for noise alone makes one: reflected, they reach 0.
        let interval = percentiles.flatMap { drawn in
          value.value.map { Interval(low: max(0, min($0, 2 * $0 - drawn.high)), high: max($0, drawn.high)) }
        }
        return NamedEstimate(metric.rawValue, Estimate(value: value, interval: interval))
      }
      return ParityEvaluation.AtThreshold(threshold: threshold, metrics: estimates + scores)
    }
  }

  /// A comparison of decisions, with the interval that follows from those of the groups' rates.
  func estimate(
    _ metric: ParityMetric, _ groups: [(name: String, counts: ConfusionCounts)], thresholdIndex: Int
  ) -> Estimate {
    guard specification.intervals else { return Estimate(value: metric(groups), interval: nil) }
    let common = shared.map { shared in
      { (first: Int, second: Int) in shared.counts(first, second, thresholdIndex: thresholdIndex) }
    }
    return metric.estimate(groups, shared: common, confidence: specification.confidence)
  }

  private func coarsened(_ statistics: SliceStatistics) -> SliceStatistics {
    var narrowed = statistics
    if let histogram = narrowed.histogram {
      narrowed.replaceHistogram(histogram.coarsened(by: ModelEvidence.histogramBins / Self.curveBins))
    }
    return narrowed
  }

  private func scoreMetrics(
    _ groups: [Group], _ coarse: [SliceStatistics], _ curveDraws: [[ScoreHistogram]]
  ) -> [NamedEstimate] {
    let histograms = groups.compactMap(\.statistics.histogram)
    let exact = groups.compactMap(\.scores)
    let isSmall =
      exact.count == groups.count && specification.weights == nil && groups.count <= Self.mostCurves
    let area: MetricValue =
      if groups.count > 200 {
        .undefined("there are more than 200 groups to compare in pairs")
      } else if isSmall {
        largestAreaBetweenCumulativeCurves(exact)
      } else {
        Self.largestArea(histograms)
      }
    let gap = GroupComparison(
      members: groups.map { .init(group: $0.name, value: $0.auc ?? .undefined("there are no scores")) }
    ).difference
    let curveInterval = area.value.flatMap {
      areaBetweenCumulativeCurvesInterval(
        of: coarse.compactMap(\.histogram), around: $0, rowsPerWeight: groups.map(\.statistics.rowsPerWeight),
        draws: curveDraws, confidence: specification.confidence)
    }
    return [
      NamedEstimate(
        GroupMetric.areaBetweenCumulativeCurves.rawValue, Estimate(value: area, interval: curveInterval)),
      NamedEstimate(
        GroupMetric.rocAUCDifference.rawValue,
        Estimate(value: gap, interval: gap.value == nil ? nil : areaGapInterval(groups))),
    ]
  }

  /// The interval of the gap between the groups' areas, from their variances.
  private func areaGapInterval(_ groups: [Group]) -> Interval? {
    let areas = groups.compactMap(\.areaEstimate)
    guard specification.intervals, areas.count == groups.count else { return nil }
    return rocAUCGapInterval(areas, confidence: specification.confidence) { first, second in
      guard let shared, first != second, let common = shared.histogram(first, second),
        let a = groups[first].statistics.histogram, let b = groups[second].statistics.histogram
      else { return 0 }
      return a.rocAUCCorrelation(with: b, shared: common)
    }
  }

  /// The comparisons of a regression's errors.
  func numbers(
    _ groups: [(name: String, statistics: RegressionAccumulator.Statistics)]
  ) -> ParityEvaluation.AtThreshold {
    let metrics = GroupMetric.allCases.compactMap { comparison -> NamedEstimate? in
      guard let metric = comparison.numbers else { return nil }
      let value = GroupComparison(
        members: groups.map { .init(group: $0.name, value: metric($0.statistics.sums)) }
      ).difference
      return NamedEstimate(
        comparison.rawValue, Estimate(value: value, interval: rangeInterval(around: value, metric, groups)))
    }
    return ParityEvaluation.AtThreshold(threshold: nil, metrics: metrics)
  }

  /// The interval of a gap between the groups' errors.
  ///
  /// The gap of the groups is never further from that of the populations than the range of the groups' own deviations
  /// reaches; so it is the gap more or less the quantile of that range over draws, and not below 0. Percentiles of drawn
  /// gaps would never reach 0, for noise alone makes a gap.
  private func rangeInterval(
    around value: MetricValue, _ metric: SliceMetric,
    _ groups: [(name: String, statistics: RegressionAccumulator.Statistics)]
  ) -> Interval? {
    guard let gap = value.value else { return nil }
    let count = groups.map(\.statistics.draws.count).min() ?? 0
    let ranges = (0..<count).compactMap { draw -> Double? in
      var deviations: [Double] = []
      for group in groups {
        guard let own = metric(group.statistics.sums).value,
          let drawn = metric(draw: group.statistics.draws[draw]).value
        else { return nil }
        deviations.append(drawn - own)
      }
      guard let low = deviations.min(), let high = deviations.max() else { return nil }
      return high - low
    }.sorted()
    guard !ranges.isEmpty, ranges.count * 2 > count else { return nil }
    let reach = ranges[min(ranges.count - 1, Int((specification.confidence * Double(ranges.count)).rounded(.up)) - 1)]
    return Interval(low: max(0, gap - reach), high: gap + reach)
  }

  /// The largest area between the score curves of any two groups, from their histograms.
  static func largestArea(_ histograms: [ScoreHistogram]) -> MetricValue {
    let curves = histograms.map(\.cumulativeShares)
    return largestOverPairs(curves) { a, b in
      guard let a, let b else { return .undefined("a group has no rows") }
      var area = 0.0
      for bin in a.indices { area += abs(a[bin] - b[bin]) }
      return .defined(area / Double(a.count))
    }
  }
}
