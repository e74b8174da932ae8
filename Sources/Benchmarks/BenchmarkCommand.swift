import AdversarialGame
import ArgumentParser
import Foundation
import LinearAlgebra
import NeuralNetworks
import TabularData

/// `equipoise-benchmark`: how long the parts of a training take on this machine, through the library's public API.
///
/// The data are Adult in the article's preparation, from the folder that EQUIPOISE_DATA names, or as many simulated
/// rows where it names none. Every figure is the median over repetitions, with the smallest and the largest.
@main
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "equipoise-benchmark",
    abstract: "Measure the classifier's step, the epoch of the game and the evaluation on this machine.")

  @Option(help: "The rows of a mini-batch.")
  var batchSize = 32

  @Option(help: "How often each figure is measured.")
  var repetitions = 7

  @Option(help: "The classifier's steps that one measurement takes; fewer where the machine is not yours alone.")
  var steps = 40_000

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard batchSize > 0, repetitions > 0, steps > 0 else {
      throw ValidationError("--batch-size, --repetitions and --steps should be at least 1.")
    }
  }

  func run() throws {
    let (data, name) = try Self.data()
    guard let training = data[.train], let test = data[.test] else { return }
    let backend = ComputeBackend.current
    let batches = training.rows / batchSize
    guard batches > 0 else { throw ValidationError("--batch-size \(batchSize) exceeds the \(training.rows) rows.") }

    // A difference of two runs leaves the set-up out.
    let passes = max(1, steps / batches)
    let classifierPass = try measure(epochs: passes) { epochs in
      try Self.train(training, nil, batchSize: batchSize, classifierEpochs: epochs, gameEpochs: 0)
    }
    let gameEpoch = try measure(epochs: max(1, passes / 2)) { epochs in
      try Self.train(training, nil, batchSize: batchSize, classifierEpochs: 0, gameEpochs: epochs)
    }
    let evaluation = try measure(epochs: max(1, passes / 4)) { epochs in
      try Self.train(training, test, batchSize: batchSize, classifierEpochs: 0, gameEpochs: epochs)
    }

    let figures: [(key: String, title: String, unit: String, values: [Double])] = [
      ("classifierStepMicroseconds", "classifier step", "µs", classifierPass.map { $0 * 1e6 / Double(batches) }),
      ("gameEpochMilliseconds", "game epoch (pass of \(batches) steps and one step)", "ms", gameEpoch.map { $0 * 1e3 }),
      (
        "evaluatedEpochMilliseconds", "game epoch measured on both halves", "ms", evaluation.map { $0 * 1e3 }
      ),
    ]
    if json {
      var object: [String: Any] = [
        "batchSize": batchSize, "rows": training.rows, "features": training.featureCount, "data": name,
        "coreName": backend.coreName, "kernels": backend.kernels, "steps": batches,
      ]
      for figure in figures {
        object[figure.key] = Self.median(figure.values)
        object[figure.key + "Range"] = [figure.values.min() ?? 0, figure.values.max() ?? 0]
      }
      let bytes = try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
      print(String(decoding: bytes, as: UTF8.self))
      return
    }
    print("\(name), \(training.rows) × \(training.featureCount) training rows, batch \(batchSize)")
    print("OpenBLAS core \(backend.coreName), kernels \(backend.kernels)\n")
    for figure in figures {
      let values = figure.values.sorted()
      let text = [Self.median(values), values[0], values[values.count - 1]].map { String(format: "%.3f", $0) }
      print("\(figure.title): \(text[0]) \(figure.unit) (\(text[1]) to \(text[2]))")
    }
  }

  /// Seconds per epoch, for each repetition: the time of 2n epochs less that of n, divided by n.
  private func measure(epochs: Int, _ train: (Int) throws -> Void) throws -> [Double] {
    func seconds(_ epochs: Int) throws -> Double {
      let start = ContinuousClock.now
      try train(epochs)
      let (seconds, attoseconds) = (ContinuousClock.now - start).components
      return Double(seconds) + Double(attoseconds) * 1e-18
    }
    _ = try seconds(1)
    return try (0..<repetitions).map { _ in
      let short = try seconds(epochs)
      return try max(0, seconds(2 * epochs) - short) / Double(epochs)
    }
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  private static func train(
    _ training: Dataset, _ test: Dataset?, batchSize: Int, classifierEpochs: Int, gameEpochs: Int
  ) throws {
    var settings = GameSettings()
    settings.batchSize = batchSize
    settings.classifierEpochs = classifierEpochs
    settings.adversaryEpochs = 0
    settings.gameEpochs = gameEpochs
    settings.evaluationInterval = test == nil ? 0 : 1
    let attributes = SensitiveAttribute.attributes(of: training.sensitive)
    var splits = [(name: "train", dataset: training)]
    if let test { splits.append(("test", test)) }
    let trainer = try GameTrainer(
      network: Perceptron(
        inputs: training.featureCount, hidden: [32, 32, 32], outputs: 1, dropout: 0.2),
      adversary: PredictionAdversary(attributes: attributes), objective: GameObjective(lambda: [130, 30]),
      splits: splits, settings: settings, seed: 7)
    _ = try trainer.train()
  }

  private static func data() throws -> (PreparedData, String) {
    let entry = CatalogEntry.adult
    if let folder = ProcessInfo.processInfo.environment["EQUIPOISE_DATA"], !folder.isEmpty {
      let (tables, _) = try entry.load(files: ["train"])
      return (try entry.recipe.prepare(tables[0]), "Adult")
    }
    return (try entry.recipe.prepare(CensusSimulator().rows(count: 36_000, seed: 7)), "simulated census")
  }
}
