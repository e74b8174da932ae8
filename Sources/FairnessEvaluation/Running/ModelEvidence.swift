import FairnessMetrics

/// What is kept of one model's rows once they have passed: counts, sums and histograms by combination of groups.
struct ModelEvidence: Sendable {
  /// The bins of the scores' histograms; ranks are exact to about half of 1/4000 for scores spread evenly.
  static let histogramBins = 4000

  /// The counts of a classifier; empty for a regression.
  private(set) var slices: SliceAccumulator

  /// The sums of a regression; nil for a classifier.
  private(set) var regression: RegressionAccumulator?

  private let hasWeights: Bool

  init(_ specification: EvaluationSpecification) {
    let columns = specification.groups.map(\.name)
    let wantsScores = specification.needsScoreStatistics
    slices = SliceAccumulator(
      columns: columns,
      thresholds: specification.hasScores
        ? specification.countedThresholds.map { ScoreMapping.threshold($0, specification.scale) } : [0.5],
      calibrationBins: wantsScores ? 10 : nil, histogramBins: wantsScores ? Self.histogramBins : nil)
    hasWeights = specification.weights != nil
    if specification.isRegression {
      regression = RegressionAccumulator(
        columns: columns,
        bootstrap: specification.intervals
          ? PoissonBootstrap(
            seed: UInt64(truncatingIfNeeded: specification.seed),
            draws: min(RegressionAccumulator.mostDraws, specification.draws)) : nil)
    }
  }

  /// Adds rows.
  ///
  /// - Parameter firstRow: The number of rows before these.
  mutating func add(_ rows: EvaluationRows, model: Int, columns: [SliceColumn], firstRow: Int) {
    if regression != nil {
      regression?.add(
        predictions: rows.scores[model], targets: rows.targets, weights: rows.weights, columns: columns,
        firstRow: firstRow)
    } else {
      slices.add(
        scores: rows.scores[model], labels: rows.labels[rows.labels.count == 1 ? 0 : model], weights: rows.weights,
        columns: columns)
    }
  }

  var cellCount: Int { regression?.cellCount ?? slices.cellCount }

  /// The number of rows whose value of a column is missing.
  func rows(missing column: String) -> Int {
    if let regression { return regression.rows(missing: column) }
    return slices.slices(crossing: [column]).filter(\.slice.isMissing).reduce(0) { $0 + $1.statistics.rows }
  }
}
