import Experiments
import Foundation
import RunRecords
import Synchronization
import Testing

@Suite struct SweepRunnerTests {
  private static let base = """
    {"name": "tiny", "data": {"source": {"simulated": "census", "rows": 600, "seed": 3},
      "split": {"fractions": {"train": 0.5, "validation": 0.2, "test": 0.3}}},
     "training": {"gameEpochs": 2, "classifierEpochs": 1, "adversaryEpochs": 1}, "evaluation": {"intervals": false}}
    """

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sweep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func run(_ keys: String, in folder: String, jobs: Int = 2) throws -> SweepRunner.Result {
    let path = "\(folder)/sweep.json"
    try "{\"base\": \(Self.base), \(keys)}".write(toFile: path, atomically: true, encoding: .utf8)
    let output = try ConfigurationOverride(option: "output.directory=\(folder)/runs")
    return try SweepRunner(SweepFile(path: path, overrides: [output]), jobs: jobs).run()
  }

  private func origins(_ result: SweepRunner.Result) -> [String] { result.runs.map(\.origin.rawValue) }

  @Test func whatIsDoneIsNotDoneAgain() throws {
    try withFolder { folder in
      let first = try run(#""parameters": {"adversary.lambda": [0, 50]}, "seeds": [1, 2]"#, in: folder)
      #expect(first.failure == nil)
      #expect(origins(first) == ["trained", "trained", "trained", "trained"])
      #expect(first.comparison.keys == ["adversary.lambda"])
      #expect(first.comparison.groups.map(\.seeds) == [[1, 2], [1, 2]])
      #expect(first.comparison.groups.contains { $0.isOnFront == true })
      // Extended by a point and a seed: only what is new.
      let more = try run(#""parameters": {"adversary.lambda": [0, 20, 50]}, "seeds": [1, 2, 3]"#, in: folder, jobs: 1)
      #expect(
        origins(more) == [
          "found", "found", "trained", "trained", "trained", "trained", "found", "found", "trained",
        ])
      #expect(more.comparison.groups[0].spreads[0]?.runs == 3)
      // Without the index the folders tell the same; a folder that is gone is done again.
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: "\(folder)/runs/index.sqlite\(suffix)")
      }
      try FileManager.default.removeItem(atPath: #require(first.runs[1].folder))
      let again = try run(#""parameters": {"adversary.lambda": [0, 50]}, "seeds": [1, 2]"#, in: folder)
      #expect(origins(again) == ["found", "trained", "found", "found"])
      #expect(again.comparison == first.comparison)
    }
  }

  /// A run of a sweep is the run that anyone gets who asks for its configuration alone.
  @Test func runsOfASweepEqualRunsAlone() throws {
    try withFolder { folder in
      let sweep = try run(#""parameters": {"adversary.lambda": [0, 50]}, "seeds": [1, 2]"#, in: folder)
      let file = try ConfigurationFile(
        Array(Self.base.utf8), source: "tiny.json",
        overrides: ["adversary.lambda=50", "seed=2", "output.directory=\(folder)/alone"].map {
          try ConfigurationOverride(option: $0)
        })
      let alone = try ExperimentRunner(file).run()
      let shared = try #require(sweep.runs.last?.folder)
      for name in ["epochs.jsonl", "predictions.csv", "evaluation.json", "model/weights.safetensors"] {
        #expect(
          FileManager.default.contentsEqual(atPath: "\(shared)/\(name)", andPath: alone.folder.file(name)), "\(name)")
      }
    }
  }

  /// Runs that differ in λ alone begin where the first of them has been, of every kind of training, and end where they
  /// would have ended alone: every file is equal.
  @Test(arguments: [
    [], ["adversary.name=projection"], ["adversary.name=aif360", "classifier.dropout=0.3"],
    ["training.adversaryEpochs=0"], ["training.classifierEpochs=3", "adversary.lambdaInAdversaryLoss=false"],
    ["adversary.name=laftr", "evaluation.everyEpochs=0"], ["training.gameEpochs=0", "training.classifierEpochs=0"],
    [#"mitigation=[{"name": "correlationRemover"}, {"name": "adversary"}]"#],
    ["adversary.lambdaSchedule=ramp", "training.classifierBatch=random", "output.checkpointEveryEpochs=1"],
  ])
  func whatRunsShareChangesNothing(settings: [String]) throws {
    try withFolder { folder in
      let path = "\(folder)/sweep.json"
      let parameters = #""parameters": {"adversary.lambda": [0, 20, 50]}, "seeds": [1, 2]"#
      try "{\"base\": \(Self.base), \(parameters)}".write(toFile: path, atomically: true, encoding: .utf8)
      let more = ["evaluation.intervals=true", "evaluation.draws=5", "output.directory=\(folder)"]
      let overrides = try (settings + more).map { try ConfigurationOverride(option: $0) }
      let result = try SweepRunner(SweepFile(path: path, overrides: overrides), jobs: 1).run()
      #expect(result.failure == nil)
      #expect(result.runs.count == 6)
      let trained = try result.runs.count { run in
        try RunFolder(existing: #require(run.folder)).summary().timing.contains { $0.stage == "classifier" }
      }
      #expect(trained == (settings.contains("training.classifierEpochs=0") ? 0 : 2), "one run of each seed")
      for run in result.runs {
        let verified = try RunVerifier(run: #require(run.folder)).verify()
        #expect(verified.isEqual, "\(run.point): \(verified.files)")
      }
    }
  }

  /// Which parameter stands first makes no difference to what is shared.
  @Test func runsShareAcrossOtherParameters() throws {
    try withFolder { folder in
      let result = try run(
        #""parameters": {"adversary.lambda": [0, 20], "classifier.dropout": [0, 0.1, 0.2, 0.3, 0.4]}, "seeds": [1]"#,
        in: folder, jobs: 1)
      let trained = try result.runs.count { run in
        try RunFolder(existing: #require(run.folder)).summary().timing.contains { $0.stage == "classifier" }
      }
      #expect(result.runs.count == 10)
      #expect(trained == 5)
    }
  }

  @Test func aRunThatFailsDoesNotStopTheOthers() throws {
    try withFolder { folder in
      let result = try run(
        #""parameters": {"classifier.optimizer.learningRate": [0.001, 1e30]}, "seeds": [1]"#, in: folder)
      #expect(origins(result) == ["trained", "failed"])
      #expect(result.failure != nil)
      #expect(result.comparison.groups[1].failures.first?.reason.contains("classifier") == true)
      #expect(result.comparison.groups[1].spreads[0] == nil)
    }
  }

  @Test func halvingKeepsTheBetter() throws {
    try withFolder { folder in
      let result = try run(
        """
        "parameters": {"classifier.optimizer.learningRate": [0.000001, 0.001, 0.000002, 0.003]}, "seeds": [1, 2],
        "halving": {"metric": "validation.rocAUC", "initial": 1, "maximum": 4, "factor": 2}
        """, in: folder)
      // 4 points with 1 epoch, 2 with 2, 1 with 4, each with two seeds.
      #expect(result.runs.count == 14)
      func rates(_ epochs: Double) -> Set<Double> {
        Set(
          result.comparison.groups.compactMap { group in
            guard group.parameters[1] == .number(epochs), case .number(let rate)? = group.parameters[0] else {
              return nil
            }
            return rate
          })
      }
      #expect(rates(1).count == 4)
      #expect(rates(2) == [0.001, 0.003])
      #expect(rates(4).isSubset(of: [0.001, 0.003]) && rates(4).count == 1)
    }
  }

  /// A misspelt statistic is told with the first run, and ends a halving with an error beside the runs that were done.
  @Test func misspeltStatistics() throws {
    try withFolder { folder in
      let path = "\(folder)/sweep.json"
      let keys = """
        "parameters": {"adversary.lambda": [0, 5]}, "metrics": ["validation.acuracy"],
        "halving": {"metric": "validation.rocAUK", "initial": 1, "maximum": 2}
        """
      try "{\"base\": \(Self.base), \(keys)}".write(toFile: path, atomically: true, encoding: .utf8)
      let file = try SweepFile(
        path: path, overrides: [try ConfigurationOverride(option: "output.directory=\(folder)/runs")])
      let notices = Mutex<[String]>([])
      let result = try SweepRunner(file, jobs: 1).run { event in
        if case .notice(let text) = event { notices.withLock { $0.append(text) } }
      }
      #expect(result.runs.count == 2)
      #expect("\(result.failure as Any)".contains("Did you mean 'validation.rocAUC'?"), "\(result.failure as Any)")
      #expect(
        notices.withLock { $0 } == [
          "The first run has no statistic 'validation.rocAUK'. Did you mean 'validation.rocAUC'?",
          "The first run has no statistic 'validation.acuracy'. Did you mean 'validation.accuracy'?",
        ])
    }
  }

  @Test func interruptionKeepsWhatIsDone() throws {
    try withFolder { folder in
      let path = "\(folder)/sweep.json"
      try "{\"base\": \(Self.base), \"parameters\": {\"adversary.lambda\": [0, 50]}, \"seeds\": [1, 2]}"
        .write(toFile: path, atomically: true, encoding: .utf8)
      let file = try SweepFile(
        path: path, overrides: [try ConfigurationOverride(option: "output.directory=\(folder)/runs")])
      let ended = Mutex(0)
      #expect(throws: SweepInterrupted.self) {
        _ = try SweepRunner(file, jobs: 1, isCancelled: { ended.withLock { $0 } >= 2 }).run { event in
          if case .ended(let number, _, _) = event { ended.withLock { $0 = number } }
        }
      }
      let rest = try SweepRunner(file, jobs: 1).run()
      #expect(origins(rest).count { $0 == "found" } == 2 && origins(rest).count { $0 == "trained" } == 2)
    }
  }
}
