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

  /// Columns may be called like states of the classifier, or like its scores, and cells go by the model's markers.
  @Test func columnsNamedLikeStates() throws {
    try Tool.withFolder { folder in
      var lines = ["age;selected;final;pretrained"]
      for row in 0..<400 {
        let group = row % 5 == 0 ? "NA" : row % 3 == 0 ? "a" : "b"
        lines.append("\(20 + row * 7 % 40);\(row * 13 % 10 < 4 ? "yes" : "no");\(group);\(row % 2)")
      }
      let rows = lines.joined(separator: "\n")
      try rows.write(toFile: "\(folder)/semicolons.csv", atomically: false, encoding: .utf8)
      try rows.replacing(";", with: ",").write(toFile: "\(folder)/rows.csv", atomically: false, encoding: .utf8)
      let configuration = """
        {"name": "hiring", "data": {"source": {"csv": "rows.csv"}, "label": {"column": "selected", "positive": "yes"},
          "sensitive": [{"column": "final", "privileged": "a"}], "missing": {"markers": ["NA"]}},
         "constraints": {"require": ["p_percent_rule(final) >= 0.1"]}, "evaluation": {"draws": 20}}
        """
      try configuration.write(toFile: "\(folder)/hiring.json", atomically: false, encoding: .utf8)
      let trained = try Tool.run(["run", "\(folder)/hiring.json", "-q", "--output", "\(folder)/runs"])
      #expect(trained.status == 0, "\(trained.error)")
      let parent = "\(folder)/runs/hiring"
      let run = "\(parent)/\(try #require(try FileManager.default.contentsOfDirectory(atPath: parent).first))"
      let kept = try report(Tool.run(["evaluate", "--results", "\(run)/evaluation.json", "--json"]).output)
      let names = (kept["models"] as? [[String: Any]])?.compactMap { $0["model"] as? String } ?? []
      #expect(Set(names).isSubset(of: ["pretrained", "selected", "final"]) && names.count >= 2, "\(names)")
      // The rows without a group are in none, whatever the separator.
      for (file, options) in [("rows", []), ("semicolons", ["--separator", ";"])] {
        let judged = try Tool.run(
          [
            "evaluate", "--model", run, "--data", "\(folder)/\(file).csv", "--label", "selected", "--positive", "yes",
            "--groups", "final",
            "--draws", "20",
          ] + options)
        #expect(judged.status == 0, "\(judged.error)")
        #expect(!judged.output.contains("NA"), "\(judged.output)")
      }
    }
  }

  /// Crossed, these attributes have more groups than a number of 64 bits counts.
  @Test func manyAttributesOfManyGroups() throws {
    try Tool.withFolder { folder in
      let names = (0..<16).map { "s\($0)" }
      var lines = [(["x", "y"] + names).joined(separator: ",")]
      for row in 0..<640 {
        let codes = names.indices.map { "g\((row / ($0 + 1) + row) % 16)" }
        lines.append((["\(row % 17)", "\(row % 3 == 0 ? 1 : 0)"] + codes).joined(separator: ","))
      }
      try lines.joined(separator: "\n").write(toFile: "\(folder)/rows.csv", atomically: false, encoding: .utf8)
      let sensitive = names.map { "{\"column\": \"\($0)\"}" }.joined(separator: ", ")
      let configuration = """
        {"name": "many", "data": {"source": {"csv": "rows.csv"}, "label": {"column": "y", "positive": "1"},
          "sensitive": [\(sensitive)]}, "adversary": {"name": null}, "training": {"gameEpochs": 1},
         "evaluation": {"intervals": false, "slices": [["s0"]]}, "output": {"report": false}}
        """
      try configuration.write(toFile: "\(folder)/many.json", atomically: false, encoding: .utf8)
      let trained = try Tool.run(["run", "\(folder)/many.json", "-q", "--output", "\(folder)/runs"])
      #expect(trained.status == 0, "\(trained.error)")
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

  /// Rows' weights count the same in conditions, tables, gates and the records of the phases, and as in a computation by
  /// hand from the predictions.
  @Test func weightsCountEverywhere() throws {
    try Tool.withFolder { folder in
      var lines = ["g,x,w,y"]
      var weights: [Double] = []
      for row in 0..<1600 {
        let isMan = row % 2 == 0
        let noise = Double((row * 7919) % 1000) / 1000
        let isPositive = noise + (isMan ? 0.25 : 0) > 0.6
        let feature = noise + Double((row * 104_729) % 700) / 1000
        // Men who are likely to be selected weigh much, so that the weighted rates are others.
        let weight = isMan && feature > 0.9 ? 5.0 : Double(1 + row % 3)
        weights.append(weight)
        lines.append("\(isMan ? "m" : "f"),\(feature),\(weight),\(isPositive ? 1 : 0)")
      }
      try (lines.joined(separator: "\n") + "\n").write(toFile: "\(folder)/rows.csv", atomically: true, encoding: .utf8)
      try """
      {"name": "weighted", "data": {"source": {"csv": "rows.csv"}, "label": {"column": "y", "positive": "1"},
       "sensitive": [{"column": "g"}], "weights": "w"},
       "constraints": {"require": ["p_percent_rule(g) >= 0.8"]},
       "evaluation": {"require": ["p_percent_rule(g) >= 0.1"], "draws": 20}, "output": {"report": false}}
      """.write(toFile: "\(folder)/weighted.json", atomically: true, encoding: .utf8)
      let result = try Tool.run(["run", "\(folder)/weighted.json", "-q", "--output", "\(folder)/runs"])
      #expect([0, 1].contains(result.status), "\(result.error)")
      let name = try #require(
        try FileManager.default.contentsOfDirectory(atPath: "\(folder)/runs/weighted").first)
      let run = "\(folder)/runs/weighted/\(name)"
      func json(_ file: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(filePath: "\(run)/\(file)"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      }
      func member(_ value: Any?, _ keys: String...) -> Any? {
        keys.reduce(value) { ($0 as? [String: Any])?[$1] }
      }
      var selected = ["m": 0.0, "f": 0.0]
      var all = selected
      for line in try String(contentsOfFile: "\(run)/predictions.csv", encoding: .utf8).split(separator: "\n")
        .dropFirst()
      {
        let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard cells[1] == "test", let row = Int(cells[0]), let group = cells.last else { continue }
        all[group, default: 0] += weights[row]
        if cells[4] == "1" { selected[group, default: 0] += weights[row] }
      }
      let rates = selected.map { $0.value / (all[$0.key] ?? 0) }
      let expected = try #require(rates.min()) / #require(rates.max())
      let summary = try json("summary.json")
      let conditions = member(summary, "constraints", "conditions") as? [Any]
      let condition = try #require(member(conditions?.first, "rows", "test", "after") as? Double)
      let phase = try #require(
        member(summary, "phases", "final", "test", "sensitive", "g", "pPercentRule") as? Double)
      #expect(abs(condition - expected) < 1e-12 && abs(phase - expected) < 1e-12, "\(condition) \(phase) \(expected)")
      let shown = String(format: "%.3f", expected)
      #expect(result.output.contains("require p_percent_rule(g) >= 0.1: \(shown) ["), "\(result.output)")
      #expect(result.output.contains(String(format: " %.1f %% [", expected * 100)), "\(result.output)")
    }
  }
}
