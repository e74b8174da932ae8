import Foundation
import Testing

@Suite struct SweepCommandTests {
  private static let base = """
    {"name": "tiny", "data": {"source": {"simulated": "census", "rows": 600, "seed": 3}},
     "training": {"gameEpochs": 2, "classifierEpochs": 1, "adversaryEpochs": 1}, "evaluation": {"intervals": false}}
    """

  /// Writes a sweep over two values of λ and two seeds, and returns its path.
  private func sweep(
    _ folder: String, _ keys: String = #""parameters": {"adversary.lambda": [0, 50]}, "seeds": [1, 2]"#
  )
    throws -> String
  {
    let path = "\(folder)/sweep.json"
    try "{\"base\": \(Self.base), \(keys)}".write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func aSweepAndItsRuns() throws {
    try Tool.withFolder { folder in
      let path = try sweep(folder)
      let output = ["--output", "\(folder)/runs"]
      let plan = try Tool.run(["sweep", path, "--dry-run"] + output)
      #expect(plan.output.hasPrefix("adversary.lambda=0, seed=1\nadversary.lambda=0, seed=2\n"))
      #expect(plan.output.hasSuffix("\n4 runs.\n"))
      let first = try Tool.run(["sweep", path, "-q", "--jobs", "2"] + output)
      #expect(first.status == 0 && first.error.isEmpty, "\(first.error)")
      #expect(first.output.hasSuffix("\n4 runs: 4 trained, 0 done before, 0 failed.\n"), "\(first.output)")
      let second = try Tool.run(["sweep", path, "-q"] + output)
      #expect(second.output.hasSuffix("\n4 runs: 0 trained, 4 done before, 0 failed.\n"))
      #expect(second.output.split(separator: "\n").dropLast() == first.output.split(separator: "\n").dropLast())

      // The index knows the runs; comparing them gives the table of the sweep.
      let list = try Tool.run(["runs", "list", "--sort", "seed", "--ascending"] + output)
      #expect(list.status == 0, "\(list.error)")
      #expect(list.output.split(separator: "\n").count == 5)
      #expect(list.output.contains("test.sex.pPercentRule"))
      let some = try Tool.run(
        [
          "runs", "list", "--where", "adversary.lambda.sex = 50", "--where", "seed = 2", "--csv", "--columns",
          "adversary.lambda.sex",
        ]
          + output)
      let lines = some.output.split(separator: "\n")
      try #require(lines.count == 2)
      #expect(lines[0] == "run,status,seed,started,seconds,adversary.lambda.sex", "\(some.error)")
      #expect(lines[1].hasSuffix(",50"))
      let name = String(try #require(lines[1].split(separator: ",").first))
      let shown = try Tool.run(["runs", "show", String(name.suffix(6))] + output)
      #expect(shown.output.contains("finished") && shown.output.contains("adversary.lambda"), "\(shown.error)")
      let compared = try Tool.run(["runs", "compare", "--csv"] + output)
      #expect(compared.output.split(separator: "\n").count == 3, "\(compared.error)")
      #expect(compared.output.hasPrefix("configuration,adversary.lambda.race,adversary.lambda.sex,seeds,"))

      // Deleting takes folder and entry.
      let asked = try Tool.run(["runs", "delete", "--where", "seed = 2"] + output)
      #expect(asked.output.split(separator: "\n").count == 2 && asked.output.hasPrefix("would delete tiny/"))
      #expect(try Tool.run(["runs", "delete", name] + output).output == "deleted \(name)\n")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/runs/\(name)"))
      #expect(try Tool.run(["runs", "list", "--csv"] + output).output.split(separator: "\n").count == 4)
      let third = try Tool.run(["sweep", path, "-q"] + output)
      #expect(third.output.hasSuffix("\n4 runs: 1 trained, 3 done before, 0 failed.\n"))
      // The index made again is the same.
      let before = try Tool.run(["runs", "list", "--json"] + output).output
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: "\(folder)/runs/index.sqlite\(suffix)")
      }
      #expect(try Tool.run(["runs", "list", "--json"] + output).output == before)
      #expect(
        try Tool.run(["runs", "reindex"] + output).output
          == "0 runs read, 4 unchanged, 0 entries without a folder removed, 0 left out as damaged.\n")
    }
  }

  @Test func aRunThatFailsGivesTheStatus() throws {
    try Tool.withFolder { folder in
      let path = try sweep(
        folder, #""parameters": {"classifier.optimizer.learningRate": [0.001, 1e30]}, "seeds": [1]"#)
      let result = try Tool.run(["sweep", path, "-q", "--output", "\(folder)/runs"])
      #expect(result.status == 65)
      #expect(
        result.output.contains("\nFailed:\n  classifier.optimizer.learningRate=1e+30, seed 1: "), "\(result.output)")
      #expect(result.output.hasSuffix("\n2 runs: 1 trained, 0 done before, 1 failed.\n"))
    }
  }

  @Test(
    arguments: [
      (#""parameters": {"adversary.lamda": [1]}"#, [], 78, "adversary has no key \"lamda\". Did you mean 'lambda'?\n"),
      (#""parameters": {"adversary.lambda": [1]}"#, ["--seed", "3"], 64, nil),
      (#""parameters": {"adversary.lambda": [1]}"#, ["--output", "LICENSE"], 73, nil),
    ] as [(String, [String], Int32, String?)])
  func refusals(keys: String, options: [String], status: Int32, ending: String?) throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(["sweep", try sweep(folder, keys)] + options)
      #expect(result.status == status, "\(result.error)")
      if let ending { #expect(result.error.hasSuffix(ending), "\(result.error)") }
    }
  }

  @Test func questionsToTheStore() throws {
    try Tool.withFolder { folder in
      let nothing = try Tool.run(["runs", "list", "--output", "\(folder)/none"])
      #expect(nothing.status == 66)
      #expect(try Tool.run(["runs", "list", "--output", folder]).output == "No runs.\n")
      let unknown = try Tool.run(["runs", "list", "--output", folder, "--where", "sed = 1"])
      #expect(unknown.status == 64)
      #expect(
        unknown.error == "equipoise: --where: no run has a value 'sed': it is no field, no statistic and no key of a "
          + "configuration. Did you mean 'seed'?\n")
    }
  }
}
