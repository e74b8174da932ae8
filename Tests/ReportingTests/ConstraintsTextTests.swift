import FairnessMetrics
import Reporting
import RunRecords
import Testing

@Suite struct ConstraintsTextTests {
  @Test func tellsStatusAndValues() {
    let record = ConstraintsRecord(
      status: .infeasible, reason: "p_percent_rule(sex) >= 0.8: missed by more than a standard error",
      judgedOn: .outOfFold, method: "layer", margin: 1.5,
      conditions: [
        .init(
          "p_percent_rule(sex) >= 0.8", gate: Gate(.atLeast, 0.8),
          measurements: [
            .init(
              .outOfFold, before: .defined(0.3),
              after: Estimate(value: .defined(0.79), interval: Interval(low: 0.75, high: 0.83))),
            .init(.test, before: .undefined("no row"), after: Estimate(value: .defined(0.8), interval: nil)),
          ])
      ], multipliers: [])
    #expect(
      ConstraintsText(record, isUnicode: false).text == """
        Constraints: infeasible (layer, judged out of fold, with a margin of 1.5 standard errors)
          p_percent_rule(sex) >= 0.8: missed by more than a standard error

          p_percent_rule(sex) >= 0.8  out of fold  0.300 -> 0.790 [0.750, 0.830]
                                      test           n/a -> 0.800

          What stands here is the nearest that was found.

        """)
  }

  /// Of several seeds: how many meet the conditions, each seed's values, and why the exit status is 1.
  @Test func seedsAreToldOneByOne() {
    func summary(_ seed: Int, _ status: ConstraintsRecord.Status, _ value: Double, _ reason: String?) -> RunSummary {
      RunSummary(
        name: "n", seed: seed, phases: [],
        constraints: ConstraintsRecord(
          status: status, judgedOn: .validation, method: "game", margin: 1,
          conditions: [
            .init(
              "fpr <= 0.1", gate: Gate(.atMost, 0.1),
              measurements: [
                .init(.validation, before: .defined(0.3), after: Estimate(value: .defined(value), interval: nil)),
                .init(.test, before: .defined(0.3), after: Estimate(value: .undefined("no row"), interval: nil)),
              ], status: status, reason: reason)
          ], multipliers: []))
    }
    let summaries = [
      summary(3, .feasible, 0.08, nil), summary(11, .infeasible, 0.2, "missed by more than a standard error"),
    ]
    #expect(
      SeedConstraintsText(summaries).text == """
        Constraints (game), of 2 seeds: feasible at 1, infeasible at 1

          fpr <= 0.1
            seed 3   feasible    validation 0.080, test n/a
            seed 11  infeasible  validation 0.200, test n/a  missed by more than a standard error

          Not reached at seed 11, so the exit status is 1.

        """)
    #expect(SeedConstraintsText([RunSummary(name: "n", seed: 1, phases: [])]).text.isEmpty)
  }

  @Test func tellsWhatAMixtureIsMadeOfAndWhatIsRead() {
    let record = ConstraintsRecord(
      status: .feasible, judgedOn: .train, method: "rates", margin: 1, conditions: [], multipliers: [],
      readColumns: ["sex", "race"],
      choice: .init(
        rule: "mixture", members: [.init(iteration: 20, probability: 0.25), .init(iteration: 90, probability: 0.75)],
        seed: 7,
        expectations: [
          .init(
            .test, accuracy: 0.8, selectionRate: 0.25, conditions: [.init("fpr(sex = Male) <= 0.05", .defined(0.05))]
          )
        ]))
    #expect(
      ConstraintsText(record, isUnicode: false).text == """
        Constraints: feasible (rates, judged on training rows, with a margin of 1 standard error)


          Chosen: a mixture of the iterates of iterations 20 (25.0 %), 90 (75.0 %).
          Expected on test rows: accuracy 0.800, selection rate 0.250; fpr(sex = Male) <= 0.05: 0.050

          Decisions read sex, race, which scoring new rows needs.

        """)
  }
}
