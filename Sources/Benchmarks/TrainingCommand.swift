import AdversarialGame
import ArgumentParser
import LinearAlgebra
import NeuralNetworks
import TabularData

/// `equipoise-benchmark training`: the classifier's step, the epoch of the game, and the epoch with its evaluation.
///
/// The time of an epoch is taken inside a training, between two of its reports. A report comes with an evaluation, so
/// the time without it is that of five epochs and a report less that of one epoch and a report, divided by four.
struct TrainingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training", abstract: "Measure steps and epochs on Adult in the article's preparation.",
    discussion: """
      The rows come from the folder that EQUIPOISE_DATA names; without it, they are simulated. FLOP are counted as if \
      the first layer were dense: 4·inputs·outputs a row and layer (forward and weights' gradient), and \
      2·inputs·outputs for the gradient of the layer's input, the first layer excepted: 24,384 in all.
      """)

  @OptionGroup var options: MeasurementOptions

  @Option(help: "The rows of a mini-batch.")
  var batchSize = 32

  @Option(help: "The machine's peak, as Scripts/benchmark measures it, to relate the classifier's step to.")
  var peakGigaflops: Double?

  func validate() throws {
    guard batchSize > 0 else { throw ValidationError("--batch-size should be at least 1.") }
  }

  func run() throws {
    let (data, name) = try articleData()
    guard let training = data[.train], let test = data[.test] else { return }
    let batches = training.rows / batchSize
    guard batches > 0 else { throw ValidationError("--batch-size \(batchSize) exceeds the \(training.rows) rows.") }
    let network = Perceptron(inputs: training.featureCount, hidden: [32, 32, 32], outputs: 1, dropout: 0.2)
    let trainings = Trainings(
      network: network, training: training, test: test, batchSize: batchSize, clock: options.clock)

    var epochs: [TrainingPhase: (without: Figure, gaps: [Double])] = [:]
    for (phase, key, title) in [
      (TrainingPhase.classifier, "classifierPassMilliseconds", "classifier pass of \(batches) steps"),
      (.game, "gameEpochMilliseconds", "game epoch (adversary's pass of \(batches) steps, one classifier step)"),
    ] {
      var (short, long): ([Double], [Double]) = ([], [])
      while short.reduce(0, +) + long.reduce(0, +) < options.seconds || short.count < 10 {
        short += try trainings.gaps(phase, every: 1, count: 5)
        long += try trainings.gaps(phase, every: 5, count: 3)
      }
      let one = Figure(key, title, unit: "ms", scale: 1e3, seconds: short)
      let five = Figure(key, title, unit: "ms", scale: 1e3, seconds: long)
      let without = Figure(
        key, title, unit: "ms", minimum: (five.minimum - one.minimum) / 4, median: (five.median - one.median) / 4)
      epochs[phase] = (without, short)
    }
    guard let pass = epochs[.classifier]?.without, let game = epochs[.game] else { return }

    let step = Figure(
      "classifierStepMicroseconds", "classifier step", unit: "µs", minimum: pass.minimum * 1e3 / Double(batches),
      median: pass.median * 1e3 / Double(batches))
    let evaluated = Figure(
      "evaluatedEpochMilliseconds", "game epoch with its evaluation on both halves", unit: "ms", scale: 1e3,
      seconds: game.gaps)
    let operations = denseOperations(of: network)
    let work = WorkDone(network: network, data: training)
    let rate = Double(operations * batchSize) / step.minimum / 1e3
    let backend = ComputeBackend.current
    let shares =
      peakGigaflops.map { peak in
        [("shareOfPeak", ReportValue.number(rate / peak)), ("peakGigaflops", .number(peak))]
      } ?? []
    options.report(
      [
        "\(name), \(training.rows) × \(training.featureCount) training rows, batch \(batchSize)",
        "OpenBLAS core \(backend.coreName), kernels \(backend.kernels)",
        "\(operations) FLOP a row and step counted dense, \(Int(work.operations)) done: "
          + "\(step.text(work.deviations)) values of a row differ from the most frequent ones",
        "\(step.text(rate)) GFLOP/s counted dense"
          + (peakGigaflops.map { ", \(step.text(100 * rate / $0)) % of \(step.text($0))" } ?? ""),
        "",
      ],
      properties: [
        ("batchSize", .number(Double(batchSize))), ("rows", .number(Double(training.rows))),
        ("features", .number(Double(training.featureCount))), ("data", .text(name)),
        ("clock", .text(options.clock.rawValue)), ("coreName", .text(backend.coreName)),
        ("kernels", .text(backend.kernels)),
        ("steps", .number(Double(batches))), ("operationsPerRow", .number(Double(operations))),
        ("operationsDonePerRow", .number(work.operations)), ("deviationsPerRow", .number(work.deviations)),
        ("gigaflops", .number(rate)),
      ] + shares,
      figures: [step, game.without, evaluated])
  }
}

/// Adult in the article's preparation, or as many simulated people where EQUIPOISE_DATA names no folder.
func articleData() throws -> (PreparedData, String) {
  let entry = CatalogEntry.adult
  if hasDataFolder() { return (try entry.recipe.prepare(try entry.load(files: ["train"]).0[0]), "Adult") }
  return (try entry.recipe.prepare(CensusSimulator().rows(count: 36_000, seed: 7)), "simulated census")
}

/// The floating-point operations of a row in a training step, products alone and every layer dense.
func denseOperations(of network: Perceptron) -> Int {
  network.layers.enumerated().reduce(0) { sum, item in
    sum + (item.offset == 0 ? 4 : 6) * item.element.inputs * item.element.outputs
  }
}

/// What a row takes where the first layer works with deviations from the base row.
struct WorkDone {
  /// The mean number of values of a row that differ from the base row; all of them where there is none.
  let deviations: Double

  /// Floating-point operations of a row in a step, without the base row's product, which is one for the whole batch.
  let operations: Double

  init(network: Perceptron, data: Dataset) {
    let columns = data.featureCount
    deviations = data.featureRows.deviationsPerRow ?? Double(columns)
    let width = Double(network.layers[0].outputs)
    operations = Double(denseOperations(of: network)) - 4 * width * (Double(columns) - deviations)
  }
}

/// Short trainings whose reports are timed.
private struct Trainings {
  let network: Perceptron
  let training: Dataset
  let test: Dataset
  let batchSize: Int
  let clock: Clock

  /// The seconds of `count` stretches of `interval` epochs of one phase, each with the report at its end.
  func gaps(_ phase: TrainingPhase, every interval: Int, count: Int) throws -> [Double] {
    var settings = GameSettings()
    settings.batchSize = batchSize
    settings.classifierEpochs = phase == .classifier ? interval * (count + 1) : 0
    settings.adversaryEpochs = 0
    settings.gameEpochs = phase == .game ? interval * (count + 1) : 0
    settings.evaluationInterval = interval
    let attributes = SensitiveAttribute.attributes(of: training.sensitive)
    let splits = [(name: "train", dataset: training)] + (phase == .game ? [("test", test)] : [])
    let trainer = try GameTrainer(
      network: network, adversary: PredictionAdversary(attributes: attributes),
      objective: GameObjective(lambda: [130, 30]), splits: splits, settings: settings, seed: 7)
    var gaps: [Double] = []
    var watch = Stopwatch(clock)
    _ = try trainer.train { _ in
      gaps.append(watch.lap())
      watch.rest()
      return .proceed
    }
    // The first stretch also plans the programs.
    return Array(gaps.dropFirst())
  }
}
