import Foundation
import Testing

/// `equipoise frontier` on few rows of the simulator.
@Suite struct FrontierCommandTests {
  private static let constraints =
    #"constraints={"require": ["p_percent_rule(sex) >= 0.8", "p_percent_rule(race) >= 0.5"], "#
    + #""networks": {"hidden": [16], "epochs": 4}}"#

  private static let data = [
    "--set", "data.source.rows=3000", "--set", "data.source.seed=9", "--set",
    #"data.encoding={"numeric": "piecewise", "pieces": 8}"#,
  ]

  private static func options(_ folder: String, _ more: [String]) -> [String] {
    ["frontier", "Configs/quickstart.json", "-q", "--output", folder] + data + ["--set", constraints] + more
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func points(_ object: [String: Any]) throws -> [[String: Any]] {
    try #require(object["points"] as? [[String: Any]])
  }

  private func mean(_ point: [String: Any], _ rows: String, _ name: String) throws -> Double {
    let measured = try #require((point[rows] as? [String: [String: Any]])?[name])
    return try #require(measured["mean"] as? Double)
  }

  /// The bounds, whatever the number of jobs; each point is the run that its settings give, to the last bit.
  @Test func boundsOfOneTarget() throws {
    try Tool.withFolder { folder in
      let options = ["--target", "p_percent_rule(sex)", "--bounds", "0.3,0.9", "--seeds", "4,5", "--json"]
      let one = try Tool.run(Self.options("\(folder)/a", options + ["--jobs", "1"]))
      try #require(one.status == 0, "\(one.error)")
      let two = try Tool.run(Self.options("\(folder)/b", options + ["--jobs", "3"]))
      let svg = "\(folder)/drawing.svg"
      _ = try Tool.run(Self.options("\(folder)/c", options + ["--svg", svg]))
      var (first, second) = (try json(one.output), try json(two.output))
      let path = try #require(first["folder"] as? String)
      first.removeValue(forKey: "folder")
      second.removeValue(forKey: "folder")
      #expect(NSDictionary(dictionary: first) == NSDictionary(dictionary: second))

      let found = try points(first)
      #expect(found.compactMap { $0["value"] as? Double } == [0.3, 0.9])
      #expect(try mean(found[0], "test", "metric") < mean(found[1], "test", "metric"))
      #expect(first["judgedOn"] as? String == "out of fold")

      // The point as a run of its own.
      let settings = try #require(found[1]["set"] as? [String])
      #expect(settings == ["constraints.require.0=p_percent_rule(sex) >= 0.9"])
      let accuracies = try ["4", "5"].map { seed -> Double in
        let run = try Tool.run(
          ["run", "Configs/quickstart.json", "-q", "--json", "--seed", seed, "--output", "\(folder)/d"] + Self.data
            + ["--set", Self.constraints, "--set", settings[0], "--set", "audit.enabled=false"])
        let phases = try #require(try json(run.output)["phases"] as? [String: [String: [String: Any]]])
        return try #require(phases["selected"]?["test"]?["accuracy"] as? Double)
      }
      #expect(abs((accuracies[0] + accuracies[1]) / 2 - (try mean(found[1], "test", "accuracy"))) < 1e-12)

      // The folder holds the record and nothing of the runs.
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
          == ["frontier.csv", "frontier.json", "frontier.svg"])
      #expect(
        try String(contentsOfFile: svg, encoding: .utf8)
          == String(contentsOfFile: "\(path)/frontier.svg", encoding: .utf8))
      let record = try json(String(contentsOfFile: "\(path)/frontier.json", encoding: .utf8))
      #expect(record["configuration"] is [String: Any] && record["environment"] is [String: Any])
    }
  }

  /// Over λ the constraints only judge; the attribute's own λ moves, the other stays.
  @Test func lambdas() throws {
    try Tool.withFolder { folder in
      let options = [
        "--set", "training.gameEpochs=5", "--lambda", "sex=0,50", "--metric", "demographic_parity_difference(sex)",
        "--seeds", "1...2", "--json",
      ]
      let result = try Tool.run(Self.options(folder, options))
      try #require(result.status == 0, "\(result.error)")
      let object = try json(result.output)
      let found = try points(object)
      #expect(found.count == 2 && (object["metric"] as? [String: String])?["better"] == "smaller")
      #expect((found[1]["set"] as? [String])?.first == "constraints=null")
      #expect((found[1]["set"] as? [String])?.last?.contains(#""sex":50"#) == true)
      #expect((found[0]["conditions"] as? [Any])?.count == 2)
      let path = try #require(object["folder"] as? String)
      #expect(!FileManager.default.fileExists(atPath: "\(path)/runs"))
    }
  }

  /// Place, found value, remedy; and nothing is left behind.
  @Test(arguments: [
    (["--bounds", "0.5"], 64, "A frontier needs at least 2 bounds"),
    (["--bounds", "0.5,0.5"], 64, "has a value twice"),
    (["--bounds", "0.5,1.5", "--target", "p_percent_rule(sex)"], 64, "is no bound for p_percent_rule(sex)"),
    (["--bounds", "0.5,nan", "--target", "p_percent_rule(sex)"], 64, "not a finite number"),
    (["--bounds", "0.5,0.8", "--target", "fpr(sex = Male)"], 64, "is in none of the conditions"),
    (["--bounds", "0.5,0.8", "--target", "p_percent_rule("], 64, "--target p_percent_rule("),
    (["--lambda", "1"], 64, "A frontier needs at least 2 values of lambda"),
    (["--lambda", "sec=0,1"], 64, "Did you mean 'sex'?"),
    (["--lambda", "0,-1"], 64, "is negative"), (["--lambda", "-5,1"], 64, "--lambda -5.0: is negative"),
    (
      ["--bounds", "-1,0.5", "--target", "p_percent_rule(sex)"], 64,
      "--bounds -1.0: is no bound for p_percent_rule(sex)"
    ),
    (["--bounds", "0.5,0.8", "--seeds", "3,3"], 64, "Seed 3 is named twice."),
    (["--bounds", "0.5,0.8", "--seeds", "5...3"], 64, "goes downwards. Give 3...5."),
    (["--lambda", "0,1", "--metric", "p_percent_rule(age)"], 64, "age"),
    (["--lambda", "0,1", "--set", "adversary.name=null"], 78, "there is no lambda to vary"),
    (["--bounds", "0.5,0.8", "--set", "constraints=null"], 78, "has no constraints whose bounds could be varied"),
    (["--bounds", "0.5,x"], 64, "--bounds"), (["--lambda", "0,1", "--bounds", "0,1"], 64, "one of them"),
    (["--bounds", "0.5,0.8", "--svg", "/nowhere/drawing.svg"], 73, "does not exist"),
  ])
  func refusals(options: [String], status: Int32, message: String) throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(Self.options("\(folder)/runs", options))
      #expect(result.status == status, "\(result.error)")
      #expect(result.output.isEmpty && result.error.contains(message), "\(result.error)")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/runs"))
    }
  }
}
