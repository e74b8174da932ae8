/// How scores depend on a continuous attribute, one that has numbers and no groups.
public struct ContinuousEvaluation: Sendable, Hashable {
  /// Why rates of groups, their parity and an adversary's ROC AUC do not exist for such an attribute.
  public static let noGroups = "a continuous attribute has no groups"

  /// The attribute's name.
  public var name: String

  /// Pearson's correlation of score and attribute, in −1...1: the linear part of the dependence.
  public var correlation: MetricValue

  /// The maximal correlation of score and attribute, in 0...1; see `maximalCorrelation(_:_:)`.
  public var maximalCorrelation: MetricValue

  /// The number of rows whose value of the attribute is missing; they count nowhere above.
  public var missingRows: Int

  public init(name: String, correlation: MetricValue, maximalCorrelation: MetricValue, missingRows: Int) {
    self.name = name
    self.correlation = correlation
    self.maximalCorrelation = maximalCorrelation
    self.missingRows = missingRows
  }

  /// Measures scores against an attribute.
  ///
  /// - Parameter values: The attribute of each row, n of them; NaN where missing.
  /// - Precondition: Scores and values are equally many.
  public init(name: String, scores: [Float], values: [Float]) {
    precondition(scores.count == values.count, "ContinuousEvaluation: \(scores.count) scores, \(values.count) values")
    let known = values.indices.filter { !values[$0].isNaN }
    let isWhole = known.count == values.count
    let seen = isWhole ? scores : known.map { scores[$0] }
    let present = isWhole ? values : known.map { values[$0] }
    self.init(
      name: name, correlation: FairnessMetrics.correlation(seen, present),
      maximalCorrelation: FairnessMetrics.maximalCorrelation(seen, present), missingRows: values.count - known.count)
  }

  /// Measures the scores of several classes against an attribute: each class's score alone, of which the one with the
  /// largest maximal correlation counts, and else the one with the largest correlation by amount.
  ///
  /// - Parameters:
  ///   - scores: `[n, k]`, row after row.
  ///   - values: The attribute of each row, n of them; NaN where missing.
  public init(name: String, classScores scores: [Float], classes k: Int, values: [Float]) {
    precondition(
      scores.count == values.count * k, "ContinuousEvaluation: \(scores.count) scores, \(values.count) values")
    let all = (0..<k).map { index in
      ContinuousEvaluation(name: name, scores: values.indices.map { scores[$0 * k + index] }, values: values)
    }
    func size(_ evaluation: ContinuousEvaluation) -> (Double, Double) {
      (evaluation.maximalCorrelation.value ?? -1, abs(evaluation.correlation.value ?? 0))
    }
    self = all.dropFirst().reduce(all[0]) { size($1) > size($0) ? $1 : $0 }
  }
}
