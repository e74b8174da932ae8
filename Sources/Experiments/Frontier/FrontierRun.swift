import AdversarialGame
import FairnessMetrics
import MetricExpressions
import RunRecords
import TabularData

/// How one run of a frontier does.
package struct FrontierRun: Sendable {
  /// How a classifier does on some rows.
  package struct Sample: Sendable {
    var accuracy: MetricValue
    var rocAUC: MetricValue
    var selectionRate: MetricValue
    /// The metric that accuracy is traded for.
    var metric: MetricValue
    /// The values of the configuration's own conditions.
    var conditions: [MetricValue]

    package init(
      accuracy: MetricValue, rocAUC: MetricValue, selectionRate: MetricValue, metric: MetricValue,
      conditions: [MetricValue]
    ) {
      self.accuracy = accuracy
      self.rocAUC = rocAUC
      self.selectionRate = selectionRate
      self.metric = metric
      self.conditions = conditions
    }
  }

  /// The rows by which points are chosen.
  var judgedOn: String
  var judged: Sample
  var test: Sample?
  /// What the run says of its constraints; nil without any.
  var status: ConstraintsRecord.Status?
  var environment: EnvironmentRecord?

  package init(
    judgedOn: String, judged: Sample, test: Sample? = nil, status: ConstraintsRecord.Status? = nil,
    environment: EnvironmentRecord? = nil
  ) {
    self.judgedOn = judgedOn
    self.judged = judged
    self.test = test
    self.status = status
    self.environment = environment
  }

  /// Whether nearly all rows by which points are chosen get the same decision.
  var isNearlyConstant: Bool {
    judged.selectionRate.value.map { Degeneracy.isNearlyConstant(selectionRate: $0) } ?? false
  }
}

extension FrontierRun.Sample {
  /// - Parameters:
  ///   - labels: 0 or 1, n of them.
  ///   - weights: The rows' weights, or nil.
  ///   - sensitive: The attributes, each with n codes.
  /// - Throws: `DataError` where a condition names a group that the rows do not have.
  init(
    scores: [Float], labels: [Float], weights: [Float]? = nil, sensitive: [SensitiveColumn], threshold: Double,
    metric: MetricCondition, conditions: [MetricCondition]
  ) throws(DataError) {
    let truths = labels.map { $0 > 0.5 }
    let groups = sensitive.map(\.groupColumn)
    let weights = weights.map { $0.map { Double($0) } }
    let evaluation = ClassifierEvaluation(
      scores: scores, labels: truths, attributes: [], threshold: threshold, weights: weights)
    let values: [MetricValue]
    do throws(ExpressionError) {
      values = try ConditionEvaluator(
        [metric] + conditions, labels: truths, columns: groups.map { SliceColumn($0) },
        weights: weights, threshold: threshold
      ).values(scores: scores)
    } catch {
      throw DataError(.badData, at: "the frontier's metric", error.message, detail: error.excerpt)
    }
    self.init(
      accuracy: evaluation.accuracy, rocAUC: evaluation.rocAUC, selectionRate: evaluation.selectionRate,
      metric: values[0], conditions: Array(values.dropFirst()))
  }
}
