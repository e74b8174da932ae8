import AdversarialGame
import FairnessMetrics
import MetricExpressions
import Mitigation
import RunRecords
import TabularData

/// Holds the constraints of a run against its rows: what every method needs before, and judges by after, a training.
struct ConstraintJudge {
  /// The scores of some rows, before the constraints and with them.
  struct Part {
    var rows: ConstraintsRecord.Rows
    var data: Dataset
    var before: [Float]
    var after: [Float]
  }

  let configuration: ConstraintsConfiguration
  let splits: [(name: String, rows: Dataset)]

  /// The threshold of the decisions.
  let threshold: Double

  /// The inequalities that the conditions are made of.
  let constraints: [LinearConstraint]

  /// The rows of training, by the sensitive columns that the conditions speak of.
  let training: RateConstraintRows

  /// The same of the validation rows, where there are any, with their place among the splits.
  let validation: (index: Int, rows: RateConstraintRows)?

  /// Refuses what cannot be met, before anything is trained.
  ///
  /// - Parameter splits: The rows by split, those of training first.
  /// - Throws: `DataError` for a condition that does not fit the groups, and for rows that cannot meet the constraints or
  ///   are too few.
  init(
    _ configuration: ConstraintsConfiguration, splits: [(name: String, rows: Dataset)], threshold: Double
  ) throws {
    self.configuration = configuration
    self.splits = splits
    self.threshold = threshold
    let rows = splits[0].rows
    let reduction = ConstraintReduction(columns: Self.columns(of: rows), rows: rows.rows)
    var constraints: [LinearConstraint] = []
    for condition in configuration.require {
      do throws(ExpressionError) {
        constraints += try reduction.constraints(condition)
      } catch {
        throw DataError(.badData, at: "constraints.require", error.message, detail: error.excerpt)
      }
    }
    self.constraints = constraints
    do throws(MitigationError) {
      training = try RateConstraintRows(
        constraints, of: configuration.mentioned(in: rows), split: "training", threshold: threshold)
      try training.checkAttainable()
      if let index = splits.firstIndex(where: { $0.name == RunRecords.SplitName.validation.rawValue }) {
        validation = (
          index,
          try RateConstraintRows(
            constraints, of: configuration.mentioned(in: splits[index].rows), split: "validation", threshold: threshold)
        )
      } else {
        validation = nil
      }
    } catch {
      throw Self.failure(error)
    }
    for (rows, name) in [(training, "training"), (validation?.rows ?? training, "validation")] {
      for support in rows.supports where support.rows < configuration.minimumRows {
        throw DataError(
          .badData, at: "constraints.require",
          "\(support.rate) is about \(support.rows) \(name) rows only, fewer than the \(configuration.minimumRows) of "
            + "constraints.minimumRows: too few to say whether a constraint on it holds. Give more rows, or take the "
            + "group out of the conditions.")
      }
    }
  }

  // MARK: - Judging

  /// Judges by what some rows say.
  func judgement(_ evidence: [ConstraintJudgement.Evidence]) -> ConstraintJudgement {
    ConstraintJudgement(configuration.require, constraints, evidence)
  }

  /// Says of a predictor that decides nearly all rows alike that it is one; nil for others.
  ///
  /// - Parameter chances: The chance that each row is selected.
  func judgement(degenerate chances: [Double]) -> ConstraintJudgement? {
    ConstraintJudgement(degenerate: chances, conditions: configuration.require.count)
  }

  /// The values of all conditions on some rows, and whether they are met.
  ///
  /// - Parameters:
  ///   - judgement: Of the same conditions.
  ///   - bootstrap: Draws the intervals; nil for none.
  ///   - confidence: Of the intervals.
  func conditions(
    _ parts: [Part], _ judgement: ConstraintJudgement, bootstrap: PoissonBootstrap?, confidence: Double
  ) throws -> [ConstraintsRecord.Condition] {
    let columns = try parts.map { part -> [(before: MetricValue, after: Estimate)] in
      let evaluator = try evaluator(
        part.data.labels, Self.columns(of: part.data), weights: part.data.weights?.map { Double($0) })
      let estimates =
        bootstrap.map { evaluator.estimates(scores: part.after, bootstrap: $0, confidence: confidence) }
        ?? evaluator.values(scores: part.after).map { Estimate(value: $0, interval: nil) }
      return zip(evaluator.values(scores: part.before), estimates).map { ($0, $1) }
    }
    return configuration.require.enumerated().map { index, condition in
      let (_, relation, bound) = condition.normalized
      return ConstraintsRecord.Condition(
        condition.text, gate: Gate(relation, bound),
        measurements: zip(parts, columns).map { part, values in
          .init(part.rows, before: values[index].before, after: values[index].after)
        }, status: judgement.conditions[index].status, reason: judgement.conditions[index].reason)
    }
  }

