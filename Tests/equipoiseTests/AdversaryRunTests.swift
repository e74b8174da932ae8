import Foundation
import Testing

/// Runs with the adversaries of papers, continuous attributes, crosses and counterfactuals, end to end.
@Suite struct AdversaryRunTests {
  private static let data = [
    "Configs/quickstart.json", "--set", "data.source.rows=3000", "--set", "data.source.seed=9", "--set",
    #"data.split={"fractions": {"train": 0.5, "validation": 0.25, "test": 0.25}}"#, "--set",
    "evaluation.intervals=false", "--set", "training.classifierEpochs=2", "--set", "training.adversaryEpochs=1",
  ]
  private static let age = [
    "--set", #"data.sensitive=[{"column": "age", "kind": "continuous"}, {"column": "sex", "privileged": "Male"}]"#,
    "--set", "data.drop=[\"fnlwgt\", \"race\"]",
  ]

  private struct Run {
    var path: String
    var summary: [String: Any]
    var epochs: [[String: Any]]

    func split(_ phase: String, _ split: String) throws -> [String: Any] {
      let phases = try #require(summary["phases"] as? [String: [String: Any]])
      return try #require(phases[phase]?[split] as? [String: Any])
    }
  }

  private func run(_ folder: String, _ more: [String]) throws -> Run {
    let result = try Tool.run(["run"] + Self.data + ["-q", "--output", folder] + more)
    try #require(result.status == 0, "\(result.error)")
    let parent = "\(folder)/quickstart"
    let path = "\(parent)/\(try #require(try FileManager.default.contentsOfDirectory(atPath: parent).first))"
    let bytes = try Data(contentsOf: URL(filePath: "\(path)/summary.json"))
    // A step of mitigation that trains has no epochs to tell of.
    let epochs = FileManager.default.contents(atPath: "\(path)/epochs.jsonl") ?? Data()
    let lines = String(decoding: epochs, as: UTF8.self).split(separator: "\n")
    return Run(
      path: path, summary: try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any]),
      epochs: try lines.map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      })
  }

  private static func set(_ adversary: String, epochs: Int = 4) -> [String] {
    ["--set", "adversary=\(adversary)", "--set", "training.gameEpochs=\(epochs)"]
  }

  static let adversaries = [
    #"{"name": "mixtureDensity", "components": 3}"#, #"{"name": "maximalCorrelation", "input": "logit"}"#,
    #"{"name": "maximalCorrelation", "criterion": "equalizedOdds"}"#, #"{"name": "reweighting"}"#,
    #"{"name": "laftr", "reconstruction": 0.1}"#, #"{"name": "prediction", "lambda": 1}"#, #"{"name": "aif360"}"#,
  ]

  /// Numbers are measured by correlations, and say why they have no rates of groups.
  @Test(arguments: adversaries) func continuousAttribute(adversary: String) throws {
    try Tool.withFolder { folder in
      let run = try run(folder, Self.age + Self.set(adversary))
      let final = try run.split("final", "test")
      let age = try #require((final["continuous"] as? [String: [String: Any]])?["age"])
      let correlation = try #require(age["correlation"] as? Double)
      #expect((-1...1).contains(correlation))
      #expect((0...1).contains(try #require(age["maximalCorrelation"] as? Double)))
      #expect(age["pPercentRule"] is NSNull && age["adversaryAUC"] is NSNull)
      let reasons = try #require(age["reasons"] as? [String: String])
      #expect(reasons["pPercentRule"] == "a continuous attribute has no groups")
      #expect((final["sensitive"] as? [String: Any])?.keys.sorted() == ["sex"])
      let last = try #require(run.epochs.last)
      #expect(last["phase"] as? String == "game" && last["adversaryLoss"] is Double)
      #expect(((last["test"] as? [String: Any])?["continuous"] as? [String: Any])?["age"] != nil)
      // The model reads no attribute, and scores other rows.
      let rows = "\(folder)/rows.csv"
      #expect(try Tool.run(["data", "simulate", "--rows", "50", "--seed", "3", "--output", rows]).status == 0)
      #expect(try Tool.run(["predict", run.path, rows, "-q"]).status == 0)
      #expect(try Tool.run(["audit", run.path]).status == 0)
      let report = try Tool.run(["report", run.path])
      #expect(report.status == 0, "\(report.error)")
    }
  }

  @Test(arguments: [#"{"name": "broad"}"#, #"{"name": "road", "temperature": 0.3}"#])
  func localWeights(adversary: String) throws {
    try Tool.withFolder { folder in
      let run = try run(folder, Self.set(adversary))
      #expect(try run.split("final", "test")["accuracy"] as? Double ?? 0 > 0.7)
    }
  }

  /// A run with nothing but a continuous attribute has no groups anywhere, and still ends with a report.
  @Test func noGroupsAtAll() throws {
    try Tool.withFolder { folder in
      let run = try run(
        folder,
        [
          "--set", #"data.sensitive=[{"column": "age", "kind": "continuous"}]"#, "--set",
          "data.drop=[\"fnlwgt\", \"race\", \"sex\"]",
        ] + Self.set(#"{"name": "mixtureDensity"}"#))
      #expect(try #require(try run.split("final", "test")["sensitive"] as? [String: Any]).isEmpty)
      #expect(FileManager.default.fileExists(atPath: "\(run.path)/report.html"))
    }
  }

  @Test func crossedAttributes() throws {
    try Tool.withFolder { folder in
      let run = try run(
        folder,
        Self.set(
          #"{"crosses": [["race", "sex"]], "lambda": {"race": 0, "sex": 0, "race,sex": 5}, "lambdaInAdversaryLoss": false}"#
        ))
      let sensitive = try #require(try run.split("final", "test")["sensitive"] as? [String: [String: Any]])
      #expect(Set(sensitive.keys) == ["race", "sex", "race,sex"])
      let groups = try #require(sensitive["race,sex"]?["groups"] as? [String: [String: Any]])
      #expect(groups.count == 4 && groups["White,Male"]?["rows"] is Int)
      let counted = groups.values.compactMap { $0["rows"] as? Int }.reduce(0, +)
      #expect(counted == (try run.split("final", "test")["rows"] as? Int))
    }
  }

  /// Pairing makes fewer decisions hang on the attribute that is set otherwise.
  @Test func counterfactualPairing() throws {
    func flips(_ weight: Double) throws -> (after: Int, before: Int) {
      var found = (after: 0, before: 0)
      try Tool.withFolder { folder in
        let plan =
          #"[{"name": "penalties", "penalties": [{"penalty": "counterfactualPairing", "attribute": "sex", "#
          + #""weight": \#(weight)}], "epochs": 60}]"#
        let run = try run(folder, ["--set", "mitigation=\(plan)"])
        let notices = try #require(run.summary["notices"] as? [String])
        let notice = try #require(notices.first { $0.hasPrefix("With sex set to the other group, ") })
        let numbers = notice.split { !$0.isNumber }.compactMap { Int($0) }
        try #require(numbers.count == 3, "\(notice)")
        #expect(numbers[1] > 700)
        found = (numbers[0], numbers[2])
      }
      return found
    }
    let (free, paired) = (try flips(0), try flips(0.3))
    #expect(free.before == paired.before && free.before > 100, "\(free) \(paired)")
    #expect(paired.after > 0 && paired.after < free.after / 2, "\(free) \(paired)")
  }
}
