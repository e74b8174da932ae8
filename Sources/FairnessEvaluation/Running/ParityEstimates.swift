import FairnessMetrics
import MetricExpressions

/// Computes how alike groups are treated, with intervals.
struct ParityEstimates {
  /// With more groups than this, comparing all pairs of score curves takes too long to be drawn a thousand times.
  private static let mostCurves = 20

  /// With more rows than this, the area between score curves comes from their histograms.
  private static let mostExactRows = 200_000

  let specification: EvaluationSpecification

  /// One group.
  struct Group {
    var name: String
    var statistics: SliceStatistics
    /// The scores of its rows, where they are few enough to be compared exactly.
    var scores: [Double]?
    var auc: MetricValue?
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
    var draws = indices.map { _ in metrics.map { _ in [MetricValue]() } }
    var curveDraws: [MetricValue] = []
    var areaDraws: [MetricValue] = []
    let factor = ModelEvidence.histogramBins / SliceEstimates.drawnBins
    let coarse = groups.map { group -> SliceStatistics in
      var narrowed = group.statistics
      if let histogram = narrowed.histogram { narrowed.replaceHistogram(histogram.coarsened(by: factor)) }
      return narrowed
    }
    let drawsCurves = groups.count <= Self.mostCurves && specification.needsScoreStatistics
    if specification.intervals {
      for draw in 0..<bootstrap.draws {
        let drawn = coarse.enumerated().map { stream, statistics in
          bootstrap.resampled(statistics, draw: draw, stream: stream, histogram: drawsCurves)
        }
        for (place, index) in indices.enumerated() {
          let counts = zip(groups, drawn).map { (name: $0.name, counts: $1.counts(thresholdIndex: index)) }
          for (position, metric) in metrics.enumerated() {
            if let value = metric(counts) { draws[place][position].append(value) }
          }
        }
        if drawsCurves {
          let histograms = drawn.compactMap(\.histogram)
          curveDraws.append(Self.largestArea(histograms))
          areaDraws.append(Self.gap(histograms.map(\.rocAUC)))
        }
      }
    }
    let scores = specification.needsScoreStatistics ? scoreMetrics(groups, coarse, curveDraws, areaDraws) : []
    return specification.shownThresholds.enumerated().map { place, threshold in
      let counts = groups.map { (name: $0.name, counts: $0.statistics.counts(thresholdIndex: indices[place])) }
      let estimates = metrics.enumerated().map { position, metric -> NamedEstimate in
        let value = metric(counts) ?? .undefined("it is not of decisions")
        let interval =
          value.value == nil
          ? nil : percentileInterval(draws[place][position], confidence: specification.confidence)
        return NamedEstimate(metric.rawValue, Estimate(value: value, interval: interval))
      }
      return ParityEvaluation.AtThreshold(threshold: threshold, metrics: estimates + scores)
    }
  }

  private func scoreMetrics(
    _ groups: [Group], _ coarse: [SliceStatistics], _ curveDraws: [MetricValue], _ areaDraws: [MetricValue]
  ) -> [NamedEstimate] {
    let histograms = groups.compactMap(\.statistics.histogram)
    let exact = groups.compactMap(\.scores)
    let isSmall =
      exact.count == groups.count && specification.weights == nil && groups.count <= Self.mostCurves
    let area: MetricValue =
      if groups.count > 200 {
        .undefined("there are more than 200 groups to compare in pairs")
      } else if isSmall {
        Self.largest(exact) { areaBetweenCumulativeCurves($0, $1) }
      } else {
        Self.largestArea(histograms)
      }
    let aucGap = Self.gap(groups.map { $0.auc ?? .undefined("there are no scores") })
    func estimate(_ value: MetricValue, _ draws: [MetricValue]) -> Estimate {
      Estimate(
        value: value,
        interval: value.value == nil ? nil : percentileInterval(draws, confidence: specification.confidence))
    }
    return [
      NamedEstimate(GroupMetric.areaBetweenCumulativeCurves.rawValue, estimate(area, curveDraws)),
      NamedEstimate(GroupMetric.rocAUCDifference.rawValue, estimate(aucGap, areaDraws)),
    ]
  }

  /// The comparisons of a regression's errors.
  func numbers(
    _ groups: [(name: String, statistics: RegressionAccumulator.Statistics)]
  ) -> ParityEvaluation.AtThreshold {
    let pairs: [(GroupMetric, SliceMetric)] = [
      (.meanAbsoluteErrorDifference, .meanAbsoluteError), (.meanErrorDifference, .meanError),
    ]
    let metrics = pairs.map { comparison, metric -> NamedEstimate in
      let value = GroupComparison(
        members: groups.map { .init(group: $0.name, value: metric($0.statistics.sums)) }
      ).difference
      let count = groups.map(\.statistics.draws.count).min() ?? 0
      let draws = (0..<count).map { draw in
        Self.gap(groups.map { metric(draw: $0.statistics.draws[draw]) })
      }
      let interval =
        value.value == nil ? nil : percentileInterval(draws, confidence: specification.confidence)
      return NamedEstimate(comparison.rawValue, Estimate(value: value, interval: interval))
    }
    return ParityEvaluation.AtThreshold(threshold: nil, metrics: metrics)
  }

  /// The largest value minus the smallest.
  static func gap(_ values: [MetricValue]) -> MetricValue {
    GroupComparison(members: values.enumerated().map { .init(group: "\($0 + 1)", value: $1) }).difference
  }

  /// The largest area between the score curves of any two groups, from their histograms.
  static func largestArea(_ histograms: [ScoreHistogram]) -> MetricValue {
    let curves = histograms.map(\.cumulativeShares)
    return largest(curves) { a, b in
      guard let a, let b else { return .undefined("a group has no rows") }
      var area = 0.0
      for bin in a.indices { area += abs(a[bin] - b[bin]) }
      return .defined(area / Double(a.count))
    }
  }

  /// The largest value of a comparison over all pairs.
  static func largest<Element>(_ elements: [Element], _ compare: (Element, Element) -> MetricValue) -> MetricValue {
    guard elements.count >= 2 else { return .undefined("fewer than two groups have rows") }
    var largest = 0.0
    for (index, a) in elements.enumerated() {
      for b in elements[(index + 1)...] {
        switch compare(a, b) {
        case .defined(let value): largest = max(largest, value)
        case .undefined(let reason): return .undefined(reason)
        }
      }
    }
    return .defined(largest)
  }
}
