import FairnessMetrics
import OrderedJSON
import RunRecords
import Testing

/// What a game that is told its target adds to the records: the choice, the collapses, λ by epoch.
@Suite struct TargetRecordsTests {
  private static let summary: RunSummary = {
    let choice = ConstraintsRecord.Choice(
      rule: "mixture", members: [.init(iteration: 12, probability: 0.25), .init(iteration: 30, probability: 0.75)],
      seed: 1,
      expectations: [
        .init(
          .validation, accuracy: 0.8125, selectionRate: 0.25,
          conditions: [.init("a", .defined(0.8)), .init("b", .undefined("no row is selected"))])
      ])
    return RunSummary(
      name: "n", seed: 1, phases: [],
      constraints: ConstraintsRecord(
        status: .feasible, judgedOn: .validation, method: "game", margin: 1, conditions: [],
        multipliers: [.init("lambda(sex)", 3.5)], choice: choice),
      collapses: [
        CollapseRecord(epoch: 17, signs: ["no row is selected"], restoredEpoch: 14),
        CollapseRecord(epoch: 40, signs: ["a loss is not finite", "the gradient is 0"], restoredEpoch: nil),
      ])
  }()

  @Test func comeBackFromTheSummary() throws {
    let text = Self.summary.json.serialized()
    let read = try RunSummary(JSONReader.read(Array(text.utf8), source: "s").value, at: "s")
    #expect(read == Self.summary)
    #expect(read.constraints?.choice?.members.count == 2 && read.collapses[1].restoredEpoch == nil)
    // A healthy run without a choice has neither key.
    let plain = RunSummary(name: "n", seed: 1, phases: []).json
    #expect(plain["collapses"] == nil && plain["constraints"] == nil)
  }

  @Test func damageIsNamed() throws {
    let text = Self.summary.json.serialized()
    for (found, replacement, message) in [
      (#""iteration": 30"#, #""iteration": "x""#, "constraints.choice.members.iteration should be a whole number"),
      (#""validation": {"#, #""valid": {"#, "expected.valid is unknown"),
      (#""epoch": 17"#, #""epoch": null"#, "collapses.epoch should be a whole number"),
      (#""restoredEpoch": 14"#, #""restoredEpoch": "a""#, "collapses.restoredEpoch should be a whole number"),
    ] {
      #expect(text.contains(found), "\(found)")
      let error = #expect(throws: RecordError.self) {
        try RunSummary(
          JSONReader.read(Array(text.replacing(found, with: replacement).utf8), source: "s").value, at: "s")
      }
      #expect(error?.description.contains(message) == true, "\(error.map { "\($0)" } ?? "")")
    }
  }

  @Test func epochsKeepLambdaAndNotices() throws {
    let record = EpochRecord(
      phase: .game, epoch: 3, labelLoss: .defined(0.25), adversaryLoss: .defined(0.5),
      lambda: [AttributeLambda("sex", 1.5), AttributeLambda("race", 2.5)], notices: ["The game collapsed."])
    let text = record.json.serialized(.compact)
    #expect(text.contains(#""lambda":{"sex":1.5,"race":2.5},"notices":["The game collapsed."]"#), "\(text)")
    #expect(try EpochRecord(JSONReader.read(Array(text.utf8), source: "e").value, at: "e") == record)
    let plain = EpochRecord(phase: .game, epoch: 3, labelLoss: .defined(0.25), adversaryLoss: .defined(0.5))
    #expect(plain.json.serialized(.compact) == #"{"phase":"game","epoch":3,"labelLoss":0.25,"adversaryLoss":0.5}"#)
  }
}
