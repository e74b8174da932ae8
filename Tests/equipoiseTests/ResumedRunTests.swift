import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs that are interrupted and go on end with the bytes of an uninterrupted run. In short; `Scripts/torture` does it at
/// length.
@Suite struct ResumedRunTests {
  private static func options(_ folder: String, _ more: [String] = []) -> [String] {
    ["run", "Configs/quickstart.json", "-q", "--output", folder]
      + ([
        "data.source.rows=1500", "data.source.seed=9", "training.gameEpochs=60", "evaluation.draws=20",
        "output.checkpointEveryEpochs=1",
      ] + more).flatMap { ["--set", $0] }
  }

  private static let target = [
    #"data.split={"fractions": {"train": 0.5, "validation": 0.25, "test": 0.25}}"#,
    #"constraints={"require": ["p_percent_rule(sex) >= 0.8"], "method": "game"}"#, "adversary.lambda=1",
  ]

  /// The folders of the runs below an output folder.
  private func runs(_ output: String) throws -> [String] {
    let folder = "\(output)/quickstart"
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().map { "\(folder)/\($0)" }
  }

  /// All files of a run that do not tell of machine and time, without what a process left that was killed after the
  /// summary: checkpoints, and a report that was begun.
  private func files(_ run: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: run) {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: "\(run)/\(name)", isDirectory: &isFolder), !isFolder.boolValue,
        !["config.json", "environment.json", "report.html"].contains(name), !name.hasSuffix(".tmp"),
        !name.hasPrefix("checkpoint/")
      else { continue }
      var data = try Data(contentsOf: URL(filePath: "\(run)/\(name)"))
      if name == "summary.json" {
        var summary = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        summary["timing"] = nil
        data = try JSONSerialization.data(withJSONObject: summary, options: .sortedKeys)
      }
      files[name] = data
    }
    return files
  }

  private func expectEqual(_ output: String, _ whole: String) throws {
    let (one, other) = (try runs(output), try runs(whole))
    try #require(one.count == 1 && other.count == 1, "\(one) \(other)")
    let (found, expected) = (try files(one[0]), try files(other[0]))
    #expect(found.keys.sorted() == expected.keys.sorted())
    for (name, data) in expected { #expect(found[name] == data, "\(name)") }
  }

  /// Few rows and a dropout that blurs every step: the classifier before the game selects nobody at first, so that
  /// passes are added before the game.
  private static let addedPasses =
    target + [
      "data.source.rows=700", "training.batchSize=150", "classifier.optimizer.learningRate=0.0005",
      "training.gameEpochs=30", #"constraints={"require": ["p_percent_rule(sex) >= 0.1"], "method": "game"}"#,
    ]

  private static let mitigated = [
    #"mitigation=[{"name": "reweighing"}, {"name": "adversary"}, {"name": "thresholds", "criterion": "demographicParity"}]"#,
    #"data.split={"fractions": {"train": 0.5, "validation": 0.25, "test": 0.25}}"#,
  ]

  private static let randomBatches = [
    "training.classifierBatch=random", "training.classifierBatchesPerEpoch=3", "classifier.dropout=0.5",
    "classifier.optimizer.decay={\"schedule\": \"exponential\", \"rate\": 0.9, \"steps\": 7}",
  ]

  private static let kinds = ["aif360", "fairlearn", "fairlearnTorch", "gradientReversal", "laftr", "projection"].map {
    ["adversary.name=\($0)", "training.gameEpochs=12"]
  }

  /// Killed while it reads, trains and writes.
  @Test(arguments: [[], target, ["adversary.name=null"], addedPasses, mitigated, randomBatches] + kinds)
  func aKilledRunGoesOn(settings: [String]) throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(Self.options("\(folder)/whole", settings))
      #expect(result.status == 0, "\(result.error)")
      for milliseconds in [15, 60, 120, 90, 200, 150] {
        let process = try Tool.start(Self.options("\(folder)/killed", settings) + ["--resume"])
        usleep(UInt32(milliseconds * 1000))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        // Whatever it was in the middle of, the next one goes on with the same folder, if it got that far.
        #expect(
          try runs("\(folder)/killed").count { !FileManager.default.fileExists(atPath: "\($0)/summary.json") } <= 1)
        if try runs("\(folder)/killed").contains(where: { FileManager.default.fileExists(atPath: "\($0)/summary.json") }
        ) {
          break
        }
      }
      if try !runs("\(folder)/killed").contains(where: { FileManager.default.fileExists(atPath: "\($0)/summary.json") })
      {
        let rest = try Tool.run(Self.options("\(folder)/killed", settings) + ["--resume"])
        #expect(rest.status == 0, "\(rest.error)")
      }
      try expectEqual("\(folder)/killed", "\(folder)/whole")
    }
  }

  /// The first signal ends the run after the epoch under way, with its state; trackers see the whole course in the end.
  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalKeepsTheState(signal: Int32) throws {
    try Tool.withFolder { folder in
      let options = Self.options(
        "\(folder)/runs",
        ["output.checkpointEveryEpochs=null", "training.gameEpochs=2000", #"output.trackers=["dvclive"]"#])
      let process = try Tool.start(options)
      let deadline = Date().addingTimeInterval(20)
      func lines(_ run: String) -> Int {
        ((try? String(contentsOfFile: "\(run)/epochs.jsonl", encoding: .utf8)) ?? "").count { $0 == "\n" }
      }
      while try Date() < deadline && (runs("\(folder)/runs").first.map(lines) ?? 0) < 30 { usleep(2000) }
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      #expect(process.terminationStatus == 128 + signal)
      let run = try #require(try runs("\(folder)/runs").first)
      let done = lines(run)
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(run)/checkpoint").count >= 1)
      let list = try Tool.run(["runs", "list", "--csv", "--output", "\(folder)/runs"])
      #expect(list.output.contains(",unfinished,"), "\(list.output)\(list.error)")
      let rest = try Tool.run(options.filter { $0 != "-q" } + ["--resume"])
      #expect(rest.status == 0, "\(rest.error)")
      #expect(rest.error.contains("Goes on with \(run), after epoch \(done - 15) of phase 'game'."), "\(rest.error)")
      #expect(try runs("\(folder)/runs") == [run] && lines(run) == 2015)
      #expect(!FileManager.default.fileExists(atPath: "\(run)/checkpoint"))
      let course = try String(contentsOfFile: "\(run)/dvclive/plots/metrics/labelLoss.tsv", encoding: .utf8)
      #expect(course.count { $0 == "\n" } == 2016)
      let verified = try Tool.run(["verify", run, "-q"])
      #expect(verified.status == 0, "\(verified.output)\(verified.error)")
    }
  }

  /// The newest checkpoint is torn, the one before is another run's: the third is used, and both are named.
  @Test func damagedCheckpointsAreLeftOut() throws {
    try Tool.withFolder { folder in
      #expect(try Tool.run(Self.options("\(folder)/whole")).status == 0)
      let process = try Tool.start(Self.options("\(folder)/killed"))
      let deadline = Date().addingTimeInterval(20)
      func checkpoints() throws -> [String] {
        guard let run = try runs("\(folder)/killed").first else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(run)/checkpoint")) ?? []
        return names.filter { $0.hasSuffix(".state") }.sorted().map { "\(run)/checkpoint/\($0)" }
      }
      while try Date() < deadline && checkpoints().count < 4 { usleep(500) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let files = try checkpoints()
      try #require(files.count >= 4)
      let newest = try Data(contentsOf: URL(filePath: files[files.count - 1]))
      try newest.prefix(newest.count / 2).write(to: URL(filePath: files[files.count - 1]))
      try Data("EQPSTATE".utf8).write(to: URL(filePath: files[files.count - 2]))
      let rest = try Tool.run(Self.options("\(folder)/killed").filter { $0 != "-q" } + ["--resume"])
      #expect(rest.status == 0, "\(rest.error)")
      #expect(rest.error.contains("\(files[files.count - 1]): is torn: it holds "), "\(rest.error)")
      #expect(rest.error.contains("\(files[files.count - 2]): is no checkpoint of Equipoise"), "\(rest.error)")
      try expectEqual("\(folder)/killed", "\(folder)/whole")
    }
  }

  /// A limit on the size of files stands for a disk that is full in the middle of a checkpoint: those of this game grow.
  @Test func aFullDiskLeavesThePreviousCheckpoint() throws {
    try Tool.withFolder { folder in
      #expect(try Tool.run(Self.options("\(folder)/whole", Self.target)).status == 0)
      let arguments = Self.options("\(folder)/full", Self.target).map { "'\($0)'" }.joined(separator: " ")
      let process = Process()
      process.executableURL = URL(filePath: "/bin/bash")
      process.arguments = [
        "-c", "trap '' XFSZ; ulimit -f 500; exec '\(Tool.path)' \(arguments) 2> '\(folder)/error'",
      ]
      process.currentDirectoryURL = URL(filePath: Tool.root)
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      let error = try String(contentsOfFile: "\(folder)/error", encoding: .utf8)
      #expect(process.terminationStatus == 74, "\(error)")
      #expect(error.contains(".state: writing failed: file too large. The run can go on from its last checkpoint"))
      let run = try #require(try runs("\(folder)/full").first)
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(run)/checkpoint")
      #expect(names.count == 5 && names.allSatisfy { $0.hasSuffix(".state") })
      let rest = try Tool.run(Self.options("\(folder)/full", Self.target) + ["--resume"])
      #expect(rest.status == 0, "\(rest.error)")
      try expectEqual("\(folder)/full", "\(folder)/whole")
    }
  }

  /// Without an unfinished run `--resume` begins one; with one of another configuration too.
  @Test func withoutAnUnfinishedRunItBegins() throws {
    try Tool.withFolder { folder in
      for seed in ["1", "1", "2"] {
        let result = try Tool.run(
          Self.options(folder, ["training.gameEpochs=2"]) + ["--resume", "--seed", seed])
        #expect(result.status == 0, "\(result.error)")
      }
      #expect(try runs(folder).count == 3)
    }
  }

  /// Two processes sweep over one folder, and a third that is killed in between: every run is done once.
  @Test func severalProcessesShareASweep() throws {
    try Tool.withFolder { folder in
      let path = "\(folder)/sweep.json"
      try """
      {"base": {"name": "quickstart", "data": {"source": {"simulated": "census", "rows": 1000, "seed": 3}},
                "training": {"gameEpochs": 60}, "evaluation": {"intervals": false},
                "output": {"checkpointEveryEpochs": 1, "report": false}},
       "parameters": {"adversary.lambda": [0, 20, 50]}, "seeds": [1, 2, 3, 4]}
      """.write(toFile: path, atomically: true, encoding: .utf8)
      let arguments = ["sweep", path, "-q", "--jobs", "2", "--output", "\(folder)/runs"]
      let killed = try Tool.start(arguments)
      usleep(300_000)
      let second = try Tool.start(arguments)
      usleep(100_000)
      kill(killed.processIdentifier, SIGKILL)
      killed.waitUntilExit()
      // Killed between the end of a run and the end of its claim, it leaves a claim that nobody asks for.
      let claims = "\(folder)/runs/.claims"
      try FileManager.default.createDirectory(atPath: claims, withIntermediateDirectories: true)
      #expect(FileManager.default.createFile(atPath: "\(claims)/0123456789abcdef", contents: nil))
      let third = try Tool.run(arguments + ["--csv"])
      #expect(third.status == 0, "\(third.error)")
      second.waitUntilExit()
      #expect(second.terminationStatus == 0)
      #expect(try runs("\(folder)/runs").count { FileManager.default.fileExists(atPath: "\($0)/summary.json") } == 12)
      #expect(!FileManager.default.fileExists(atPath: claims))
      let whole = try Tool.run(["sweep", path, "-q", "--output", "\(folder)/whole", "--csv"])
      #expect(third.output == whole.output)
    }
  }
}
