import FairnessMetrics
import Reporting
import RunRecords
import Testing

@Suite struct CollapseTextTests {
  @Test func tellsWhatHappenedAndWhatWasDone() {
    #expect(CollapseText([]).text == "")
    #expect(
      CollapseText([
        CollapseRecord(epoch: 17, signs: ["no row is selected", "the gradient is 0"], restoredEpoch: 14),
        CollapseRecord(epoch: 18, signs: ["a loss is not finite"], restoredEpoch: 0),
      ]).text == """
        The game collapsed 2 times:

          epoch 17: no row is selected, the gradient is 0; put back as after epoch 14
          epoch 18: a loss is not finite; put back as before the game

          Each time lambda and the learning rates were lowered.

        """)
    let warned = CollapseText([CollapseRecord(epoch: 3, signs: ["no row is selected"], restoredEpoch: nil)]).text
    #expect(warned.contains("  epoch 3: no row is selected; nothing was done about it\n"))
    #expect(warned.contains("looks fair and is of no use"))
  }

  @Test func tellsTheChoiceAndLambda() {
    let record = ConstraintsRecord(
      status: .feasible, judgedOn: .validation, method: "game", margin: 1,
      conditions: [
        .init(
          "p_percent_rule(sex) >= 0.8", gate: Gate(.atLeast, 0.8),
          measurements: [
            .init(.test, before: .defined(0.3), after: Estimate(value: .defined(0.81), interval: nil))
          ])
      ], multipliers: [.init("lambda(sex)", 3.456)],
      choice: .init(rule: "bestFeasible", members: [.init(iteration: 30, probability: 1)]))
    #expect(
      ConstraintsText(record, isUnicode: false).text == """
        Constraints: feasible (game, judged on validation rows, with a margin of 1 standard error)

          p_percent_rule(sex) >= 0.8  test  0.300 -> 0.810

          Chosen: the iterate of epoch 30 (bestFeasible), lambda(sex) 3.46.

        """)
  }
}
