import FairnessMetrics
import LinearAlgebra
import MetricExpressions
import Mitigation
import NeuralNetworks
import RunRecords
import TabularData

/// Meets the constraints of a run by a layer above networks that predict label and groups (`constraints.method: layer`).
///
/// The networks are trained by cross-fitting on the training rows; the multipliers of the constraints are found on
/// predictions out of fold, with a margin. Neither needs validation rows; where there are some, they judge the result.
/// No sensitive attribute is read when scoring.
struct ConstraintLayer {
  /// What the fit led to.
  struct Outcome {
    var classifier: PlugInClassifier
    /// The scores of every split without the correction, and with it.
    var before: [[Float]]
    var after: [[Float]]
    /// The scores of the training rows with the correction, each by networks that had not seen it.
    var outOfFold: [Float]
    var record: ConstraintsRecord
    /// What the reader of the results should know.
    var notices: [String]
  }

  private let configuration: ConstraintsConfiguration
  private let splits: [(name: String, rows: Dataset)]
  private let training: Dataset
  private let trainingRows: RateConstraintRows
  private let validation: (index: Int, rows: RateConstraintRows)?
  private let settings: CrossFitting.Settings
  private let seed: UInt64

  /// Holds the constraints against the rows, and refuses what cannot be met, before anything is trained.
  ///
  /// - Parameters:
  ///   - splits: The rows by split, those of training first.
  ///   - isParallel: Whether folds are trained at the same time; the result does not depend on it.
  /// - Throws: `ConfigurationError` for a condition that does not fit the groups, `DataError` for rows that cannot meet
  ///   the constraints or are too few.
  init(
    _ configuration: ConstraintsConfiguration, splits: [(name: String, rows: Dataset)], seed: UInt64, isParallel: Bool
  ) throws {
    self.configuration = configuration
    self.splits = splits
    self.seed = seed
    training = splits[0].rows
    let reduction = ConstraintReduction(columns: Self.columns(of: training), rows: training.rows)
    var constraints: [LinearConstraint] = []
    for condition in configuration.require {
      do throws(ExpressionError) {
        constraints += try reduction.constraints(condition)
      } catch {
        throw DataError(.badData, at: "constraints.require", error.description)
      }
    }
    do throws(MitigationError) {
      trainingRows = try RateConstraintRows(constraints, of: training, split: "training")
      try trainingRows.checkAttainable()
      if let index = splits.firstIndex(where: { $0.name == RunRecords.SplitName.validation.rawValue }) {
        validation = (index, try RateConstraintRows(constraints, of: splits[index].rows, split: "validation"))
      } else {
        validation = nil
      }
    } catch {
      throw Self.failure(error)
    }
    for (rows, name) in [(trainingRows, "training"), (validation?.rows ?? trainingRows, "validation")] {
      for support in rows.supports where support.rows < configuration.minimumRows {
        throw DataError(
          .badData, at: "constraints.require",
          "\(support.rate) is about \(support.rows) \(name) rows only, fewer than the \(configuration.minimumRows) of "
            + "constraints.minimumRows: too few to say whether a constraint on it holds. Give more rows, or take the "
            + "group out of the conditions.")
      }
    }
    settings = configuration.crossFitting(rows: training.rows, isParallel: isParallel)
  }

  /// Trains the networks and finds the multipliers.
  ///
  /// - Parameters:
  ///   - bootstrap: Draws the intervals; nil for none.
  ///   - confidence: Of the intervals.
  func fit(bootstrap: PoissonBootstrap?, confidence: Double) throws -> Outcome {
    try fit(trainNetworks(), bootstrap: bootstrap, confidence: confidence)
  }

  /// Trains the networks. They depend on rows, seed and settings alone, so that the same rows under other constraints
  /// can share them.
  func trainNetworks() throws -> CrossFitting {
    do throws(MitigationError) {
      return try CrossFitting(training, cells: trainingRows, settings: settings, seed: seed)
    } catch {
      throw Self.failure(error)
    }
  }

