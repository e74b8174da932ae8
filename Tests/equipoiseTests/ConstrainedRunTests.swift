import Foundation
import Testing

/// `equipoise run` with `constraints`.
@Suite struct ConstrainedRunTests {
  private static func options(_ require: String, rows: Int = 4000) -> [String] {
    [
      "run", "Configs/quickstart.json", "-q", "--json", "--set", "data.source.rows=\(rows)", "--set",
      "data.source.seed=9", "--set", "constraints={\"require\": [\(require)], \"networks\": {\"hidden\": [16]}}",
      "--set",
      "evaluation.draws=50", "--set", #"data.encoding={"numeric": "piecewise", "pieces": 8}"#,
    ]
  }
  private static let rule = #""p_percent_rule(sex) >= 0.8""#

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func rule(_ summary: [String: Any], phase: String) throws -> Double {
    let phases = try #require(summary["phases"] as? [String: [String: [String: Any]]])
    let sensitive = try #require(phases[phase]?["test"]?["sensitive"] as? [String: [String: Any]])
    return try #require(sensitive["sex"]?["pPercentRule"] as? Double)
  }

  /// The target is reached on rows that took no part; the model folder repeats the scores, without sensitive columns.
  @Test func reachesTheTargetAndKeepsIt() throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(Self.options(Self.rule) + ["--output", folder])
      try #require(result.status == 0, "\(result.error)")
      let summary = try json(result.output)
      let constraints = try #require(summary["constraints"] as? [String: Any])
      #expect(constraints["status"] as? String == "feasible")
      #expect(try rule(summary, phase: "pretrained") < 0.6)
      #expect(try rule(summary, phase: "selected") > 0.7)
      let run = try #require(summary["folder"] as? String)

