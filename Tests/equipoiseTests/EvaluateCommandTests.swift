import Foundation
import Testing

@Suite struct EvaluateCommandTests {
  private static let header = "label,score,other,sex\n"

  /// Women are selected 30 %, men 60 %.
  private static func rows(_ count: Int) -> String {
    var text = header
    for row in 0..<count {
      text += "\(row / 10 % 2),\(row % 10 < 3 ? 0.9 : 0.1),0.\(row % 9),F\n"
      text += "\(row / 10 % 2),\(row % 10 < 6 ? 0.9 : 0.1),0.\(row % 8),M\n"
    }
    return text
  }

  private func evaluate(
    _ arguments: [String], rows: String = rows(500)
  ) throws -> (status: Int32, output: String, error: String) {
    var result: (status: Int32, output: String, error: String) = (0, "", "")
    try Tool.withFolder { folder in
      let path = "\(folder)/data.csv"
      try rows.write(toFile: path, atomically: true, encoding: .utf8)
      result = try Tool.run(["evaluate", "--predictions", path, "--groups", "sex", "--draws", "300"] + arguments)
      result.error = result.error.replacingOccurrences(of: "\(folder)/", with: "")
    }
    return result
  }

  @Test func gatesSetTheStatus() throws {
    #expect(try evaluate([]).status == 0)
    #expect(try evaluate(["--require", "p_percent_rule(sex) >= 0.4"]).status == 0)
    #expect(try evaluate(["--fail-if", "p_percent_rule(sex) < 0.8"]).status == 1)
    #expect(try evaluate(["--require", "p_percent_rule(sex) >= 0.5"]).status == 3)
    // One that fails outweighs one that cannot be told.
    let both = ["--require", "p_percent_rule(sex) >= 0.5", "--require", "fpr(sex = F) <= 0.1"]
    #expect(try evaluate(both).status == 1)
    let text = try evaluate(["--fail-if", "p_percent_rule(sex) < 0.8"]).output
    #expect(text.contains("fail if p_percent_rule(sex) < 0.8: 0.500 ["))
    #expect(text.contains("FAIL"))
    #expect(text.contains("Measuring is not enough"))
  }

  @Test(
    arguments: [
      (["--label", "lable"], 65, "data.csv: has no column 'lable'. Did you mean 'label'?"),
      (["--logits", "--score-range", "0,1"], 64, "--logits and --score-range: exclude each other. Give one of them."),
      (
        ["--score", "score", "--decision", "score"], 64, "--score and --decision: exclude each other. Give one of them."
      ),
      (["--json", "--csv"], 64, "--json and --csv: exclude each other. Give one of them."),
      (["--model", "runs/x"], 64, "--predictions and --model: exclude each other. Give one of them."),
      (["--pack", "nyc-ll145"], 64, "--pack nyc-ll145: there is no such pack. Did you mean nyc-ll144?"),
      (["--metrics", "fqr"], 64, "--metrics: there is no metric 'fqr'. Did you mean fpr?"),
      (["--spec", "no.json"], 66, "no.json: no such file or directory. Check the path."),
      (["--output", "/no/such/folder/out.json"], 73, nil),
    ] as [([String], Int32, String?)])
  func faults(arguments: [String], status: Int32, message: String?) throws {
    let result = try evaluate(arguments)
    #expect(result.status == status, "\(result.error)")
    #expect(result.output.isEmpty)
    if let message { #expect(result.error == "equipoise: \(message)\n") }
  }

  @Test func carets() throws {
    let result = try evaluate(["--require", "fpr(sex = F) <= 0.1 +"])
    #expect(result.status == 64)
    #expect(
      result.error == """
        equipoise: --require: found the end where a number or a metric should stand.
          fpr(sex = F) <= 0.1 +
                               ^

        """)
  }

