import FairnessMetrics
import Foundation
import OrderedJSON
import RunRecords
import Testing

@Suite struct TrackerTests {
  private func withStart(_ body: (RunStart) throws -> Void) throws {
    let output = FileManager.default.temporaryDirectory.appending(path: "trackers-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: output) }
    let configuration: JSON = [
      "name": "tracked", "seed": 5, "data": ["sensitive": [["column": "a/../b"]]],
      "adversary": ["hidden": [32, 32], "epsilon": 1e-07],
    ]
    let environment = EnvironmentRecord(
      version: "0.1.0", commit: nil, platform: "Linux", cores: 2, blasCore: "none", blasThreads: 1, kernels: "plain",
      configurationFolder: ".", started: "2026-01-31T12:00:00Z", host: "here", user: "me: #1", data: [])
    let folder = try RunFolder.create(in: output, name: "tracked", configuration: configuration, time: 0)
    try body(
      RunStart(folder: folder, output: output, configuration: configuration, environment: environment))
  }

  private func evaluation(_ accuracy: Double, _ rule: MetricValue) -> SplitEvaluation {
    SplitEvaluation(
      .test,
      ClassifierEvaluation(
        rows: 10, threshold: 0.5, accuracy: .defined(accuracy), rocAUC: .undefined("one class"),
        selectionRate: .defined(0.25),
        attributes: [
          AttributeEvaluation(
            name: "a/../b", pPercentRule: rule, demographicParityDifference: .undefined("x"),
            equalizedOddsDifference: .undefined("x"), equalOpportunityDifference: .undefined("x"), adversaryAUC: nil,
            groups: [], missingRows: 0)
        ]))
  }

  private func follow(_ tracker: any RunTracker) throws {
    for number in 1...3 {
      try tracker.append(
        EpochRecord(
          phase: .game, epoch: number, labelLoss: .defined(1 / Double(number)), adversaryLoss: .undefined("none yet"),
          splits: [evaluation(0.5 + 0.1 * Double(number), number == 2 ? .undefined("none") : .defined(0.5))]),
        number: number)
    }
    try tracker.finish(
      RunSummary(name: "tracked", seed: 5, phases: [.init(.final, splits: [evaluation(0.875, .defined(0.75))])]),
      scores: [ScoreSample("test", epoch: 3, scores: [0, 0.5, 1])])
  }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  /// Against Scripts/golden/tensorboard_events.py.
  @Test func eventsAreThoseOfTensorBoard() throws {
    let url = try #require(Bundle.module.url(forResource: "Golden/events", withExtension: "bin"))
    var bytes = TensorBoardEvents.start(time: 1_700_000_000.25)
    for step in [1, 300] {
      let values = [("labelLoss", 0.5 / Double(step)), ("test/sex/pPercentRule", 0), ("test/größe", -1.25)]
      bytes += TensorBoardEvents.scalars(
        values.map { (tag: $0, value: $1) }, step: step, time: 1_700_000_000.5 + Double(step))
    }
    bytes += TensorBoardEvents.histogram(
      "scores/test", [0, 0.25, 0.5, 0.5, 0.75, 0.984375, 1], step: 171, time: 1_700_000_999)
    #expect(try Array(Data(contentsOf: url)) == bytes)
    #expect(TensorBoardEvents.histogram("empty", [], step: 1, time: 0).isEmpty)
  }

  @Test func tensorBoardFile() throws {
    try withStart { start in
      try follow(TensorBoardTracker(start, time: { 1_700_000_000 }))
      let folder = start.folder.file("tensorboard")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names.count == 1 && names[0].hasPrefix("events.out.tfevents.1700000000.here."))
      let bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(names[0])"))
      #expect(bytes.range(of: Data("test/a/../b/pPercentRule".utf8)) != nil)
      #expect(bytes.range(of: Data("scores/test".utf8)) != nil)
    }
  }