  /// What a mixture comes to in expectation, exactly: every row counts once for each member, with its probability.
  ///
  /// - Parameters:
  ///   - data: The rows.
  ///   - members: The scores of the rows by each member, and its probability.
  func expectation(
    _ rows: ConstraintsRecord.Rows, of data: Dataset, members: [(scores: [Float], probability: Double)]
  ) throws -> ConstraintsRecord.Expectation {
    let copies = members.count
    let weights = members.flatMap { member in
      (0..<data.rows).map { member.probability * Double(data.weights?[$0] ?? 1) }
    }
    let labels = (0..<copies).flatMap { _ in data.labels }
    let columns = data.sensitive.map { column in
      SliceColumn(
        GroupColumn(name: column.name, groups: column.groups, codes: (0..<copies).flatMap { _ in column.codes }))
    }
    let scores = members.flatMap(\.scores)
    let rule = DecisionRule<Float>(threshold: threshold)
    var (total, selected, correct) = (0.0, 0.0, 0.0)
    for (row, score) in scores.enumerated() {
      let isSelected = rule.selects(score)
      total += weights[row]
      if isSelected { selected += weights[row] }
      if isSelected == (labels[row] > 0.5) { correct += weights[row] }
    }
    let values = try evaluator(labels, columns, weights: weights).values(scores: scores)
    return ConstraintsRecord.Expectation(
      rows, accuracy: correct / total, selectionRate: selected / total,
      conditions: zip(configuration.require, values).map { .init($0.text, $1) })
  }

  private func evaluator(_ labels: [Float], _ columns: [SliceColumn], weights: [Double]?) throws -> ConditionEvaluator {
    do throws(ExpressionError) {
      return try ConditionEvaluator(
        configuration.require, labels: labels.map { $0 > 0.5 }, columns: columns, weights: weights,
        threshold: threshold)
    } catch {
      throw DataError(.badData, at: "constraints.require", error.message, detail: error.excerpt)
    }
  }

  /// The evaluation of some scores on every split.
  func evaluations(_ scores: [[Float]]) -> [RunRecords.SplitEvaluation] {
    zip(splits, scores).map { split, scores in
      RunRecords.SplitEvaluation(of: scores, for: split.rows, named: split.name, threshold: threshold)
    }
  }

  static func columns(of rows: Dataset) -> [SliceColumn] {
    rows.sensitive.map { SliceColumn($0.groupColumn) }
  }

  /// The error under the key that it is about.
  static func failure(_ error: MitigationError, settings key: String = "constraints.networks") -> DataError {
    switch error {
    case .settings, .lossNotFinite: DataError(.badData, at: key, "\(error)")
    default: DataError(.badData, at: "constraints.require", "\(error)")
    }
  }
}

extension ConstraintsConfiguration {
  /// The rows with those sensitive columns alone that the conditions speak of.
  func mentioned(in rows: Dataset) -> Dataset {
    let names = Set(require.flatMap(\.columns))
    var rows = rows
    rows.sensitive = rows.sensitive.filter { names.contains($0.name) }
    return rows
  }
}

extension RunRecords.SplitEvaluation {
  /// The evaluation of scores for the rows of a split.
  init(of scores: [Float], for rows: Dataset, named name: String, threshold: Double) {
    var evaluation = ClassifierEvaluation(
      scores: scores, labels: rows.labels.map { $0 > 0.5 }, attributes: rows.sensitive.map(\.groupColumn),
      threshold: threshold, weights: rows.weights?.map { Double($0) })
    evaluation.continuous = rows.continuous.map {
      ContinuousEvaluation(name: $0.name, scores: scores, values: $0.values)
    }
    self.init(RunRecords.SplitName(ofSplit: name), evaluation)
  }
}
