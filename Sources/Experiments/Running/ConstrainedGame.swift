import AdversarialGame
import FairnessMetrics
import MetricExpressions
import Mitigation
import RunRecords
import TabularData

/// Meets the constraints of a run by a game whose λ is sought (`constraints.method: game`).
///
/// λ moves, and the iterate is chosen, by the validation rows, which is why there must be some; constraints hold there
/// with a margin. Test rows take no part.
struct ConstrainedGame {
  /// What the game led to.
  struct Outcome {
    var classifier: Classifier
    /// The scores of every split before the game, and of the chosen iterate.
    var before: [[Float]]
    var after: [[Float]]
    /// How the chosen iterate does on every split, its own adversary beside it.
    var selected: [AdversarialGame.SplitEvaluation]
    var record: ConstraintsRecord
    /// The members of the mixture that was asked for, with their chances; empty where none was.
    var mixture: [(classifier: Classifier, probability: Double)]
    /// What the reader of the results should know.
    var notices: [String]
  }

  /// What seeks λ while the game goes on.
  let steering: TargetedGame

  private let problem: ConstraintProblem
  private let validation: (index: Int, rows: RateConstraintRows)

  /// Holds the constraints against the rows, and refuses what cannot be met, before anything is trained.
  ///
  /// - Parameters:
  ///   - splits: The rows by split, those of training first.
  /// - Throws: `DataError` where there are no validation rows, for a condition that does not fit the groups, and for rows
  ///   that cannot meet the constraints or are too few.
  init(
    _ configuration: ExperimentConfiguration, _ constraints: ConstraintsConfiguration,
    splits: [(name: String, rows: Dataset)]
  ) throws(DataError) {
    problem = try ConstraintProblem(
      constraints, splits: splits, threshold: configuration.evaluation.decisionThreshold)
    guard let validation = problem.validation else {
      throw DataError(.badData, at: "data.split", ConstraintsConfiguration.validationIsMissing)
    }
    self.validation = validation
    do throws(MitigationError) {
      try validation.rows.checkAttainable()
      steering = try TargetedGame(
        validation.rows, trainingConstraints: problem.training, training: splits[0].rows,
        validation: (validation.index, splits[validation.index].rows),
        settings: configuration.targetedGameSettings(constraints))
    } catch {
      throw ConstraintProblem.failure(error)
    }
  }

  /// Chooses the iterate, and judges it.
  ///
  /// - Parameters:
  ///   - trainer: The game, at its end.
  ///   - pretrainedScores: The scores of every split before the game.
  ///   - bootstrap: Draws the intervals; nil for none.
  ///   - confidence: Of the intervals.
  func outcome(
    of trainer: GameTrainer, pretrainedScores: [[Float]], bootstrap: PoissonBootstrap?, confidence: Double
  ) throws(DataError) -> Outcome {
    let constraints = problem.configuration
    let iterates = steering.state.iterates
    let records = steering.records
    // Of a mixture the single model that is kept is the best one that needs no chance.
    let choice = records.choice(by: constraints.choose)
    let single =
      (constraints.choose == .mixture ? nil : choice?.members.first?.iterate) ?? records.bestFeasible() ?? 0
    let chosen = iterates[single]
    let (selected, after) = trainer.evaluate(chosen.players)

    var notices = Self.notices(about: constraints)
    let selections = validation.rows.selections(probabilities: after[validation.index])
    var status = ConstraintProblem.status(
      violations: validation.rows.violations(selections: selections),
      standardErrors: validation.rows.standardErrors(selections: selections), margin: constraints.margin)
    if let constancy = problem.constancy(of: after[validation.index]) {
      status = .infeasible
      notices.append(constancy)
    }
    var mixture: [(member: SelectionRecord.Member, classifier: Classifier, scores: [[Float]])] = []
    if constraints.choose == .mixture, let choice {
      for member in choice.members {
        let players = iterates[member.iterate].players
        mixture.append(
          (
            .init(iterates[member.iterate].epoch, probability: member.probability),
            trainer.classifier(players.classifier), trainer.evaluate(players).scores
          ))
      }
    }
    var expectations: [SelectionRecord.Expectation] = []
    if !mixture.isEmpty {
      expectations = try problem.expectations(mixture.map { ($0.member.probability, $0.scores) })
    }
    return Outcome(
      classifier: trainer.classifier(chosen.players.classifier), before: pretrainedScores, after: after,
      selected: selected,
      record: ConstraintsRecord(
        status: status, judgedOn: .validation, method: constraints.method.rawValue, margin: constraints.margin,
        conditions: try problem.conditions(before: pretrainedScores, after: after, bootstrap, confidence),
        multipliers: zip(problem.splits[0].rows.sensitive, chosen.lambda).map { .init("lambda(\($0.name))", $1) },
        selection: SelectionRecord(
          rule: constraints.choose.rawValue, iterates: iterates.count, chosen: chosen.epoch,
          mixture: mixture.map(\.member),
          expectations: expectations),
        levelledDown: problem.levelledDown(before: pretrainedScores, after: after)),
      mixture: mixture.map { ($0.classifier, $0.member.probability) }, notices: notices)
  }

  /// What the game cannot promise about some conditions.
  private static func notices(about constraints: ConstraintsConfiguration) -> [String] {
    let others = constraints.require.filter { condition in
      condition.terms.contains { term in
        switch term.subject {
        case .rows(let metric, _): metric != .selectionRate
        case .groups(let metric, _): metric != .pPercentRule && metric != .demographicParityDifference
        }
      }
    }
    guard !others.isEmpty else { return [] }
    return [
      "The adversary sees predictions alone, so the game pushes towards equal selection rates; "
        + "\(others.map { "'\($0.text)'" }.joined(separator: ", ")) is met only as far as that helps."
    ]
  }
}