  @Test func mlflowFiles() throws {
    try withStart { start in
      try follow(MLflowTracker(start, time: { 1_700_000_000.5 }))
      let root = "\(start.output)/mlruns"
      let experiment = try #require(try FileManager.default.contentsOfDirectory(atPath: root).first)
      #expect(experiment.count == 18)
      #expect(try text("\(root)/\(experiment)/meta.yaml").contains("name: \"tracked\"\n"))
      let run = try #require(
        try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(experiment)").first { $0.count == 32 })
      let folder = "\(root)/\(experiment)/\(run)"
      let meta = try text("\(folder)/meta.yaml")
      for line in ["status: 3\n", "end_time: 1700000000500\n", "user_id: \"me: #1\"\n", "run_id: \"\(run)\"\n"] {
        #expect(meta.contains(line))
      }
      #expect(
        try text("\(folder)/metrics/test.accuracy") == "1700000000500 0.6 1\n1700000000500 0.7 2\n1700000000500 0.8 3\n"
      )
      // A column's name cannot lead out of the folder, and a statistic that does not exist is left out.
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/metrics")
      let rule = try #require(names.first { $0.hasPrefix("test.a_.._b.pPercentRule-") })
      #expect(try text("\(folder)/metrics/\(rule)") == "1700000000500 0.5 1\n1700000000500 0.5 3\n")
      #expect(try text("\(folder)/metrics/final.test.accuracy") == "1700000000500 0.875 0\n")
      #expect(try text("\(folder)/params/adversary.hidden") == "[32, 32]")
      #expect(try text("\(folder)/params/data.sensitive.0.column") == "a/../b")
      #expect(
        Set(try FileManager.default.contentsOfDirectory(atPath: folder))
          == ["artifacts", "meta.yaml", "metrics", "params", "tags"])
    }
  }

  @Test func dvcLiveFiles() throws {
    try withStart { start in
      try follow(DVCLiveTracker(start))
      let folder = start.folder.file("dvclive")
      #expect(
        try text("\(folder)/plots/metrics/labelLoss.tsv") == "step\tlabelLoss\n1\t1.0\n2\t0.5\n3\t0.3333333333333333\n")
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/plots/metrics/test")
      let attribute = try #require(names.first { $0.hasPrefix("a_.._b-") })
      #expect(
        try text("\(folder)/plots/metrics/test/\(attribute)/pPercentRule.tsv") == "step\tpPercentRule\n1\t0.5\n3\t0.5\n"
      )
      let metrics = try JSONReader.read(text("\(folder)/metrics.json"), source: "metrics.json").value
      #expect(metrics["step"] == 3)
      #expect(metrics["test"]?["accuracy"]?.double == 0.875)
      #expect(metrics["test"]?["a/../b"]?["pPercentRule"]?.double == 0.75)
      #expect(metrics["test"]?["rocAUC"] == nil)
      #expect(
        try text("\(folder)/params.yaml")
          == start.configuration.serialized().replacingOccurrences(of: "1e-07", with: "1.0e-07"))
    }
  }

  /// Names that the trackers cannot take stay different from one another, and the others as they are.
  @Test func namesStayDifferent() {
    let names = ["性别", "年龄", "__", "a/b", "a_b", "a b", ".a", "_a", "", String(repeating: "x", count: 300)]
    let safe = (names + [String(repeating: "x", count: 301)]).map(MLflowTracker.safe)
    #expect(Set(safe).count == names.count + 1)
    #expect(safe[2] == "__" && safe[4] == "a_b" && safe[5] == "a b")
    #expect(safe.allSatisfy { $0.utf8.count <= 209 && !$0.contains("/") && !$0.hasPrefix(".") })
  }

  @Test func whatCannotBeWrittenIsAnError() throws {
    try withStart { start in
      // What an interrupted run left under their names is replaced; a run's folder that is none cannot be.
      try FileManager.default.removeItem(atPath: start.folder.path)
      try "".write(toFile: start.folder.path, atomically: true, encoding: .utf8)
      try "".write(toFile: "\(start.output)/mlruns", atomically: true, encoding: .utf8)
      #expect(throws: RecordError.self) { try TensorBoardTracker(start) }
      #expect(throws: RecordError.self) { try DVCLiveTracker(start) }
      #expect(throws: RecordError.self) { try MLflowTracker(start) }
    }
  }
}
