import AdversarialGame
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
    let mixture = outcome.classifier(choice, network: network)
    let scorer: Scorer = mixture.deterministic.map { .network($0) } ?? .mixture(mixture, seed: seed)
    func scores(_ parameters: Classifier) -> [[Float]] {
      judge.splits.map { parameters.probabilities($0.rows.features, base: $0.rows.baseRow) }
    }
    let before = scores(Classifier(network: network, parameters: outcome.pretrained))
    let last = scores(Classifier(network: network, parameters: final.parameters))
    let after = judge.splits.map { scorer.scores($0.rows.features, base: $0.rows.baseRow) }
    let ofMembers = mixture.members.map { (scores: scores($0.classifier), probability: $0.probability) }

    let parts = judge.splits.enumerated().compactMap { index, split in
      ConstraintsRecord.Rows(rawValue: split.name).map {
        ConstraintJudge.Part(rows: $0, data: split.rows, before: before[index], after: after[index])
      }
    }
    var chosen = ConstraintsRecord.Choice(
      rule: configuration.choose.rawValue,
      members: choice.members.map {
        .init(iteration: outcome.iterates[$0.iterate].iteration, probability: $0.probability)
      })
    var notices: [String] = []
    if ofMembers.count > 1 {
      chosen.seed = Int(seed)
      chosen.expectations = try parts.indices.map { index in
        try judge.expectation(
          parts[index].rows, of: parts[index].data,
          members: ofMembers.map { (scores: $0.scores[index], probability: $0.probability) })
      }
      notices.append(
        "The model is a mixture of \(ofMembers.count) classifiers, one of which decides about each row, drawn by a hash "
          + "of its features and the seed \(seed). The constraints are met in expectation; what is shown of a split is "
          + "what this draw gives, and constraints.choice in the summary has the exact expectations.")
    }
    let (status, degeneracy) = status(ofMembers)
    if let degeneracy { notices.append(degeneracy) }
    return Outcome(
      scorer: scorer, before: before, after: after, last: last,
      record: ConstraintsRecord(
        status: status, judgedOn: judge.validation == nil ? .train : .validation,
        method: configuration.method.rawValue, margin: configuration.margin,
        conditions: try judge.conditions(parts, bootstrap: bootstrap, confidence: confidence),
        multipliers: judge.constraints.enumerated().map { index, constraint in
          .init("\(constraint)", outcome.multiplier(of: index, choice))
        },
        levelledDown: judge.levelledDown(before: before, after: after), choice: chosen),
      notices: notices, wasStopped: outcome.wasStopped)
  }

  /// The status by the rows that the choice was made on, and a warning where the predictor is nearly constant.
  private func status(
    _ members: [(scores: [[Float]], probability: Double)]
  ) -> (ConstraintsRecord.Status, degeneracy: String?) {
    let (index, rows) = judge.validation ?? (0, judge.training)
    var chances = rows.thresholds.map { _ in [Double](repeating: 0, count: rows.rows) }
    for member in members {
      for (place, selections) in rows.selections(probabilities: member.scores[index]).enumerated() {
        for row in selections.indices { chances[place][row] += member.probability * selections[row] }
      }
    }
    let place = rows.thresholds.firstIndex(of: judge.threshold) ?? 0
    if let degeneracy = ConstraintJudge.degeneracy(chances[place]) { return (.infeasible, degeneracy) }
    return (
      ConstraintJudge.status(
        rows.violations(selections: chances), rows.standardErrors(selections: chances),
        margin: judge.configuration.margin), nil
    )
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

extension ConstraintsConfiguration.Choice {
  /// The rule of `IterateRecords`.
  var rule: SelectionRule {
    switch self {
    case .bestFeasible: .bestFeasible
    case .rank: .ranks
    case .mixture: .mixture
    }
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
