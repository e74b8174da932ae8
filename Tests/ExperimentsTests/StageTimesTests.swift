import Experiments
import Foundation
import Testing

@Suite struct StageTimesTests {
  /// However seldom epochs are measured: what the game takes is counted as the game's.
  @Test(arguments: [0, 1, 7]) func everyStageHasItsOwnTime(everyEpochs: Int) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "stages-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = try ConfigurationFile(
      Array(
        """
        {"name": "stages", "data": {"source": {"simulated": "census", "rows": 600, "seed": 3}},
         "training": {"classifierEpochs": 1, "adversaryEpochs": 1, "gameEpochs": 300},
         "evaluation": {"intervals": false, "everyEpochs": \(everyEpochs)},
         "output": {"directory": "\(folder)", "checkpointEveryEpochs": 1}}
        """.utf8), source: "stages.json")
    let timing = try ExperimentRunner(file).run().summary.timing
    let names = timing.map(\.stage)
    #expect(names == ["reading", "preparation", "classifier", "adversary", "game", "evaluation", "writing"])
    let seconds = Dictionary(uniqueKeysWithValues: timing.map { ($0.stage, $0.seconds) })
    // 300 epochs and one; far apart, as others may take the processor from the one.
    #expect(seconds["game", default: 0] > seconds["adversary", default: .infinity], "\(seconds)")
  }
}
