import FairnessEvaluation
import FairnessMetrics
import Reporting
import RunRecords
import Testing

@Suite struct TerminalTests {
  private static func evaluation(
    accuracy: Double, auc: Double, selected: Double, race: MetricValue, sex: MetricValue, adversary: Double?
  ) -> ClassifierEvaluation {
    func attribute(_ name: String, _ rule: MetricValue, _ groups: [(String, Int)]) -> AttributeEvaluation {
      AttributeEvaluation(
        name: name, pPercentRule: rule, demographicParityDifference: .defined(0),
        equalizedOddsDifference: .defined(0), equalOpportunityDifference: .defined(0),
        adversaryAUC: adversary.map(MetricValue.defined),
        groups: groups.map {
          GroupEvaluation(
            name: $0.0, rows: $0.1, selectionRate: .defined(0), truePositiveRate: .defined(0),
            falsePositiveRate: .defined(0))
        }, missingRows: name == "race" ? 12 : 0)
    }
    return ClassifierEvaluation(
      rows: 15_470, threshold: 0.5, accuracy: .defined(accuracy), rocAUC: .defined(auc),
      selectionRate: .defined(selected),
      attributes: [
        attribute("race", race, [("White", 13_900), ("Black", 1558)]),
        attribute("sex", sex, [("Male", 10_400), ("Female", 5070)]),
      ])
  }

  private static func summary(_ phases: [(SummaryPhase, ClassifierEvaluation)]) -> RunSummary {
    RunSummary(
      name: "adult", seed: 7, phases: phases.map { .init($0.0, splits: [SplitEvaluation(.test, $0.1)]) })
  }

  private static let before = evaluation(
    accuracy: 0.8491, auc: 0.9043, selected: 0.197, race: .defined(0.416), sex: .defined(0.352), adversary: 0.7)
  private static let after = evaluation(
    accuracy: 0.8002, auc: 0.8151, selected: 0.081, race: .defined(0.884), sex: .defined(0.9521), adversary: 0.512)

