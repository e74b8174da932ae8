import AdversarialGame
import FairnessMetrics
import Mitigation
import ModelFiles
import RunRecords

/// What a training led to, by whatever method.
struct TrainedModel {
  var scorer: Scorer
  /// The scores of every split before what is to make them even, and of the model that is kept.
  var before: [[Float]]
  var after: [[Float]]
  var phases: [RunSummary.Phase]
  /// The name under which the kept model is evaluated.
  var kept: SummaryPhase
  var constraints: ConstraintsRecord?
  var collapses: [CollapseGuard.Incident] = []
  var notices: [String] = []
  var wasStopped = false

  init(_ outcome: GameTrainer.Outcome, _ chosen: ConstrainedGame.Outcome, collapses: [CollapseGuard.Incident]) {
    self.init(outcome, collapses: collapses)
    scorer = chosen.scorer
    after = chosen.after
    phases.insert(.init(.selected, splits: chosen.selected), at: 1)
    kept = .selected
    constraints = chosen.record
    notices += chosen.notices
  }

  init(_ outcome: GameTrainer.Outcome, collapses: [CollapseGuard.Incident]) {
    self.collapses = collapses
    scorer = .network(outcome.classifier)
    before = outcome.pretrainedScores
    after = outcome.finalScores
    phases = [
      .init(.pretrained, splits: outcome.pretrained.map { $0.record }),
      .init(.final, splits: outcome.final.map { $0.record }),
    ]
    kept = .final
    wasStopped = outcome.wasStopped
    if wasStopped { notices = ["The training was stopped before its last epoch."] }
  }

  init(_ outcome: ConstraintLayer.Outcome, _ layer: ConstraintLayer) {
    scorer = .corrected(outcome.classifier)
    before = outcome.before
    after = outcome.after
    let chosen = layer.judge.evaluations(after)
    phases = [
      .init(.pretrained, splits: layer.judge.evaluations(before)), .init(.selected, splits: chosen),
      .init(.final, splits: chosen),
    ]
    kept = .selected
    constraints = outcome.record
    notices = outcome.notices
  }

  init(_ outcome: RateTraining.Outcome, _ training: RateTraining) {
    scorer = outcome.scorer
    before = outcome.before
    after = outcome.after
    phases = [
      .init(.pretrained, splits: training.judge.evaluations(before)),
      .init(.selected, splits: training.judge.evaluations(after)),
      .init(.final, splits: training.judge.evaluations(outcome.last)),
    ]
    kept = .selected
    constraints = outcome.record
    notices = outcome.notices
    wasStopped = outcome.wasStopped
  }

  /// A model of a step of mitigation, of which scores and evaluations are still to come.
  init(mitigated scorer: Scorer, notices: [String]) {
    self.scorer = scorer
    before = []
    after = []
    phases = []
    kept = .final
    self.notices = notices
  }

  /// The evaluations of the kept model.
  var keptPhase: RunSummary.Phase? { phases.first { $0.name == kept } }

  /// Who only lost, on the last split, between the state before and the one that is kept.
  var levelledDown: [String] {
    guard let before = phases.first?.splits.last, let after = keptPhase?.splits.last else { return [] }
    return LevellingDown.groups(before: before.evaluation, after: after.evaluation)
  }

  /// The states of the model that are worth an evaluation: where nothing was changed there is only one.
  var states: [RunEvaluator.State] {
    let kept = RunEvaluator.State(name: self.kept.rawValue, scores: after)
    guard before != after else { return [kept] }
    return [RunEvaluator.State(name: SummaryPhase.pretrained.rawValue, scores: before), kept]
  }
}
