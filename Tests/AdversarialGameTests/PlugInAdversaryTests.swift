import AdversarialGame
import Autograd
import Foundation
import LinearAlgebra
import NeuralNetworks
import TabularData
import TestSupport
import Testing

/// The adversaries beside the article's: their gradients, the rows and weights they play with, and their turns.
@Suite struct PlugInAdversaryTests {
  private static let mixed = SensitiveAttribute.attributes(of: [
    SensitiveColumn(name: "race", groups: ["a", "b", "c"], privileged: nil, codes: []),
    SensitiveColumn(name: "sex", groups: ["a", "b"], privileged: 0, codes: []),
  ])

  /// The classifier's loss minus a form of adversary's losses, with respect to the features, all of the classifier's and
  /// all of the adversary's weights.
  private func mismatch(_ adversary: some Adversary, hidden: [Int] = [4, 3]) -> String? {
    let targets: [[Double]] = [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 1], [0, 1, 0, 1], [1, 0, 0, 0]]
    let network = Perceptron(inputs: 3, hidden: hidden, outputs: 1, activation: .tanh)
    var stream = RandomStream(seed: 21)
    let own: Parameters<Double> = network.initialParameters(using: &stream)
    let other = adversary.initialParameters(using: &stream)
    let names = (own.entries.map(\.name), other.entries.map(\.name))
    let points = own.entries.enumerated().map { Matrix<Double>.uneven($1.rows, $1.columns, seed: 2 + $0) }
    let opponents = other.entries.enumerated().map { Matrix<Double>.uneven($1.rows, $1.columns, seed: 12 + $0) }
    return gradientMismatch(at: [.uneven(5, 3)] + points + opponents) { tensors in
      let mine = ParameterTensors(Dictionary(uniqueKeysWithValues: zip(names.0, tensors[1...])))
      let theirs = ParameterTensors(
        Dictionary(uniqueKeysWithValues: zip(names.1, tensors[(1 + names.0.count)...])))
      let representation = network.representation(tensors[0], mine, mode: .inference)
      let view = AdversaryView(
        logits: network.outputs(representation: representation, mine), representation: representation,
        labels: .constant(Matrix(rows: [[1], [0], [0], [1], [1]])), targets: .constant(Matrix(rows: targets)),
        targetWeights: .constant(.unevenPositive(5, 2, seed: 8)), attributes: Self.mixed, mode: .inference)
      return adversary.losses(outputs: adversary.outputs(for: view, theirs), for: view, theirs)
    }
  }

  @Test(arguments: PredictionAdversary.Input.allCases, PredictionAdversary.Labels.allCases)
  func predictionAdversaries(input: PredictionAdversary.Input, labels: PredictionAdversary.Labels) {
    #expect(
      mismatch(
        PredictionAdversary(attributes: Self.mixed, hidden: [3], activation: .tanh, input: input, labels: labels))
        == nil)
  }

  @Test(arguments: HiddenLayerAdversary.Loss.allCases, [false, true])
  func hiddenLayerAdversaries(loss: HiddenLayerAdversary.Loss, seesLabels: Bool) {
    #expect(
      mismatch(
        HiddenLayerAdversary(
          attributes: Self.mixed, width: 3, hidden: [4], activation: .tanh, loss: loss, seesLabels: seesLabels)) == nil)
  }

  /// What a gradient reversal layer sends back to the classifier is `g_y − λ·g_z`, and to the adversary g_z.
  @Test func gradientReversalIsTheGameByBatches() throws {
    let dataset = GameFixtures.dataset(rows: 40)
    let attributes = SensitiveAttribute.attributes(of: dataset.sensitive)
    let network = Perceptron(inputs: 3, hidden: [6, 4], outputs: 1, activation: .tanh)
    let adversary = HiddenLayerAdversary(attributes: attributes, width: 4, hidden: [3], activation: .tanh)
    let lambda = 0.7
    var settings = GameSettings()
    settings.batchSize = 40
    settings.classifierEpochs = 0
    settings.adversaryEpochs = 0
    settings.gameEpochs = 0
    settings.turns = .batches
    settings.classifierOptimizer = OptimizerSettings(.sgd(), learningRate: 0.5)
    settings.adversaryOptimizer = OptimizerSettings(.sgd(), learningRate: 0.25)
    let objective = GameObjective(lambda: [lambda], lambdaInAdversaryLoss: false)
    func play(_ epochs: Int) throws -> GameTrainer.Outcome {
      settings.gameEpochs = epochs
      return try GameFixtures.play(
        dataset, lambda: [lambda], adversary: adversary, network: network, objective: objective, settings: settings)
    }
    let (before, after) = (try play(0), try play(1))

    let own = ParameterStorage(before.classifier.parameters.converted(to: Double.self))
    let other = ParameterStorage(try #require(before.adversary).converted(to: Double.self))
    let x = Tensor<Double>.constant(
      Matrix(rows: 40, columns: 3, values: dataset.features.values.map { Double($0) }))
    let hidden = network.representation(x, own.tensors, mode: .inference)
    let labels = Tensor<Double>.constant(Matrix(rows: 40, columns: 1, values: dataset.labels.map { Double($0) }))
    let groups = Tensor<Double>.constant(
      Matrix(rows: 40, columns: 1, values: dataset.sensitive[0].codes.map { Double($0) }))
    let reversed = reverseGradient(hidden, scale: .constant(lambda))
    let loss =
      binaryCrossEntropy(logits: network.outputs(representation: hidden, own.tensors), targets: labels)
      + binaryCrossEntropy(logits: adversary.network(reversed, other.tensors, mode: .inference), targets: groups)
    let program = Program(gradients: [.init(of: loss, withRespectTo: own), .init(of: loss, withRespectTo: other)])
    program.run()
    func stepped(_ parameters: Parameters<Float>, _ gradient: [Double], _ rate: Double) -> [Double] {
      zip(parameters.values, gradient).map { Double($0) - rate * $1 }
    }
    // Single against double precision, gradients of the size 1 from some hundred roundings.
    #expect(
      firstDeviation(
        of: after.classifier.parameters.values,
        from: stepped(before.classifier.parameters, program.gradient(0), 0.5), absolute: 2e-6) == nil)
    #expect(
      firstDeviation(
        of: try #require(after.adversary).values,
        from: stepped(try #require(before.adversary), program.gradient(1), 0.25), absolute: 2e-6) == nil)
    #expect(before.classifierBits != after.classifierBits && before.adversaryBits != after.adversaryBits)
  }

  /// The gradients taken apart and joined again make the step that one loss makes.
  @Test(arguments: GameTurns.allCases)
  func diagnosticsDoNotChangeTheGame(turns: GameTurns) throws {
    let dataset = GameFixtures.dataset(rows: 100, attributes: 2, missing: 5)
    var settings = GameFixtures.settings
    settings.turns = turns
    settings.gameEpochs = 1
    settings.classifierOptimizer = OptimizerSettings(.sgd(), learningRate: 0.1)
    let objective = GameObjective(lambda: [3, 1], lambdaInAdversaryLoss: false)
    var reports: [EpochReport] = []
    func play(_ diagnoses: Bool) throws -> GameTrainer.Outcome {
      settings.diagnosesGradients = diagnoses
      reports = []
      return try GameFixtures.play(dataset, lambda: [3, 1], objective: objective, settings: settings) {
        reports.append($0)
        return .proceed
      }
    }
    let joint = try play(false)
    #expect(reports.allSatisfy { $0.diagnostics == nil })
    let apart = try play(true)
    let expected = joint.classifier.parameters.values.map { Double($0) }
    #expect(firstDeviation(of: apart.classifier.parameters.values, from: expected, absolute: 2e-5) == nil)
    let last = try #require(reports.last?.diagnostics)
    #expect((0...180).contains(try #require(last.angle)) && last.removedShare == nil)
    #expect(last.adversaryLosses == reports.last?.attributeLosses && last.entropies.count == 2)
    #expect(reports.dropLast().allSatisfy { $0.diagnostics == nil }, "before the game there is nothing to compare")
  }

  @Test func lambdaZeroByBatchesIsPlainTraining() throws {
    let dataset = GameFixtures.dataset(rows: 100)
    var settings = GameFixtures.settings
    settings.turns = .batches
    let with = try GameFixtures.play(dataset, lambda: [0], settings: settings)
    let without = try GameFixtures.play(dataset, lambda: nil, settings: settings)
    #expect(with.classifierBits == without.classifierBits)
  }

  // MARK: - Rows and weights

  private static let labels: [Float] = [1, 1, 1, 0, 0, 0, 0, 1]
  private static let column = SensitiveColumn(
    name: "z", groups: ["a", "b"], privileged: nil, codes: [0, 1, 1, 0, 0, 1, -1, -1])

  @Test func weightsByCriterion() {
    func weights(_ criterion: GameCriterion, balanced: Bool) -> [Float]? {
      SensitiveTargets([Self.column], labels: Self.labels, criterion: criterion, balanced: balanced).weights?.values
    }
    // Six of eight rows are known; three of them have label 1, one in group a and two in b.
    let known = Float(8.0 / 6)
    #expect(weights(.demographicParity, balanced: false) == [known, known, known, known, known, known, 0, 0])
    #expect(weights(.equalizedOdds, balanced: false) == [known, known, known, known, known, known, 0, 0])
    let third = Float(8.0 / 3)
    #expect(weights(.equalOpportunity, balanced: false) == [third, third, third, 0, 0, 0, 0, 0])
    #expect(weights(.equalOpportunity, balanced: true) == [4, 2, 2, 0, 0, 0, 0, 0])
    // Four cells of group and label, each a quarter of the eight: label 1 has a 1, b 2; label 0 has a 2, b 1.
    #expect(weights(.equalizedOdds, balanced: true) == [2, 1, 1, 1, 1, 2, 0, 0])
  }

  @Test func entropiesByCriterion() {
    func entropy(_ shares: [Double]) -> Double { -shares.reduce(0) { $0 + $1 * log($1) } }
    let half = entropy([0.5, 0.5])
    let third = entropy([1.0 / 3, 2.0 / 3])
    #expect(abs(Self.column.entropy(labels: Self.labels, criterion: .demographicParity) - half) < 1e-12)
    #expect(abs(Self.column.entropy(labels: Self.labels, criterion: .equalOpportunity) - third) < 1e-12)
    #expect(abs(Self.column.entropy(labels: Self.labels, criterion: .equalizedOdds) - third) < 1e-12)
  }

  /// With equal opportunity the group may depend on the prediction among rows with label 0 as it likes.
  @Test func equalOpportunityLeavesTheOtherLabelAlone() throws {
    let dataset = GameFixtures.plantedDataset(rows: 4000, seed: 4)
    var settings = GameSettings()
    settings.batchSize = 200
    settings.classifierEpochs = 5
    settings.gameEpochs = 60
    settings.turns = .batches
    let network = Perceptron(inputs: 2, hidden: [16], outputs: 1)
    func gaps(_ criterion: GameCriterion, lambda: Double) throws -> (opportunity: Double, parity: Double) {
      settings.criterion = criterion
      let outcome = try GameFixtures.play(
        dataset, lambda: [lambda], adversary: GameFixtures.adversary(for: dataset, hidden: [16]), network: network,
        objective: GameObjective(lambda: [lambda], lambdaInAdversaryLoss: false), settings: settings)
      let attribute = try #require(outcome.final.first?.evaluation.attributes.first)
      return (
        try #require(attribute.equalOpportunityDifference.value),
        try #require(attribute.demographicParityDifference.value)
      )
    }
    let plain = try gaps(.equalOpportunity, lambda: 0)
    let game = try gaps(.equalOpportunity, lambda: 3)
    #expect(plain.opportunity > 0.1)
    #expect(game.opportunity < plain.opportunity / 2)
    #expect(game.parity > game.opportunity)
  }
}