  @Test func tableOfBeforeAndAfter() {
    let table = ClosingTable(Self.summary([(.pretrained, Self.before), (.final, Self.after)]))
    #expect(
      table.text == """
        On 15,470 test rows, decisions at 0.50:

          accuracy               84.9 % → 80.0 %
          ROC AUC                 0.904 →  0.815
          selected               19.7 % →  8.1 %
          p%-rule, race          41.6 % → 88.4 %   White 13,900, Black 1,558, missing 12
          selection gap, race     0.000 →  0.000
          odds gap, race          0.000 →  0.000
          opportunity gap, race   0.000 →  0.000
          adversary AUC, race     0.700 →  0.512
          p%-rule, sex           35.2 % → 95.2 %   Male 10,400, Female 5,070
          selection gap, sex      0.000 →  0.000
          odds gap, sex           0.000 →  0.000
          opportunity gap, sex    0.000 →  0.000
          adversary AUC, sex      0.700 →  0.512

        """)
    #expect(
      table.verdict
        == "The p%-rule went from 42 to 88 % (race) and from 35 to 95 % (sex) for 4.9 points of accuracy; both meet the "
        + "four-fifths mark of 80 %.")
  }

  /// Four groups of two attributes that lost are one line.
  @Test func whoOnlyLostIsOneLine() {
    var summary = Self.summary([(.pretrained, Self.before), (.final, Self.after)])
    summary.levelledDown = ["race: White", "race: Black: other", "sex: Male"]
    #expect(
      ClosingTable(summary).levelledDown
        == "Levelled down: race White, Black: other; sex Male lost, and no group of the attributes gained.\n")
    summary.levelledDown = ["sex: Male"]
    #expect(
      ClosingTable(summary).levelledDown == "Levelled down: sex Male lost, and no group of the attribute gained.\n")
    summary.levelledDown = []
    #expect(ClosingTable(summary).levelledDown.isEmpty)
  }

  @Test func tableWithoutABefore() {
    let lone = Self.evaluation(
      accuracy: 0.85, auc: 0.9, selected: 0, race: .undefined("no row of either group is selected"), sex: .defined(0.4),
      adversary: nil)
    let table = ClosingTable(Self.summary([(.final, lone)]), isUnicode: false)
    #expect(
      table.text == """
        On 15,470 test rows, decisions at 0.50:

          accuracy               85.0 %
          ROC AUC                 0.900
          selected                0.0 %
          p%-rule, race             n/a   White 13,900, Black 1,558, missing 12
          selection gap, race     0.000
          odds gap, race          0.000
          opportunity gap, race   0.000
          p%-rule, sex           40.0 %   Male 10,400, Female 5,070
          selection gap, sex      0.000
          odds gap, sex           0.000
          opportunity gap, sex    0.000
          p%-rule, race: no row of either group is selected

        """)
    #expect(
      table.verdict
        == "The p%-rule is 40 % (sex); but nearly every row gets the same decision, so this says nothing about fairness."
    )
  }

  @Test func verdictNamesWhatStaysBelowTheMark() {
    let after = Self.evaluation(
      accuracy: 0.8491, auc: 0.9, selected: 0.2, race: .defined(0.9), sex: .defined(0.79), adversary: nil)
    #expect(
      ClosingTable(Self.summary([(.pretrained, Self.before), (.final, after)])).verdict
        == "The p%-rule went from 42 to 90 % (race) and from 35 to 79 % (sex) at the same accuracy; sex stays below the "
        + "four-fifths mark of 80 %.")
  }

  /// A value that is below and was above has fallen; an interval across the mark is no verdict, here and in the report.
  @Test func verdictTellsFallenFromOpen() throws {
    let before = Self.evaluation(
      accuracy: 0.85, auc: 0.9, selected: 0.2, race: .defined(0.91), sex: .defined(0.35), adversary: nil)
    let after = Self.evaluation(
      accuracy: 0.85, auc: 0.9, selected: 0.2, race: .defined(0.66), sex: .defined(0.5), adversary: nil)
    let summary = Self.summary([(.pretrained, before), (.final, after)])
    #expect(
      ClosingTable(summary).verdict.hasSuffix("; race fell below the four-fifths mark of 80 %, sex stays below it."))
    func evaluation(_ race: Interval, _ sex: Interval) throws -> RunEvaluation {
      var specification = EvaluationSpecification()
      specification.intervals = false
      specification.slices = [["race"], ["sex"]]
      specification.predictions = .scores(["final"])
      let codes = (0..<40).map { Int32($0 % 2) }
      var report = try EvaluationRunner(specification).evaluate(
        [
          EvaluationColumn("label", flags: (0..<40).map { $0 % 3 == 0 }),
          EvaluationColumn("final", .numbers((0..<40).map { Double($0 % 7) / 7 })),
          EvaluationColumn("race", .categories(codes: codes, values: ["White", "Black"])),
          EvaluationColumn("sex", .categories(codes: codes, values: ["Male", "Female"])),
        ], named: "rows")
      for (index, interval) in [race, sex].enumerated() {
        let place = try #require(
          report.models[0].parity[index].thresholds[0].metrics.firstIndex { $0.name == "pPercentRule" })
        report.models[0].parity[index].thresholds[0].metrics[place].estimate.interval = interval
      }
      return RunEvaluation(kept: "final", splits: [.init("test", report)])
    }
    let above = Self.summary([
      (.pretrained, before),
      (
        .final,
        Self.evaluation(
          accuracy: 0.85, auc: 0.9, selected: 0.2, race: .defined(0.9), sex: .defined(0.82), adversary: nil)
      ),
    ])
    let (wide, narrow) = (Interval(low: 0.7, high: 0.9), Interval(low: 0.8, high: 0.9))
    #expect(
      try ClosingTable(above, evaluation: evaluation(wide, narrow)).verdict.hasSuffix(
        "; the rows are too few to tell whether race meets the four-fifths mark of 80 %."))
    #expect(
      try ClosingTable(above, evaluation: evaluation(narrow, narrow)).verdict.hasSuffix(
        "; both meet the four-fifths mark of 80 %."))
  }

  @Test func verdictSaysWhereParityFell() {
    let after = Self.evaluation(
      accuracy: 0.8391, auc: 0.9, selected: 0.2, race: .defined(0.9), sex: .defined(0.309), adversary: nil)
    #expect(
      ClosingTable(Self.summary([(.pretrained, Self.before), (.final, after)])).verdict
        == "The p%-rule rose from 42 to 90 % (race) and fell from 35 to 31 % (sex), and accuracy fell by 1.0 points; sex "
        + "stays below the four-fifths mark of 80 %.")
    let same = Self.evaluation(
      accuracy: 0.86, auc: 0.9, selected: 0.2, race: .defined(0.4161), sex: .defined(0.9), adversary: nil)
    #expect(
      ClosingTable(Self.summary([(.pretrained, Self.before), (.final, same)])).verdict
        == "The p%-rule stayed at 42 % (race) and rose from 35 to 90 % (sex) and gained 1.1 points of accuracy; race stays "
        + "below the four-fifths mark of 80 %.")
  }

  @Test func tableShowsIntervalsAndGates() throws {
    var specification = EvaluationSpecification()
    specification.draws = 50
    specification.slices = [["race"], ["sex"]]
    specification.predictions = .scores(["pretrained", "final"])
    specification.gates = [try .init("p_percent_rule(sex) >= 0.9", failsIfMet: false)]
    let rows = 400
    let scores = (0..<rows).map { Double(($0 * 37) % 100) / 100 }
    let report = try EvaluationRunner(specification).evaluate(
      [
        EvaluationColumn("label", flags: (0..<rows).map { ($0 * 37) % 100 + $0 % 30 > 60 }),
        EvaluationColumn("pretrained", .numbers(scores)), EvaluationColumn("final", .numbers(scores)),
        EvaluationColumn("race", .categories(codes: (0..<rows).map { Int32($0 % 2) }, values: ["White", "Black"])),
        EvaluationColumn(
          "sex", .categories(codes: (0..<rows).map { $0 % 100 < 50 ? 0 : 1 }, values: ["Male", "Female"])),
      ], named: "rows")
    let table = ClosingTable(
      Self.summary([(.pretrained, Self.before), (.final, Self.after)]),
      evaluation: RunEvaluation(kept: "final", splits: [.init("test", report)]), isUnicode: false)
    let lines = table.text.split(separator: "\n")
    #expect(lines[0] == "On 15,470 test rows, decisions at 0.50, intervals of 95 %:")
    let accuracy = try #require(report.models[1].slices[0].estimate("accuracy")?.interval)
    #expect(
      lines[1] == "  accuracy               84.9 % -> 80.0 % [\(TerminalText.fixed(accuracy.low * 100, 1)), "
        + "\(TerminalText.fixed(accuracy.high * 100, 1))]")
    #expect(lines[4].hasPrefix("  p%-rule, race          41.6 % -> 88.4 % ["))
    #expect(lines[4].hasSuffix("   White 13,900, Black 1,558, missing 12"))
    #expect(lines[5].hasPrefix("  selection gap, race     0.000 ->  0.000 [0.000, "))
    #expect(lines.contains { $0.hasPrefix("  precision gap, race") && $0.hasSuffix("]") })
    #expect(lines.contains("  adversary AUC, race     0.700 ->  0.512"))
    #expect(table.gates.hasPrefix("Gates\n  require p_percent_rule(sex) >= 0.9: "))
    #expect(ClosingTable(Self.summary([(.final, Self.after)])).gates.isEmpty)
  }

  @Test func histogramsOfGroups() {
    let spread = (0..<1000).map { Float($0) / 999 }
    let low = (0..<1000).map { Float($0) / 1000 * 0.25 }
    let groups = [
      ScoreHistograms.Group(name: "Female", before: low, after: spread),
      ScoreHistograms.Group(name: "Male\u{1b}[2J", before: spread, after: spread),
    ]
    #expect(
      ScoreHistograms(attribute: "sex", groups: groups).text == """
        Scores by sex, height by the root of the share of the group's rows:

                                before                             after
          Female         1,000  ████████                           ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄
          Male\\u{1b}[2J  1,000  ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄   ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄
                                0              0.5             1   0              0.5             1

        """)
    #expect(
      ScoreHistograms(
        attribute: "sex", groups: [.init(name: "F", before: [], after: [0, 0, 0, 0.5, 1, .nan])], isUnicode: false
      ).text == """
        Scores by sex, height by the root of the share of the group's rows:

          F  6  @               +              +
                0              0.5             1

        """)
    #expect(ScoreHistograms(attribute: "sex", groups: []).text.isEmpty)
  }

  @Test func progressLines() {
    var line = ProgressLine(title: "game", completed: 41, total: 164, seconds: 0.5, detail: "p%-rule 0.61")
    #expect(line.plain == "game 41/164, 82/s, 2 s left, p%-rule 0.61")
    #expect(
      line.bar(width: 100) == "game         ━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 41/164  82/s  2 s left  p%-rule 0.61")
    // On a narrow terminal the bar shrinks, and what does not fit whole is left out.
    #expect(line.bar(width: 59) == "game ━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 41/164  82/s  2 s left")
    #expect(line.bar(width: 40) == "game ━━━╌╌╌╌╌╌╌╌╌╌╌ 41/164  82/s")
    #expect(line.bar(width: 30, isUnicode: false) == "game [#------] 41/164  82/s")
    #expect(line.bar(width: 16) == "game 41/164")
    #expect(line.bar(width: 6) == "game …")
    for width in 1...120 { #expect(TerminalText.width(line.bar(width: width)) <= width) }
    line = ProgressLine(title: "game", completed: 2, total: 2, seconds: 9)
    #expect(line.plain == "game 2/2, 4.5 s each")
    #expect(ProgressLine(title: "game", completed: 0, total: 0, seconds: 0).plain == "game 0/0")
    // Of a run that is taken up after 100 epochs, those are not of this clock.
    line = ProgressLine(title: "game", completed: 120, total: 160, seconds: 2)
    line.before = 100
    #expect(line.plain == "game 120/160, 10/s, 4 s left")
    #expect(TerminalText.duration(59.6) == "1 min 00 s")
    #expect(TerminalText.duration(3725) == "1 h 02 min")
  }

  @Test func progressIsPaced() {
    var log = ProgressPacing.log
    // A thousand epochs in ten seconds: a line every two seconds at most.
    let shown = (1...1000).filter { log.isDue(seconds: Double($0) / 100, share: Double($0) / 1000) }
    #expect(shown == [100, 300, 500, 700, 900])
    var slow = ProgressPacing.log
    // A hundred seconds: a line every tenth of the work.
    #expect((1...100).filter { slow.isDue(seconds: Double($0), share: Double($0) / 100) }.count == 10)
  }

  @Test func numbersWithoutLocale() {
    #expect(TerminalText.fixed(0.8491 * 100, 1) == "84.9")
    #expect(TerminalText.fixed(-0.04, 1) == "0.0")
    #expect(TerminalText.fixed(-1.25, 1) == "-1.3")
    #expect(TerminalText.fixed(2.5, 0) == "3")
    #expect(TerminalText.fixed(0.005, 2) == "0.01")
    #expect(TerminalText.grouped(-1_234_567) == "-1,234,567")
    #expect(TerminalText.grouped(999) == "999")
    #expect(TerminalText.padded("日本語", to: 8, right: true) == "  日本語")
    #expect(TerminalText.padded("abcdef", to: 4) == "abc…")
    #expect(TerminalText.neutralized("a\u{1b}[31m\u{202e}b\tc") == "a\\u{1b}[31m\\u{202e}b\\u{9}c")
  }
}
