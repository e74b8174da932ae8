import FairnessEvaluation
import FairnessMetrics
import Foundation
import MetricExpressions
import Testing

/// Every message word for word.
@Suite struct RefusalTests {
  private typealias Change = @Sendable (inout EvaluationSpecification) -> Void

  private static let cases: [(String, Change, String)] = [
    (
      "label,score\n1,0.5\n0,1.5\n", { _ in },
      "data.csv:3: column 'score' holds the score 1.5, outside 0...1. Say --logits where scores are log odds, or give "
        + "their --score-range."
    ),
    (
      "label,score\n1,5\n0,11\n",
      {
        $0.scale = .range(1, 10)
        $0.thresholds = [5]
      },
      "data.csv:3: column 'score' holds the score 11.0, outside the --score-range 1.0...10.0. Widen the range."
    ),
    (
      "label,score\n1,0.5\n0,\n", { _ in },
      "data.csv:3: column 'score', the score, is missing. Leave out the rows without it."
    ),
    (
      "label,score\n1,0.5\n0,high\n", { _ in },
      "data.csv:3: column 'score' should be a number, found 'high'. Correct the cell, or declare 'high' as missing."
    ),
    (
      "label,score\n1,0.5\n0,nan\n", { _ in },
      "data.csv:3: column 'score' should be a number, found 'nan'. Correct the cell, or declare 'nan' as missing."
    ),
    (
      "label,score\nyes,0.5\n", { _ in },
      "data.csv:2: column 'label' holds 'yes', which is neither 0 nor 1. Name the positive label with --positive."
    ),
    (
      "label,score\n1,0.5\n,0.5\n", { _ in },
      "data.csv:3: column 'label' is missing. Leave out the rows without it."
    ),
    (
      "label,score\n>50K,0.5\n<=50K,0.5\n", { $0.positive = [">50k"] },
      "data.csv: the label 'label' is never '>50k'. Did you mean '>50K'?"
    ),
    (
      "label,score,race\n1,0.5,White\n", { $0.groups = [GroupSource("rase")] },
      "data.csv: has no column 'rase'. Did you mean 'race'?"
    ),
    (
      "label,score,race\n1,0.5,\n0,0.5,?\n", { $0.groups = [GroupSource("race")] },
      "data.csv: column 'race' is missing in every row, so that it makes no groups. Leave it out, or mend the data."
    ),
    (
      "label,score,w\n1,0.5,-1\n", { $0.weights = "w" },
      "data.csv:2: the weight -1.0 is negative. Weights are at least 0."
    ),
    (
      "label,score\n1,0.5,7\n", { _ in },
      "data.csv:2: has 3 cells, where the header has 2. Add or remove cells, or quote those that hold a separator."
    ),
    (
      "label,score\n1,\"0.5\n", { _ in },
      "data.csv:2: has a quotation mark that is never closed. Close it, or double it."
    ),
    (
      "label,score,score\n1,0.5,0.6\n", { _ in },
      "data.csv:2: columns 2 and 3 have one name, and differ here. Rename one of them."
    ),
    ("label,score\n", { _ in }, "data.csv: has a header line and no rows. Name a file with rows."),
    ("", { _ in }, "data.csv: is empty. Name a file with a header line and rows."),
    (
      "label,score,sex\n1,0.5,Female\n0,0.4,Male\n",
      { $0.gates = [.init(try! MetricCondition("fpr(sex = female) < 1"), failsIfMet: true)] },
      "the gate 'fpr(sex = female) < 1': the column 'sex' has no group 'female'. Did you mean 'Female'?"
    ),
  ]

  @Test(arguments: cases.indices) func data(index: Int) throws {
    let (text, change, message) = Self.cases[index]
    #expect(try refusal(text.utf8) { change(&$0) } == message)
  }

