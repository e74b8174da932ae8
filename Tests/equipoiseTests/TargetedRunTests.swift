import Foundation
import Testing

/// `equipoise run` with `constraints.method: game`.
@Suite struct TargetedRunTests {
  private static func options(_ folder: String, rows: Int = 8000, _ more: [String] = []) -> [String] {
    [
      "run", "Configs/quickstart.json", "-q", "--json", "--output", folder, "--set", "data.source.rows=\(rows)",
      "--set",
      "data.source.seed=9", "--set",
      #"data.split={"fractions": {"train": 0.5, "validation": 0.25, "test": 0.25}}"#, "--set",
      #"constraints={"require": ["p_percent_rule(sex) >= 0.8"], "method": "game"}"#, "--set", "adversary.lambda=1",
      "--set", "training={\"gameEpochs\": 100}", "--set", "constraints.margin=0.5", "--set", "evaluation.draws=50",
    ] + more.flatMap { ["--set", $0] }
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// The target is reached; what is saved is the chosen iterate, not the last; another run gives the same bytes.
  @Test func reachesTheTargetAndKeepsTheChosenIterate() throws {
    try Tool.withFolder { folder in
      var runs: [String] = []
      for name in ["a", "b"] {
        let result = try Tool.run(Self.options("\(folder)/\(name)"))
        try #require(result.status == 0, "\(result.error)")
        let summary = try json(result.output)
        runs.append(try #require(summary["folder"] as? String))
        let constraints = try #require(summary["constraints"] as? [String: Any])
        #expect(constraints["status"] as? String == "feasible")
        #expect(constraints["judgedOn"] as? String == "validation")
        let choice = try #require(constraints["choice"] as? [String: Any])
        #expect(choice["rule"] as? String == "bestFeasible" && (choice["members"] as? [Any])?.count == 1)
        let phases = try #require(summary["phases"] as? [String: [String: [String: Any]]])
        func rule(_ phase: String, _ split: String) throws -> Double {
          let sensitive = try #require(phases[phase]?[split]?["sensitive"] as? [String: [String: Any]])
          return try #require(sensitive["sex"]?["pPercentRule"] as? Double)
        }
        #expect(try rule("pretrained", "test") < 0.45)
        #expect(try rule("selected", "validation") >= 0.8)
        #expect(try rule("selected", "test") > 0.6)
        // The predictions are those of the chosen iterate.
        let lines = try String(contentsOfFile: "\(runs.last ?? "")/predictions.csv", encoding: .utf8)
          .split(separator: "\n").dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let test = lines.filter { $0[1] == "test" }
        let selected = Double(test.count { $0[4] == "1" }) / Double(test.count)
        let recorded = try #require(phases["selected"]?["test"]?["selectionRate"] as? Double)
        #expect(abs(selected - recorded) < 1e-9)
        // λ of each epoch of the game is recorded, that of the other attribute stays 0.
        let epochs = try String(contentsOfFile: "\(runs.last ?? "")/epochs.jsonl", encoding: .utf8)
          .split(separator: "\n")
        let last = try json(String(epochs[epochs.count - 1]))
        let lambda = try #require(last["lambda"] as? [String: Double])
        #expect(try #require(lambda["sex"]) > 0 && lambda["race"] == 0)
        #expect(summary["collapses"] == nil)
      }
      for name in [
        "predictions.csv", "evaluation.json", "epochs.jsonl", "model/weights.safetensors", "model/model.json",
      ] {
        #expect(
          FileManager.default.contentsEqual(atPath: "\(runs[0])/\(name)", andPath: "\(runs[1])/\(name)"), "\(name)")
      }
    }
  }

  /// A mixture that is asked for is the model, and its exact expected rates stand in the summary.
  @Test func aMixtureIsKeptWhereItIsAskedFor() throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(
        Self.options(
          folder, rows: 2500,
          [
            "constraints.choose=mixture", "constraints.margin=0",
            #"constraints.require=["p_percent_rule(sex) >= 0.6"]"#,
          ]))
      try #require(result.status == 0, "\(result.error)")
      let summary = try json(result.output)
      let constraints = try #require(summary["constraints"] as? [String: Any])
      let choice = try #require(constraints["choice"] as? [String: Any])
      let members = try #require(choice["members"] as? [[String: Any]])
      #expect(abs(members.reduce(0) { $0 + ($1["probability"] as? Double ?? 0) } - 1) < 1e-9)
      guard members.count > 1 else { return }
      let expected = try #require(choice["expected"] as? [String: [String: Any]])
      let validation = try #require(expected["validation"])
      #expect(try #require(validation["accuracy"] as? Double) > 0.7)
      let conditions = try #require(validation["conditions"] as? [[String: Any]])
      #expect(try #require(conditions.first?["value"] as? Double) >= 0.6 - 1e-6)
    }
  }

  /// On few rows the planned passes are too few steps: the classifier before the game is one to compare with all the same.
  @Test func fewRowsArePretrainedUntilDecisionsDiffer() throws {
    try Tool.withFolder { folder in
      let result = try Tool.run([
        "run", "Configs/quickstart.json", "-q", "--json", "--output", folder, "--seed", "1", "--set",
        "data.source.rows=2000", "--set",
        #"data.split={"fractions": {"train": 0.5, "validation": 0.25, "test": 0.25}}"#, "--set",
        #"constraints={"require": ["p_percent_rule(sex) >= 0.8"], "method": "game"}"#, "--set", "audit.enabled=false",
        "--set", "training.gameEpochs=20", "--set", "evaluation.draws=20",
      ])
      let summary = try json(result.output)
      let phases = try #require(summary["phases"] as? [String: [String: [String: Any]]])
      let before = try #require(phases["pretrained"]?["validation"])
      #expect(try #require(before["selectionRate"] as? Double) > 0.05)
      #expect(try #require(before["accuracy"] as? Double) > 0.76)
      let notices = try #require(summary["notices"] as? [String])
      #expect(notices.contains { $0.hasPrefix("The classifier's passes before the game were few steps") }, "\(notices)")
      #expect(
        notices.contains { $0.hasPrefix("constraints.method game does not use 'adversary.lambda':") }, "\(notices)")
    }
  }

  /// A rate that λ cannot move is told before the game, with the methods that can; the exit status says what it came to.
  @Test func aConditionWithoutLeverIsTold() throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(
        Self.options(
          folder, rows: 2500, [#"constraints.require=["fpr(sex = Male) <= 0.02"]"#, "training.gameEpochs=5"]
        )
        .filter { $0 != "-q" })
      #expect(result.error.contains("The game's lambda has no lever on 'fpr(sex = Male) <= 0.02'"), "\(result.error)")
      #expect(result.error.contains("constraints.method rates or layer works on any rate"))
    }
  }

  /// λ far too large: a run that only warns ends with a constant predictor, which is not praised; one that may, recovers.
  @Test func aPlantedCollapseIsToldAndUndone() throws {
    try Tool.withFolder { folder in
      let planted = [
        "run", "Configs/quickstart.json", "-q", "--json", "--output", folder, "--set", "data.source.rows=2000", "--set",
        "adversary.lambda=1e6", "--set",
        #"training={"gameEpochs": 60, "classifierBatch": "all", "batchSize": 128, "classifierEpochs": 30}"#, "--set",
        "evaluation.draws=20",
      ]
      func selected(_ more: [String]) throws -> (rate: Double, collapses: [[String: Any]], notices: [String]) {
        let result = try Tool.run(planted + more)
        try #require(result.status == 0, "\(result.error)")
        let summary = try json(result.output)
        let phases = try #require(summary["phases"] as? [String: [String: [String: Any]]])
        return (
          try #require(phases["final"]?["train"]?["selectionRate"] as? Double),
          summary["collapses"] as? [[String: Any]] ?? [], summary["notices"] as? [String] ?? []
        )
      }
      let warned = try selected([])
      #expect(!warned.collapses.isEmpty && warned.collapses.allSatisfy { $0["restoredEpoch"] is NSNull })
      #expect(warned.notices.contains { $0.contains("Nothing was done about it") })
      let rescued = try selected(["--set", "training.onCollapse=rollBack"])
      #expect(!rescued.collapses.isEmpty && rescued.collapses.allSatisfy { $0["restoredEpoch"] is Int })
      #expect((0.05...0.6).contains(rescued.rate))
      let text = try Tool.run(planted.filter { $0 != "--json" } + ["--set", "training.onCollapse=rollBack"])
      #expect(text.output.contains("The game collapsed "))
    }
  }

  /// What cannot work is refused before anything is trained.
  @Test(arguments: [
    (
      [#"data.split={"fractions": {"train": 0.5, "test": 0.5}}"#], 78,
      "leaves no validation rows, by which constraints.method game seeks lambda"
    ),
    (["adversary.name=null"], 78, "but constraints.method game needs an adversary"),
    (["training.gameEpochs=0"], 78, "but constraints.method game needs a game"),
    (["constraints.game.lambdaBound=1e999"], 78, "constraints.game.lambdaBound should be a number greater than 0"),
    (
      [#"constraints.require=["fpr(race = Black) <= 0.1"]"#, "data.source.rows=300"], 65,
      "fewer than the 30 of constraints.minimumRows"
    ),
    (
      [#"constraints.require=["selection_rate(sex = Male) >= 0.5", "selection_rate(sex = Male) <= 0.4"]"#], 78,
      "cannot hold together"
    ),
    ([#"constraints.require=["accuracy >= 0.7"]"#], 65, "no condition speaks of a sensitive attribute"),
  ])
  func refusals(options: [String], status: Int32, message: String) throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(Self.options(folder, rows: 1500, options))
      #expect(result.status == status, "\(result.error)")
      #expect(result.error.contains(message), "\(result.error)")
      #expect(try FileManager.default.subpathsOfDirectory(atPath: folder).isEmpty)
    }
  }
}
