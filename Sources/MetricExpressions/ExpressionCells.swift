import FairnessMetrics

/// The finest cells that columns divide rows into, and how the metrics of expressions are sums over them.
///
/// One pass over the rows fills the cells; every term is then a sum over some of them, and an interval is had by drawing
/// all cells anew at once, so that metrics of the same rows move together.
package struct ExpressionCells: Sendable {
  /// The cells, each with its groups in every column (nil where missing) and what is known of its rows.
  package let cells: [(groups: [[String]?], statistics: SliceStatistics)]

  private let slices: SliceAccumulator

  package init(_ slices: SliceAccumulator) {
    self.slices = slices
    cells = slices.cells
  }

  /// The statistics of all cells.
  package var statistics: [SliceStatistics] { cells.map(\.statistics) }

  /// The cells whose rows satisfy a predicate.
  package func indices(_ predicate: RowPredicate) -> [Int] {
    cells.indices.filter { index in
      predicate.holds { column in
        slices.columns.firstIndex(of: column).flatMap { cells[index].groups[$0] }
      }
    }
  }

  /// The statistics of some cells together; nil for none.
  package func sum(_ indices: [Int], of statistics: [SliceStatistics]) -> SliceStatistics? {
    guard let first = indices.first else { return nil }
    return indices.dropFirst().reduce(into: statistics[first]) { $0.merge(statistics[$1]) }
  }

  /// Which cells a term adds up: of rows one list, of groups one for each group that has rows.
  package func members(_ term: MetricTerm) -> [(name: String, cells: [Int])] {
    switch term.subject {
    case .rows(_, let predicate): return [("", indices(predicate))]
    case .groups(_, let columns):
      return slices.slices(crossing: columns).filter { !$0.slice.isMissing }.map { slice, _ in
        let predicate = slice.terms.reduce(RowPredicate.all) { $0.and(.isGroup(column: $1.column, group: $1.group)) }
        return (slice.groupNames, indices(predicate))
      }
    }
  }

  /// The value of a term from statistics of all cells, the present ones or ones that were drawn.
  ///
  /// Metrics of scores come from the histograms, so with every row at the middle of its bin.
  ///
  /// - Parameters:
  ///   - members: What `members(_:)` gave for the term.
  ///   - threshold: The index of the term's threshold among those of the statistics.
  package func value(
    _ term: MetricTerm, _ members: [(name: String, cells: [Int])], _ statistics: [SliceStatistics], threshold: Int
  ) -> MetricValue {
    let nothing = MetricValue.undefined("no row satisfies the condition")
    switch term.subject {
    case .rows(let metric, _):
      guard let sum = sum(members.first?.cells ?? [], of: statistics) else { return nothing }
      if metric.basis == .decisions {
        return metric(sum.counts(thresholdIndex: threshold)) ?? .undefined("it is not of decisions")
      }
      guard let histogram = sum.histogram else { return .undefined("there are only decisions") }
      return metric(histogram)
    case .groups(let metric, _):
      let sums = members.compactMap { member in sum(member.cells, of: statistics).map { (member.name, $0) } }
      if metric.basis == .decisions {
        return metric(sums.map { (name: $0.0, counts: $0.1.counts(thresholdIndex: threshold)) })
          ?? .undefined("it is not of decisions")
      }
      let histograms = sums.compactMap { sum in sum.1.histogram.map { (name: sum.0, histogram: $0) } }
      if histograms.count < sums.count { return .undefined("there are only decisions") }
      switch metric {
      case .rocAUCDifference:
        return GroupComparison(
          members: histograms.map { .init(group: $0.name, value: $0.histogram.rocAUC) }
        ).difference
      case .areaBetweenCumulativeCurves:
        return largestOverPairs(histograms.map(\.histogram)) { $0.areaBetweenCumulativeCurves($1) }
      default: return .undefined("it is of predicted numbers")
      }
    }
  }

  /// The percentiles of an expression over draws of all cells; nil where it does not exist in most of them.
  ///
  /// An absolute value has the folded interval of what is inside, for percentiles of drawn sizes would never reach 0. The
  /// interval always reaches the value: draws of a largest one lie above it and those of a smallest one below it, for
  /// noise alone moves extremes apart, so that percentiles can miss it.
  ///
  /// - Source: the bias of percentile intervals: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 14.
  ///   The remedy is the plainest that keeps what the percentiles cover: it only widens.
  /// - Parameters:
  ///   - coarsening: How many bins of the histograms become one before they are drawn.
  ///   - threshold: The index of a term's threshold among those of the statistics.
  ///   - value: The exact value of an expression, to which the interval is moved where the draws are of histograms.
  package func drawnInterval(
    _ expression: MetricExpression, bootstrap: PoissonBootstrap, confidence: Double, coarsening: Int,
    threshold: (MetricTerm) -> Int, value exact: (MetricExpression) -> MetricValue
  ) -> Interval? {
    if case .absolute(let inner) = expression {
      return drawnInterval(
        inner, bootstrap: bootstrap, confidence: confidence, coarsening: coarsening, threshold: threshold, value: exact
      )?.folded
    }
    let terms = expression.terms
    let usesScores = terms.contains { $0.basis == .scores }
    let base = statistics.map { cell -> SliceStatistics in
      var statistics = cell
      if usesScores, let histogram = cell.histogram {
        statistics.replaceHistogram(histogram.coarsened(by: coarsening))
      }
      return statistics
    }
    let plans = Dictionary(
      terms.map { ($0, (members: members($0), threshold: threshold($0))) }, uniquingKeysWith: { first, _ in first })
    func evaluate(_ statistics: [SliceStatistics]) -> MetricValue {
      expression.value { term in
        guard let plan = plans[term] else { return .undefined("") }
        return self.value(term, plan.members, statistics, threshold: plan.threshold)
      }
    }
    let draws = (0..<bootstrap.draws).map { draw in
      evaluate(
        base.enumerated().map { stream, statistics in
          bootstrap.resampled(statistics, draw: draw, stream: stream, histogram: usesScores)
        })
    }
    guard let interval = percentileInterval(draws, confidence: confidence) else { return nil }
    guard let number = exact(expression).value else { return interval }
    let shift = usesScores ? evaluate(base).value.map { number - $0 } ?? 0 : 0
    return Interval(low: interval.low + shift, high: interval.high + shift).reaching(number)
  }
}

extension Interval {
  /// The interval, widened to a value where it misses it.
  package func reaching(_ value: Double) -> Interval { Interval(low: min(low, value), high: max(high, value)) }

  /// What the absolute values of its numbers are.
  package var folded: Interval {
    let ends = [abs(low), abs(high)]
    return Interval(low: low <= 0 && high >= 0 ? 0 : ends.min() ?? 0, high: ends.max() ?? 0)
  }
}

extension SliceMetric {
  /// A statistic of scores as far as a histogram knows it, with every row at the middle of its bin.
  package func callAsFunction(_ histogram: ScoreHistogram) -> MetricValue {
    switch self {
    case .rocAUC: histogram.rocAUC
    case .averagePrecision: histogram.averagePrecision
    case .expectedCalibrationError: histogram.expectedCalibrationError()
    case .meanScore: histogram.mean { score, _ in score }
    case .brierScore: histogram.mean { score, label in (score - label) * (score - label) }
    case .logLoss: histogram.logLossAtMiddles
    default: .undefined("it is not of scores")
    }
  }
}

extension Slice {
  /// The names of the slice's groups, without those of the columns.
  package var groupNames: String { terms.map { $0.group ?? "missing" }.joined(separator: ", ") }
}
