import FairnessMetrics
import Testing

@Suite struct ClassifierEvaluationTests {
  static let scores: [Float] = [0.9, 0.7, 0.8, 0.5, 0.6, 0.2, 0.3, 0.1]
  static let labels = [true, false, true, true, false, false, true, false]

  func evaluation(_ columns: GroupColumn...) -> ClassifierEvaluation {
    ClassifierEvaluation(scores: Self.scores, labels: Self.labels, attributes: columns, threshold: 0.5)
  }

  /// By hand: decisions 1 1 1 1 1 0 0 0. Group a has rows 0…2 and 5 (labels 1 0 1 0, decisions 1 1 1 0), group b rows
  /// 3, 4, 6 and 7 (labels 1 0 1 0, decisions 1 1 0 0).
  @Test func eightRowsByHand() throws {
    let evaluation = evaluation(
      GroupColumn(name: "z", groups: ["a", "empty", "b"], codes: [0, 0, 0, 2, 2, 0, 2, 2]))
    #expect(evaluation.rows == 8)
    #expect(evaluation.accuracy == .defined(5.0 / 8))
    #expect(evaluation.selectionRate == .defined(5.0 / 8))
    #expect(evaluation.rocAUC == rocAUC(scores: Self.scores, labels: Self.labels))
    let z = try #require(evaluation.attributes.first)
    #expect(z.name == "z")
    #expect(z.missingRows == 0)
    #expect(z.groups.map(\.name) == ["a", "empty", "b"])
    #expect(z.groups.map(\.rows) == [4, 0, 4])
    #expect(z.groups.map(\.selectionRate) == [.defined(0.75), .undefined("there are no rows"), .defined(0.5)])
    #expect(z.groups.map(\.truePositiveRate.value) == [1, nil, 0.5])
    #expect(z.groups.map(\.falsePositiveRate.value) == [0.5, nil, 0.5])
    #expect(z.pPercentRule == .defined(0.5 / 0.75))
    #expect(z.demographicParityDifference == .defined(0.25))
    #expect(z.equalOpportunityDifference == .defined(0.5))
    #expect(z.equalizedOddsDifference == .defined(0.5))
    #expect(z.adversaryAUC == nil)
  }

  @Test func missingRowsAreInNoGroupButInTheWhole() throws {
    let z = try #require(
      evaluation(GroupColumn(name: "z", groups: ["a", "b"], codes: [-1, 0, 0, 1, 1, 0, 1, -1])).attributes.first)
    #expect(z.missingRows == 2)
    #expect(z.groups.map(\.rows) == [3, 3])
    #expect(z.demographicParityDifference == .defined(0))
  }

  @Test func undefinedParity() throws {
    let one = try #require(
      evaluation(GroupColumn(name: "z", groups: ["a", "b"], codes: .init(repeating: 1, count: 8)))
        .attributes.first)
    #expect(one.pPercentRule == .undefined("fewer than two groups have rows"))
    #expect(one.equalizedOddsDifference == .undefined("fewer than two groups have rows"))

    let bySign = try #require(
      evaluation(GroupColumn(name: "z", groups: ["yes", "no"], codes: Self.labels.map { $0 ? 0 : 1 })).attributes.first)
    #expect(bySign.equalOpportunityDifference == .undefined("in group 'no', no row has a positive label"))
    #expect(bySign.equalizedOddsDifference == .undefined("in group 'no', no row has a positive label"))
    #expect(bySign.demographicParityDifference == .defined(0.25))

    let column = GroupColumn(name: "z", groups: ["a", "b"], codes: [0, 1, 0, 1, 0, 1, 0, 1])
    let none = ClassifierEvaluation(scores: Self.scores, labels: Self.labels, attributes: [column], threshold: 0.95)
    #expect(none.attributes[0].pPercentRule == .undefined("no row of any group is selected"))
    #expect(none.attributes[0].demographicParityDifference == .defined(0))
  }

  @Test func thresholdThatNoFloatEquals() {
    // Float(0.7) lies just below 0.7, so a score of Float(0.7) is not selected at 0.7 but is at Double(Float(0.7)).
    let score = Float(0.7)
    func rate(_ threshold: Double) -> Double? {
      ClassifierEvaluation(scores: [score], labels: [true], attributes: [], threshold: threshold).selectionRate.value
    }
    #expect(Double(score) < 0.7)
    #expect(rate(0.7) == 0)
    #expect(rate(Double(score)) == 1)
    #expect(rate(0.6999999) == 1)
  }

  @Test func notANumber() {
    let column = GroupColumn(name: "z", groups: ["a", "b"], codes: [0, 1])
    let evaluation = ClassifierEvaluation(
      scores: [.nan, 0.5], labels: [true, false], attributes: [column], threshold: 0.5)
    #expect(evaluation.accuracy == .undefined("a score is not a number"))
    #expect(evaluation.rocAUC == .undefined("a score is not a number"))
    #expect(evaluation.attributes[0].pPercentRule == .undefined("a score is not a number"))
    #expect(evaluation.attributes[0].groups[1].selectionRate == .undefined("a score is not a number"))
    #expect(evaluation.attributes[0].groups.map(\.rows) == [1, 1])
  }

  @Test func noRows() {
    let column = GroupColumn(name: "z", groups: ["a", "b"], codes: [])
    let evaluation = ClassifierEvaluation(scores: [], labels: [], attributes: [column], threshold: 0.5)
    #expect(evaluation.accuracy == .undefined("there are no rows"))
    #expect(evaluation.attributes[0].pPercentRule == .undefined("fewer than two groups have rows"))
  }

  @Test(arguments: try GoldenCase.all())
  func fairlearn(golden: GoldenCase) throws {
    let evaluation = ClassifierEvaluation(
      scores: golden.scores.map(Float.init), labels: golden.isPositive, attributes: [golden.column],
      threshold: golden.threshold)
    let z = try #require(evaluation.attributes.first)
    expect(evaluation.accuracy, near: try #require(golden.plain.rates["accuracy"]))
    expect(evaluation.selectionRate, near: try #require(golden.plain.rates["selectionRate"]))
    expect(z.pPercentRule, near: try #require(golden.plain.parity["pPercentRule"]))
    for (group, expected) in zip(z.groups, golden.selectionRateByGroup) {
      expect(group.selectionRate, near: expected)
    }
    for (name, value) in [
      "demographicParityDifference": z.demographicParityDifference,
      "equalizedOddsDifference": z.equalizedOddsDifference,
      "equalOpportunityDifference": z.equalOpportunityDifference,
    ] {
      expect(value, near: try #require(golden.plain.parity[name]), "\(name)")
    }
  }
}
