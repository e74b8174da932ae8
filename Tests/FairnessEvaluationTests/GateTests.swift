import FairnessEvaluation
import FairnessMetrics
import MetricExpressions
import Testing

@Suite struct GateTests {
  private func verdicts(_ conditions: [(String, Bool)], rows: Int, exactRows: Int = 1_000_000) throws -> [GateResult] {
    // Women are selected 30 %, men 60 %, of labels that do not depend on sex.
    var text = "label,score,sex\n"
    for row in 0..<rows {
      text += "\(row / 10 % 2),\(row % 10 < 3 ? 0.9 : 0.1),F\n\(row / 10 % 2),\(row % 10 < 6 ? 0.9 : 0.1),M\n"
    }
    let gates = try conditions.map {
      EvaluationSpecification.GateDeclaration(try MetricCondition($0.0), failsIfMet: $0.1)
    }
    return try evaluate(text) {
      $0.gates = gates
      $0.exactRows = exactRows
      $0.draws = 400
    }.models[0].gates
  }

  @Test func verdictsFollowTheInterval() throws {
    let gates = try verdicts(
      [
        ("p_percent_rule(sex) >= 0.8", false), ("p_percent_rule(sex) < 0.8", true),
        ("p_percent_rule(sex) >= 0.4", false),
        ("p_percent_rule(sex) >= 0.5", false), ("fpr(sex = F) <= 0.4", false), ("0.4 >= fpr(sex = F)", false),
        ("abs(fpr(sex = M) - fpr(overall)) <= 0.02", false), ("fpr(sex = F) < fpr(sex = M)", false),
        ("auc(overall) > 0.6", false), ("selection_rate(sex = F at 0.95) <= 0.1", false),
      ], rows: 1000)
    #expect(
      gates.map(\.verdict) == [
        .fail, .fail, .pass, .insufficientEvidence("the interval reaches across the bound"), .pass, .pass, .fail, .pass,
        .fail, .pass,
      ])
    #expect(gates[0].estimate.value == .defined(0.5))
    #expect(gates[4].bound == 0.4 && gates[5].bound == 0.4)
    #expect(gates[7].estimate.value.value == 0.3 - 0.6)
    // The same condition, required and refused, has the same numbers.
    #expect(gates[0].estimate == gates[1].estimate)
    // A single rate has Wilson's interval.
    let wilson = wilsonInterval(share: 0.3, rows: 500)
    #expect(gates[4].estimate.interval == wilson)
  }

  @Test func fewRowsAreNoEvidence() throws {
    let gates = try verdicts([("fpr(sex = F) <= 0.4", false), ("p_percent_rule(sex) >= 0.8", false)], rows: 20)
    for gate in gates {
      #expect(gate.verdict == .insufficientEvidence("the interval reaches across the bound"), "\(gate.condition)")
    }
  }

  @Test func streamsJudgeAlike() throws {
    let conditions = [
      ("p_percent_rule(sex) >= 0.8", false), ("abs(fpr(sex = M) - fpr(overall)) <= 0.02", false),
    ]
    #expect(try verdicts(conditions, rows: 500) == verdicts(conditions, rows: 500, exactRows: 0))
  }

  @Test func metricsThatDoNotExistAreNoEvidence() throws {
    var text = "label,score,sex\n"
    for row in 0..<50 { text += "0,0.\(row % 10),\(row % 2 == 0 ? "F" : "M")\n" }
    let report = try evaluate(text) {
      $0.gates = [.init(try! MetricCondition("tpr(sex = F) > 0.1"), failsIfMet: false)]
    }
    #expect(report.models[0].gates[0].verdict == .insufficientEvidence("no row has a positive label"))
    #expect(report.verdict == .insufficientEvidence("no row has a positive label"))
  }

  /// Resampled intervals of a difference of rates cover the truth as often as they say.
  @Test func intervalsOfExpressionsCover() throws {
    var generator = SeededGenerator(state: 9)
    var covered = 0
    let runs = 200
    for _ in 0..<runs {
      var text = "label,score,sex\n"
      for _ in 0..<150 {
        text += "0,\(generator.next() % 10 < 3 ? 1 : 0),F\n0,\(generator.next() % 10 < 5 ? 1 : 0),M\n"
      }
      let report = try evaluate(text) {
        $0.gates = [.init(try! MetricCondition("fpr(sex = M) - fpr(sex = F) > 0"), failsIfMet: false)]
        $0.slices = [["sex"]]
        $0.draws = 1000
        $0.metrics = [.slice(.falsePositiveRate)]
      }
      if report.models[0].gates[0].estimate.interval?.contains(0.2) ?? false { covered += 1 }
    }
    // 95 % of 200, less three standard deviations of that count.
    #expect(covered >= 180, "\(covered) of \(runs)")
  }
}