  private static let conflicts: [(Change, String)] = [
    (
      { $0.thresholds = [0.5, 1.5] },
      "--thresholds 0.5,1.5: should lie in 0...1, as the scores do. Or give their --score-range."
    ),
    ({ $0.thresholds = [0.5, 0.5] }, "--thresholds 0.5,0.5: should be 1 to 1,000 different numbers."),
    (
      { $0.groups = [GroupSource("score")] },
      "the column 'score' is to be both predictions and groups. Give each column one part."
    ),
    ({ $0.predictions = .scores(["a", "a"]) }, "--score: names 'a' twice. Name each column once."),
    (
      { $0.packs = [.newYorkLocalLaw144] },
      "--pack nyc-ll144: needs the columns of sex and race/ethnicity. Name them: --pack nyc-ll144:sex,race."
    ),
    (
      {
        $0.packs = [.newYorkLocalLaw144]
        $0.groups = [GroupSource("sex"), GroupSource("race")]
        $0.weights = "w"
      },
      "--pack nyc-ll144: counts applicants, and the rule knows no weights. Leave out the weights in 'w', or the pack."
    ),
    ({ $0.packs = [.fourFifths] }, "--pack four-fifths: compares groups. Name their columns with --groups."),
    (
      {
        $0.predictions = .decisions(["d"])
        $0.metrics = [.slice(.rocAUC), .groups(.rocAUCDifference)]
      },
      "--metrics: names statistics of scores alone, and --decision has none. Name others, or give --score."
    ),
    (
      { $0.comparison = .selectionRate },
      "--compare: needs the score columns of two models or more, as in --score old,new."
    ),
    (
      {
        $0.predictions = .numbers(["score"])
        $0.positive = ["1"]
      },
      "--positive: has no meaning where --regression predicts numbers. Remove one."
    ),
    (
      { $0.gates = [.init(try! MetricCondition("mae < 1"), failsIfMet: false)] },
      "the gate 'mae < 1': a metric in it needs predicted numbers (--regression)."
    ),
    ({ $0.slices = [["sex", "sex"]] }, "--slices sex,sex: names a column twice. Name each once."),
    ({ $0.confidence = 95 }, "--confidence 95.0: should lie between 0 and 1."),
    ({ $0.draws = 1 }, "--draws 1: should lie in 2...100000."),
    (
      {
        $0.packs = [.newYorkLocalLaw144]
        $0.groups = [GroupSource("sex"), GroupSource("race")]
        $0.exactRows = 0
      },
      "--pack nyc-ll144: needs all 2 rows in memory, and only 0 may be. Raise --exact-rows."
    ),
  ]

  @Test(arguments: conflicts.indices) func options(index: Int) throws {
    let (change, message) = Self.conflicts[index]
    #expect(try refusal("label,score,sex,race\n1,0.5,F,B\n0,0.4,M,W\n".utf8) { change(&$0) } == message)
  }

  @Test(arguments: [
    (
      "{\"label\": 1, \"score\": 2}",
      "data.jsonl:1: column 'score' holds the score 2.0, outside 0...1. Say --logits "
        + "where scores are log odds, or give their --score-range."
    ),
    (
      "{\"label\": 1, \"score\": 0.5}\n\n{\"label\": 1, \"score\":",
      "data.jsonl:3: the text ends where a value should "
        + "stand."
    ),
    ("[1]", "data.jsonl:1: should hold one JSON object, such as {\"label\": 1, \"score\": 0.7}."),
    ("{\"label\": 1, \"scor\": 0.5}", "data.jsonl: has no column 'score'. Did you mean 'scor'?"),
    (
      "{\"label\": 1, \"score\": [1]}",
      "data.jsonl:1: the key 'score' should hold a number or a text. Join the values "
        + "of a list with '|'."
    ),
    ("", "data.jsonl: has no rows. Name a file with rows."),
  ])
  func jsonLines(text: String, message: String) throws {
    #expect(try refusal(text.utf8, as: "data.jsonl") { _ in } == message)
  }

  @Test func damagedResultsFiles() {
    #expect(throws: ReportError.self) { try EvaluationReport(["format": 2], file: "r.json") }
    do {
      _ = try EvaluationReport(["a": 1], file: "r.json")
    } catch {
      #expect("\(error)" == "r.json: is no results file of 'equipoise evaluate'. Make one with --json.")
    }
  }
}
