import AdversarialGame
import Autograd
import FairnessMetrics
import LinearAlgebra
import Mitigation
import ModelFiles
import NeuralNetworks
import RunRecords
import TabularData

/// Meets the constraints of a run by training under them (`constraints.method: rates`): a proxy-Lagrangian game between
/// the classifier and the multipliers, from whose iterates one, or a mixture, is chosen.
///
/// Iterates are chosen on the validation rows, or without any on the training rows, with a margin.
struct RateTraining {
  /// What the training led to.
  struct Outcome {
    var scorer: Scorer
    /// The scores of every split by the classifier without constraints, by the one that is chosen, and by the last.
    var before: [[Float]]
    var after: [[Float]]
    var last: [[Float]]
    var record: ConstraintsRecord
    /// What the reader of the results should know.
    var notices: [String]
    var wasStopped: Bool
  }

  let judge: ConstraintJudge

  /// What may keep the result from meaning much.
  var warnings: [String] { trainer.warnings }

  private let rates: RatesConfiguration
  private let trainer: RateConstrainedTrainer
  private let network: Perceptron
  private let seed: UInt64

  /// Holds the constraints against the rows, and refuses what cannot be met, before anything is trained.
  ///
  /// - Throws: `DataError`.
  init(
    _ experiment: ExperimentConfiguration, _ constraints: ConstraintsConfiguration,
    splits: [(name: String, rows: Dataset)], seed: UInt64
  ) throws {
    let threshold = experiment.evaluation.decisionThreshold
    judge = try ConstraintJudge(constraints, splits: splits, threshold: threshold)
    rates = constraints.rates
    self.seed = seed
    network = experiment.network(features: splits[0].rows.featureCount)
    var settings = rates.settings(hasValidation: judge.validation != nil)
    settings.optimizer = experiment.classifier.optimizer.settings
    settings.margin = constraints.margin
    settings.minimumSupport = constraints.minimumRows
    settings.threshold = threshold
    do throws(MitigationError) {
      trainer = try RateConstrainedTrainer(
        network: network, constraints: judge.constraints, training: constraints.mentioned(in: splits[0].rows),
        validation: judge.validation.map { constraints.mentioned(in: splits[$0.index].rows) }, settings: settings,
        seed: seed)
    } catch {
      throw ConstraintJudge.failure(error, settings: "constraints.rates")
    }
  }

  /// Trains, and chooses.
  ///
  /// - Parameters:
  ///   - bootstrap: Draws the intervals; nil for none.
  ///   - confidence: Of the intervals.
  ///   - onIterate: Called with each iterate that is kept.
  func fit(
    bootstrap: PoissonBootstrap?, confidence: Double,
    onIterate: (RateConstrainedIterate) throws -> GameTrainer.Decision
  ) throws -> Outcome {
    let outcome: RateConstrainedOutcome
    do {
      outcome = try trainer.train(onIterate: onIterate)
    } catch let error as MitigationError {
      throw ConstraintJudge.failure(error, settings: "constraints.rates")
    }
    let configuration = judge.configuration
    guard let choice = outcome.records(margin: configuration.margin).choice(by: configuration.choose.rule),
      let final = outcome.iterates.last
    else {
      throw DataError(
        .badData, at: "constraints.rates",
        "led to no iterate with finite numbers. Lower the learning rate of the classifier or of the multipliers.")
    }
    let chosen = try judge.chosen(
      outcome.classifier(choice, network: network),
      iterations: choice.members.map { outcome.iterates[$0.iterate].iteration }, seed: seed)
    func scores(_ parameters: Parameters<Float>) -> [[Float]] {
      let classifier = Classifier(network: network, parameters: parameters)
      return judge.splits.map { classifier.probabilities($0.rows.features, base: $0.rows.baseRow) }
    }
    let before = scores(outcome.pretrained)
    let parts = judge.parts(before: before, after: chosen.after)
    let conditions = try judge.conditions(parts, chosen.judgement, bootstrap: bootstrap, confidence: confidence)
    return Outcome(
      scorer: chosen.scorer, before: before, after: chosen.after, last: scores(final.parameters),
      record: ConstraintsRecord(
        status: chosen.judgement.whole.status, reason: chosen.judgement.whole.reason,
        judgedOn: judge.validation == nil ? .train : .validation,
        method: configuration.method.rawValue, margin: configuration.margin,
        conditions: conditions,
        multipliers: judge.constraints.enumerated().map { index, constraint in
          .init("\(constraint)", outcome.multiplier(of: index, choice))
        }, choice: chosen.choice),
      notices: chosen.notices + judge.notices(on: conditions, parts), wasStopped: outcome.wasStopped)
  }
}

extension RateConstrainedOutcome {
  /// What a constraint weighed against the objective when the chosen iterates were kept, the mean over them.
  fileprivate func multiplier(of constraint: Int, _ choice: IterateChoice) -> Double {
    choice.members.reduce(0) { sum, member in
      let iterate = iterates[member.iterate]
      return sum + member.probability * iterate.constraintWeights[constraint] / max(1e-9, iterate.objectiveWeight)
    }
  }
}

extension RateConstrainedIterate {
  /// The line of `iterates.jsonl`.
  var record: IterateRecord {
    func measurement(_ rows: RunRecords.SplitName, _ found: IterateMeasurement) -> IterateRecord.Measurement {
      .init(
        rows, loss: found.loss, errorRate: found.errorRate, violations: found.violations,
        standardErrors: found.standardErrors)
    }
    return IterateRecord(
      iteration: iteration, objectiveWeight: objectiveWeight, constraintWeights: constraintWeights,
      measurements: [measurement(.train, training)] + (validation.map { [measurement(.validation, $0)] } ?? []))
  }
}

extension RatesConfiguration {
  /// The trainer's settings, without the classifier's optimizer, margin and threshold.
  ///
  /// - Parameter hasValidation: Whether there are validation rows.
  func settings(hasValidation: Bool) -> RateConstrainedSettings {
    var settings = RateConstrainedSettings()
    settings.loss =
      switch loss {
      case .hinge: .hinge
      case .crossEntropy: .binaryCrossEntropy
      case .squaredError: .squaredError
      }
    settings.proxy =
      switch proxy {
      case .hinge: .hinge
      case .logistic: .logistic
      case .ramp: .ramp
      case .sigmoid: .sigmoid(sharpness: sharpness)
      }
    settings.formulation =
      switch multipliers.regret {
      case .swap: .swapRegret
      case .external: .externalRegret
      case .lagrangian: .lagrangian(bound: multipliers.bound)
      }
    settings.multiplierUpdate =
      switch multipliers.update {
      case .multiplicative: .multiplicative(minimumRadius: multipliers.minimumRadius)
      case .additive: .additive
      }
    settings.multiplierRate = multipliers.learningRate
    settings.multiplierSchedule = multipliers.decay.schedule
    settings.multiplierRows =
      switch multipliers.rows {
      case nil: hasValidation ? .validation : .training
      case .batch: .batch
      case .training: .training
      case .validation: .validation
      }
    settings.iterations = iterations
    settings.stepsPerIteration = stepsPerIteration
    settings.pretrainingSteps = pretrainingSteps ?? iterations * stepsPerIteration
    settings.snapshotInterval = snapshotEvery
    settings.batchSize = batchSize
    settings.minimumRowsPerKind = minimumRowsPerGroup
    return settings
  }
}
