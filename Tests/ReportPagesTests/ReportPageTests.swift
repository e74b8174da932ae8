import FairnessMetrics
import Foundation
import OrderedJSON
import ReportPages
import RunRecords
import Testing

@Suite struct ReportPageTests {
  private func page(_ folder: String) throws -> String { try ReportPage(RunReport(folder: folder)).html }

  /// The page without its style sheet and its scripts.
  private func body(_ html: String) throws -> String {
    let start = try #require(html.range(of: "<main id=\"main\">"))
    let end = try #require(html.range(of: "</main>"))
    return String(html[start.lowerBound..<end.upperBound])
  }

  @Test func whatComesFromDataIsText() throws {
    try SampleRun.with { folder in
      let html = try page(folder)
      #expect(html.components(separatedBy: "<script").count == 3, "the data and the script of the page, and no other")
      #expect(html.components(separatedBy: "</script").count == 3)
      let body = try body(html)
      for text in ["<b>Female", "<i>high", "<notice>", "<data>", "\u{202e}", "</pre><script"] {
        #expect(!body.contains(text), "\(text)")
      }
      #expect(body.contains("&lt;b&gt;Female&lt;/b&gt;") && body.contains("\\u{202e}Male&quot;&#39;"))
      #expect(!html.contains("\u{202e}"))
    }
  }

  @Test func everyElementIsClosed() throws {
    try SampleRun.with { folder in
      var open: [String] = []
      let tag = try NSRegularExpression(pattern: "<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\"[^\"]*\"|[^\">])*?)(/?)>")
      let body = try body(page(folder)) as NSString
      for match in tag.matches(in: body as String, range: NSRange(location: 0, length: body.length)) {
        let name = body.substring(with: match.range(at: 2))
        if match.range(at: 4).length > 0 || ["br", "input", "meta", "link"].contains(name) { continue }
        if match.range(at: 1).length == 0 {
          open.append(name)
        } else {
          let last = open.popLast()
          #expect(last == name, "</\(name)> closes <\(last ?? "nothing")>")
          if last != name { return }
        }
      }
      #expect(open.isEmpty, "\(open)")
    }
  }

  @Test func everyPictureHasWords() throws {
    try SampleRun.with { folder in
      let parts = try body(page(folder)).components(separatedBy: "<svg ").dropFirst()
      #expect(parts.count > 20)
      for part in parts {
        let head = part.prefix { $0 != ">" }
        #expect(head.contains("aria-hidden=\"true\"") || head.contains("role=\"img\" aria-label=\""), "\(head)")
      }
    }
  }

  @Test func asksNothingOfAnyNetwork() throws {
    try SampleRun.with { folder in
      let html = try page(folder)
      for text in ["http:", "https:", "src=", "@import", "url(", "fetch(", "XMLHttpRequest"] {
        #expect(!html.contains(text), "\(text)")
      }
      #expect(html.contains("default-src 'none'"))
      #expect(html.utf8.count < 400_000)
    }
  }

  /// The headline says what the ratio of the records says, and no more than the rows allow.
  @Test(arguments: [
    ((0.30, 0.30), "The four-fifths mark is met for"), ((0.10, 0.30), "The four-fifths mark is missed for"),
    ((0.0, 0.0), "Nearly everyone gets the same decision."), ((1.0, 1.0), "Nearly everyone gets the same decision."),
  ])
  func headline(rates: (Double, Double), expected: String) throws {
    try SampleRun.with(rates: rates) { folder in
      #expect(try page(folder).contains("<h1>\(expected)"))
      let json = try ReportPage(RunReport(folder: folder)).json
      #expect(json["headline"]?.text?.hasPrefix(expected) == true)
    }
  }

  /// Of two conditions one is met: the other one says why it is not, beside a value that looks as if it were.
  @Test func eachConditionHasItsOwnVerdict() throws {
    func condition(
      _ name: String, _ status: ConstraintsRecord.Status, _ reason: String?
    ) -> ConstraintsRecord.Condition {
      .init(
        "p_percent_rule(\(name)) >= 0.8", gate: Gate(.atLeast, 0.8),
        measurements: [.init(.test, before: .defined(0.3), after: Estimate(value: .defined(0.9), interval: nil))],
        status: status, reason: reason)
    }
    func change(_ summary: inout RunSummary) {
      summary.constraints = ConstraintsRecord(
        status: .infeasible, reason: "p_percent_rule(race) >= 0.8: missed by more than a standard error",
        judgedOn: .outOfFold, method: "layer", margin: 1,
        conditions: [
          condition("sex", .feasible, nil), condition("race", .infeasible, "missed by more than a standard error"),
        ], multipliers: [])
    }
    try SampleRun.with(rates: (0.3, 0.3), change: change) { folder in
      let html = try page(folder)
      #expect(html.contains("<h1>Of 2 demands on this model, 1 is not met.</h1>"))
      #expect(html.contains("<span class=\"small\">missed by more than a standard error</span>"))
      #expect(html.contains("with a margin of 1 standard error: p_percent_rule(race) &gt;= 0.8: missed by more"))
    }
  }

  @Test func constraintsComeFirst() throws {
    let after = Estimate(value: .defined(0.7), interval: Interval(low: 0.65, high: 0.75))
    let condition = ConstraintsRecord.Condition(
      "p_percent_rule(sex) >= 0.8", gate: Gate(.atLeast, 0.8),
      measurements: [.init(.test, before: .defined(0.3), after: after)])
    func fail(_ summary: inout RunSummary) {
      summary.constraints = ConstraintsRecord(
        status: .infeasible, judgedOn: .outOfFold, method: "layer", margin: 1.5, conditions: [condition],
        multipliers: [])
      summary.levelledDown = ["sex: Male"]
    }
    try SampleRun.with(rates: (0.3, 0.3), change: fail) { folder in
      let html = try page(folder)
      #expect(html.contains("<h1>Of 1 demand on this model, 1 is not met.</h1>"))
      #expect(html.contains("<section id=\"demands\"") && html.contains("<code>p_percent_rule(sex) &gt;= 0.8</code>"))
      #expect(html.contains("Levelled down: sex: Male lost"))
    }
  }

  /// Records of earlier versions lack some files; the page says so and does without.
  @Test func missingRecordsAreTold() throws {
    try SampleRun.with(hasScores: false, hasEpochs: false) { folder in
      try FileManager.default.removeItem(atPath: "\(folder)/environment.json")
      let html = try page(folder)
      #expect(html.contains("kept no scores.json") && html.contains("has no evaluation.json"))
      for section in ["scores", "training", "thresholds", "curves", "slices"] {
        #expect(!html.contains("<section id=\"\(section)\""))
      }
      #expect(html.contains("<section id=\"groups\"") && html.contains("<section id=\"limits\""))
    }
  }

  @Test func damageIsRefused() throws {
    try SampleRun.with { folder in
      try "{\"format\":1,\"split\":\"test\"}".write(toFile: "\(folder)/scores.json", atomically: true, encoding: .utf8)
      #expect(throws: RecordError.self) { try RunReport(folder: folder) }
    }
    #expect(throws: RecordError.self) { try RunReport(folder: "/nonexistent") }
  }

  @Test func equalRecordsGiveEqualPages() throws {
    try SampleRun.with { folder in
      let pages = [try page(folder), try page(folder)]
      #expect(pages[0] == pages[1])
    }
  }
}
