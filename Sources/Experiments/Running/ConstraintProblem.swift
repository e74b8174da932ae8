import FairnessMetrics
import MetricExpressions
import Mitigation
import RunRecords
import TabularData

/// The constraints of a run, held against its rows, and the judgement of what meets them: common to all methods.
struct ConstraintProblem {
  let configuration: ConstraintsConfiguration
  let splits: [(name: String, rows: Dataset)]

  /// A row is selected where its score is at least this.
  let threshold: Double

  /// The constraints on the training rows.
  let training: RateConstraintRows

  /// The constraints on the validation rows, and their place among the splits; nil without such rows.
  let validation: (index: Int, rows: RateConstraintRows)?

  /// Refuses what cannot be met, before anything is trained.
  ///
  /// - Parameters:
  ///   - splits: The rows by split, those of training first.
  /// - Throws: `DataError` for a condition that does not fit the groups, and for rows that cannot meet the constraints or
  ///   are too few.
  init(
    _ configuration: ConstraintsConfiguration, splits: [(name: String, rows: Dataset)], threshold: Double = 0.5
  ) throws(DataError) {
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
        throw DataError(.badData, at: "constraints.require", error.description)
      }
    }
    do throws(MitigationError) {
      training = try RateConstraintRows(constraints, of: rows, split: "training", threshold: threshold)
      try training.checkAttainable()
      if let index = splits.firstIndex(where: { $0.name == RunRecords.SplitName.validation.rawValue }) {
        validation = (
          index,
          try RateConstraintRows(constraints, of: splits[index].rows, split: "validation", threshold: threshold)
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

  /// The error of a method as an error of the data.
  static func failure(_ error: MitigationError) -> DataError {
    switch error {
    case .settings, .lossNotFinite: DataError(.badData, at: "constraints", "\(error)")
    default: DataError(.badData, at: "constraints.require", "\(error)")
    }
  }

  // MARK: - Judging

  /// The status by violations and their standard errors.
  ///
  /// - Parameter margin: The standard errors by which constraints must hold.
  static func status(
    violations: [Double], standardErrors: [Double], margin: Double
  ) -> ConstraintsRecord.Status {
    let pairs = zip(violations, standardErrors)
    if pairs.allSatisfy({ $0 + margin * $1 <= 1e-9 }) { return .feasible }
    return pairs.allSatisfy { $0 - $1 <= 1e-9 } ? .nearlyFeasible : .infeasible
  }

  /// The values of all conditions on the splits, and on the training rows out of fold where such scores are given.
  ///
  /// - Parameters:
  ///   - before: The scores of every split before what is to meet the constraints, and `after` with it.
  ///   - bootstrap: Draws the intervals; nil for none.
  func conditions(
    before: [[Float]], after: [[Float]], outOfFold: (before: [Float], after: [Float])? = nil,
    _ bootstrap: PoissonBootstrap?, _ confidence: Double
  ) throws(DataError) -> [ConstraintsRecord.Condition] {
    var judged: [(rows: ConstraintsRecord.Rows, data: Dataset, before: [Float], after: [Float])] = []
    if let outOfFold { judged.append((.outOfFold, splits[0].rows, outOfFold.before, outOfFold.after)) }
    for (index, split) in splits.enumerated() {
      guard let rows = ConstraintsRecord.Rows(rawValue: split.name) else { continue }
      judged.append((rows, split.rows, before[index], after[index]))
    }
    var columns: [[(before: MetricValue, after: Estimate)]] = []
    for part in judged {
      columns.append(try measure(part.data, before: part.before, after: part.after, bootstrap, confidence))
    }
    return configuration.require.enumerated().map { index, condition in
      ConstraintsRecord.Condition(
        condition.text, bound: condition.normalized.bound,
        measurements: zip(judged, columns).map { part, values in
          .init(part.rows, before: values[index].before, after: values[index].after)
        })
    }
  }

  private func measure(
    _ rows: Dataset, before: [Float], after: [Float], _ bootstrap: PoissonBootstrap?, _ confidence: Double
  ) throws(DataError) -> [(before: MetricValue, after: Estimate)] {
    let evaluator = try evaluator(rows, copies: 1, weights: rows.weights?.map { Double($0) })
    let estimates =
      bootstrap.map { evaluator.estimates(scores: after, bootstrap: $0, confidence: confidence) }
      ?? evaluator.values(scores: after).map { Estimate(value: $0, interval: nil) }
    return zip(evaluator.values(scores: before), estimates).map { ($0, $1) }
  }

  /// The exact expected rates of a mixture on the splits.
  ///
  /// A rate of a mixture is the mean of its members' rates: that of rows which stand there once for each member, with the
  /// member's chance as their weight.
  ///
  /// - Parameter members: The chance of each member, and its scores of every split.
  func expectations(
    _ members: [(probability: Double, scores: [[Float]])]
  ) throws(DataError) -> [SelectionRecord.Expectation] {
    var expectations: [SelectionRecord.Expectation] = []
    for (index, split) in splits.enumerated() {
      guard let rows = ConstraintsRecord.Rows(rawValue: split.name) else { continue }
      let weights = members.flatMap { member in
        (0..<split.rows.rows).map { member.probability * Double(split.rows.weights?[$0] ?? 1) }
      }
      let evaluator = try evaluator(split.rows, copies: members.count, weights: weights)
      var accuracy = 0.0
      for member in members {
        let value = evaluation(split.rows, member.scores[index]).accuracy.value ?? 0
        accuracy += member.probability * value
      }
      expectations.append(
        .init(
          rows, accuracy: .defined(accuracy),
          conditions: evaluator.values(scores: members.flatMap { $0.scores[index] })))
    }
    return expectations
  }

  /// The conditions on rows that stand there some times over.
  private func evaluator(
    _ rows: Dataset, copies: Int, weights: [Double]?
  ) throws(DataError) -> ConditionEvaluator {
    let columns = rows.sensitive.map { column in
      SliceColumn(
        GroupColumn(
          name: column.name, groups: column.groups, codes: (0..<copies).flatMap { _ in column.codes }))
    }
    let labels = (0..<copies).flatMap { _ in rows.labels.map { $0 > 0.5 } }
    do throws(ExpressionError) {
      return try ConditionEvaluator(
        configuration.require, labels: labels, columns: columns, weights: weights, threshold: threshold)
    } catch {
      throw DataError(.badData, at: "constraints.require", error.description)
    }
  }

  /// What to say of a predictor that decides nearly all rows alike; nil of others.
  func constancy(of scores: [Float]) -> String? {
    let rule = DecisionRule<Float>(threshold: threshold)
    let share = Double(scores.count { rule.selects($0) }) / Double(max(1, scores.count))
    guard share < 0.01 || share > 0.99 else { return nil }
    return "The nearest that was reached selects \((share * 1000).rounded() / 10) % of the rows: a nearly constant "
      + "predictor, which meets constraints on differences without being of use."
  }

  /// Changes of a rate below this are no loss and no gain.
  private static let noticeable = 0.005

  /// The groups that lost where no group of their attribute gained, by selection rate and true positive rate on the rows
  /// of the last split.
  func levelledDown(before: [[Float]], after: [[Float]]) -> [String] {
    let shown = splits.count - 1
    let rows = splits[shown].rows
    let (old, new) = (evaluation(rows, before[shown]), evaluation(rows, after[shown]))
    return zip(old.attributes, new.attributes).flatMap { old, new -> [String] in
      let changes = zip(old.groups, new.groups).map { old, new -> [Double] in
        [
          (old.selectionRate.value, new.selectionRate.value), (old.truePositiveRate.value, new.truePositiveRate.value),
        ].compactMap { old, new in old.flatMap { old in new.map { $0 - old } } }
      }
      guard !changes.contains(where: { $0.contains { $0 > Self.noticeable } }) else { return [] }
      return zip(new.groups, changes).filter { $1.contains { $0 < -Self.noticeable } }.map { group, _ in
        "\(new.name): \(group.name)"
      }
    }
  }

  /// The evaluation of some scores on every split.
  func evaluations(_ scores: [[Float]]) -> [RunRecords.SplitEvaluation] {
    zip(splits, scores).map { split, scores in
      RunRecords.SplitEvaluation(
        RunRecords.SplitName(rawValue: split.name) ?? .train, evaluation(split.rows, scores))
    }
  }

  private func evaluation(_ rows: Dataset, _ scores: [Float]) -> ClassifierEvaluation {
    ClassifierEvaluation(
      scores: scores, labels: rows.labels.map { $0 > 0.5 },
      attributes: rows.sensitive.map { GroupColumn(name: $0.name, groups: $0.groups, codes: $0.codes) },
      threshold: threshold)
  }

  private static func columns(of rows: Dataset) -> [SliceColumn] {
    rows.sensitive.map { SliceColumn(GroupColumn(name: $0.name, groups: $0.groups, codes: $0.codes)) }
  }
}
