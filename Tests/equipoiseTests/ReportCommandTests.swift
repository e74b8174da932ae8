import Foundation
import Testing

/// `equipoise report`, and the page at the end of a run.
@Suite struct ReportCommandTests {
  private static let small = [
    "run", "Configs/quickstart.json", "-q", "--json", "--set", "data.source.rows=1500", "--set",
    "training.gameEpochs=5",
    "--set", "evaluation.draws=20",
  ]

  /// Makes a run and gives its folder and what it printed.
  private func withRun(_ options: [String] = [], _ body: (String, [String: Any]) throws -> Void) throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(Self.small + ["--output", folder] + options)
      #expect(result.status == 0, "\(result.error)")
      let printed = try object(result.output)
      try body(try #require(printed["folder"] as? String), printed)
    }
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func rowData(_ html: String) throws -> [String: Any]? {
    guard let start = html.range(of: "<script type=\"application/json\" id=\"row-data\">") else { return nil }
    let rest = html[start.upperBound...]
    return try object(String(rest[..<(try #require(rest.range(of: "</script>"))).lowerBound]))
  }

  @Test func runEndsWithItsPage() throws {
    try withRun { run, printed in
      #expect(printed["report"] as? String == "\(run)/report.html")
      let html = try String(contentsOfFile: "\(run)/report.html", encoding: .utf8)
      #expect(html.contains("<section id=\"scores\"") && html.contains("<section id=\"training\""))
      // The page that a run makes for itself holds no row: it may be passed on.
      #expect(try rowData(html) == nil)
      #expect(try Tool.run(["report", run, "--rows", "0"]).output == "\(run)/report.html\n")
      #expect(try String(contentsOfFile: "\(run)/report.html", encoding: .utf8) == html)
    }
  }

  @Test func runWithoutPage() throws {
    try withRun(["--set", "output.report=false"]) { run, printed in
      #expect(printed["report"] is NSNull && !FileManager.default.fileExists(atPath: "\(run)/report.html"))
    }
  }

  /// The rows of the page are the test rows of the run, with their scores; what is left out is nowhere.
  @Test func rowsOfThePage() throws {
    try withRun { run, _ in
      let path = "\(run)/with-rows.html"
      #expect(try Tool.run(["report", run, "--output", path]).status == 0)
      let html = try String(contentsOfFile: path, encoding: .utf8)
      let rows = try #require(try rowData(html))
      let lines = try String(contentsOfFile: "\(run)/predictions.csv", encoding: .utf8).split(separator: "\n")
      #expect(lines[0].hasPrefix("row,split,label,score,decision,scoreBefore,"))
      let test = lines.filter { $0.contains(",test,") }.map { $0.split(separator: ",") }
      #expect(rows["rows"] as? [Int] == test.compactMap { Int($0[0]) })
      let scores = try #require(rows["scores"] as? [Double])
      #expect(scores.map { Float($0) } == test.compactMap { Float($0[3]) })
      #expect((rows["before"] as? [Double])?.map { Float($0) } == test.compactMap { Float($0[5]) })
      #expect((rows["groups"] as? [Any])?.isEmpty == false && rows["model"] is [String: Any])

      #expect(try Tool.run(["report", run, "--output", path, "--no-sensitive", "--rows", "100"]).status == 0)
      let without = try #require(try rowData(String(contentsOfFile: path, encoding: .utf8)))
      #expect((without["rows"] as? [Int])?.count == 100 && without["total"] as? Int == test.count)
      #expect((without["groups"] as? [Any])?.isEmpty == true && (without["hidden"] as? [String])?.isEmpty == false)
    }
  }

  @Test func severalRunsAndJSON() throws {
    try withRun { one, _ in
      try withRun(["--seed", "3", "--set", "output.predictions=false"]) { other, _ in
        let path = "\(one)/both.html"
        #expect(try Tool.run(["report", one, other, "--output", path]).output == "\(path)\n")
        let html = try String(contentsOfFile: path, encoding: .utf8)
        #expect(html.contains("2 runs side by side") && html.contains("<code>seed</code>"))
        let json = try object(Tool.run(["report", one, "--json"]).output)
        #expect(json["headline"] is String && json["scores"] is [String: Any] && json["limits"] is String)
        let both = try object(Tool.run(["report", one, other, "--json"]).output)
        #expect((both["runs"] as? [Any])?.count == 2)
      }
    }
  }

  @Test(arguments: [
    (["report"], 64, "Missing expected argument '<run> ...'"),
    (["report", "/nonexistent"], 66, "is not the folder of a run"),
    (["report", "Configs"], 66, "has no config.json"),
    (["report", "x", "--json", "--output", "y"], 64, "--json prints"),
    (["report", "x", "--rows=-1"], 64, "at least 0"),
  ])
  func refusals(arguments: [String], status: Int32, message: String) throws {
    let result = try Tool.run(arguments)
    #expect(result.status == status)
    #expect(result.error.contains(message), "\(result.error)")
  }
}
