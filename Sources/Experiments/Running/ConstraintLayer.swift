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
/// Scoring reads the sensitive columns of the conditions where it is told to, and none otherwise.
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

  let judge: ConstraintJudge

  private let configuration: ConstraintsConfiguration
  private let training: Dataset
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
    self.configuration = configuration
    self.seed = seed
    judge = try ConstraintJudge(configuration, splits: splits, threshold: 0.5)
    training = configuration.mentioned(in: splits[0].rows)
    if configuration.readsSensitive && training.sensitive.isEmpty {
      throw DataError(
        .badData, at: "constraints.readsSensitive",
        "is true, but no condition speaks of a sensitive column that could be read. Remove the key.")
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
      return try CrossFitting(training, cells: judge.training, settings: settings, seed: seed)
    } catch {
      throw ConstraintJudge.failure(error)
    }
  }

  /// Finds the multipliers for networks that are trained.
  ///
  /// - Parameters:
  ///   - fitting: From `trainNetworks`, of this layer or of one that differs in its conditions and margin only.
  ///   - bootstrap: Draws the intervals; nil for none.
  ///   - confidence: Of the intervals.
  func fit(_ fitting: CrossFitting, bootstrap: PoissonBootstrap?, confidence: Double) throws -> Outcome {
    let reads = configuration.readsSensitive ? Self.readGroups(of: training) : nil
    let fit: PlugInFit
    let outOfFold: Matrix<Float>
    do throws(MitigationError) {
      outOfFold = reads.map { $0.conditioned(fitting.outOfFold, on: training.sensitive) } ?? fitting.outOfFold
      var search = PlugInFit.Settings()
      search.standardErrors = configuration.margin
      search.trueShare = nil
      fit = try PlugInFit(
        judge.training, probabilities: outOfFold, labels: training.labels, weights: training.weights, settings: search)
    } catch {
      throw ConstraintJudge.failure(error)
    }
    let uncorrected = PlugInDecision.unconstrained(cells: fitting.predictor.cells)
    let classifier = PlugInClassifier(predictor: fitting.predictor, decision: fit.decision, reads: reads)
    var (before, after): ([[Float]], [[Float]]) = ([], [])
    for split in judge.splits {
      let probabilities = fitting.predictor.probabilities(split.rows.featureRows)
      before.append(uncorrected.scores(probabilities))
      after.append(
        fit.decision.scores(reads.map { $0.conditioned(probabilities, on: split.rows.sensitive) } ?? probabilities))
    }
    let chosen = fit.decision.scores(outOfFold)
    let outOfFoldPart = ConstraintJudge.Part(
      rows: .outOfFold, data: judge.splits[0].rows, before: uncorrected.scores(fitting.outOfFold), after: chosen)
    let parts = [outOfFoldPart] + judge.parts(before: before, after: after).filter { $0.rows != .train }
    var notices: [String] = []
    let judgement = judgement(fit, outOfFold: chosen, after: after)
    let read = reads?.columns.map(\.name) ?? []
    if !read.isEmpty {
      notices.append(
        "The decision reads \(read.joined(separator: " and ")): rows that differ in nothing else may be decided "
          + "differently, which is not lawful everywhere, and `equipoise predict` needs "
          + "\(read.count == 1 ? "this column" : "these columns").")
    }
    let conditions = try judge.conditions(parts, judgement, bootstrap: bootstrap, confidence: confidence)
    return Outcome(
      classifier: classifier, before: before, after: after, outOfFold: chosen,
      record: ConstraintsRecord(
        status: judgement.whole.status, reason: judgement.whole.reason,
        judgedOn: judge.validation == nil ? .outOfFold : .validation,
        method: configuration.method.rawValue, margin: configuration.margin,
        conditions: conditions,
        multipliers: zip(judge.constraints, fit.multipliers).map { .init("\($0)", $1) }, readColumns: read),
      notices: notices + judge.notices(on: conditions, parts))
  }

  /// Judges by the validation rows, or without any by the training rows out of fold.
  private func judgement(_ fit: PlugInFit, outOfFold: [Float], after: [[Float]]) -> ConstraintJudgement {
    let trained = judge.training.selections(probabilities: outOfFold)
    if let degenerate = judge.judgement(degenerate: trained[0]) { return degenerate }
    guard let validation = judge.validation else {
      // What is shown must hold as it is; the margin is that of the estimate by which the multipliers were found.
      return judge.judgement([
        .init(
          violations: fit.estimatedViolations, standardErrors: fit.standardErrors, margin: configuration.margin),
        judge.training.evidence(trained, margin: 0),
      ])
    }
    // On rows that had no part in the choice no margin is asked for.
    let selections = validation.rows.selections(probabilities: after[validation.index])
    return judge.judgement(degenerate: selections[0])
      ?? judge.judgement([validation.rows.evidence(selections, margin: 0)])
  }

  /// The groups of some rows' sensitive columns, in the combinations that `RateConstraintRows` makes cells of.
  private static func readGroups(of rows: Dataset) -> ReadGroups {
    let crossed = CrossedCells(ConstraintJudge.columns(of: rows), rows: rows.rows)
    return ReadGroups(
      columns: rows.sensitive.map { .init($0.name, groups: $0.groups) }, combinations: crossed.codes)
  }
}

extension ConstraintsConfiguration {
  /// How the networks are trained on a number of rows.
  func crossFitting(rows: Int, isParallel: Bool) -> CrossFitting.Settings {
    var settings = CrossFitting.Settings()
    settings.folds = folds
    settings.hidden = networks.hidden ?? (rows < 10_000 ? [16] : [32, 32, 32])
    settings.activation = networks.activation.activation
    settings.dropout = networks.dropout
    settings.optimizer = OptimizerSettings(.adam(), learningRate: networks.learningRate)
    settings.decaysToZero = true
    settings.isParallel = isParallel
    let trained = Double(rows - rows / folds)
    settings.epochs = networks.epochs ?? Int(min(40, max(6, (200_000 / max(1, trained)).rounded())))
    var batch = 64
    while batch < 256 && Double(batch) * 128 * 2.0.squareRoot() < trained { batch *= 2 }
    // A default is none that very few rows could not fill.
    settings.batchSize = networks.batchSize ?? min(batch, max(1, rows - (rows + folds - 1) / folds))
    return settings
  }
}
