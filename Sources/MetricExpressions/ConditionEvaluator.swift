import FairnessMetrics

/// Evaluates conditions on rows whose labels and groups stay while the scores change: after each iteration of a
/// training, say.
///
/// Values are exact. A single rate of rows has Wilson's interval, a single comparison of groups that share no rows the one
/// of `ParityMetric`, as tables and gates show them; everything else has the percentiles of a bootstrap that draws all
/// cells of rows anew at once, for scores from histograms of 500 bins, moved to the exact value.
public struct ConditionEvaluator: Sendable {
  /// The conditions.
  public let conditions: [MetricCondition]

  private let labels: [Bool]
  private let weights: [Double]?
  private let columns: [SliceColumn]
  private let crossed: CrossedCells
  /// The decision thresholds: that of the evaluation first, then those that terms name.
  private let thresholds: [Double]
  private let threshold: Double
  private let usesScores: Bool

  private static let drawnBins = 500

  /// - Parameters:
  ///   - conditions: The conditions; their names are those of `columns` (see `GroupVocabulary`).
  ///   - labels: The labels, `[n]`.
  ///   - columns: The columns of groups, each with n codes.
  ///   - weights: The rows' weights, finite and at least 0; nil for 1 each.
  ///   - threshold: The decision threshold of terms that name none.
  /// - Throws: `ExpressionError` where a condition names a column or group that does not exist.
  public init(
    _ conditions: [MetricCondition], labels: [Bool], columns: [SliceColumn], weights: [Double]? = nil,
    threshold: Double = 0.5
  ) throws(ExpressionError) {
    let vocabulary = GroupVocabulary(columns)
    for condition in conditions { try vocabulary.check(condition) }
    let named = Set(conditions.flatMap(\.columns))
    let used = columns.filter { named.contains($0.name) }
    self.conditions = conditions
    self.labels = labels
    self.weights = weights
    self.columns = used
    self.threshold = threshold
    crossed = CrossedCells(used, rows: labels.count)
    let terms = conditions.flatMap(\.terms)
    thresholds = Array(Set([threshold] + terms.compactMap(\.threshold))).sorted()
    usesScores = terms.contains { $0.basis == .scores }
  }

  /// The value of each condition's expression: what stands left of the bound in `MetricCondition.normalized`.
  ///
  /// - Precondition: There are as many scores as labels.
  public func values<Value: Score>(scores: [Value]) -> [MetricValue] {
    let cells = cells(scores)
    return conditions.map { value($0.normalized.expression, scores, cells) }
  }

  /// The same with intervals.
  ///
  /// - Parameter confidence: Inside 0...1.
  public func estimates<Value: Score>(
    scores: [Value], bootstrap: PoissonBootstrap, confidence: Double = 0.95
  ) -> [Estimate] {
    let cells = cells(scores)
    return conditions.map { condition in
      let expression = condition.normalized.expression
      let value = value(expression, scores, cells)
      if value.value == nil { return Estimate(value: value, interval: nil) }
      if case .term(let term) = expression, let interval = interval(of: term, cells, confidence) {
        return Estimate(value: value, interval: interval)
      }
      return Estimate(
        value: value,
        interval: cells.drawnInterval(
          expression, bootstrap: bootstrap, confidence: confidence, coarsening: 1, threshold: thresholdIndex
        ) { self.value($0, scores, cells) })
    }
  }

  /// The interval of a metric that needs no draws; nil for others.
  private func interval(of term: MetricTerm, _ cells: ExpressionCells, _ confidence: Double) -> Interval? {
    switch term.subject {
    case .rows(let metric, let predicate):
      guard let rate = metric.rate, let sum = cells.sum(cells.indices(predicate), of: cells.statistics) else {
        return nil
      }
      return rate.estimate(sum.counts(thresholdIndex: thresholdIndex(term)), confidence: confidence).interval
    case .groups(let metric, let names):
      // Of groups that share rows it would have to be known which.
      let isDisjoint = columns.filter { names.contains($0.name) }.allSatisfy { $0.members.allSatisfy { $0.count <= 1 } }
      guard isDisjoint, let parity = ParityMetric(rawValue: metric.rawValue) else { return nil }
      let groups = cells.members(term).compactMap { member in
        cells.sum(member.cells, of: cells.statistics).map {
          (name: member.name, counts: $0.counts(thresholdIndex: thresholdIndex(term)))
        }
      }
      return parity.interval(groups, confidence: confidence)
    }
  }

  /// By how much each condition is violated: positive where it does not hold, negative by how much there is to spare.
  ///
  /// `value − bound` for an upper bound, `bound − value` for a lower one.
  public func violations<Value: Score>(scores: [Value]) -> [MetricValue] {
    zip(conditions, values(scores: scores)).map { condition, value in condition.violation(value) }
  }