  @Test func resultsAreShownAgain() throws {
    try Tool.withFolder { folder in
      let path = "\(folder)/data.csv"
      try Self.rows(200).write(toFile: path, atomically: true, encoding: .utf8)
      let common = ["evaluate", "--predictions", path, "--groups", "sex", "--draws", "50", "--score", "score,other"]
      let options =
        common + ["--fail-if", "p_percent_rule(sex) < 0.8", "--compare", "selection", "--worst-slices", "1"]
      let results = "\(folder)/results.json"
      #expect(try Tool.run(options + ["--json", "--output", results]).status == 1)
      for rendering in [[], ["--csv"], ["--markdown"], ["--json"]] {
        let fresh = try Tool.run(options + rendering)
        let again = try Tool.run(["evaluate", "--results", results] + rendering)
        #expect(again.output == fresh.output, "\(rendering)")
        #expect(again.status == fresh.status)
      }
      let gated = try Tool.run(["evaluate", "--results", results, "--fail-if", "fpr > 0"])
      #expect(gated.status == 64)
      #expect(
        gated.error
          == "equipoise: --fail-if: has no effect on --results, which were computed before. Evaluate the predictions "
          + "again.\n")
    }
  }

  @Test func evaluationFile() throws {
    try Tool.withFolder { folder in
      let path = "\(folder)/data.csv"
      let spec = "\(folder)/evaluation.json"
      try Self.rows(200).write(toFile: path, atomically: true, encoding: .utf8)
      try """
      // The acceptance test of the model.
      {"scores": ["score"], "groups": ["sex"], "thresholds": [0.5], "draws": 50,
       "failIf": ["p_percent_rule(sex) < 0.8"]}
      """.write(toFile: spec, atomically: true, encoding: .utf8)
      let result = try Tool.run(["evaluate", "--predictions", path, "--spec", spec, "--json"])
      #expect(result.status == 1)
      let options = [
        "--score", "score", "--groups", "sex", "--draws", "50", "--fail-if", "p_percent_rule(sex) < 0.8", "--json",
      ]
      #expect(try Tool.run(["evaluate", "--predictions", path] + options).output == result.output)
    }
  }

  @Test func hostileNamesAreNeutralised() throws {
    let rows =
      "label,score,sex\n"
      + (0..<40).map { "\($0 % 2),0.\($0 % 10),\($0 % 4 < 2 ? "=HYPERLINK(\"\"x\"\")" : "<b>|*\u{1b}[2J")\n" }
      .map { $0.replacingOccurrences(of: "=HYPERLINK(\"\"x\"\")", with: "\"=HYPERLINK(\"\"x\"\")\"") }.joined()
    try Tool.withFolder { folder in
      let path = "\(folder)/data.csv"
      let named = rows.replacingOccurrences(of: "label,score,sex", with: "label,+score,=sex")
      try named.write(toFile: path, atomically: true, encoding: .utf8)
      let csv = try Tool.run([
        "evaluate", "--predictions", path, "--score", "+score", "--groups", "=sex", "--csv", "--draws", "10",
      ])
      #expect(csv.status == 0, "\(csv.error)")
      #expect(csv.output.contains("'+score,slice,\"'=sex = =HYPERLINK"))
      // No cell begins with a sign that a spreadsheet would run.
      for line in csv.output.split(separator: "\n") {
        for start in [",=", ",\"=", ",+", ",\"+"] { #expect(!line.contains(start), "\(line)") }
        #expect(!line.hasPrefix("+") && !line.hasPrefix("="))
      }
    }
    let text = try evaluate([], rows: rows).output
    #expect(!text.contains("\u{1b}"))
    #expect(text.contains("\\u{1b}[2J"))
    let markdown = try evaluate(["--markdown"], rows: rows).output
    #expect(!markdown.contains("<b>") && markdown.contains("&lt;b&gt;\\|\\*"))
  }

  @Test func streamsFromAPipe() throws {
    let result = try evaluate(["--stream", "--json"])
    #expect(result.status == 0)
    #expect(result.output.contains("\"exact\": false"))
    #expect(result.output.contains("\"rocAUCErrorBound\""))
  }
}
