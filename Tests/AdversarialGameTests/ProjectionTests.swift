import AdversarialGame
import Autograd
import Foundation
import LinearAlgebra
import NeuralNetworks
import TabularData
import TestSupport
import Testing

/// The classifier's projected direction: the formula, and the first steps of the libraries that are reproduced
/// (`Scripts/golden/projections.py`).
@Suite struct ProjectionTests {
  /// g_y and g_z of a network with matrices, and its parameters' entries.
  private static func gradients(outputs: Int = 1) -> (
    label: [Float], adversary: [Float], entries: [Parameters<Float>.Entry]
  ) {
    let dataset = GameFixtures.dataset(rows: 24)
    let network = Perceptron(inputs: 3, hidden: [4, 5], outputs: outputs, activation: .tanh)
    var stream = RandomStream(seed: 3)
    let storage = ParameterStorage<Float>(network.initialParameters(using: &stream))
    let logits = network(.constant(dataset.features), storage.tensors, mode: .inference)
    let labels = Tensor<Float>.constant(Matrix(rows: 24, columns: 1, values: dataset.labels))
    let groups = Tensor<Float>.constant(
      Matrix(rows: 24, columns: 1, values: dataset.sensitive[0].codes.map { Float($0) }))
    let loss = binaryCrossEntropy(logits: logits, targets: labels)
    let other = binaryCrossEntropy(logits: logits.scaled(by: 2).shifted(by: 0.3), targets: groups)
    let program = Program(gradients: [
      .init(of: loss, withRespectTo: storage), .init(of: other, withRespectTo: storage),
    ])
    program.run()
    return (program.gradient(0), program.gradient(1), storage.parameters.entries)
  }

  private static func direction(
    _ update: ClassifierUpdate, _ label: [Float], _ adversary: [Float], _ entries: [Parameters<Float>.Entry],
    alpha: Float
  ) -> (direction: [Float], diagnostics: GradientDiagnostics?) {
    var direction = label
    var tally = GradientTally()
    direction.withUnsafeMutableBufferPointer { direction in
      adversary.withUnsafeBufferPointer { adversary in
        if let first = direction.baseAddress, let second = adversary.baseAddress {
          GradientCombination(update, entries: entries).combine(
            label: first, adversary: second, pressure: second, times: alpha, tally: &tally)
        }
      }
    }
    return (direction, tally.diagnostics)
  }

  private static func product(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  private static func cosine(_ a: [Float], _ b: [Float]) -> Double {
    product(a, b) / (product(a, a) * product(b, b)).squareRoot()
  }

  @Test func orthogonalToTheAdversarysGradientWithoutAlpha() throws {
    let (label, adversary, entries) = Self.gradients()
    #expect(abs(Self.cosine(label, adversary)) > 0.01, "there is something to take out")
    for projection in [ClassifierUpdate.Projection.allParameters, .eachTensor] {
      let (direction, _) = Self.direction(.projected(projection), label, adversary, entries, alpha: 0)
      #expect(abs(Self.cosine(direction, adversary)) < 1e-6)
    }
    // What fairlearn computes on PyTorch keeps a part.
    let (kept, _) = Self.direction(.projected(.eachTensorByInnerSums), label, adversary, entries, alpha: 0)
    #expect(abs(Self.cosine(kept, adversary)) > 1e-3)
  }

  @Test func theFormulaOverAllParameters() throws {
    let (label, adversary, entries) = Self.gradients()
    let (direction, diagnostics) = Self.direction(
      .projected(.allParameters), label, adversary, entries, alpha: 0.75)
    let coefficient = Self.product(label, adversary) / Self.product(adversary, adversary)
    let expected = zip(label, adversary).map { Double($0) - coefficient * Double($1) - 0.75 * Double($1) }
    #expect(firstDeviation(of: direction, from: expected, relative: 1e-6, absolute: 1e-8) == nil)
    let cosine = Self.cosine(label, adversary)
    let found = try #require(diagnostics)
    #expect(abs(try #require(found.angle) - acos(cosine) * 180 / .pi) < 1e-9)
    #expect(abs(try #require(found.removedShare) - cosine * cosine) < 1e-9)
  }

  @Test func nothingIsTakenOutAlongAZeroGradient() throws {
    let (label, _, entries) = Self.gradients()
    let zero = [Float](repeating: 0, count: label.count)
    for projection in ClassifierUpdate.Projection.allCases {
      let (direction, diagnostics) = Self.direction(.projected(projection), label, zero, entries, alpha: 1)
      #expect(direction == label)
      #expect(diagnostics?.angle == nil && diagnostics?.removedShare == 0)
    }
  }

  // MARK: - First steps of the libraries

  struct GoldenStep: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var projection: String
    var criterion: String
    var labels: String
    var input: String
    var activation: String
    var alpha: Double
    var rate: Double
    var features: [[Double]]
    var label: [Float]
    var sensitive: [Int32]
    var classifier: [GoldenLayer]
    var adversary: [GoldenLayer]
    var sharpness: Double?
    var classifierAfter: [GoldenLayer]
    var adversaryAfter: [GoldenLayer]
    var sharpnessAfter: Double?

    var testDescription: String { name }
  }

