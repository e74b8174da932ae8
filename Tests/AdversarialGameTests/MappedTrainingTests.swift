import AdversarialGame
import Foundation
import NeuralNetworks
import TabularData
import Testing

/// Training on rows in a mapped file.
@Suite struct MappedTrainingTests {
  /// With the same window the file is invisible: every weight and score is that of the rows in memory, though the
  /// pages behind each window are given back.
  @Test(arguments: [GameSettings.ClassifierBatch.last, .random, .all])
  func mappedRowsTrainAsThoseInMemory(batch: GameSettings.ClassifierBatch) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let recipe = CatalogEntry.adult.recipe
    let source = SimulatedRows(rows: 4000, seed: 3)
    let mapped = try PreparedCache(folder: folder).prepare(
      source, CacheIdentity(sources: [], recipe: recipe, reading: ReadingOptions()))
    let inMemory = try recipe.prepare(source)
    var settings = GameFixtures.settings
    settings.batchSize = 40
    settings.classifierBatch = batch
    settings.shuffleWindow = ShuffleWindow(blockRows: 64, blocks: 5)
    func play(_ data: PreparedData) throws -> (GameTrainer.Outcome, [EpochProgress]) {
      var progress: [EpochProgress] = []
      let train = try #require(data[.train])
      let outcome = try GameTrainer(
        network: Perceptron(inputs: train.featureCount, hidden: [8], outputs: 1, dropout: 0.2),
        adversary: PredictionAdversary(
          attributes: SensitiveAttribute.attributes(of: train.sensitive), hidden: [4]),
        objective: GameObjective(lambda: [20, 5]),
        splits: [("train", train), ("test", try #require(data[.test]))], settings: settings, seed: 5
      ).train(onProgress: { progress.append($0) })
      return (outcome, progress)
    }
    let (one, progress) = try play(mapped)
    let (other, _) = try play(inMemory)
    #expect(one.classifierBits == other.classifierBits && one.adversaryBits == other.adversaryBits)
    #expect(one.finalScores == other.finalScores && one.final == other.final)
    let first = progress.filter { $0.phase == .classifier && $0.epoch == 1 }.map(\.share)
    let windows = try BatchSchedule(
      rows: try #require(mapped[.train]).rows, batchSize: 40, dropLast: true, window: settings.shuffleWindow
    ).windowCount
    #expect(windows > 3 && first.count == windows)
    #expect(first == first.sorted() && first.last == 1)
    #expect(progress.contains { $0.phase == .game } == (batch == .all))
  }
}
