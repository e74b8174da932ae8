import FairnessMetrics
import OrderedJSON
import ReportPages
import RunRecords
import Testing

/// A verdict is about the rows that it was judged on, and no page lets it pass for one about others.
@Suite struct DemandTests {
  private func constraint(
    _ name: String, _ test: Estimate, status: ConstraintsRecord.Status = .feasible,
    gate: Gate = Gate(.atLeast, 0.8)
  ) -> ConstraintsRecord.Condition {
    .init(
      "p_percent_rule(\(name)) >= 0.8", gate: gate,
      measurements: [
        .init(
          .outOfFold, before: .defined(0.4),
          after: Estimate(value: .defined(0.83), interval: Interval(low: 0.78, high: 0.88))),
        .init(.test, before: .defined(0.3), after: test),
      ], status: status)
  }

  private func with(
    _ conditions: [ConstraintsRecord.Condition], status: ConstraintsRecord.Status = .feasible,
    _ body: (RunReport) throws -> Void
  ) throws {
    func change(_ summary: inout RunSummary) {
      summary.constraints = ConstraintsRecord(
        status: status, judgedOn: .outOfFold, method: "layer", margin: 1, conditions: conditions, multipliers: [])
    }
    try SampleRun.with(rates: (0.2, 0.3), change: change) { try body(RunReport(folder: $0)) }
  }

  private func estimate(_ value: Double, _ low: Double, _ high: Double) -> Estimate {
    Estimate(value: .defined(value), interval: Interval(low: low, high: high))
  }

  @Test func metOutOfFoldAndMissedOnTestRows() throws {
    try with([constraint("sex", estimate(0.777, 0.703, 0.857)), constraint("race", estimate(0.6, 0.5, 0.7))]) { run in
      let page = ReportPage(run)
      let expected =
        "Both demands on this model held on the rows they were judged on; on the test rows the model misses both."
      #expect(page.html.contains("<h1>\(expected)</h1>"))
      let readme = ModelCard(run).markdown
      #expect(readme.contains(expected) && !readme.contains("are met."))
      #expect(ModelCard(run).json["model_details"]?["overview"]?.text?.hasPrefix(expected) == true)
      #expect(
        page.html.contains(
          "2 of 2 met on the rows they were judged on. On the test rows 2 are missed: p_percent_rule(sex) &gt;= 0.8 at "
            + "0.777 [0.703, 0.857] (the interval reaches the bound); p_percent_rule(race) &gt;= 0.8 at 0.600 "
            + "[0.500, 0.700] (with its whole interval)."))
      // The verdict stands beside the value that it is about, and the test rows have one of their own.
      let demands = page.json["demands"]?.elements ?? []
      #expect(demands.map { $0["value"]?["value"]?.double } == [0.83, 0.83])
      #expect(demands.map { $0["standing"]?.text } == ["met", "met"])
      #expect(demands.map { $0["check"]?["value"]?["value"]?.double } == [0.777, 0.6])
      #expect(demands.map { $0["check"]?["standing"]?.text } == ["cannot tell", "not met"])
      #expect(demands.map { $0["check"]?["isMissed"] } == [.bool(true), .bool(true)])
    }
  }

  @Test func metEverywhere() throws {
    try with([constraint("sex", estimate(0.9, 0.85, 0.95)), constraint("race", estimate(0.81, 0.7, 0.9))]) { run in
      let page = ReportPage(run)
      #expect(page.html.contains("<h1>Both demands on this model are met.</h1>"))
      #expect(page.html.contains("On the test rows no value misses its bound, but of 1 the interval does not tell."))
      #expect(!page.html.contains("misses the bound, "))
    }
  }

  @Test func oneOfSeveral() throws {
    let infeasible = constraint("race", estimate(0.5, 0.4, 0.6), status: .infeasible)
    try with([infeasible, constraint("sex", estimate(0.7, 0.65, 0.75))], status: .infeasible) { run in
      let json = ReportPage(run).json
      #expect(
        json["headline"]?.text == "Of 2 demands on this model, 1 is not met; on the test rows 1 more is missed.")
      let sentences = json["sentences"]?.elements?.compactMap(\.text) ?? []
      #expect(sentences.first?.hasPrefix("p_percent_rule(race) >= 0.8 is not met: it came to 0.830") == true)
      #expect(
        sentences.dropFirst().first
          == "p_percent_rule(sex) >= 0.8 held where it was judged (0.830 on the training rows, out of fold); on the test "
          + "rows its value of 0.700 [0.650, 0.750] misses the bound, with its whole interval.")
    }
  }

  /// The relation is that of the record, whatever the text looks like.
  @Test(arguments: [
    (Gate(.atLeast, 0.8), 0.7, true), (Gate(.atLeast, 0.8), 0.8, false), (Gate(.greater, 0.8), 0.8, true),
    (Gate(.atMost, 0.05), 0.06, true), (Gate(.atMost, 0.05), 0.05, false), (Gate(.less, 0.05), 0.05, true),
  ])
  func relation(_ gate: Gate, value: Double, isMissed: Bool) throws {
    let condition = constraint("sex", Estimate(value: .defined(value), interval: nil), gate: gate)
    try with([condition]) { run in
      let check = ReportPage(run).json["demands"]?.elements?.first?["check"]
      #expect(check?["isMissed"] == .bool(isMissed), "\(gate) \(value)")
      #expect(check?["standing"]?.text == (isMissed ? "not met" : "met"))
    }
  }

  /// A record from before relations were kept says nothing of later rows.
  @Test func withoutRelation() throws {
    var condition = constraint("sex", estimate(0.7, 0.65, 0.75))
    condition.relation = nil
    try with([condition]) { run in
      let page = ReportPage(run)
      #expect(page.json["demands"]?.elements?.first?["check"] == nil)
      #expect(page.html.contains("The demand on this model is met."))
    }
  }
}
