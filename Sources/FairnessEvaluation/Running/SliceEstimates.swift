import FairnessMetrics
import MetricExpressions

/// Computes the metrics of a slice with their intervals.
struct SliceEstimates {
  let specification: EvaluationSpecification

  /// The bins that are drawn from: few enough to be drawn a thousand times.
  static let drawnBins = 500

  private var bootstrap: PoissonBootstrap { specification.bootstrap }

  // MARK: - Decisions

  /// The metrics at each threshold of the evaluation.
  ///
  /// - Parameter stream: A number for the slice; slices of one number are drawn alike.
  func thresholds(_ statistics: SliceStatistics, stream: Int) -> [SliceEvaluation.AtThreshold] {
    let indices = specification.thresholdIndices(statistics)
    let counts = indices.map { statistics.counts(thresholdIndex: $0) }
    let drawnMetrics = SliceMetric.allCases.filter { metric in
      metric.basis == .decisions && metric.rate == nil
    }
    // [threshold][metric][draw]
    var draws = counts.map { _ in drawnMetrics.map { _ in [MetricValue]() } }
    if specification.intervals {
      for draw in 0..<bootstrap.draws {
        let drawn = bootstrap.resampled(statistics, draw: draw, stream: stream)
        for (place, index) in indices.enumerated() {
          let counts = drawn.counts(thresholdIndex: index)
          for (position, metric) in drawnMetrics.enumerated() {
            if let value = metric(counts) { draws[place][position].append(value) }
          }
        }
      }
    }
    return specification.shownThresholds.enumerated().map { place, threshold in
      let counts = counts[place]
      let metrics = SliceMetric.allCases.filter { $0.basis == .decisions }.map { metric -> NamedEstimate in
        let value = metric(counts) ?? .undefined("it is not of decisions")
        guard specification.intervals, value.value != nil else {
          return NamedEstimate(metric.rawValue, Estimate(value: value, interval: nil))
        }
        if let position = drawnMetrics.firstIndex(of: metric) {
          let interval = percentileInterval(draws[place][position], confidence: specification.confidence)
          return NamedEstimate(metric.rawValue, Estimate(value: value, interval: interval))
        }
        let estimate = metric.rate?.estimate(counts, confidence: specification.confidence)
        return NamedEstimate(metric.rawValue, estimate ?? Estimate(value: value, interval: nil))
      }
      return SliceEvaluation.AtThreshold(
        threshold: threshold,
        counts: [
          counts.truePositives.value, counts.falsePositives.value, counts.trueNegatives.value,
          counts.falseNegatives.value,
        ], metrics: metrics)
    }
  }

  // MARK: - Scores

  /// The metrics of the scores, exact where the rows are at hand.
  func scores(_ statistics: SliceStatistics, exact: RankStatistics?, stream: Int) -> [NamedEstimate] {
    guard let histogram = statistics.histogram, let sums = statistics.scoreSums else { return [] }
    var estimates: [NamedEstimate] = []
    let scale = statistics.rowsPerWeight
    estimates.append(NamedEstimate("rocAUC", area(histogram, exact, rowsPerWeight: scale)))
    if exact == nil {
      estimates.append(
        NamedEstimate("rocAUCErrorBound", Estimate(value: histogram.rocAUCErrorBound, interval: nil)))
    }
    let precision = exact?.averagePrecision ?? histogram.averagePrecision
    estimates.append(
      NamedEstimate(
        "averagePrecision",
        Estimate(
          value: precision,
          interval: specification.intervals
            ? precision.value.flatMap {
              histogram.averagePrecisionInterval(
                around: $0, rowsPerWeight: scale, confidence: specification.confidence)
            } : nil)))
    if specification.scoresAreProbabilities {
      estimates.append(
        NamedEstimate("logLoss", estimate(sums.logLoss, sums.logLossInterval)))
      estimates.append(
        NamedEstimate("brierScore", estimate(sums.brierScore, sums.brierScoreInterval)))
      estimates.append(
        NamedEstimate(
          "expectedCalibrationError",
          Estimate(
            value: sums.expectedCalibrationError,
            interval: specification.intervals
              ? sums.expectedCalibrationError.value.flatMap {
                histogram.expectedCalibrationErrorInterval(
                  around: $0, bootstrap: bootstrap, stream: stream, rowsPerWeight: scale,
                  confidence: specification.confidence)
              } : nil)))
    }
    let mean = estimate(sums.meanScore, sums.meanScoreInterval)
    estimates.append(NamedEstimate("meanScore", specification.onScale(mean)))
    return estimates
  }

