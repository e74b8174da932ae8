import AdversarialGame
import FairnessMetrics
import MetricExpressions
import Mitigation
import ModelFiles
import RunRecords
import TabularData

/// Meets the constraints of a run by a game whose λ is sought (`constraints.method: game`).
///
/// λ moves, and the iterate is chosen, by the validation rows, which is why there must be some; constraints hold there
/// with a margin. Test rows take no part.
struct ConstrainedGame {
  /// What the game led to.
  struct Outcome {
    var scorer: Scorer
    /// The scores of every split before the game, and of what was chosen.
    var before: [[Float]]
    var after: [[Float]]
    /// How it does on every split, with its own adversary beside it where a single iterate was chosen.
    var selected: [RunRecords.SplitEvaluation]
    var record: ConstraintsRecord
    /// What the reader of the results should know.
    var notices: [String]
  }

  /// What seeks λ while the game goes on.
  let steering: TargetedGame

  private let judge: ConstraintJudge

  /// Holds the constraints against the rows, and refuses what cannot be met, before anything is trained.
  ///
  /// - Parameters:
  ///   - splits: The rows by split, those of training first.
  /// - Throws: `DataError` where there are no validation rows, for a condition that does not fit the groups, and for rows
  ///   that cannot meet the constraints or are too few.
  init(
    _ configuration: ExperimentConfiguration, _ constraints: ConstraintsConfiguration,
    splits: [(name: String, rows: Dataset)]
  ) throws {
    judge = try ConstraintJudge(
      constraints, splits: splits, threshold: configuration.evaluation.decisionThreshold)
    guard let validation = judge.validation else {
      throw DataError(.badData, at: "data.split", ConstraintsConfiguration.validationIsMissing)
    }
    do throws(MitigationError) {
      try validation.rows.checkAttainable()
      steering = try TargetedGame(
        validation.rows, trainingConstraints: judge.training, training: splits[0].rows,
        validation: (validation.index, splits[validation.index].rows),
        settings: configuration.targetedGameSettings(constraints))
    } catch {
      throw ConstraintJudge.failure(error, settings: "constraints.game")
    }
  }

  /// Chooses the iterate, and judges it.
  ///
  /// - Parameters:
  ///   - trainer: The game, at its end.
  ///   - pretrainedScores: The scores of every split before the game.
  ///   - bootstrap: Draws the intervals; nil for none.
  ///   - confidence: Of the intervals.
  ///   - seed: Names the hash by which a mixture draws.
  func outcome(
    of trainer: GameTrainer, pretrainedScores: [[Float]], bootstrap: PoissonBootstrap?, confidence: Double, seed: UInt64
  ) throws -> Outcome {
    let constraints = judge.configuration
    let iterates = steering.state.iterates
    let choice = steering.records.choice(by: constraints.choose.rule)
    // Where no iterate has finite numbers, the first one is kept: the classifier before the game.
    let members = choice?.members ?? [.init(0, probability: 1)]
    let chosen = try judge.chosen(
      StochasticClassifier(
        members.map {
          .init(trainer.classifier(iterates[$0.iterate].players.classifier), probability: $0.probability)
        }),
      iterations: members.map { iterates[$0.iterate].epoch }, seed: seed)
    let selected =
      members.count == 1
      ? trainer.evaluate(iterates[members[0].iterate].players).splits.map { $0.record }
      : judge.evaluations(chosen.after)
    let lambda = judge.splits[0].rows.sensitive.enumerated().map { index, attribute in
      ConstraintsRecord.Multiplier(
        "lambda(\(attribute.name))",
        members.reduce(0) { $0 + $1.probability * iterates[$1.iterate].lambda[index] })
    }
    let parts = judge.parts(before: pretrainedScores, after: chosen.after)
    let conditions = try judge.conditions(parts, chosen.judgement, bootstrap: bootstrap, confidence: confidence)
    return Outcome(
      scorer: chosen.scorer, before: pretrainedScores, after: chosen.after, selected: selected,
      record: ConstraintsRecord(
        status: chosen.judgement.whole.status, reason: chosen.judgement.whole.reason, judgedOn: .validation,
        method: constraints.method.rawValue, margin: constraints.margin,
        conditions: conditions,
        multipliers: lambda,
        choice: chosen.choice),
      notices: pretrainingNotices + chosen.notices + judge.notices(on: conditions, parts))
  }

  /// What the game cannot promise about some conditions, to be said before it begins.
  ///
  /// Its adversary sees predictions alone: λ moves the groups' selection rates towards one another. It moves neither the
  /// rates of errors nor a rate of one group by itself.
  var warnings: [String] {
    let others = judge.configuration.require.filter { condition in
      judge.constraints.filter { $0.condition == condition.text }.contains { constraint in
        constraint.terms.contains { $0.rate.rate != .selectionRate }
          || Set(constraint.terms.map { $0.coefficient > 0 }).count < 2
      }
    }
    guard !others.isEmpty else { return [] }
    let names = Set(others.map(\.text)).sorted().map { "'\($0)'" }.joined(separator: ", ")
    return [
      "The game's lambda has no lever on \(names): its adversary sees predictions alone, which pushes the selection rates "
        + "of groups together, not their errors and not the rate of one group; such conditions are met only as far as "
        + "that helps, or by selecting hardly anyone. constraints.method rates or layer works on any rate."
    ]
  }

  /// What the reader should know of the classifier before the game.
  private var pretrainingNotices: [String] {
    let added = steering.addedPasses
    let told =
      added == 0
      ? []
      : [
        "The classifier's passes before the game were few steps on these rows, so \(added) more were played, by the loss "
          + "on the validation rows."
      ]
    return told + (steering.doubtAboutStart.map { [$0] } ?? [])
  }
}
