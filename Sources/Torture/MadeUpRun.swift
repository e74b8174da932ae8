import FairnessMetrics
import OrderedJSON
import RunRecords
import RunStore

/// Runs of the size of real ones, for writing many.
enum MadeUpRun {
  static func configuration(lambda: Double, seed: Int) -> ResolvedConfiguration {
    var members: [JSON.Member] = [
      .init("name", "made-up"), .init("seed", .number(JSONNumber(seed))),
      .init("adversary", ["lambda": ["race": .number(JSONNumber(lambda)), "sex": 30]]),
    ]
    // A real configuration has about a hundred keys.
    for section in ["data", "classifier", "training", "evaluation"] {
      members.append(
        .init(section, .object((0..<24).map { .init("key\($0)", .string("a value of key \($0)")) })))
    }
    members.append(.init("output", ["directory": "runs", "predictions": true]))
    return ResolvedConfiguration(.object(members))
  }

  static func environment(second: Int) -> EnvironmentRecord {
    EnvironmentRecord(
      version: "0.1.0", commit: nil, platform: "made up", cores: 2, blasCore: "none", blasThreads: 1,
      kernels: "plain", configurationFolder: ".", started: UTCTime(seconds: 1_700_000_000 + second).iso8601,
      data: [.init("made-up.csv", sha256: String(repeating: "ab", count: 32))])
  }

  static func summary(_ number: Int, seed: Int) -> RunSummary {
    func value(_ salt: Int) -> MetricValue { .defined(Double((number &* 7919 &+ salt &* 104_729) % 9973) / 9973) }
    func attribute(_ name: String, _ salt: Int) -> AttributeEvaluation {
      AttributeEvaluation(
        name: name, pPercentRule: value(salt), demographicParityDifference: value(salt + 1),
        equalizedOddsDifference: value(salt + 2), equalOpportunityDifference: value(salt + 3),
        adversaryAUC: value(salt + 4),
        groups: ["a", "b"].map {
          GroupEvaluation(
            name: $0, rows: 100, selectionRate: value(salt + 5), truePositiveRate: value(salt + 6),
            falsePositiveRate: value(salt + 7))
        }, missingRows: 0)
    }
    func splits(_ salt: Int) -> [SplitEvaluation] {
      [SplitName.train, .test].map { name in
        let salt = salt + (name == .test ? 50 : 0)
        return SplitEvaluation(
          name,
          ClassifierEvaluation(
            rows: 200, threshold: 0.5, accuracy: value(salt), rocAUC: value(salt + 1), selectionRate: value(salt + 2),
            attributes: [attribute("race", salt + 10), attribute("sex", salt + 20)]))
      }
    }
    return RunSummary(
      name: "made-up", seed: seed,
      phases: [.init(.pretrained, splits: splits(0)), .init(.final, splits: splits(100))],
      timing: [.init("game", seconds: 1)])
  }

  static func epoch(_ number: Int) -> EpochRecord {
    EpochRecord(
      phase: .game, epoch: number + 1, labelLoss: .defined(1 / Double(number + 2)), adversaryLoss: .defined(0.69))
  }
}