  /// Finds the multipliers for networks that are trained.
  ///
  /// - Parameters:
  ///   - fitting: From `trainNetworks`, of this layer or of one that differs in its conditions and margin only.
  ///   - bootstrap: Draws the intervals; nil for none.
  ///   - confidence: Of the intervals.
  func fit(_ fitting: CrossFitting, bootstrap: PoissonBootstrap?, confidence: Double) throws -> Outcome {
    let fit: PlugInFit
    do throws(MitigationError) {
      var search = PlugInFit.Settings()
      search.standardErrors = configuration.margin
      search.trueShare = nil
      fit = try PlugInFit(
        trainingRows, probabilities: fitting.outOfFold, labels: training.labels, weights: training.weights,
        settings: search)
    } catch {
      throw Self.failure(error)
    }
    let uncorrected = PlugInDecision.unconstrained(cells: fitting.predictor.cells)
    var (before, after): ([[Float]], [[Float]]) = ([], [])
    for split in splits {
      let probabilities = fitting.predictor.probabilities(split.rows.featureRows)
      before.append(uncorrected.scores(probabilities))
      after.append(fit.decision.scores(probabilities))
    }
    let outOfFold = (before: uncorrected.scores(fitting.outOfFold), after: fit.decision.scores(fitting.outOfFold))
    var judged: [(rows: ConstraintsRecord.Rows, data: Dataset, before: [Float], after: [Float])] = [
      (.outOfFold, training, outOfFold.before, outOfFold.after)
    ]
    for (index, split) in splits.enumerated() {
      guard let rows = ConstraintsRecord.Rows(rawValue: split.name) else { continue }
      judged.append((rows, split.rows, before[index], after[index]))
    }
    let columns = try judged.map { part in
      try measure(part.data, before: part.before, after: part.after, bootstrap, confidence)
    }
    let conditions = configuration.require.enumerated().map { index, condition in
      ConstraintsRecord.Condition(
        condition.text, bound: condition.normalized.bound,
        measurements: zip(judged, columns).map { part, values in
          .init(part.rows, before: values[index].before, after: values[index].after)
        })
    }
    var notices: [String] = []
    var status = self.status(fit, after: after)
    let selected = outOfFold.after.reduce(0.0) { $0 + ($1 >= 0.5 ? 1 : 0) } / Double(max(1, outOfFold.after.count))
    if selected < 0.01 || selected > 0.99 {
      status = .infeasible
      notices.append(
        "The nearest that was reached selects \((selected * 1000).rounded() / 10) % of the rows: a nearly constant "
          + "predictor, which meets constraints on differences without being of use.")
    }
    let shown = splits.count - 1
    let levelled = LevellingDown.groups(
      before: Self.evaluation(splits[shown].rows, before[shown]),
      after: Self.evaluation(splits[shown].rows, after[shown]))
    return Outcome(
      classifier: PlugInClassifier(predictor: fitting.predictor, decision: fit.decision), before: before, after: after,
      outOfFold: outOfFold.after,
      record: ConstraintsRecord(
        status: status, judgedOn: validation == nil ? .outOfFold : .validation, method: configuration.method.rawValue,
        margin: configuration.margin, conditions: conditions,
        multipliers: zip(trainingRows.constraints, fit.multipliers).map { .init("\($0)", $1) },
        levelledDown: levelled),
      notices: notices)
  }

  /// The evaluation of some scores on every split.
  func evaluations(_ scores: [[Float]]) -> [RunRecords.SplitEvaluation] {
    zip(splits, scores).map { split, scores in
      RunRecords.SplitEvaluation(
        RunRecords.SplitName(rawValue: split.name) ?? .train, Self.evaluation(split.rows, scores))
    }
  }

  // MARK: - Judging

  private func status(_ fit: PlugInFit, after: [[Float]]) -> ConstraintsRecord.Status {
    let violations: [Double]
    let errors: [Double]
    // On rows that had no part in the choice no margin is asked for.
    let margin: Double
    if let validation {
      let selections = validation.rows.selections(probabilities: after[validation.index])
      violations = validation.rows.violations(selections: selections)
      errors = validation.rows.standardErrors(selections: selections)
      margin = 0
    } else {
      violations = fit.estimatedViolations
      errors = fit.standardErrors
      margin = configuration.margin
    }
    let pairs = zip(violations, errors)
    if pairs.allSatisfy({ $0 + margin * $1 <= 1e-9 }) { return .feasible }
    return pairs.allSatisfy { $0 - $1 <= 1e-9 } ? .nearlyFeasible : .infeasible
  }

  /// The values of all conditions on some rows.
  private func measure(
    _ rows: Dataset, before: [Float], after: [Float], _ bootstrap: PoissonBootstrap?, _ confidence: Double
  ) throws -> [(before: MetricValue, after: Estimate)] {
    let evaluator: ConditionEvaluator
    do throws(ExpressionError) {
      evaluator = try ConditionEvaluator(
        configuration.require, labels: rows.labels.map { $0 > 0.5 }, columns: Self.columns(of: rows),
        weights: rows.weights?.map { Double($0) })
    } catch {
      throw DataError(.badData, at: "constraints.require", error.description)
    }
    let estimates =
      bootstrap.map { evaluator.estimates(scores: after, bootstrap: $0, confidence: confidence) }
      ?? evaluator.values(scores: after).map { Estimate(value: $0, interval: nil) }
    return zip(evaluator.values(scores: before), estimates).map { ($0, $1) }
  }

  private static func evaluation(_ rows: Dataset, _ scores: [Float]) -> ClassifierEvaluation {
    ClassifierEvaluation(
      scores: scores, labels: rows.labels.map { $0 > 0.5 },
      attributes: rows.sensitive.map { GroupColumn(name: $0.name, groups: $0.groups, codes: $0.codes) }, threshold: 0.5)
  }

  private static func columns(of rows: Dataset) -> [SliceColumn] {
    rows.sensitive.map { SliceColumn(GroupColumn(name: $0.name, groups: $0.groups, codes: $0.codes)) }
  }

  private static func failure(_ error: MitigationError) -> DataError {
    switch error {
    case .settings, .lossNotFinite: DataError(.badData, at: "constraints.networks", "\(error)")
    default: DataError(.badData, at: "constraints.require", "\(error)")
    }
  }
}

extension ConstraintsConfiguration {
  /// How the networks are trained on a number of rows.
  func crossFitting(rows: Int, isParallel: Bool) -> CrossFitting.Settings {
    var settings = CrossFitting.Settings()
    settings.folds = folds
    settings.hidden = networks.hidden
    settings.activation = networks.activation.activation
    settings.dropout = networks.dropout
    settings.optimizer = OptimizerSettings(.adam(), learningRate: networks.learningRate)
    settings.decaysToZero = true
    settings.isParallel = isParallel
    let trained = Double(rows - rows / folds)
    settings.epochs = networks.epochs ?? Int(min(40, max(6, (200_000 / max(1, trained)).rounded())))
    var batch = 64
    while batch < 256 && Double(batch) * 128 * 2.0.squareRoot() < trained { batch *= 2 }
    settings.batchSize = networks.batchSize ?? batch
    return settings
  }
}
