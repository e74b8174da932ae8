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
      metric.basis == .decisions && (metric.rate.map { $0 == .balancedAccuracy || $0 == .f1 } ?? true)
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
    let coarse = histogram.coarsened(by: ModelEvidence.histogramBins / Self.drawnBins)
    var draws: (auc: [MetricValue], precision: [MetricValue], calibration: [MetricValue]) = ([], [], [])
    if specification.intervals {
      var narrowed = statistics
      narrowed.replaceHistogram(coarse)
      for draw in 0..<bootstrap.draws {
        guard
          let drawn = bootstrap.resampled(narrowed, draw: draw, stream: stream, histogram: true).histogram
        else { continue }
        draws.auc.append(drawn.rocAUC)
        draws.precision.append(drawn.averagePrecision)
        draws.calibration.append(drawn.expectedCalibrationError())
      }
    }
    estimates.append(NamedEstimate("rocAUC", area(histogram, coarse, exact, draws.auc)))
    if exact == nil {
      estimates.append(
        NamedEstimate("rocAUCErrorBound", Estimate(value: histogram.rocAUCErrorBound, interval: nil)))
    }
    let precision = exact?.averagePrecision ?? histogram.averagePrecision
    estimates.append(
      NamedEstimate(
        "averagePrecision", estimate(precision, draws.precision, around: coarse.averagePrecision)))
    if specification.scoresAreProbabilities {
      estimates.append(
        NamedEstimate("logLoss", estimate(sums.logLoss, sums.logLossInterval)))
      estimates.append(
        NamedEstimate("brierScore", estimate(sums.brierScore, sums.brierScoreInterval)))
      estimates.append(
        NamedEstimate(
          "expectedCalibrationError",
          estimate(
            sums.expectedCalibrationError, draws.calibration, around: coarse.expectedCalibrationError())))
    }
    let mean = estimate(sums.meanScore, sums.meanScoreInterval)
    estimates.append(NamedEstimate("meanScore", specification.onScale(mean)))
    return estimates
  }

  private func area(
    _ histogram: ScoreHistogram, _ coarse: ScoreHistogram, _ exact: RankStatistics?, _ draws: [MetricValue]
  ) -> Estimate {
    if let exact {
      if specification.weights != nil { return estimate(exact.rocAUC, draws, around: coarse.rocAUC) }
      return Estimate(
        value: exact.rocAUC,
        interval: specification.intervals
          ? exact.rocAUCEstimate?.interval(confidence: specification.confidence) : nil)
    }
    let value = histogram.rocAUC
    guard specification.intervals, let bound = histogram.rocAUCErrorBound.value else {
      return Estimate(value: value, interval: nil)
    }
    let interval =
      specification.weights == nil
      ? histogram.rocAUCEstimate?.interval(confidence: specification.confidence)
      : percentileInterval(draws, confidence: specification.confidence)
    // The exact area may lie as far away as the bound says, and its interval with it.
    return Estimate(
      value: value, interval: interval.map { Interval(low: max(0, $0.low - bound), high: min(1, $0.high + bound)) })
  }

  private func estimate(_ value: MetricValue, _ interval: (Double) -> Interval?) -> Estimate {
    Estimate(
      value: value,
      interval: specification.intervals && value.value != nil ? interval(specification.confidence) : nil)
  }

  /// A value in 0...1 with the interval of draws that were made around another value, moved to this one.
  private func estimate(_ value: MetricValue, _ draws: [MetricValue], around center: MetricValue) -> Estimate {
    guard let number = value.value, let center = center.value,
      let interval = percentileInterval(draws, confidence: specification.confidence)
    else { return Estimate(value: value, interval: nil) }
    let shift = number - center
    return Estimate(
      value: value,
      interval: Interval(low: min(1, max(0, interval.low + shift)), high: max(0, min(1, interval.high + shift))))
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
