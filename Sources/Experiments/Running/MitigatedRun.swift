import AdversarialGame
import FairnessMetrics
import LinearAlgebra
import MetricExpressions
import Mitigation
import ModelFiles
import RunRecords
import TabularData

/// Carries out the steps of `mitigation` around a training, or as the training.
///
/// The state before, with which the result is compared, is the configuration's classifier trained plainly on the rows as
/// they were read, with the same seed. Decisions after training are fitted on the validation rows, or where there are none
/// on the training rows; never on test rows.
struct MitigatedRun {
  /// The splits as the training sees them, that of training first.
  let prepared: [(String, Dataset)]

  /// What the steps before training did.
  let notices: [String]

  private let configuration: ExperimentConfiguration
  private let plan: MitigationPlan
  private let removers: [CorrelationRemover]
  private let splits: [(String, Dataset)]
  private let counterfactuals: CounterfactualRows?
  private let seed: UInt64

  /// Does the steps before training; nil where there are no steps at all.
  ///
  /// - Parameters:
  ///   - isMapped: Whether the rows exceed the memory, which no step can work with.
  ///   - counterfactuals: The people of the other group, where a penalty compares with them.
  /// - Throws: `DataError`.
  init?(
    _ configuration: ExperimentConfiguration, splits: [(String, Dataset)], isMapped: Bool,
    counterfactuals: CounterfactualRows?, seed: UInt64
  ) throws {
    let plan = try configuration.mitigationPlan { throw DataError(.badData, at: "mitigation", $0) }
    guard let plan else { return nil }
    guard !isMapped else {
      throw DataError(
        .badData, at: "mitigation", "cannot work with rows that exceed the memory. Give more memory, or fewer rows.")
    }
    self.configuration = configuration
    self.plan = plan
    self.splits = splits
    self.counterfactuals = counterfactuals
    self.seed = seed
    let rows: PreprocessedRows
    do {
      rows = try plan.preprocess(splits[0].1, seed: seed)
      var prepared = [(splits[0].0, rows.training)]
      for (name, split) in splits.dropFirst() { prepared.append((name, try rows.transformed(split))) }
      self.prepared = prepared
    } catch let error as DataError {
      throw error
    } catch {
      throw Self.failure(error)
    }
    notices = rows.notes.map { "Mitigation, \($0)." }
    removers = rows.removers
  }

  /// Whether a step trains the model, and not the game.
  var trains: Bool {
    switch plan.training {
    case .penalties, .exponentiatedGradient, .gridSearch: true
    default: false
    }
  }

  /// The step that trains, as it was configured.
  private var trainingStep: MitigationConfiguration {
    configuration.mitigation.first { [.penalties, .exponentiatedGradient, .gridSearch].contains($0.name) }
      ?? MitigationConfiguration()
  }

  /// Trains the model by the step that does so. There are no epochs to tell of.
  func train() throws -> TrainedModel {
    let rows = prepared[0].1
    let scorer: Scorer
    var notices: [String] = []
    // Of the rows as the training sees them.
    var twins = try counterfactuals?.twins(of: rows)
    do throws(MitigationError) {
      for remover in removers {
        if let rows = twins { twins = try remover.transformed(rows) }
      }
      switch plan.training {
      case .penalties(let terms, let attributes):
        scorer = .network(
          try PenalizedTraining(
            network: configuration.network(features: rows.featureCount), terms: terms, attributes: attributes,
            settings: settings
          ).train(on: rows, counterfactuals: twins?.featureRows, seed: seed))
      case .exponentiatedGradient(let method, let parity, let bound, let attributes):
        let constraints = try parity.constraints(on: rows, attributes: attributes, atMost: bound)
        scorer = self.scorer(
          try method.train(try learner(rows), on: rows, constraints: constraints), &notices)
      case .gridSearch(let method, let parity, let bound, let attributes):
        let constraints = try parity.constraints(on: rows, attributes: attributes, atMost: bound)
        scorer = self.scorer(
          try method.train(try learner(rows), on: rows, constraints: constraints).best, &notices)
      default: preconditionFailure("MitigatedRun: no step trains")
      }
    } catch {
      throw Self.failure(error)
    }
    return TrainedModel(mitigated: scorer, notices: notices)
  }

  private func scorer(_ outcome: ReductionOutcome, _ notices: inout [String]) -> Scorer {
    if outcome.feasibility != .feasible {
      let violation = ((outcome.violations.max() ?? 0) * 1e4).rounded() / 1e4
      notices.append("The constraints are missed by \(violation) on the training rows: raise atMost or the iterations.")
    }
    return outcome.classifier.deterministic.map { .network($0) } ?? .mixture(outcome.classifier, seed: seed)
  }