      let rows = "\(folder)/rows.csv"
      #expect(try Tool.run(["data", "simulate", "--rows", "4000", "--seed", "9", "--output", rows]).status == 0)
      // Without sex and race.
      var lines = try String(contentsOfFile: rows, encoding: .utf8).split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      let kept = lines[0].indices.filter { !["sex", "race", "income"].contains(lines[0][$0]) }
      lines = lines.map { cells in kept.map { cells[$0] } }
      try lines.map { $0.joined(separator: ",") }.joined(separator: "\n")
        .write(toFile: rows, atomically: false, encoding: .utf8)
      let predicted = try Tool.run(["predict", run, rows, "-q"])
      try #require(predicted.status == 0, "\(predicted.error)")
      let scores = predicted.output.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
      let recorded = try String(contentsOfFile: "\(run)/predictions.csv", encoding: .utf8).split(separator: "\n")
        .dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      #expect(recorded.count > 3000)
      for cells in recorded {
        let row = try #require(Int(cells[0]))
        #expect(cells[3] == scores[row][1] && cells[4] == scores[row][2], "row \(row)")
      }
    }
  }

  /// The audit at the end: a file of its own, a sentence in the closing text, shown again until others are asked for.
  @Test func auditAtTheEnd() throws {
    try Tool.withFolder { folder in
      let options = Self.options(Self.rule, rows: 1500).filter { $0 != "--json" }
      let result = try Tool.run(options + ["--output", folder, "--set", "audit.permutations=99"])
      try #require(result.status == 0, "\(result.error)")
      #expect(result.output.contains("Audit by fresh adversaries on ") && result.output.contains(" test rows:"))
      #expect(result.output.contains("reads sex off the "))
      let line = try #require(result.output.split(separator: "\n").first { $0.hasPrefix("Records: ") })
      let run = String(line.dropFirst("Records: ".count))
      let recorded = try Tool.run(["audit", run, "--json"])
      #expect(try json(recorded.output)["permutations"] as? Int == 99)
      #expect(try recorded.output == String(contentsOfFile: "\(run)/audit.json", encoding: .utf8))
      // Trained again with the same seed they find the same.
      #expect(try Tool.run(["audit", run, "--again", "--json"]).output == recorded.output)
      #expect(try Tool.run(["audit", run, "--seed", "4", "--json"]).output != recorded.output)
      // What is shown is the record: a damaged one is told.
      try "{".write(toFile: "\(run)/audit.json", atomically: true, encoding: .utf8)
      let damaged = try Tool.run(["audit", run])
      #expect(damaged.status == 65 && damaged.error.contains("audit.json"), "\(damaged.error)")

      let without = try Tool.run(options + ["--output", folder, "--set", "audit.enabled=false"])
      #expect(!without.output.contains("Audit by"))
    }
  }

  /// Equal bytes with the folds one after the other (runs side by side) and at the same time (a run alone).
  @Test func bytesDoNotDependOnThreads() throws {
    try Tool.withFolder { folder in
      let options = Self.options(Self.rule, rows: 1500)
      let alone = try json(try Tool.run(options + ["--output", "\(folder)/a", "--seed", "3"]).output)
      let both = try Tool.run(options + ["--output", "\(folder)/b", "--seeds", "3,4", "--jobs", "2"])
      let runs = try #require(try JSONSerialization.jsonObject(with: Data(both.output.utf8)) as? [[String: Any]])
      let folders = try [alone, runs[0]].map { try #require($0["folder"] as? String) }
      for name in ["predictions.csv", "evaluation.json", "audit.json", "model/weights.safetensors", "model/model.json"]
      {
        let files = try folders.map { try Data(contentsOf: URL(filePath: "\($0)/\(name)")) }
        #expect(files[0] == files[1], "\(name)")
      }
    }
  }

  /// A decision that reads sex: said in the notices and the record; predicting demands the column.
  @Test func readingAGroupIsSaidAndDemanded() throws {
    try Tool.withFolder { folder in
      let options = Self.options(Self.rule, rows: 3000) + ["--set", "constraints.readsSensitive=true"]
      let result = try Tool.run(options + ["--output", folder])
      try #require(result.status == 0, "\(result.error)")
      let summary = try json(result.output)
      #expect((summary["constraints"] as? [String: Any])?["readColumns"] as? [String] == ["sex"])
      #expect((summary["notices"] as? [String])?.contains { $0.hasPrefix("The decision reads sex:") } == true)
      let run = try #require(summary["folder"] as? String)
      let rows = "\(folder)/rows.csv"
      #expect(try Tool.run(["data", "simulate", "--rows", "3000", "--seed", "9", "--output", rows]).status == 0)
      let predicted = try Tool.run(["predict", run, rows, "-q"])
      try #require(predicted.status == 0, "\(predicted.error)")
      let scores = predicted.output.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
      for line in try String(contentsOfFile: "\(run)/predictions.csv", encoding: .utf8).split(separator: "\n")
        .dropFirst()
      {
        let cells = line.split(separator: ",", omittingEmptySubsequences: false)
        let row = try #require(Int(cells[0]))
        #expect(cells[3] == scores[row][1], "row \(row)")
      }
      let text = try String(contentsOfFile: rows, encoding: .utf8)
      try text.replacing("sex", with: "gender", maxReplacements: 1).write(
        toFile: rows, atomically: false, encoding: .utf8)
      let refused = try Tool.run(["predict", run, rows])
      #expect(refused.status == 65 && refused.output.isEmpty)
      #expect(refused.error.contains("has no column 'sex', which this model reads"), "\(refused.error)")
      let drawn = try Tool.run(["predict", run, rows, "--seed", "3"])
      #expect(drawn.error.contains("decides without chance"), "\(drawn.error)")
    }
  }

  /// The configuration of the founding document ends feasible from the clone alone, with a line for each snapshot.
  @Test func theFalsePositiveRateIsHeld() throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(["run", "Configs/fpr-constraint.json", "--json", "--output", folder])
      try #require(result.status == 0, "\(result.error)")
      let summary = try json(result.output)
      #expect((summary["constraints"] as? [String: Any])?["status"] as? String == "feasible")
      let phases = try #require(summary["phases"] as? [String: [String: [String: Any]]])
      func rate(_ phase: String) throws -> Double {
        let sensitive = try #require(phases[phase]?["test"]?["sensitive"] as? [String: [String: Any]])
        let groups = try #require(sensitive["sex"]?["groups"] as? [String: [String: Any]])
        return try #require(groups["Male"]?["falsePositiveRate"] as? Double)
      }
      #expect(try rate("pretrained") > 0.07)
      #expect(try rate("selected") < 0.055)
      #expect(result.error.contains("iterations 100/100"), "\(result.error)")
      #expect(result.error.contains("max. constraint violation"), "\(result.error)")
      let run = try #require(summary["folder"] as? String)
      let lines = try String(contentsOfFile: "\(run)/iterates.jsonl", encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 10)
    }
  }

  /// A margin out of reach: a model of use, and a status that says by how much it falls short.
  @Test func aMarginOutOfReachIsSaid() throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(
        Self.options(Self.rule, rows: 1500) + ["--output", folder, "--set", "constraints.margin=10"])
      #expect(result.status == 0, "\(result.error)")
      let summary = try json(result.output)
      let constraints = try #require(summary["constraints"] as? [String: Any])
      #expect(constraints["status"] as? String == "nearly feasible")
      #expect(
        constraints["reason"] as? String
          == "p_percent_rule(sex) >= 0.8: holds, but by less than the margin of 10 standard errors")
      let phases = try #require(summary["phases"] as? [String: [String: [String: Any]]])
      #expect(try #require(phases["selected"]?["train"]?["selectionRate"] as? Double) > 0.05)
    }
  }

  /// The conditions stand beside the table with the same intervals of the same metrics.
  @Test func intervalsAreThoseOfTheTable() throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(Self.options(Self.rule, rows: 1500) + ["--output", folder])
      let summary = try json(result.output)
      let constraints = try #require(summary["constraints"] as? [String: Any])
      let conditions = try #require(constraints["conditions"] as? [[String: Any]])
      let test = try #require((conditions[0]["rows"] as? [String: [String: Any]])?["test"])
      let run = try #require(summary["folder"] as? String)
      let table = Self.rules(in: try json(String(contentsOfFile: "\(run)/evaluation.json", encoding: .utf8)))
      let (low, high) = (try #require(test["low"] as? Double), try #require(test["high"] as? Double))
      #expect(table.contains { abs($0.low - low) < 1e-12 && abs($0.high - high) < 1e-12 }, "\(low), \(high): \(table)")
      // A run by this method has no epochs.
      #expect(!FileManager.default.fileExists(atPath: "\(run)/epochs.jsonl"))
    }
  }

  /// The intervals of all p%-rules, wherever they stand.
  private static func rules(in value: Any) -> [(low: Double, high: Double)] {
    if let list = value as? [Any] { return list.flatMap { rules(in: $0) } }
    guard let object = value as? [String: Any] else { return [] }
    var found = object.filter { $0.key != "pPercentRule" }.values.flatMap { rules(in: $0) }
    if let rule = object["pPercentRule"] as? [String: Any], let low = rule["low"] as? Double,
      let high = rule["high"] as? Double
    {
      found.append((low, high))
    }
    return found
  }

  /// With several seeds each one's status stands there, and why the exit status is 1.
  @Test func seedsTellWhatBecameOfTheConditions() throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(
        Self.options(#""accuracy >= 0.99""#, rows: 1500).filter { $0 != "--json" } + [
          "--output", folder, "--seeds", "3,4",
        ])
      #expect(result.status == 1, "\(result.error)")
      #expect(result.output.contains("Constraints (layer), of 2 seeds: infeasible at 2\n"), "\(result.output)")
      #expect(result.output.contains("missed by more than a standard error"))
      #expect(result.output.contains("Not reached at seeds 3, 4, so the exit status is 1."))
    }
  }

  /// What the groups of the rows refute points at its place, on lines of its own.
  @Test func anUnknownGroupIsPointedAt() throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(
        Self.options(#""fpr(sex = Malez) <= 0.05""#, rows: 1500).map {
          $0.replacing(#""networks""#, with: #""margin": 1, "networks""#)
        } + ["--output", folder])
      #expect(result.status == 65)
      #expect(
        result.error == """
          equipoise: constraints.require: the column 'sex' has no group 'Malez'. Did you mean 'Male'?
            fpr(sex = Malez) <= 0.05
                      ^

          """)
    }
  }

  @Test func whatCannotBeReachedIsSaid() throws {
    try Tool.withFolder { folder in
      // Attainable by a decision that sees groups and labels, not by one that sees the features.
      let result = try Tool.run(
        Self.options(#""accuracy >= 0.99""#, rows: 1500) + ["--output", folder])
      #expect(result.status == 1, "\(result.error)")
      let summary = try json(result.output)
      #expect((summary["constraints"] as? [String: Any])?["status"] as? String == "infeasible")
      let few = try Tool.run(
        Self.options(#""tpr(race = Black and sex = Female) >= 0.5""#, rows: 3000) + ["--output", folder])
      #expect(few.status == 65)
      #expect(few.error.contains("training rows only, fewer than the 30 of constraints.minimumRows"), "\(few.error)")
    }
  }
}
