import FairnessMetrics
import OrderedJSON
import RunRecords
import Testing

@Suite struct ConstraintsRecordTests {
  private static let record = ConstraintsRecord(
    status: .nearlyFeasible, judgedOn: .outOfFold, method: "layer", margin: 1,
    conditions: [
      .init(
        "p_percent_rule(sex) >= 0.8", bound: 0.8,
        measurements: [
          .init(
            .outOfFold, before: .defined(0.3),
            after: Estimate(value: .defined(0.79), interval: Interval(low: 0.75, high: 0.83))),
          .init(.test, before: .undefined("no row is selected"), after: Estimate(value: .defined(0.8), interval: nil)),
        ])
    ],
    multipliers: [.init("0.8·selection_rate(sex = Male) − selection_rate(sex = Female) ≤ 0", 0.125)],
    levelledDown: ["sex: Male"])

  @Test func comesBackFromTheSummary() throws {
    let summary = RunSummary(name: "n", seed: 1, phases: [], constraints: Self.record)
    let text = summary.json.serialized()
    let read = try RunSummary(JSONReader.read(Array(text.utf8), source: "s").value, at: "s")
    #expect(read.constraints == Self.record)
    #expect(read == summary)
    #expect(text.contains(#""status": "nearly feasible""#))
    // Without constraints there is no such key.
    #expect(RunSummary(name: "n", seed: 1, phases: []).json["constraints"] == nil)
  }

  @Test func damageIsNamed() throws {
    let text = RunSummary(name: "n", seed: 1, phases: [], constraints: Self.record).json.serialized()
    for (found, replacement, message) in [
      (#""nearly feasible""#, #""nearly""#, "constraints.status has an unknown value"),
      (#""bound": 0.8"#, #""bound": "x""#, "constraints.conditions.bound should be a number"),
      (#""outOfFold": {"#, #""fold": {"#, "rows.fold is unknown"),
    ] {
      let error = #expect(throws: RecordError.self) {
        try RunSummary(
          JSONReader.read(Array(text.replacing(found, with: replacement).utf8), source: "s").value, at: "s")
      }
      #expect(error?.description.contains(message) == true, "\(error.map { "\($0)" } ?? "")")
    }
  }
}
