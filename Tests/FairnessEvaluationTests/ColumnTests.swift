import FairnessEvaluation
import FairnessMetrics
import MetricExpressions
import OrderedJSON
import TabularData
import Testing

/// Columns in memory, and what a run makes of them.
@Suite struct ColumnTests {
  /// The columns of a text of CSV: numbers under the names given, categories otherwise.
  private func columns(_ text: String, numbers: Set<String>) -> [EvaluationColumn] {
    let lines = text.replacing("\"Other, or none\"", with: "Other").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines[0].indices.map { index in
      let cells = lines.dropFirst().map { $0[index] }
      if numbers.contains(lines[0][index]) {
        return EvaluationColumn(lines[0][index], .numbers(cells.map { Double($0) ?? .nan }))
      }
      var values: [String] = []
      for cell in cells where !cell.isEmpty && !values.contains(cell) { values.append(cell) }
      return EvaluationColumn(
        lines[0][index],
        .categories(codes: cells.map { Int32(values.firstIndex(of: $0) ?? -1) }, values: values))
    }
  }

  private func specification() throws -> EvaluationSpecification {
    var specification = EvaluationSpecification()
    specification.draws = 50
    specification.groups = [
      GroupSource("sex"), GroupSource("race"), GroupSource("weight", .bins(try #require(NumericBins(edges: [1])))),
    ]
    specification.thresholds = [0.5, 0.3]
    specification.gates = [try .init("p_percent_rule(sex) >= 0.8", failsIfMet: false)]
    specification.worstSlices = .init(depth: 2)
    return specification
  }

  @Test func columnsAndFileGiveTheSameReport() throws {
    let text = randomRows(3000, seed: 11).replacing("\"Other, or none\"", with: "Other")
    var fromColumns = try EvaluationRunner(specification()).evaluate(
      columns(text, numbers: ["score", "weight"]), named: "rows")
    let folder = try TemporaryFolder()
    let fromFile = try EvaluationRunner(specification()).evaluate(folder.write(text))
    #expect(fromColumns.source == "rows")
    fromColumns.source = fromFile.source
    #expect(fromColumns == fromFile)
    #expect(fromColumns.models[0].slices.contains { "\($0.slice)" == "sex = Female, weight = < 1" })
  }

  @Test func numbersServeAsGroups() throws {
    var specification = EvaluationSpecification()
    specification.draws = 2
    specification.groups = [GroupSource("weight")]
    let report = try EvaluationRunner(specification).evaluate(
      columns(randomRows(200, seed: 5), numbers: ["score", "weight"]), named: "rows")
    // In rising order, whole numbers without a fraction.
    #expect(
      report.models[0].slices.map { "\($0.slice)" } == [
        "all rows", "weight = 0.25", "weight = 0.5", "weight = 0.75", "weight = 1", "weight = 1.25", "weight = 1.5",
        "weight = 1.75", "weight = 2",
      ])
  }

  /// What is wrong with columns, and the message; found without predictions too.
  @Test func refusals() throws {
    let text = "label,score,sex,race\n1,0.5,F,B\n0,0.4,M,W\n"
    let cases: [(change: (inout EvaluationSpecification) throws -> Void, message: String)] = [
      ({ $0.groups = [GroupSource("sez")] }, "rows: has no column 'sez'. Did you mean 'sex'?"),
      (
        { $0.groups = [GroupSource("sex", .bins(NumericBins(edges: [1])!))] },
        "rows: column 'sex' should be a number, found 'F'. Correct the cell, or declare 'F' as missing."
      ),
      (
        {
          $0.groups = [GroupSource("sex")]
          $0.gates = [try .init("fpr(sex = f) < 0.1", failsIfMet: false)]
        },
        "the gate 'fpr(sex = f) < 0.1': the column 'sex' has no group 'f'. Did you mean 'F'?"
      ),
    ]
    for (change, message) in cases {
      var specification = EvaluationSpecification()
      specification.draws = 2
      try change(&specification)
      let runner = try EvaluationRunner(specification)
      for work in [
        { _ = try runner.evaluate(columns(text, numbers: ["score"]), named: "rows") },
        { try runner.check(columns(text, numbers: ["score"]), named: "rows") },
      ] {
        do {
          try work()
          Issue.record("no error")
        } catch {
          #expect("\(error)" == message)
        }
      }
    }
  }

  @Test func runEvaluationReadsBackEqual() throws {
    var specification = try specification()
    specification.predictions = .scores(["pretrained", "final"])
    specification.words = .plain
    var rows = columns(randomRows(400, seed: 3), numbers: ["score", "weight"])
    rows[1].name = "pretrained"
    rows.append(EvaluationColumn("final", rows[1].cells))
    let report = try EvaluationRunner(specification).evaluate(rows, named: "rows")
    let run = RunEvaluation(kept: "final", splits: [.init("train", report), .init("test", report)])
    let again = try RunEvaluation(
      JSONReader.read(run.json.serialized(), source: "evaluation.json").value, file: "evaluation.json")
    #expect(again == run)
    #expect(run.gates.count == 1)
    #expect(run["test", "pretrained"]?.name == "pretrained")
    #expect(run["validation"] == nil)
    #expect(throws: ReportError.self) { try RunEvaluation(["splits": [:]], file: "e.json") }
  }

  @Test func metricsAreExplainedInTheWordsOfTheDomain() throws {
    var specification = EvaluationSpecification()
    specification.draws = 2
    specification.words = DomainWords(
      rows: "applicants", positive: "repay the loan", negative: "do not repay the loan",
      selected: "are granted the loan", rejected: "are refused the loan")
    specification.metrics = [try #require(MetricName("fpr"))]
    specification.gates = [try .init("fnr(sex = Female and not race = White at 0.3) <= 0.5", failsIfMet: false)]
    let report = try EvaluationRunner(specification).evaluate(
      columns(randomRows(200, seed: 8), numbers: ["score", "weight"]), named: "rows")
    let explanations = Dictionary(uniqueKeysWithValues: report.explanations.map { ($0.subject, $0.text) })
    #expect(
      explanations["falsePositiveRate"]
        == "of the applicants that do not repay the loan, the share that are granted the loan")
    #expect(
      explanations["fnr(sex = Female and not race = White at 0.3) <= 0.5"]
        == "of the applicants with sex = Female and race other than White that repay the loan, the share that are refused "
        + "the loan, at threshold 0.3")
    specification.words = nil
    #expect(
      try EvaluationRunner(specification).evaluate(
        columns(randomRows(200, seed: 8), numbers: ["score", "weight"]), named: "rows"
      ).explanations.isEmpty)
  }
}
