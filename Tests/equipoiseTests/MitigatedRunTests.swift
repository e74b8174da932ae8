import Foundation
import Testing

/// Runs with steps of mitigation and with the adversaries beside the article's.
@Suite struct MitigatedRunTests {
  private static let data = [
    "Configs/quickstart.json", "--set", "data.source.rows=3000", "--set", "data.source.seed=9", "--set",
    #"data.split={"fractions": {"train": 0.5, "validation": 0.25, "test": 0.25}}"#, "--set", "training.gameEpochs=5",
    "--set", "evaluation.intervals=false",
  ]

  private func run(_ folder: String, _ more: [String]) throws -> (path: String, summary: [String: Any]) {
    let result = try Tool.run(["run"] + Self.data + ["-q", "--output", folder] + more)
    try #require(result.status == 0, "\(result.error)")
    let parent = "\(folder)/quickstart"
    let path = "\(parent)/\(try #require(try FileManager.default.contentsOfDirectory(atPath: parent).first))"
    let bytes = try Data(contentsOf: URL(filePath: "\(path)/summary.json"))
    return (path, try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any]))
  }

  private func split(_ summary: [String: Any], _ phase: String, _ split: String) throws -> [String: Any] {
    let phases = try #require(summary["phases"] as? [String: [String: Any]])
    return try #require(phases[phase]?[split] as? [String: Any])
  }

  private func gap(_ summary: [String: Any], _ phase: String, _ rows: String, of column: String = "sex") throws
    -> Double
  {
    let sensitive = try #require(try split(summary, phase, rows)["sensitive"] as? [String: [String: Any]])
    return try #require(sensitive[column]?["demographicParityDifference"] as? Double)
  }

  private func cells(_ text: String) -> [[String]] {
    text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  static let plans = [
    #"[{"name": "reweighing"}]"#,
    #"[{"name": "resampling", "attributes": ["sex"]}, {"name": "correlationRemover"}]"#,
    #"[{"name": "ruleWeights", "rules": ["where label = 1 and sex = Female set weight 2"]}, {"name": "thresholds"}]"#,
    #"[{"name": "penalties", "penalties": [{"penalty": "demographicParityGap"}], "epochs": 5}, {"name": "rejectOption", "attribute": "sex"}]"#,
    #"[{"name": "exponentiatedGradient", "attributes": ["sex"], "iterations": 20}]"#,
    #"[{"name": "gridSearch", "attributes": ["sex"], "size": 5, "learner": "classifier", "epochs": 2}]"#,
    #"[{"name": "correlationRemover", "attributes": ["sex"]}, {"name": "adversary"}, {"name": "thresholds", "randomized": true, "criterion": "equalizedOdds", "attributes": ["sex"]}]"#,
  ]

  /// What the run recorded is what its model says of the same rows, also where it reads groups or draws.
  @Test(arguments: plans) func predictRepeatsTheRun(plan: String) throws {
    try Tool.withFolder { folder in
      let (path, summary) = try run(folder, ["--set", "mitigation=\(plan)"])
      #expect(try split(summary, "final", "test")["accuracy"] as? Double ?? 0 > 0.6)
      let recorded = cells(try String(contentsOfFile: "\(path)/predictions.csv", encoding: .utf8))
      let header = try #require(recorded.first)
      let score = try #require(header.firstIndex(of: "score"))
      let rows = "\(folder)/rows.csv"
      #expect(try Tool.run(["data", "simulate", "--rows", "3000", "--seed", "9", "--output", rows]).status == 0)
      let predicted = try Tool.run(["predict", path, rows, "-q"])
      try #require(predicted.status == 0, "\(predicted.error)")
      let found = cells(predicted.output)
      #expect(recorded.count > 2500)
      for line in recorded.dropFirst() {
        let row = try #require(Int(line[0]))
        #expect(line[score] == found[row + 1][1] && line[score + 1] == found[row + 1][2], "row \(row)")
      }
    }
  }

  /// Group thresholds meet their criterion on the rows they were fitted on, and stay near it on others.
  @Test func thresholdsNarrowTheGap() throws {
    try Tool.withFolder { folder in
      let (_, summary) = try run(
        folder,
        [
          "--set", "adversary.name=null", "--set",
          #"mitigation=[{"name": "thresholds", "attributes": ["sex"], "tolerance": 0.01}]"#,
        ])
      #expect(try gap(summary, "final", "validation") <= 0.01)
      #expect(try gap(summary, "pretrained", "validation") > 0.1)
      #expect(try gap(summary, "final", "test") < 0.1)
      let notices = try #require(summary["notices"] as? [String])
      #expect(notices.contains { $0.contains("The model reads sex") })
    }
  }

  @Test func lotteriesCanBeDrawnAgainAndShown() throws {
    try Tool.withFolder { folder in
      let (path, _) = try run(
        folder,
        [
          "--set", "adversary.name=null", "--set",
          #"mitigation=[{"name": "thresholds", "attributes": ["sex"], "randomized": true, "criterion": "equalizedOdds"}]"#,
        ])
      let rows = "\(folder)/rows.csv"
      #expect(try Tool.run(["data", "simulate", "--rows", "500", "--seed", "3", "--output", rows]).status == 0)
      func predict(_ more: [String]) throws -> [[String]] {
        let result = try Tool.run(["predict", path, rows, "-q"] + more)
        try #require(result.status == 0, "\(result.error)")
        return Array(cells(result.output).dropFirst())
      }
      let (drawn, again, other) = (try predict([]), try predict([]), try predict(["--seed", "99"]))
      #expect(drawn == again && drawn != other)
      let chances = try predict(["--chances"]).compactMap { Double($0[1]) }
      for (chance, line) in zip(chances, drawn) {
        if chance == 0 { #expect(line[2] == "0") }
        if chance == 1 { #expect(line[2] == "1") }
      }
      #expect(chances.contains { $0 > 0 && $0 < 1 })

      // Without the column nothing can be decided.
      let text = try String(contentsOfFile: rows, encoding: .utf8)
      try text.replacingOccurrences(of: "sex", with: "xes").write(toFile: rows, atomically: false, encoding: .utf8)
      let refused = try Tool.run(["predict", path, rows, "-q"])
      #expect(refused.status == 65 && refused.error.contains("lacks the column 'sex'"))
    }
  }

  @Test func equalRunsGiveEqualBytes() throws {
    try Tool.withFolder { folder in
      let files = try ["a", "b"].map { name -> [Data] in
        let (path, _) = try run("\(folder)/\(name)", ["--set", "mitigation=\(Self.plans[6])"])
        return try ["epochs.jsonl", "predictions.csv", "model/model.json", "model/weights.safetensors"].map {
          try Data(contentsOf: URL(filePath: "\(path)/\($0)"))
        }
      }
      #expect(files[0] == files[1])
    }
  }

  @Test(
    arguments: ["projection", "aif360", "fairlearn", "fairlearnTorch", "gradientReversal", "laftr"],
    ["demographicParity", "equalizedOdds", "equalOpportunity"])
  func adversaries(name: String, criterion: String) throws {
    try Tool.withFolder { folder in
      let (path, summary) = try run(
        folder,
        [
          "--set", #"adversary={"name": "\#(name)", "criterion": "\#(criterion)", "diagnostics": true}"#, "--set",
          "training.batchSize=128",
        ])
      #expect(try split(summary, "final", "test")["accuracy"] as? Double ?? 0 > 0.6)
      let lines = try String(contentsOfFile: "\(path)/epochs.jsonl", encoding: .utf8).split(separator: "\n")
      let line = try #require(lines.last)
      let last = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let gradients = try #require(last["gradients"] as? [String: Any])
      #expect((0...180).contains(try #require(gradients["angle"] as? Double)))
      #expect((gradients["removedShare"] is NSNull) == (name == "gradientReversal" || name == "laftr"))
      let attributes = try #require(gradients["attributes"] as? [String: [String: Double]])
      #expect(attributes.keys.sorted() == ["race", "sex"])
      #expect(try #require(attributes["sex"]?["entropy"]) > 0.4)
    }
  }

  // MARK: - Comparison

  @Test func methodsSideBySide() throws {
    try Tool.withFolder { folder in
      let base = "\(Tool.root)/Configs/quickstart.json"
      let set =
        #""data.source.rows=2000", "training.gameEpochs=2", "data.split={\"fractions\": {\"train\": 0.5, \"validation\": 0.25, \"test\": 0.25}}""#
      let text = #"""
        {"name": "two", "metric": "demographic_parity_difference(sex)", "seeds": [1, 2], "bounds": [1, 0],
         "set": [\#(set)],
         "methods": [
           {"name": "plain", "config": "\#(base)", "set": ["adversary.name=null"]},
           {"name": "thresholds", "config": "\#(base)", "knob": "mitigation.0.tolerance", "values": [0.02, 0.5],
            "set": ["adversary.name=null", "mitigation=[{\"name\": \"thresholds\", \"attributes\": [\"sex\"]}]"]}
         ]}
        """#
      let file = "\(folder)/comparison.json"
      try text.write(toFile: file, atomically: false, encoding: .utf8)
      func compare(_ more: [String]) throws -> [String: Any] {
        let result = try Tool.run(["compare", file, "-q", "--json", "--output", "\(folder)/runs"] + more)
        try #require(result.status == 0, "\(result.error)")
        return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      }
      var (one, two) = (try compare(["--jobs", "1"]), try compare(["--jobs", "3"]))
      let path = try #require(one["folder"] as? String)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["comparison.json", "comparison.svg"])
      one.removeValue(forKey: "folder")
      two.removeValue(forKey: "folder")
      #expect(NSDictionary(dictionary: one) == NSDictionary(dictionary: two))
      let methods = try #require(one["methods"] as? [[String: Any]])
      #expect(methods.compactMap { $0["name"] as? String } == ["plain", "thresholds"])
      let points = methods.compactMap { $0["points"] as? [[String: Any]] }
      #expect(points.map(\.count) == [1, 2])
      func mean(_ point: [String: Any], _ rows: String, _ name: String) throws -> Double {
        try #require((point[rows] as? [String: [String: Any]])?[name]?["mean"] as? Double)
      }
      #expect(try mean(points[1][0], "judged", "metric") <= 0.02)
      #expect(try mean(points[1][0], "test", "metric") < mean(points[0][0], "test", "metric"))
      let best = try #require(methods[1]["best"] as? [[String: Any]])
      #expect(best[0]["point"] as? Int != nil && best[1]["point"] is NSNull)
      let table = try Tool.run(["compare", file, "-q", "--output", "\(folder)/runs"])
      #expect(table.output.contains("thresholds  0.02"))
    }
  }

  @Test(arguments: [
    (#"{"methods": []}"#, "methods"),
    (#"{"methods": [{"name": "a", "config": "none.json"}]}"#, "none.json"),
    (#"{"methods": [{"name": "a", "config": "x", "knob": "seed"}]}"#, "should have a knob with values, or neither"),
    (#"{"metod": 1}"#, "Did you mean 'methods'?"),
  ])
  func comparisonsThatAreRefused(text: String, message: String) throws {
    try Tool.withFolder { folder in
      let file = "\(folder)/comparison.json"
      try text.write(toFile: file, atomically: false, encoding: .utf8)
      let result = try Tool.run(["compare", file, "-q", "--output", "\(folder)/runs"])
      #expect(result.status == 78 || result.status == 66, "\(result.status)")
      #expect(result.error.contains(message), "\(result.error)")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/runs"))
    }
  }
}
