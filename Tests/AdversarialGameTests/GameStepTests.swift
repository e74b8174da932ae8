import AdversarialGame
import Autograd
import LinearAlgebra
import NeuralNetworks
import TabularData
import TestSupport
import Testing

/// Single steps of the trainer against the same step written out: the right rows, targets, weights, sign and λ.
@Suite struct GameStepTests {
  /// Both players' weights before anything is trained.
  private func start(_ dataset: Dataset, _ adversary: any Adversary, network: Perceptron) throws -> (
    classifier: Parameters<Float>, adversary: Parameters<Float>
  ) {
    var settings = GameFixtures.settings
    settings.classifierEpochs = 0
    settings.adversaryEpochs = 0
    settings.gameEpochs = 0
    let outcome = try GameFixtures.play(
      dataset, lambda: dataset.sensitive.map { _ in 1 }, adversary: adversary, network: network, settings: settings)
    return (outcome.classifier.parameters, try #require(outcome.adversary))
  }

  /// `parameters − rate · gradient` in double precision.
  private func descend(_ parameters: Parameters<Float>, _ gradient: [Double], rate: Double) -> [Double] {
    zip(parameters.values, gradient).map { Double($0) - rate * $1 }
  }

  /// The view of some rows in double precision; one-hot targets written out here, apart from the trainer's own.
  private func view(
    _ dataset: Dataset, rows: [Int], logits: Tensor<Double>, representation: Tensor<Double>
  ) -> AdversaryView<Double> {
    AdversaryView(
      logits: logits, representation: representation,
      labels: .constant(Matrix(rows: rows.map { [Double(dataset.labels[$0])] })),
      targets: .constant(
        Matrix(
          rows: rows.map { row in
            dataset.sensitive.map { $0.codes[row] == Int32($0.privileged ?? 1) ? 1 : 0 }
          })),
      attributes: SensitiveAttribute.attributes(of: dataset.sensitive), mode: .inference)
  }

  struct Step: CustomTestStringConvertible, Sendable {
    var batch: GameSettings.ClassifierBatch
    var readsRepresentation: Bool
    var testDescription: String { "\(batch)\(readsRepresentation ? ", representation" : "")" }
  }

  @Test(arguments: [
    Step(batch: .last, readsRepresentation: false), Step(batch: .full, readsRepresentation: false),
    Step(batch: .last, readsRepresentation: true),
  ])
  func classifierStepsOnTheBatchAgainstTheAdversary(_ step: Step) throws {
    let dataset = GameFixtures.dataset(rows: 37, attributes: 2)
    let network = Perceptron(inputs: 3, hidden: [5], outputs: 1, activation: .tanh)
    let adversary: any Adversary =
      step.readsRepresentation
      ? RepresentationAdversary(layer: Linear(inputs: 5, outputs: 2)) : GameFixtures.adversary(for: dataset)
    let before = try start(dataset, adversary, network: network)
    var settings = GameFixtures.settings
    settings.classifierEpochs = 0
    settings.adversaryEpochs = 0
    settings.gameEpochs = 1
    settings.adversaryPassesPerEpoch = 1
    settings.classifierBatch = step.batch
    settings.adversaryOptimizer = OptimizerSettings(.sgd(), learningRate: 0)
    settings.classifierOptimizer = OptimizerSettings(.sgd(), learningRate: 0.25)
    let lambda = [3.0, 5]
    let outcome = try GameFixtures.play(
      dataset, lambda: lambda, adversary: adversary, network: network, settings: settings)
    #expect(outcome.adversary == before.adversary, "at rate 0 the adversary stays")

    // The pass drew its order from the stream of that name; its last full batch of 16 ends at row 32 of 37.
    var order = (0..<37).map { $0 }
    var stream = RandomStream(seed: 7).split("adversary order")
    stream.shuffle(&order)
    let rows = step.batch == .full ? order : Array(order[16..<32])
    let own = ParameterStorage(before.classifier.converted(to: Double.self))
    let frozen = ParameterStorage(before.adversary.converted(to: Double.self))
    let features = dataset.features.gatheringRows(rows)
    let x = Tensor<Double>.constant(
      Matrix(rows: features.rows, columns: features.columns, values: features.values.map { Double($0) }))
    let representation = network.representation(x, own.tensors, mode: .inference)
    let logits = network.outputs(representation: representation, own.tensors)
    let seen = view(dataset, rows: rows, logits: logits, representation: representation)
    let guesses = outputs(of: adversary, seen, frozen.tensors)
    let each = binaryCrossEntropy(logits: guesses, targets: seen.targets, reduction: .none)
    // Written as the notebook does: the mean over rows and attributes of λ times the loss.
    let loss =
      binaryCrossEntropy(logits: logits, targets: seen.labels) - (each * .constant(Matrix(rows: [lambda]))).mean()
    let program = Program(gradients: [.init(of: loss, withRespectTo: own)])
    program.run()
    let expected = descend(before.classifier, program.gradient(0), rate: 0.25)
    // Float against Double: gradients of size λ from some hundred roundings.
    #expect(
      firstDeviation(of: outcome.classifier.parameters.values, from: expected, relative: 1e-6, absolute: 5e-6) == nil)
    #expect(
      firstDeviation(of: before.classifier.values, from: expected, absolute: 1e-3) != nil, "the step is to be seen")
  }

  @Test(arguments: [true, false])
  func adversaryStepsOnThePredictions(lambdaInAdversaryLoss: Bool) throws {
    let dataset = GameFixtures.dataset(rows: 32, attributes: 2)
    let network = Perceptron(inputs: 3, hidden: [5], outputs: 1, activation: .tanh)
    let adversary = GameFixtures.adversary(for: dataset)
    let before = try start(dataset, adversary, network: network)
    var settings = GameFixtures.settings
    settings.batchSize = 32
    settings.classifierEpochs = 0
    settings.adversaryEpochs = 1
    settings.gameEpochs = 0
    settings.adversaryOptimizer = OptimizerSettings(.sgd(), learningRate: 0.25)
    let objective = GameObjective(lambda: [3, 5], lambdaInAdversaryLoss: lambdaInAdversaryLoss)
    let outcome = try GameFixtures.play(
      dataset, lambda: [3, 5], adversary: adversary, network: network, objective: objective, settings: settings)

    let storage = ParameterStorage(before.adversary.converted(to: Double.self))
    let logits = Classifier(network: network, parameters: before.classifier).logits(dataset.features)
    let seen = view(
      dataset, rows: Array(0..<32), logits: .constant(Matrix(rows: logits.map { [Double($0)] })),
      representation: .constant(1))
    let each = binaryCrossEntropy(
      logits: outputs(of: adversary, seen, storage.tensors), targets: seen.targets, reduction: .none)
    let loss = lambdaInAdversaryLoss ? (each * .constant(Matrix(rows: [[3, 5]]))).mean() : each.mean()
    let program = Program(gradients: [.init(of: loss, withRespectTo: storage)])
    program.run()
    let expected = descend(before.adversary, program.gradient(0), rate: 0.25)
    let after = try #require(outcome.adversary).values
    #expect(firstDeviation(of: after, from: expected, relative: 1e-6, absolute: 5e-6) == nil)
    #expect(firstDeviation(of: before.adversary.values, from: expected, absolute: 1e-3) != nil)
  }

  @Test func noGradientReachesTheClassifierInTheAdversarysPass() throws {
    let dataset = GameFixtures.dataset(rows: 100)
    var settings = GameFixtures.settings
    settings.gameEpochs = 0
    for hidden in [GameFixtures.network.hidden, []] {
      let network = Perceptron(inputs: 3, hidden: hidden, outputs: 1, dropout: 0.2)
      let reading = RepresentationAdversary(layer: Linear(inputs: hidden.last ?? 3, outputs: 1))
      for adversary: any Adversary in [GameFixtures.adversary(for: dataset), reading] {
        settings.adversaryEpochs = 0
        let without = try GameFixtures.play(
          dataset, lambda: [10], adversary: adversary, network: network, settings: settings)
        settings.adversaryEpochs = 5
        let with = try GameFixtures.play(
          dataset, lambda: [10], adversary: adversary, network: network, settings: settings)
        #expect(with.classifierBits == without.classifierBits)
        #expect(with.adversaryBits != without.adversaryBits, "the adversary learned")
      }
    }
  }

  @Test(arguments: GameSettings.ClassifierBatch.allCases)
  func noGradientReachesTheAdversaryInTheClassifiersStep(_ batch: GameSettings.ClassifierBatch) throws {
    let dataset = GameFixtures.dataset(rows: 100)
    var settings = GameFixtures.settings
    settings.adversaryPassesPerEpoch = 0
    settings.classifierBatch = batch
    settings.gameEpochs = 0
    let before = try GameFixtures.play(dataset, lambda: [10], settings: settings)
    settings.gameEpochs = 5
    let after = try GameFixtures.play(dataset, lambda: [10], settings: settings)
    #expect(after.adversaryBits == before.adversaryBits)
    #expect(after.classifierBits != before.classifierBits, "the classifier moved")
  }

  private func outputs(
    of adversary: some Adversary, _ view: AdversaryView<Double>, _ weights: ParameterTensors<Double>
  ) -> Tensor<Double> {
    adversary.outputs(for: view, weights)
  }
}