  private func area(_ histogram: ScoreHistogram, _ exact: RankStatistics?, rowsPerWeight: Double) -> Estimate {
    let value = exact?.rocAUC ?? histogram.rocAUC
    guard specification.intervals, let area = value.value else { return Estimate(value: value, interval: nil) }
    if let estimate = exact?.rocAUCEstimate {
      return Estimate(value: value, interval: estimate.interval(confidence: specification.confidence))
    }
    var estimate = histogram.rocAUCEstimate(rowsPerWeight: rowsPerWeight)
    estimate?.area = area
    let interval = estimate?.interval(confidence: specification.confidence)
    // Without the rows, the exact area may lie as far away as the bound says, and its interval with it.
    let bound = exact == nil ? histogram.rocAUCErrorBound.value ?? 0 : 0
    return Estimate(
      value: value, interval: interval.map { Interval(low: max(0, $0.low - bound), high: min(1, $0.high + bound)) })
  }

  private func estimate(_ value: MetricValue, _ interval: (Double) -> Interval?) -> Estimate {
    Estimate(
      value: value,
      interval: specification.intervals && value.value != nil ? interval(specification.confidence) : nil)
  }

  // MARK: - Numbers

  /// The errors of a regression.
  func numbers(_ statistics: RegressionAccumulator.Statistics) -> [NamedEstimate] {
    SliceMetric.allCases.filter { $0.basis == .numbers }.map { metric in
      let value = metric(statistics.sums)
      let interval =
        value.value == nil
        ? nil : percentileInterval(statistics.draws.map { metric(draw: $0) }, confidence: specification.confidence)
      return NamedEstimate(metric.rawValue, Estimate(value: value, interval: interval))
    }
  }
}

extension SliceStatistics {
  /// The area under the ROC curve with its variance, as the histogram knows it.
  var rocAUCEstimate: ROCAUCEstimate? { histogram?.rocAUCEstimate(rowsPerWeight: rowsPerWeight) }
}

extension EvaluationSpecification {
  var bootstrap: PoissonBootstrap { PoissonBootstrap(seed: UInt64(truncatingIfNeeded: seed), draws: draws) }

  /// Whether scores are probabilities, so that log loss and its kin have a meaning.
  var scoresAreProbabilities: Bool {
    if case .range = scale { false } else { true }
  }

  /// The thresholds of results: those asked for; of decisions, which are 0 or 1, a half.
  var shownThresholds: [Double] { hasScores ? thresholds : [0.5] }

  /// Where the thresholds of results lie among those counted.
  func thresholdIndices(_ statistics: SliceStatistics) -> [Int] {
    shownThresholds.map { thresholdIndex($0, statistics.thresholds) }
  }

  /// Where a threshold lies among those counted.
  func thresholdIndex(_ threshold: Double, _ counted: [Double]) -> Int {
    guard hasScores else { return 0 }
    let mapped = ScoreMapping.threshold(threshold, scale)
    return counted.firstIndex(of: mapped) ?? 0
  }

  /// A mean of positions in the scores' range as a score.
  func onScale(_ estimate: Estimate) -> Estimate {
    guard case .range(let low, let high) = scale, let value = estimate.value.value else { return estimate }
    func score(_ position: Double) -> Double { low + (high - low) * position }
    return Estimate(
      value: .defined(score(value)),
      interval: estimate.interval.map { Interval(low: score($0.low), high: score(min(1, $0.high))) })
  }
}
