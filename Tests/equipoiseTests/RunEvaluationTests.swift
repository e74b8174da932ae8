import Foundation
import Testing

/// What `run` evaluates at its end, and its gates.
@Suite struct RunEvaluationTests {
  private let small = [
    "run", "Configs/quickstart.json", "-q", "--set", "data.source.rows=2000", "--set", "training.gameEpochs=10",
    "--set", "evaluation.draws=50",
  ]

  private func onlyRun(in folder: String) throws -> String {
    "\(folder)/quickstart/\(try #require(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/quickstart").first))"
  }

  @Test(arguments: [
    ("require=[\"accuracy > 0.5\"]", 0, ", pass\n"), ("require=[\"accuracy > 0.99\"]", 1, ", FAIL\n"),
    ("failIf=[\"accuracy > 0.5\"]", 1, ", FAIL\n"),
    (
      "require=[\"abs(fnr(race = Black) - fnr(race = White)) < 0.1\"]", 3,
      "insufficient evidence: the interval reaches across the bound\n"
    ),
  ])
  func gatesSetTheStatus(gate: String, status: Int32, verdict: String) throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(small + ["--output", folder, "--set", "evaluation.\(gate)"])
      #expect(result.status == status, "\(result.error)")
      #expect(result.output.contains("\nGates\n"))
      #expect(result.output.contains(verdict))
      // Whatever the verdict, the run is whole.
      let run = try onlyRun(in: folder)
      for name in ["model/weights.safetensors", "summary.json", "evaluation.json"] {
        #expect(FileManager.default.fileExists(atPath: "\(run)/\(name)"), "\(name)")
      }
      let again = try Tool.run(["evaluate", "--results", "\(run)/evaluation.json"])
      #expect(again.status == status)
      #expect(again.output.contains(verdict))
    }
  }

  /// The evaluation of a run equals that of its predictions file, and knows columns that are no attribute.
  @Test func runAndEvaluateAgree() throws {
    try Tool.withFolder { folder in
      let options = [
        "--set", "evaluation.bins={\"age\":[30,50]}", "--set", "evaluation.groups=[\"education\"]", "--set",
        "evaluation.slices=[[\"sex\"],[\"age\"],[\"education\"],[\"age\",\"sex\"]]",
      ]
      #expect(try Tool.run(small + ["--output", folder] + options).status == 0)
      let run = try onlyRun(in: folder)
      let all = try String(contentsOfFile: "\(run)/predictions.csv", encoding: .utf8).split(separator: "\n")
      let test = all.filter { $0.hasPrefix("row,") || $0.contains(",test,") }
      let path = "\(folder)/test.csv"
      try test.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
      let fromFile = try report(
        Tool.run([
          "evaluate", "--predictions", path, "--slices", "sex", "--draws", "50", "--json",
        ]).output)
      let fromRun = try report(
        Tool.run(["evaluate", "--results", "\(run)/evaluation.json", "--json"]).output)
      let final = try #require((fromRun["models"] as? [[String: Any]])?.last)
      #expect(final["model"] as? String == "final")
      func metrics(_ model: [String: Any], _ slice: [String: String]) throws -> NSDictionary {
        let slices = try #require(model["slices"] as? [[String: Any]])
        return try #require(slices.first { $0["slice"] as? [String: String] == slice }) as NSDictionary
      }
      for slice in [[:], ["sex": "Female"], ["sex": "Male"]] {
        let (ours, theirs) = (try metrics(final, slice), try metrics(fromFile, slice))
        #expect(ours["rows"] as? Int == theirs["rows"] as? Int)
        #expect(ours["rocAUC"] as? NSDictionary == theirs["rocAUC"] as? NSDictionary)
        // Bootstrap draws differ with the place of a slice; what has a formula is equal with its interval.
        let pair = [ours, theirs].map {
          (($0["thresholds"] as? [[String: Any]])?.first ?? [:])["accuracy"] as? NSDictionary
        }
        #expect(pair[0] != nil && pair[0] == pair[1])
      }
      _ = try metrics(final, ["age": "30 ..< 50", "sex": "Female"])
      _ = try metrics(final, ["education": "Bachelors"])
      // The summary has the same numbers.
      let summary = try report(String(contentsOfFile: "\(run)/summary.json", encoding: .utf8))
      let phases = try #require(summary["phases"] as? [String: [String: [String: Any]]])
      let auc = try metrics(final, [:])["rocAUC"] as? [String: Double]
      #expect(phases["final"]?["test"]?["rocAUC"] as? Double == auc?["value"])
      #expect((summary["timing"] as? [String: Double])?["evaluation"] != nil)
      // Other splits can be shown.
      let training = try Tool.run(["evaluate", "--results", "\(run)/evaluation.json", "--split", "train"])
      #expect(training.output.hasPrefix("quickstart, seed 7, train rows: 947 rows"))
      let wrong = try Tool.run(["evaluate", "--results", "\(run)/evaluation.json", "--split", "trian"])
      #expect(wrong.status == 64)
      #expect(wrong.error == "equipoise: --split trian: is no part of the run. Its parts are train, test.\n")
    }
  }

  private func report(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// Rows of several files are numbered within their file; missing numbers are counted.
  @Test func rowsOfSeveralFiles() throws {
    try Tool.withFolder { folder in
      for (name, seed) in [("a", 1), ("b", 2)] {
        let rows = try Tool.run(["data", "simulate", "--rows", "300", "--seed", "\(seed)"]).output
        var lines = rows.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if name == "a" {
          // The first two ages are missing.
          for row in 1...2 { lines[row] = "," + lines[row].drop { $0 != "," }.dropFirst() }
        }
        try lines.joined(separator: "\n").write(toFile: "\(folder)/\(name).csv", atomically: true, encoding: .utf8)
      }
      let configuration = """
        {"name": "quickstart", "data": {"label": {"column": "income", "positive": ">50K"},
         "sensitive": [{"column": "sex"}], "split": {"files": {"train": "a.csv", "test": "b.csv"}}},
         "training": {"gameEpochs": 2, "adversaryEpochs": 1}, "evaluation": {"slices": [["relationship"]], "draws": 10}}
        """
      try configuration.write(toFile: "\(folder)/c.json", atomically: true, encoding: .utf8)
      let result = try Tool.run(["run", "\(folder)/c.json", "--output", folder])
      #expect(result.status == 0, "\(result.error)")
      #expect(result.error.contains("column 'age' is missing in 2 of 600 rows; the mean of the training rows, "))
      let run = try onlyRun(in: folder)
      let lines = try String(contentsOfFile: "\(run)/predictions.csv", encoding: .utf8).split(separator: "\n")
      #expect(lines[0] == "row,file,split,label,score,decision,scoreBefore,sex")
      #expect(lines[1].hasPrefix("0,a.csv,train,"))
      #expect(lines[301].hasPrefix("0,b.csv,test,"))
      let shown = try Tool.run(["evaluate", "--results", "\(run)/evaluation.json"]).output
      #expect(shown.contains("relationship:\n"))
      #expect(shown.contains("Husband"))
    }
  }
}
