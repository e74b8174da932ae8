import LinearAlgebra
import TabularData

/// Steps of mitigation that can be done together, in order: any before training, at most one way of training, at most
/// one decision after it.
public struct MitigationPlan: Sendable, Hashable {
  /// The steps.
  public let steps: [MitigationStep]

  /// Checks that steps can be done together.
  ///
  /// - Throws: `MitigationPlanError`, naming the first two that cannot.
  public init(_ steps: [MitigationStep]) throws(MitigationPlanError) {
    for (earlier, later) in zip(steps, steps.dropFirst()) where later.stage < earlier.stage {
      throw .order(later.name, after: earlier.name)
    }
    for (index, step) in steps.enumerated() {
      for other in steps[..<index] { try Self.check(other, step) }
    }
    self.steps = steps
  }

  private static func check(_ first: MitigationStep, _ second: MitigationStep) throws(MitigationPlanError) {
    switch (first, second) {
    case _ where first.stage == .training && second.stage == .training:
      throw .severalTrainings(first.name, second.name)
    case _ where first.stage == .afterTraining && second.stage == .afterTraining:
      throw .severalDecisions(first.name, second.name)
    case (.reweighing(let one), .resampling(let other)) where one.attributes == other.attributes:
      throw .conflict(
        first.name, second.name,
        reason: "each makes label and groups independent, and resampling does not see the weights.")
    case (.resampling(let one), .reweighing(let other)) where one.attributes == other.attributes:
      throw .conflict(first.name, second.name, reason: "label and groups are independent after the first.")
    case (.reweighing, .ruleWeights):
      throw .conflict(first.name, second.name, reason: "rules set weights, and would override the first.")
    case (.exponentiatedGradient, _) where second.stage == .afterTraining:
      throw .conflict(
        first.name, second.name, reason: "a lottery between classifiers has decisions, and no score to be cut.")
    default: break
    }
  }

  /// The way of training; nil for plain training.
  public var training: MitigationStep? { steps.first { $0.stage == .training } }

  /// What decides after training; nil for the usual threshold.
  public var decision: MitigationStep? { steps.first { $0.stage == .afterTraining } }

  /// Does the steps before training.
  ///
  /// - Parameters:
  ///   - training: The training rows.
  ///   - seed: Determines what is drawn.
  /// - Throws: What a step throws: `MitigationError`, or `ExpressionError` for a rule.
  public func preprocess(_ training: Dataset, seed: UInt64) throws -> PreprocessedRows {
    var rows = PreprocessedRows(training: training)
    let stream = RandomStream(seed: seed)
    for (number, step) in steps.enumerated() {
      switch step {
      case .reweighing(let reweighing):
        let outcome = try reweighing.weights(for: rows.training)
        rows.training.weights = outcome.weights
        rows.notes += outcome.cells.map {
          "reweighing: \($0.rows) rows of \($0.group), label \($0.label) × \($0.factor)"
        }
        if outcome.unchangedRows > 0 { rows.notes.append("reweighing: \(outcome.unchangedRows) rows unchanged") }
      case .ruleWeights(let rules):
        let outcome = try rules.weights(for: rows.training)
        rows.training.weights = outcome.weights
        rows.notes += outcome.reports.map { "\($0.rule): \($0.rows.count) rows, \($0.lasting) of them to the end" }
        rows.notes += outcome.warnings
      case .resampling(let resampling):
        var draws = stream.split("resampling").split(UInt64(number))
        let scores = resampling.choice == .preferential ? try Self.ranking(rows.training) : nil
        let outcome = try resampling.rows(of: rows.training, scores: scores, using: &draws)
        rows.training = rows.training.gatheringRows(outcome.rows)
        rows.notes += outcome.cells.map {
          "resampling: \($0.before) rows of \($0.group), label \($0.label) became \($0.after)"
        }
      case .correlationRemover(let alpha, let attributes):
        let remover = try CorrelationRemover(fitting: rows.training, attributes: attributes, alpha: alpha)
        rows.training = try remover.transformed(rows.training)
        rows.removers.append(remover)
      default: break
      }
    }
    return rows
  }

  /// The scores of a logistic regression: the ranker of preferential resampling.
  private static func ranking(_ dataset: Dataset) throws(MitigationError) -> [Float] {
    var learner = try LogisticRegressionLearner(dataset.featureRows)
    let weights = dataset.weights.map { $0.map(Double.init) } ?? [Double](repeating: 1, count: dataset.rows)
    return try learner.fit(labels: dataset.labels.map { $0 > 0.5 }, weights: weights)
      .classifier.probabilities(dataset.features, base: dataset.baseRow)
  }
}

/// Rows after the steps before training.
public struct PreprocessedRows: Sendable {
  /// The training rows.
  public var training: Dataset

  /// What every other row goes through too, in order.
  public var removers: [CorrelationRemover] = []

  /// What was done, in words.
  public var notes: [String] = []

  init(training: Dataset) {
    self.training = training
  }

  /// Other rows, with features as those of the training have become.
  ///
  /// - Throws: `MitigationError.rows` where the rows lack an attribute.
  public func transformed(_ dataset: Dataset) throws(MitigationError) -> Dataset {
    var rows = dataset
    for remover in removers { rows = try remover.transformed(rows) }
    return rows
  }
}