  /// What a reduction trains in each of its rounds.
  private func learner(_ rows: Dataset) throws(MitigationError) -> any CostSensitiveLearner {
    if trainingStep.learner == .logistic { return try LogisticRegressionLearner(rows.featureRows) }
    return try PerceptronLearner(
      configuration.network(features: rows.featureCount), features: rows.featureRows, settings: settings, seed: seed)
  }

  private var settings: ClassifierTrainingSettings {
    ClassifierTrainingSettings(
      epochs: trainingStep.epochs, batchSize: trainingStep.batchSize,
      optimizer: configuration.classifier.optimizer.settings)
  }

  /// Fits the decision after training, and measures the result on the rows as they were read.
  func finish(_ trained: TrainedModel) throws -> TrainedModel {
    let decision: ScoreProcessing.Decision?
    var notices = trained.notices
    let baseline: Classifier
    do throws(MitigationError) {
      decision = try self.decision(trained.scorer, &notices)
      baseline = try PenalizedTraining(
        network: configuration.network(features: splits[0].1.featureCount), terms: [], settings: settings
      ).train(on: splits[0].1, seed: seed)
    } catch {
      throw Self.failure(error)
    }
    let processing = ScoreProcessing(removers: removers, decision: decision)
    var result = trained
    if !processing.isEmpty {
      result.scorer = .processed(trained.scorer, processing)
      let read = processing.readColumns
      notices.append(
        "The model reads \(read.joined(separator: " and ")): rows that differ in nothing else may be decided differently, "
          + "which is not lawful everywhere, and `equipoise predict` needs "
          + "\(read.count == 1 ? "this column" : "these columns").")
    }
    result.notices = notices
    result.before = splits.map { baseline.probabilities($0.1.features, base: $0.1.baseRow) }
    result.after = splits.map {
      result.scorer.scores($0.1.features, base: $0.1.baseRow, sensitive: $0.1.sensitive)
    }
    if let counterfactuals, let held = splits.last {
      let twins = try counterfactuals.twins(of: held.1)
      let (before, after) = (
        baseline.probabilities(twins.features, base: twins.baseRow),
        result.scorer.scores(twins.features, base: twins.baseRow, sensitive: twins.sensitive)
      )
      result.notices.append(
        "With \(counterfactuals.attribute) set to the other group, \(flips(after, result.after[splits.count - 1])) of "
          + "\(held.1.rows) \(held.0) rows are decided otherwise; before, it was "
          + "\(flips(before, result.before[splits.count - 1])).")
    }
    result.phases = [
      .init(.pretrained, splits: evaluations(result.before)), .init(.final, splits: evaluations(result.after)),
    ]
    result.kept = .final
    return result
  }

  /// How many rows two scores decide otherwise.
  private func flips(_ one: [Float], _ other: [Float]) -> Int {
    let rule = DecisionRule<Float>(threshold: configuration.evaluation.decisionThreshold)
    return zip(one, other).count { rule.selects($0) != rule.selects($1) }
  }

  private func decision(
    _ scorer: Scorer, _ notices: inout [String]
  ) throws(MitigationError) -> ScoreProcessing.Decision? {
    let fitting = splits.firstIndex { $0.0 == RunRecords.SplitName.validation.rawValue } ?? 0
    func scores() throws(MitigationError) -> [Float] {
      let rows = fitting == 0 ? try trainingRows() : prepared[fitting].1
      return scorer.scores(rows.features, base: rows.baseRow, sensitive: rows.sensitive)
    }
    let fit: ThresholdFit
    switch plan.decision {
    case .thresholds(let optimizer): fit = try optimizer.fit(scores: try scores(), dataset: splits[fitting].1)
    case .rejectOption(let option):
      let found = try option.fit(scores: try scores(), dataset: splits[fitting].1)
      if !found.isMet {
        notices.append("No threshold and margin meet the bound of rejectOption; the smallest gap was taken.")
      }
      fit = found.result
    default: return nil
    }
    if fitting == 0 {
      notices.append(
        "There are no validation rows: the thresholds were fitted on the training rows, whose scores are more certain "
          + "than those of others. Give 'validation' a share in data.split.")
    }
    return .init(fit.thresholds, threshold: configuration.evaluation.decisionThreshold, seed: seed)
  }

  /// The training rows as they were read, with the features that the networks see.
  private func trainingRows() throws(MitigationError) -> Dataset {
    var rows = splits[0].1
    for remover in removers { rows = try remover.transformed(rows) }
    return rows
  }

  private func evaluations(_ scores: [[Float]]) -> [RunRecords.SplitEvaluation] {
    zip(splits, scores).map { split, scores in
      RunRecords.SplitEvaluation(
        of: scores, for: split.1, named: split.0, threshold: configuration.evaluation.decisionThreshold)
    }
  }

  private static func failure(_ error: any Error) -> DataError {
    DataError(.badData, at: "mitigation", "cannot be carried out: \(error)")
  }
}
