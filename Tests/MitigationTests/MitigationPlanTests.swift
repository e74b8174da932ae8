import LinearAlgebra
import MetricExpressions
import Mitigation
import TabularData
import Testing

@Suite struct MitigationPlanTests {
  @Test func legalPlans() throws {
    let plan = try MitigationPlan([
      .ruleWeights(RuleWeights([])), .reweighing(Reweighing()), .correlationRemover(alpha: 1, attributes: nil),
      .penalties([.init(.mutualInformation, weight: 1)], attributes: nil),
      .thresholds(ThresholdOptimizer(.demographicParity)),
    ])
    #expect(plan.training?.name == "penalties")
    #expect(plan.decision?.name == "thresholds")
    #expect(try MitigationPlan([]).training == nil)
  }

  @Test(arguments: [
    (
      [MitigationStep.adversary, .gridSearch(.init(), .equalizedOdds, atMost: 0.1, attributes: nil)],
      "'adversary' and 'gridSearch' are both ways of training, of which there is one. Keep one of them."
    ),
    (
      [.adversary, .reweighing(.init())],
      "'reweighing' stands after 'adversary', but is done before it. List the steps in the order in which they are done."
    ),
    (
      [.thresholds(.init(.equalizedOdds)), .rejectOption(.init(.demographicParity, attribute: "sex"))],
      "'thresholds' and 'rejectOption' both decide, and only the last would count. Keep one of them."
    ),
    (
      [.reweighing(.init()), .resampling(.init())],
      "'reweighing' and 'resampling' do not go together: each makes label and groups independent, and resampling does "
        + "not see the weights. Keep one of them."
    ),
    (
      [.reweighing(.init()), .ruleWeights(.init([]))],
      "'reweighing' and 'ruleWeights' do not go together: rules set weights, and would override the first. Keep one of "
        + "them."
    ),
    (
      [
        .exponentiatedGradient(.init(), .demographicParity, atMost: 0.1, attributes: nil),
        .thresholds(.init(.demographicParity)),
      ],
      "'exponentiatedGradient' and 'thresholds' do not go together: a lottery between classifiers has decisions, and no "
        + "score to be cut. Keep one of them."
    ),
  ])
  func illegalPlans(steps: [MitigationStep], message: String) throws {
    let error = try #require(throws: MitigationPlanError.self) { try MitigationPlan(steps) }
    #expect(error.description == message)
  }

  @Test func stepsBeforeTrainingFollowEachOther() throws {
    let data = crossedRows(400, seed: 6)
    let rule = try WeightRule("where label = 1 and race = C set weight 2")
    let plan = try MitigationPlan([
      .resampling(Resampling(.preferential, attributes: ["sex"])), .ruleWeights(RuleWeights([rule])),
      .correlationRemover(alpha: 1, attributes: ["sex"]),
    ])
    let rows = try plan.preprocess(data, seed: 3)
    #expect(rows.training.rows == 400)
    #expect(rows.notes.count == 5)
    #expect(rows.training.weights?.contains(2) == true)
    #expect(rows.removers.count == 1)
    let other = try rows.transformed(data)
    #expect(other.labels == data.labels)
    #expect(other.features != data.features)
    #expect(try plan.preprocess(data, seed: 3).training.features == rows.training.features)
  }
}
