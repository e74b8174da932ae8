import FairnessMetrics
import LinearAlgebra
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
    var record: ConstraintsRecord
    /// What the reader of the results should know.
    var notices: [String]
  }

  private let problem: ConstraintProblem
  private let settings: CrossFitting.Settings
  private let seed: UInt64

  /// Holds the constraints against the rows, and refuses what cannot be met, before anything is trained.
  ///
  /// - Parameters:
  ///   - splits: The rows by split, those of training first.
  ///   - isParallel: Whether folds are trained at the same time; the result does not depend on it.
  /// - Throws: `DataError` for a condition that does not fit the groups, and for rows that cannot meet the constraints or
  ///   are too few.
  init(
    _ configuration: ConstraintsConfiguration, splits: [(name: String, rows: Dataset)], seed: UInt64, isParallel: Bool
  ) throws {
    problem = try ConstraintProblem(configuration, splits: splits)
    self.seed = seed
    settings = configuration.crossFitting(rows: splits[0].rows.rows, isParallel: isParallel)
  }

  /// Trains the networks and finds the multipliers.
  ///
  /// - Parameters:
  ///   - bootstrap: Draws the intervals; nil for none.
  ///   - confidence: Of the intervals.
  func fit(bootstrap: PoissonBootstrap?, confidence: Double) throws -> Outcome {
    let configuration = problem.configuration
    let training = problem.splits[0].rows
    let fitting: CrossFitting
    let fit: PlugInFit
    do throws(MitigationError) {
      fitting = try CrossFitting(training, cells: problem.training, settings: settings, seed: seed)
      var search = PlugInFit.Settings()
      search.standardErrors = configuration.margin
      search.trueShare = nil
      fit = try PlugInFit(
        problem.training, probabilities: fitting.outOfFold, labels: training.labels, weights: training.weights,
        settings: search)
    } catch {
      switch error {
      case .settings, .lossNotFinite: throw DataError(.badData, at: "constraints.networks", "\(error)")
      default: throw ConstraintProblem.failure(error)
      }
    }
    let uncorrected = PlugInDecision.unconstrained(cells: fitting.predictor.cells)
    var (before, after): ([[Float]], [[Float]]) = ([], [])
    for split in problem.splits {
      let probabilities = fitting.predictor.probabilities(split.rows.featureRows)
      before.append(uncorrected.scores(probabilities))
      after.append(fit.decision.scores(probabilities))
    }
    let outOfFold = (before: uncorrected.scores(fitting.outOfFold), after: fit.decision.scores(fitting.outOfFold))
    let conditions = try problem.conditions(
      before: before, after: after, outOfFold: outOfFold, bootstrap, confidence)
    var notices: [String] = []
    var status = self.status(fit, after: after)
    if let constancy = problem.constancy(of: outOfFold.after) {
      status = .infeasible
      notices.append(constancy)
    }
    return Outcome(
      classifier: PlugInClassifier(predictor: fitting.predictor, decision: fit.decision), before: before, after: after,
      record: ConstraintsRecord(
        status: status, judgedOn: problem.validation == nil ? .outOfFold : .validation,
        method: configuration.method.rawValue, margin: configuration.margin, conditions: conditions,
        multipliers: zip(problem.training.constraints, fit.multipliers).map { .init("\($0)", $1) },
        levelledDown: problem.levelledDown(before: before, after: after)),
      notices: notices)
  }

  /// The evaluation of some scores on every split.
  func evaluations(_ scores: [[Float]]) -> [RunRecords.SplitEvaluation] { problem.evaluations(scores) }

  private func status(_ fit: PlugInFit, after: [[Float]]) -> ConstraintsRecord.Status {
    guard let validation = problem.validation else {
      return ConstraintProblem.status(
        violations: fit.estimatedViolations, standardErrors: fit.standardErrors, margin: problem.configuration.margin)
    }
    // On rows that had no part in the choice no margin is asked for.
    let selections = validation.rows.selections(probabilities: after[validation.index])
    return ConstraintProblem.status(
      violations: validation.rows.violations(selections: selections),
      standardErrors: validation.rows.standardErrors(selections: selections), margin: 0)
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
