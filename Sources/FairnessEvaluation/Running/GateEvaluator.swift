import FairnessMetrics
import MetricExpressions

/// Judges gates: computes their conditions with an interval, and holds them against the bound.
struct GateEvaluator {
  let specification: EvaluationSpecification
  let evidence: ModelEvidence
  let exact: ExactRows?

  /// The finest cells; nil for a regression, which has none.
  private let cells: ExpressionCells?

  init(_ specification: EvaluationSpecification, _ evidence: ModelEvidence, exact: ExactRows?) {
    self.specification = specification
    self.evidence = evidence
    self.exact = exact
    cells = evidence.regression == nil ? ExpressionCells(evidence.slices) : nil
  }

  /// The verdict on one gate.
  ///
  /// A single metric is judged by the interval that tables show of it; every other condition by drawing all cells of
  /// rows anew at once, so that metrics of the same rows move together.
  func result(_ gate: EvaluationSpecification.GateDeclaration) -> GateResult {
    let condition = gate.condition
    let (expression, relation, bound) = condition.normalized
    let value = expression.value { self.value(of: $0) }
    var interval: Interval?
    if specification.intervals && value.value != nil {
      if case .term(let term) = expression, let simple = simpleInterval(term) {
        interval = simple
      } else {
        interval = drawnInterval(expression)
      }
    }
    let estimate = Estimate(value: value, interval: interval)
    let test = Gate(relation, bound)
    return GateResult(
      condition: condition.text, failsIfMet: gate.failsIfMet, estimate: estimate, bound: bound,
      verdict: (gate.failsIfMet ? test.negated : test).verdict(estimate))
  }

  // MARK: - Values

  private func thresholdIndex(_ term: MetricTerm) -> Int {
    specification.thresholdIndex(
      term.threshold ?? specification.shownThresholds[0], evidence.slices.thresholds)
  }

  private func value(of term: MetricTerm) -> MetricValue {
    let estimates = SliceEstimates(specification: specification.withoutIntervals)
    switch term.subject {
    case .rows(let metric, let predicate):
      if let regression = evidence.regression { return metric(regression.statistics(predicate).sums) }
      guard let cells, let statistics = cells.sum(cells.indices(predicate), of: cells.statistics) else {
        return .undefined("no row satisfies the condition")
      }
      if metric.basis == .scores {
        let found = estimates.scores(statistics, exact: exact?.ranks(predicate), stream: 0)
        return found.first { $0.name == metric.rawValue }?.estimate.value
          ?? .undefined(specification.hasScores ? "the scores are no probabilities" : "there are only decisions")
      }
      return metric(statistics.counts(thresholdIndex: thresholdIndex(term))) ?? .undefined("it is not of decisions")
    case .groups(let metric, let columns):
      if let regression = evidence.regression {
        let groups = regression.slices(crossing: columns).filter { !$0.slice.isMissing }
        let found = ParityEstimates(specification: specification).numbers(
          groups.map { (name: $0.slice.groupNames, statistics: $0.statistics) })
        return found.metrics.first { $0.name == metric.rawValue }?.estimate.value ?? .undefined("it is of decisions")
      }
      if metric.basis == .scores {
        return scoreEstimate(metric, columns, specification.withoutIntervals)?.value
          ?? .undefined("there are only decisions")
      }
      return metric(counts(columns, thresholdIndex(term))) ?? .undefined("it is not of decisions")
    }
  }

  /// The groups that columns make, those with missing values left out.
  private func groups(_ columns: [String]) -> [(index: Int, slice: Slice, statistics: SliceStatistics)] {
    evidence.slices.slices(crossing: columns).enumerated().filter { !$1.slice.isMissing }.map { index, made in
      (index, made.slice, made.statistics)
    }
  }

  private func counts(_ columns: [String], _ thresholdIndex: Int) -> [(name: String, counts: ConfusionCounts)] {
    groups(columns).map { _, slice, statistics in
      (name: slice.groupNames, counts: statistics.counts(thresholdIndex: thresholdIndex))
    }
  }

  private func parity(_ columns: [String], _ specification: EvaluationSpecification) -> ParityEstimates {
    let shared =
      specification.intervals
      ? SharedRows(evidence.slices, crossing: columns, groups: groups(columns).map(\.slice)) : nil
    return ParityEstimates(specification: specification, shared: shared)
  }

