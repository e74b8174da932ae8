import FairnessMetrics
import Foundation
import OrderedJSON
import RunRecords
import RunStore

/// A folder of runs for the time of a test.
func withOutput(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer {
    try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
    try? FileManager.default.removeItem(atPath: folder)
  }
  try body(folder)
}

/// A small run.
struct SmallRun {
  var lambda: Double
  var seed: Int
  var accuracy: Double?
  var rule: Double = 0.5
  var second = 0
  /// The names of keys of the adversary that not all configurations have.
  var switches: [String] = []

  var configuration: ResolvedConfiguration {
    let switches = switches.map { JSON.Member($0, true) }
    return ResolvedConfiguration([
      "name": "small", "seed": .number(JSONNumber(seed)),
      "adversary": .object(
        [
          .init("lambda", .number(JSONNumber(lambda))), .init("hidden", [32, 32]),
        ] + switches), "data": ["cache": "anywhere"],
      "output": ["directory": "runs", "predictions": true],
    ])
  }

  var environment: EnvironmentRecord {
    EnvironmentRecord(
      version: "0.1.0", commit: nil, platform: "Linux", cores: 2, blasCore: "none", blasThreads: 1, kernels: "plain",
      configurationFolder: ".", started: UTCTime(seconds: second).iso8601, data: [.init("rows.csv", sha256: "abcd")])
  }

  var summary: RunSummary {
    let attribute = AttributeEvaluation(
      name: "sex", pPercentRule: .defined(rule), demographicParityDifference: .defined(0.1),
      equalizedOddsDifference: .undefined("none"), equalOpportunityDifference: .defined(0.2), adversaryAUC: nil,
      groups: [], missingRows: 0)
    let evaluation = ClassifierEvaluation(
      rows: 10, threshold: 0.5, accuracy: accuracy.map { .defined($0) } ?? .undefined("no rows"),
      rocAUC: .defined(0.7), selectionRate: .defined(0.3), attributes: [attribute])
    return RunSummary(
      name: "small", seed: seed,
      phases: [
        .init(.pretrained, splits: [.init(.test, evaluation)]), .init(.final, splits: [.init(.test, evaluation)]),
      ],
      timing: [.init("game", seconds: 2)])
  }

  static func epoch(_ number: Int) -> EpochRecord {
    EpochRecord(
      phase: .game, epoch: number, labelLoss: .defined(1 / Double(number)), adversaryLoss: .undefined("none"))
  }

  /// Makes the run's folder with all its records; enters nothing.
  func makeFolder(in output: String, finished: Bool = true) throws -> RunStart {
    let folder = try RunFolder.create(in: output, name: "small", configuration: configuration.json, time: second)
    try folder.write(environment)
    let log = try folder.epochLog()
    for number in 1...3 { try log.append(Self.epoch(number)) }
    try log.close()
    if finished { try folder.write(summary) }
    return RunStart(folder: folder, output: output, configuration: configuration.json, environment: environment)
  }
}
