import FairnessMetrics
import Reporting
import RunRecords
import Testing

@Suite struct ConstraintsTextTests {
  @Test func tellsStatusValuesAndWhoLost() {
    let record = ConstraintsRecord(
      status: .infeasible, judgedOn: .outOfFold, method: "layer", margin: 1.5,
      conditions: [
        .init(
          "p_percent_rule(sex) >= 0.8", bound: 0.8,
          measurements: [
            .init(
              .outOfFold, before: .defined(0.3),
              after: Estimate(value: .defined(0.79), interval: Interval(low: 0.75, high: 0.83))),
            .init(.test, before: .undefined("no row"), after: Estimate(value: .defined(0.8), interval: nil)),
          ])
      ], multipliers: [], levelledDown: ["sex: Male"])
    #expect(
      ConstraintsText(record, isUnicode: false).text == """
        Constraints: infeasible (layer, judged out of fold, with a margin of 1.5 standard errors)

          p_percent_rule(sex) >= 0.8  out of fold  0.300 -> 0.790 [0.750, 0.830]
                                      test           n/a -> 0.800

          The conditions were not reached; what stands here is the nearest that was found.

          Levelled down: sex: Male lost, and no group of the attribute gained.

        """)
  }
}