  private func thresholdIndex(_ term: MetricTerm) -> Int {
    thresholds.firstIndex(of: term.threshold ?? threshold) ?? 0
  }

  private func cells<Value: Score>(_ scores: [Value]) -> ExpressionCells {
    var slices = SliceAccumulator(
      columns: columns.map(\.name), thresholds: thresholds, calibrationBins: usesScores ? 10 : nil,
      histogramBins: usesScores ? Self.drawnBins : nil)
    slices.add(scores: scores, labels: labels, weights: weights, columns: columns)
    return ExpressionCells(slices)
  }

  private func value<Value: Score>(
    _ expression: MetricExpression, _ scores: [Value], _ cells: ExpressionCells
  ) -> MetricValue {
    expression.value { term in
      switch term.basis {
      case .decisions:
        return cells.value(term, cells.members(term), cells.statistics, threshold: thresholdIndex(term))
      case .numbers: return .undefined("it is of predicted numbers")
      case .scores: return exactValue(term, scores, cells)
      }
    }
  }

  /// A metric of the scores from the rows themselves, not from bins.
  private func exactValue<Value: Score>(
    _ term: MetricTerm, _ scores: [Value], _ cells: ExpressionCells
  ) -> MetricValue {
    let members = cells.members(term)
    switch term.subject {
    case .rows(let metric, let predicate):
      let rows = rows { predicate.holds($0) }
      if rows.isEmpty { return .undefined("no row satisfies the condition") }
      return exactValue(metric, rows, scores, cells.sum(members.first?.cells ?? [], of: cells.statistics)?.scoreSums)
    case .groups(let metric, let names):
      let groups = crossed.slices(crossing: names.compactMap { name in columns.firstIndex { $0.name == name } })
        .filter { !$0.slice.isMissing }
        .map { slice, cells in (name: slice.groupNames, rows: rowsOfCells(Set(cells))) }
      switch metric {
      case .rocAUCDifference:
        return GroupComparison(
          members: groups.map { .init(group: $0.name, value: exactValue(.rocAUC, $0.rows, scores, nil)) }
        ).difference
      case .areaBetweenCumulativeCurves:
        if weights != nil {
          return cells.value(term, members, cells.statistics, threshold: 0)
        }
        return largestAreaBetweenCumulativeCurves(groups.map { group in group.rows.map { scores[$0] } })
      default: return .undefined("it is not of scores")
      }
    }
  }

  private func exactValue<Value: Score>(
    _ metric: SliceMetric, _ rows: [Int], _ scores: [Value], _ sums: ScoreSums?
  ) -> MetricValue {
    let chosen = rows.map { scores[$0] }
    let truths = rows.map { labels[$0] }
    let weights = weights.map { weights in rows.map { weights[$0] } }
    switch metric {
    case .rocAUC:
      return weights.map { rocAUC(scores: chosen, labels: truths, weights: $0) }
        ?? rocAUC(scores: chosen, labels: truths)
    case .averagePrecision: return averagePrecision(scores: chosen, labels: truths, weights: weights)
    case .logLoss: return sums?.logLoss ?? .undefined("there are no rows")
    case .brierScore: return sums?.brierScore ?? .undefined("there are no rows")
    case .meanScore: return sums?.meanScore ?? .undefined("there are no rows")
    case .expectedCalibrationError: return sums?.expectedCalibrationError ?? .undefined("there are no rows")
    default: return .undefined("it is not of scores")
    }
  }

  private func rows(_ holds: ((String) -> [String]?) -> Bool) -> [Int] {
    let chosen = crossed.codes.indices.filter { cell in
      holds { name in
        guard let index = columns.firstIndex(where: { $0.name == name }), crossed.codes[cell][index] >= 0
        else { return nil }
        return columns[index].members[Int(crossed.codes[cell][index])].map { columns[index].groups[Int($0)] }
      }
    }
    return rowsOfCells(Set(chosen))
  }

  private func rowsOfCells(_ cells: Set<Int>) -> [Int] {
    labels.indices.filter { cells.contains(Int(crossed.cells[$0])) }
  }
}

extension MetricCondition {
  /// By how much a value of the expression violates the condition; negative by how much there is to spare.
  public func violation(_ value: MetricValue) -> MetricValue {
    guard case .defined(let number) = value else { return value }
    let (_, relation, bound) = normalized
    return switch relation {
    case .less, .atMost: .defined(number - bound)
    case .atLeast, .greater: .defined(bound - number)
    }
  }

  /// What an estimate of the expression says about the condition.
  public func verdict(_ estimate: Estimate) -> Verdict {
    let (_, relation, bound) = normalized
    return Gate(relation, bound).verdict(estimate)
  }
}