  /// A comparison of groups' scores.
  private func scoreEstimate(
    _ metric: GroupMetric, _ columns: [String], _ specification: EvaluationSpecification
  ) -> Estimate? {
    let estimates = SliceEstimates(specification: specification.withoutIntervals)
    let ranks = exact?.ranks(crossing: [columns])[0]
    let scores = exact.flatMap { ParityEstimates.isSmall($0) ? $0.scores(crossing: columns) : nil }
    let members = groups(columns).map { index, slice, statistics in
      let auc = estimates.scores(statistics, exact: ranks?[index], stream: 0).first { $0.name == "rocAUC" }
      return ParityEstimates.Group(
        name: slice.groupNames, statistics: statistics, scores: scores?[index], auc: auc?.estimate.value,
        areaEstimate: ranks?[index].rocAUCEstimate ?? statistics.rocAUCEstimate)
    }
    return parity(columns, specification).thresholds(members).first?.metrics.first { $0.name == metric.rawValue }?
      .estimate
  }

  // MARK: - Intervals

  private func simpleInterval(_ term: MetricTerm) -> Interval? {
    if let regression = evidence.regression {
      guard case .groups(let metric, let columns) = term.subject else { return nil }
      let groups = regression.slices(crossing: columns).filter { !$0.slice.isMissing }
      return ParityEstimates(specification: specification).numbers(
        groups.map { (name: $0.slice.groupNames, statistics: $0.statistics) }
      ).metrics.first { $0.name == metric.rawValue }?.estimate.interval
    }
    switch term.subject {
    case .rows(let metric, let predicate): return simpleInterval(metric, predicate, term)
    case .groups(let metric, let columns):
      if metric.basis == .scores { return scoreEstimate(metric, columns, specification)?.interval }
      let index = thresholdIndex(term)
      return ParityMetric(rawValue: metric.rawValue).flatMap {
        parity(columns, specification).estimate($0, counts(columns, index), thresholdIndex: index).interval
      }
    }
  }

  private func simpleInterval(_ metric: SliceMetric, _ predicate: RowPredicate, _ term: MetricTerm) -> Interval? {
    guard let cells, let statistics = cells.sum(cells.indices(predicate), of: cells.statistics) else { return nil }
    if let rate = metric.rate {
      return rate.estimate(
        statistics.counts(thresholdIndex: thresholdIndex(term)), confidence: specification.confidence
      ).interval
    }
    guard metric.basis == .scores else { return nil }
    return SliceEstimates(specification: specification).scores(statistics, exact: exact?.ranks(predicate), stream: 0)
      .first { $0.name == metric.rawValue }?.estimate.interval
  }

  /// The percentiles of an expression over draws, moved to its value where the draws are of coarser histograms.
  private func drawnInterval(_ expression: MetricExpression) -> Interval? {
    if let regression = evidence.regression {
      if case .absolute(let inner) = expression { return drawnInterval(inner)?.folded }
      let draws = (0..<min(specification.draws, RegressionAccumulator.mostDraws)).map { draw in
        expression.value { Self.value(of: $0, draw: draw, regression) }
      }
      let interval = percentileInterval(draws, confidence: specification.confidence)
      return interval.flatMap { drawn in expression.value { value(of: $0) }.value.map { drawn.reaching($0) } ?? drawn }
    }
    return cells?.drawnInterval(
      expression, bootstrap: specification.bootstrap, confidence: specification.confidence,
      coarsening: ModelEvidence.histogramBins / SliceEstimates.drawnBins, threshold: thresholdIndex
    ) { $0.value { self.value(of: $0) } }
  }

  private static func value(of term: MetricTerm, draw: Int, _ regression: RegressionAccumulator) -> MetricValue {
    switch term.subject {
    case .rows(let metric, let predicate):
      let draws = regression.statistics(predicate).draws
      return draws.indices.contains(draw) ? metric(draw: draws[draw]) : .undefined("there are no draws")
    case .groups(let metric, let columns):
      let slices = regression.slices(crossing: columns).filter { !$0.slice.isMissing }
      let members = slices.map { slice in
        let draws = slice.statistics.draws
        return GroupComparison.Member(
          group: slice.slice.groupNames,
          value: draws.indices.contains(draw)
            ? metric.numbers?(draw: draws[draw]) ?? .undefined("the predictions are numbers")
            : .undefined("there are no draws"))
      }
      return GroupComparison(members: members).difference
    }
  }
}

extension EvaluationSpecification {
  /// The same without intervals, for values alone.
  var withoutIntervals: EvaluationSpecification {
    var specification = self
    specification.intervals = false
    return specification
  }
}
