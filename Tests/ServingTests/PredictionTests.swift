import OrderedJSON
import Serving
import Testing

/// Rows over JSON get the scores, decisions and warnings of `equipoise predict`.
@Suite struct PredictionTests {
  private static func check(_ run: ServedRun) async throws {
    let service = try run.service()
    // One after the other.
    var single: [JSON] = []
    for row in run.rows {
      let answer = service.post("/v1/predict", row.serialized(.compact))
      #expect(answer.status == 200, "\(answer.body)")
      single.append(answer.json)
    }
    let expected = run.predictions
    #expect(single.map { $0["score"]?.double.map(Float.init) } == expected.scores)
    #expect(single.map { $0["decision"]?.integer } == expected.decisions?.map { $0 ? 1 : 0 })
    // All at once, both ways of writing a list.
    for body in [JSON.array(run.rows), ["rows": .array(run.rows)]] {
      let all = service.post("/v1/predict", body.serialized(.compact)).json
      #expect(all["predictions"]?.elements?.map { $0["score"]?.double.map(Float.init) } == expected.scores)
      #expect(all["warnings"]?.elements?.map(\.text) == expected.warnings.map(\.message))
    }
    // Many at the same time: a row's score does not depend on who else is scored.
    let together = await withTaskGroup(of: (Int, Float?).self) { group in
      for (index, row) in run.rows.enumerated() {
        group.addTask {
          (index, service.post("/v1/predict", row.serialized(.compact)).json["score"]?.double.map(Float.init))
        }
      }
      return await group.reduce(into: [Float?](repeating: nil, count: run.rows.count)) { $0[$1.0] = $1.1 }
    }
    #expect(together == expected.scores)
  }

  @Test func plainNetwork() async throws { try await Self.check(ServedRun.plain.get()) }

  @Test func decisionThatReadsTheGroup() async throws { try await Self.check(ServedRun.reading.get()) }

  @Test func warningsOfSingleRows() async throws {
    let service = try ServedRun.plain.get().service()
    let answer = service.post("/v1/predict", #"{"age": 30, "job": "<b>unheard of</b>"}"#)
    #expect(answer.status == 200)
    #expect(
      answer.json["warnings"]?.elements?.map(\.text) == [
        "column 'job': 1 of 1 rows hold what no training row has ('<b>unheard of</b>'); they are encoded as the average "
          + "of the training rows."
      ])
    let known = service.post("/v1/predict", #"{"age": "30", "job": "a", "more": [1, 2]}"#).json
    #expect(known["warnings"] == nil)
    #expect(known["score"] != nil)
  }

  @Test func refusals() async throws {
    let service = try ServedRun.plain.get().service(ServiceSettings(mostRows: 3))
    let refusals: [(body: String, status: Int, place: String, found: String, remedy: String)] = [
      ("", 400, "request:1:1", "the text is empty.", "It should hold one JSON value."),
      (
        #"{"age": 30, "job": b}"#, 400, "request:1:20 (job)", "'b' is not a JSON value.",
        "Put text in quotation marks; the words of JSON are true, false and null."
      ),
      (
        #"{"age": 30, "job": "b""#, 400, "request:1:23",
        "the text ends where a comma or the end } of the object should stand.", "Send one JSON value in UTF-8."
      ),
      (
        "7", 422, "request:1:1", "The request is no row.",
        "Send an object of columns and values, or a list of such objects."
      ),
      ("[]", 422, "request:1:1", "The request has no rows.", "Send at least one."),
      (
        "[1]", 422, "request:1:2 (0)", "This is no row.",
        "A row is an object of columns and values, such as {\"age\": 39}."
      ),
      ("[{},{},{},{}]", 413, "request:1:1", "The request has 4 rows.", "Send at most 3 at once."),
      (
        #"{"rows": [{"age": 1, "job": "a"}, {"age": "old", "job": "a"}]}"#, 422, "request:1:43 (rows.1.'age')",
        "Column 'age' should be a number, found 'old'.", "Send a number, or null where it is not known."
      ),
      (
        #"{"age": 1e999, "job": "a"}"#, 422, "request:1:9 ('age')", "Column 'age' should be a number, found '1e999'.",
        "Send a number, or null where it is not known."
      ),
      (
        #"{"age": [1], "job": "a"}"#, 422, "request:1:9 ('age')", "Column 'age' holds a list or an object.",
        "Send a number, a text, true, false or null."
      ),
      (#"{"agee": 1, "job": "a"}"#, 422, "request:1:1", "There is no column 'age'.", "Did you mean 'agee'?"),
      (
        #"[{"age": 1, "job": "a"}, {"agee": 1, "job": "a"}]"#, 422, "request:1:26 (1)", "There is no column 'age'.",
        "Did you mean 'agee'?"
      ),
      (
        #"{"age": 1}"#, 422, "request:1:1", "There is no column 'job'.",
        "Send it in every row, or null where it is not known."
      ),
      (
        #"{"age": 1e300, "job": "a"}"#, 422, "request", "Column 'age' has a number too large for a feature.",
        "Check it."
      ),
    ]
    for refusal in refusals {
      let answer = service.post("/v1/predict", refusal.body)
      #expect(answer.status == refusal.status, "\(refusal.body)")
      let error = answer.json["error"]
      #expect(error?["place"]?.text == refusal.place, "\(refusal.body)")
      #expect(error?["found"]?.text == refusal.found, "\(refusal.body)")
      #expect(error?["remedy"]?.text == refusal.remedy, "\(refusal.body)")
    }
    #expect(service.answer("GET", "/v1/predict") { [] }.status == 405)
    #expect(service.answer("GET", "/v1/predict") { [] }.allowed == "POST")
    #expect(service.answer("POST", "/healthz") { [] }.status == 405)
    #expect(service.answer("PUT", "/metrics") { [] }.allowed == "GET, HEAD")
    #expect(service.answer("GET", "/v2") { [] }.status == 404)
    #expect(service.answer("GET", "/healthz") { [] }.body == "{\"status\":\"ok\"}\n")
    let late = ServiceError(.timeout, at: "request", found: "Too late.", remedy: "Sooner.")
    let answer = service.answer("POST", "/v1/predict") { () throws(ServiceError) in throw late }
    #expect(answer.status == 408)
    // What is no request is counted too.
    func counted() -> Double {
      service.samples().filter { $0.key.contains("requests_total") && $0.key.contains("\"400\"") }.values.reduce(0, +)
    }
    let before = counted()
    let noRequest = ServiceError(.badRequest, at: "request", found: "Noise.", remedy: "None.")
    #expect(service.refusal(noRequest).status == 400)
    #expect(counted() == before + 1)
  }

  @Test func missingColumnOfADecision() async throws {
    let service = try ServedRun.reading.get().service()
    let answer = service.post("/v1/predict", #"{"age": 30, "job": "a"}"#)
    #expect(answer.status == 422)
    #expect(
      answer.json["error"]?["found"]?.text
        == "There is no column 'group', which this model reads: it was trained with constraints.readsSensitive.")
    let unknown = service.post("/v1/predict", #"{"age": 30, "job": "a", "group": "C"}"#).json
    #expect(
      unknown["warnings"]?.elements?.map(\.text) == [
        "1 rows have no known group in 'group', which the decision reads; they are decided by their other columns alone."
      ])
  }
}
