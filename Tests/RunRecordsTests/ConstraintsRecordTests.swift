import FairnessMetrics
import OrderedJSON
import RunRecords
import Testing

@Suite struct ConstraintsRecordTests {
  private static let record = ConstraintsRecord(
    status: .nearlyFeasible, reason: "p_percent_rule(sex) >= 0.8: missed by less than a standard error",
    judgedOn: .outOfFold, method: "layer", margin: 1,
    conditions: [
      .init(
        "p_percent_rule(sex) >= 0.8", gate: Gate(.atLeast, 0.8),
        measurements: [
          .init(
            .outOfFold, before: .defined(0.3),
            after: Estimate(value: .defined(0.79), interval: Interval(low: 0.75, high: 0.83))),
          .init(.test, before: .undefined("no row is selected"), after: Estimate(value: .defined(0.8), interval: nil)),
        ], status: .nearlyFeasible, reason: "missed by less than a standard error")
    ],
    multipliers: [.init("0.8·selection_rate(sex = Male) − selection_rate(sex = Female) ≤ 0", 0.125)])

  @Test func comesBackFromTheSummary() throws {
    let summary = RunSummary(name: "n", seed: 1, phases: [], constraints: Self.record)
    let text = summary.json.serialized()
    let read = try RunSummary(JSONReader.read(Array(text.utf8), source: "s").value, at: "s")
    #expect(read.constraints == Self.record)
    #expect(read == summary)
    #expect(text.contains(#""status": "nearly feasible""#))
    // Records from before relations were kept can still be read.
    let older = text.replacing(#""relation": ">=","#, with: "")
    let condition = try RunSummary(JSONReader.read(Array(older.utf8), source: "s").value, at: "s").constraints?
      .conditions[0]
    #expect(condition?.bound == 0.8 && condition?.relation == nil && condition?.gate == nil)
    // Without constraints there is no such key.
    #expect(RunSummary(name: "n", seed: 1, phases: []).json["constraints"] == nil)
  }

  @Test func aMixtureComesBack() throws {
    var record = Self.record
    record.judgedOn = .train
    record.readColumns = ["sex"]
    record.choice = .init(
      rule: "mixture", members: [.init(iteration: 30, probability: 0.25), .init(iteration: 90, probability: 0.75)],
      seed: 7,
      expectations: [
        .init(
          .test, accuracy: 0.8, selectionRate: 0.25,
          conditions: [.init("p_percent_rule(sex) >= 0.8", .undefined("no row is selected"))])
      ])
    let summary = RunSummary(name: "n", seed: 1, phases: [], constraints: record)
    let text = summary.json.serialized()
    let read = try RunSummary(JSONReader.read(Array(text.utf8), source: "s").value, at: "s")
    #expect(read.constraints == record)
    let damaged = text.replacing(#""iteration": 30"#, with: #""iteration": 0.5"#)
    let error = #expect(throws: RecordError.self) {
      try RunSummary(JSONReader.read(Array(damaged.utf8), source: "s").value, at: "s")
    }
    #expect(error?.description.contains("choice.members.iteration should be a whole number") == true)
  }

  @Test func iteratesComeBack() throws {
    let record = IterateRecord(
      iteration: 20, objectiveWeight: 0.75, constraintWeights: [0.25, 0],
      measurements: [
        .init(.train, loss: 0.5, errorRate: 0.2, violations: [-0.125, 0.25], standardErrors: [0.01, 0.02]),
        .init(.validation, loss: 0.5, errorRate: 0.25, violations: [0, 0.125], standardErrors: [0.03, 0.04]),
      ])
    #expect(try IterateRecord(record.json, at: "i") == record)
    #expect(record.json["validation"]?["largestViolation"]?.double == 0.125)
  }

  @Test func damageIsNamed() throws {
    let text = RunSummary(name: "n", seed: 1, phases: [], constraints: Self.record).json.serialized()
    for (found, replacement, message) in [
      (#""nearly feasible""#, #""nearly""#, "constraints.status has an unknown value"),
      (#""bound": 0.8"#, #""bound": "x""#, "constraints.conditions.bound should be a number"),
      (#""relation": ">=""#, #""relation": "=""#, "constraints.conditions.relation has an unknown value"),
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