  static let steps: [GoldenStep] = ["projections-tensorflow", "projections-torch", "projections-aif360"].flatMap {
    (try? goldenCases($0, in: .module)) ?? [GoldenStep]()
  }

  @Test func goldenStepsExist() {
    #expect(Self.steps.count == 6)
  }

  /// Puts given weights in place when the game begins.
  private final class Start: GameSteering {
    let players: GamePlayers

    init(_ players: GamePlayers) {
      self.players = players
    }

    func begin(_ trainer: GameTrainer) {
      var snapshot = trainer.snapshot()
      snapshot.players = players
      trainer.restore(snapshot)
    }
  }

  @Test(arguments: steps)
  func firstStepAsInTheLibrary(_ golden: GoldenStep) throws {
    let rows = golden.features.count
    let dataset = Dataset(
      features: Matrix(rows: golden.features), labels: golden.label,
      sensitive: [SensitiveColumn(name: "z", groups: ["0", "1"], privileged: 1, codes: golden.sensitive)],
      sourceRows: Array(0..<rows))
    let hidden = golden.classifier.dropLast().map { $0.bias[0].count }
    let activation = try #require(Activation(rawValue: golden.activation))
    let network = Perceptron(
      inputs: golden.features[0].count, hidden: Array(hidden), outputs: 1, activation: activation)
    let adversary = PredictionAdversary(
      attributes: SensitiveAttribute.attributes(of: dataset.sensitive),
      hidden: golden.adversary.dropLast().map { $0.bias[0].count }, activation: activation,
      input: try #require(PredictionAdversary.Input(rawValue: golden.input)),
      labels: try #require(PredictionAdversary.Labels(rawValue: golden.labels)))
    var settings = GameSettings()
    settings.batchSize = rows
    settings.classifierEpochs = 0
    settings.adversaryEpochs = 0
    settings.gameEpochs = 1
    settings.turns = .batches
    settings.criterion = try #require(GameCriterion(rawValue: golden.criterion))
    settings.update = .projected(golden.projection == "innerSums" ? .eachTensorByInnerSums : .eachTensor)
    settings.classifierOptimizer = OptimizerSettings(.sgd(), learningRate: golden.rate)
    settings.adversaryOptimizer = settings.classifierOptimizer
    var opponent = Parameters<Float>(golden: golden.adversary)
    if let sharpness = golden.sharpness {
      opponent.append("sharpness", Matrix(rows: 1, columns: 1, values: [Float(sharpness)]))
    }
    let trainer = try GameTrainer(
      network: network, adversary: adversary,
      objective: GameObjective(lambda: [golden.alpha], lambdaInAdversaryLoss: false), splits: [("train", dataset)],
      settings: settings, seed: 1)
    let start = Start(GamePlayers(classifier: Parameters(golden: golden.classifier), adversary: opponent))
    let outcome = try trainer.train(steering: start)
    // Single precision on both sides; steps of the size 0.1 from some fifty roundings.
    #expect(
      firstDeviation(
        of: outcome.classifier.parameters.values, from: golden.classifierAfter.flatMap(\.values), relative: 2e-6,
        absolute: 2e-6) == nil)
    let after = golden.adversaryAfter.flatMap(\.values) + (golden.sharpnessAfter.map { [$0] } ?? [])
    #expect(
      firstDeviation(of: try #require(outcome.adversary).values, from: after, relative: 2e-6, absolute: 2e-6) == nil)
    #expect(
      firstDeviation(
        of: outcome.classifier.parameters.values, from: golden.classifier.flatMap(\.values), absolute: 1e-3) != nil)
  }
}
