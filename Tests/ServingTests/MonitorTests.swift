import LinearAlgebra
import OrderedJSON
import Serving
import TabularData
import Testing

/// What a service counts.
@Suite struct MonitorTests {
  @Test func slidingCountsAreThoseOfTheLastEvents() {
    var stream = RandomStream(seed: 1)
    for window in [1, 2, 7, 50] {
      var counts = SlidingCounts(kinds: 5, window: window)
      var events: [Int] = []
      for _ in 0..<120 {
        events.append(Int(stream.uniform() * 5))
        counts.add(events[events.count - 1])
        #expect(counts.all == (0..<5).map { kind in events.count { $0 == kind } })
        #expect(counts.recent == (0..<5).map { kind in events.suffix(window).count { $0 == kind } })
      }
    }
  }

  @Test func logForgetsTheOldest() {
    var log = PredictionLog(capacity: 3, attributes: 2)
    #expect(log.take(0) == .unknown)
    let numbers = (0..<5).map { log.add(decision: $0 % 2 == 1, groups: [Int32($0), -1]) }
    #expect(numbers == [0, 1, 2, 3, 4])
    #expect(log.take(1) == .unknown)
    #expect(log.take(2) == .found(.init(decision: false, groups: [2, -1])))
    #expect(log.take(2) == .repeated)
    #expect(log.take(3) == .found(.init(decision: true, groups: [3, -1])))
    #expect(log.take(5) == .unknown)
    #expect(log.take(.max) == .unknown)
    var none = PredictionLog(capacity: 0, attributes: 0)
    #expect(none.add(decision: true, groups: []) == 0)
    #expect(none.take(0) == .unknown)
  }

  @Test func prometheusText() {
    var page = PrometheusText()
    page.family("a", .gauge, "Line\nbreak and \\.")
    page.sample("a", [("group", "\"x\"\n\\")], 0.5)
    page.sample("a", [], .nan)
    var buckets = BucketCounts(bounds: [0.5, 1])
    for value in [0.5, 0.75, 2] { buckets.add(value) }
    page.histogram("h", [], buckets)
    #expect(
      page.text == """
        # HELP a Line\\nbreak and \\\\.
        # TYPE a gauge
        a{group="\\"x\\"\\n\\\\"} 0.5
        h_bucket{le="0.5"} 1
        h_bucket{le="1"} 2
        h_bucket{le="+Inf"} 3
        h_sum 3.25
        h_count 3

        """)
  }

  @Test func groupsAndOutcomes() async throws {
    let run = try ServedRun.plain.get()
    let service = try run.service(ServiceSettings(watched: ["group"], remembered: 150, window: 20))
    var rows: [(group: String, decision: Bool, label: Bool, id: String)] = []
    for (index, row) in run.rows.prefix(100).enumerated() {
      let answer = service.post("/v1/predict", row.serialized(.compact)).json
      rows.append(
        (
          row["group"]?.text ?? "", answer["decision"]?.integer == 1, index % 3 == 0,
          answer["id"]?.text ?? ""
        ))
    }
    var samples = service.samples()
    func count(_ rows: some Sequence<(group: String, decision: Bool, label: Bool, id: String)>) -> Double {
      Double(rows.reduce(0) { count, _ in count + 1 })
    }
    for group in ["A", "B"] {
      let all = rows.filter { $0.group == group }
      let recent = rows.suffix(20).filter { $0.group == group }
      let labels = "{attribute=\"group\",group=\"\(group)\""
      #expect(samples["equipoise_group_predictions_total\(labels)}"] == count(all))
      #expect(samples["equipoise_group_selected_total\(labels)}"] == count(all.filter(\.decision)))
      #expect(
        samples["equipoise_group_selection_rate\(labels),rows=\"recent\"}"]
          == count(recent.filter(\.decision)) / count(recent))
      // No label is known yet, so there is no such rate.
      #expect(samples["equipoise_group_outcome_rate\(labels),rate=\"true_positive_rate\",rows=\"all\"}"] == nil)
    }
    #expect(samples["equipoise_score_count"] == 100)
    #expect(samples["equipoise_requests_total{path=\"/v1/predict\",status=\"200\"}"] == 100)

    // Half of the outcomes, as numbers, flags and the data's own spelling.
    for (index, row) in rows.enumerated() where index % 2 == 0 {
      let label = [row.label ? "1" : "0", row.label ? "true" : "false", row.label ? "\"yes\"" : "\"no\""][index % 3]
      let answer = service.post("/v1/outcomes", "{\"id\": \"\(row.id)\", \"label\": \(label)}")
      #expect(answer.json["joined"]?.integer == 1, "\(answer.body)")
    }
    let again = service.post("/v1/outcomes", "[{\"id\": \"\(rows[0].id)\", \"label\": 1}]").json
    #expect(again["repeated"]?.integer == 1)
    for body in ["{\"id\": \"x-1\", \"label\": 1}", "[{\"id\": \"\", \"label\": 0}]"] {
      #expect(service.post("/v1/outcomes", body).status == 404)
    }
    for body in ["{\"id\": 1, \"label\": 1}", "{\"id\": \"x\", \"label\": 2}", "{\"id\": \"x\"}", "{}"] {
      #expect(service.post("/v1/outcomes", body).status == 422)
    }
    samples = service.samples()
    let judged = rows.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    for group in ["A", "B"] {
      let positives = judged.filter { $0.group == group && $0.label }
      #expect(
        samples[
          "equipoise_group_outcome_rate{attribute=\"group\",group=\"\(group)\",rate=\"true_positive_rate\",rows=\"all\"}"
        ]
          == count(positives.filter(\.decision)) / count(positives))
    }
    #expect(samples["equipoise_outcomes_total{result=\"joined\"}"] == 50)
    #expect(samples["equipoise_outcomes_total{result=\"repeated\"}"] == 1)
    #expect(samples["equipoise_outcomes_total{result=\"unknown\"}"] == 2)
    let metric = "attribute=\"group\",metric=\"demographic_parity_difference\""
    let drift = try #require(samples["equipoise_parity_drift{\(metric)}"])
    let recent = try #require(samples["equipoise_parity{\(metric),rows=\"recent\"}"])
    let reference = try #require(samples["equipoise_parity{\(metric),rows=\"reference\"}"])
    #expect(abs(drift - (recent - reference)) < 1e-12)
  }

  @Test func nothingSensitiveUnlessAskedFor() async throws {
    let run = try ServedRun.plain.get()
    let service = try run.service(ServiceSettings(remembered: 0))
    let answer = service.post("/v1/predict", run.rows[0].serialized(.compact)).json
    #expect(answer["score"] != nil && answer["id"] == nil)
    #expect(!service.answer("GET", "/metrics") { [] }.body.contains("group"))
    #expect(service.post("/v1/outcomes", "{\"id\": \"x\", \"label\": 1}").status == 404)
    let error = #expect(throws: DataError.self) { try run.service(ServiceSettings(watched: ["grup"])) }
    #expect(
      error?.message == "has no sensitive attribute 'grup' that could be watched. Did you mean 'group'?")
  }
}
