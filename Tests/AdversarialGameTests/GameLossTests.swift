import AdversarialGame
import Autograd
import Foundation
import LinearAlgebra
import NeuralNetworks
import TabularData
import TestSupport
import Testing

/// The classifier's loss through a frozen adversary, as an expression: against PyTorch (`Scripts/golden/engine.py`) and
/// against central differences.
@Suite struct GameLossTests {
  struct GoldenGame: Decodable, Sendable, CustomTestStringConvertible {
    var precision: String
    var adversaryInput: String
    var lambdas: [Double]
    var classifier: [GoldenLayer]
    var adversary: [GoldenLayer]
    var inputs: [[Double]]
    var labels: [[Double]]
    var sensitive: [[Double]]
    var logits: [[Double]]
    var adversaryLogits: [[Double]]
    var labelLoss: Double
    var adversaryLoss: Double
    var classifierLoss: Double
    var classifierGradients: [GoldenLayer]
    var adversaryGradients: [GoldenLayer]

    var testDescription: String { "\(adversaryInput), \(precision)" }
  }

  static let cases: [GoldenGame] = (try? goldenCases("games", in: .module)) ?? []

  @Test func goldenCasesExist() {
    #expect(Self.cases.count == 4)
  }

  @Test(arguments: cases)
  func gameAsInPyTorch(_ golden: GoldenGame) throws {
    if golden.precision == "float32" { try check(golden, in: Float.self) } else { try check(golden, in: Double.self) }
  }

  private func check<Scalar: EngineScalar>(_ golden: GoldenGame, in type: Scalar.Type) throws {
    let attributes = Self.binaryAttributes(2)
    let network = Perceptron(inputs: 4, hidden: [5, 3], outputs: 1)
    let adversary = PredictionAdversary(
      attributes: attributes, hidden: [4, 3],
      input: try #require(PredictionAdversary.Input(rawValue: golden.adversaryInput)))
    let own = ParameterStorage<Scalar>(Parameters(golden: golden.classifier))
    let opponent = ParameterStorage<Scalar>(Parameters(golden: golden.adversary))
    let objective = GameObjective(lambda: golden.lambdas)

    let x = Tensor<Scalar>.constant(Matrix(rows: golden.inputs))
    let representation = network.representation(x, own.tensors, mode: .inference)
    let logits = network.outputs(representation: representation, own.tensors)
    func view(_ logits: Tensor<Scalar>) -> AdversaryView<Scalar> {
      AdversaryView(
        logits: logits, representation: representation, labels: .constant(Matrix(rows: golden.labels)),
        targets: .constant(Matrix(rows: golden.sensitive)), attributes: attributes, mode: .inference)
    }
    func weighted(_ losses: Tensor<Scalar>, _ coefficients: [Double]) -> Tensor<Scalar> {
      (losses * .constant(Matrix(rows: [coefficients]))).sum()
    }
    let guesses = adversary.outputs(for: view(logits), opponent.tensors)
    let losses = adversary.losses(outputs: guesses, for: view(logits), opponent.tensors)
    let labelLoss = binaryCrossEntropy(logits: logits, targets: .constant(Matrix(rows: golden.labels)))
    let combined = labelLoss - weighted(losses, objective.classifierCoefficients)

    let frozen = view(stopGradient(logits))
    let ownLoss = weighted(
      adversary.losses(outputs: adversary.outputs(for: frozen, opponent.tensors), for: frozen, opponent.tensors),
      objective.adversaryCoefficients)
    let program = Program(
      values: [logits, guesses, labelLoss, combined, ownLoss],
      gradients: [
        .init(of: combined, withRespectTo: own), .init(of: ownLoss, withRespectTo: opponent),
        .init(of: ownLoss, withRespectTo: own),
      ])
    program.run()

    // Six layers with sums of at most six products, eight roundings each, forwards and backwards; the gradients are of
    // the size of λ and partly cancel, so λ's 130 times the unit is the absolute part.
    let unit = Double(Scalar.ulpOfOne)
    let size = golden.lambdas.max() ?? 1
    func close(_ values: [Scalar], _ expected: [Double], scale: Double = 1) -> String? {
      firstDeviation(of: values, from: expected, relative: 16 * unit, absolute: 4 * unit * scale)
    }
    #expect(close(program.value(of: logits).values, golden.logits.flatMap(\.self)) == nil)
    #expect(close(program.value(of: guesses).values, golden.adversaryLogits.flatMap(\.self)) == nil)
    #expect(close([program.scalar(of: labelLoss)], [golden.labelLoss]) == nil)
    #expect(close([program.scalar(of: ownLoss)], [golden.adversaryLoss]) == nil)
    #expect(close([program.scalar(of: combined)], [golden.classifierLoss]) == nil)
    #expect(close(program.gradient(0), golden.classifierGradients.flatMap(\.values), scale: size) == nil)
    #expect(close(program.gradient(1), golden.adversaryGradients.flatMap(\.values), scale: size) == nil)
    #expect(program.gradient(2).allSatisfy { $0 == 0 }, "behind stopGradient nothing reaches the classifier")
  }

  struct LossCase: CustomTestStringConvertible, Sendable {
    var input: PredictionAdversary.Input
    var activation: Activation
    var isCategorical: Bool
    var isWeighted: Bool
    var testDescription: String {
      "\(input), \(activation)\(isCategorical ? ", three groups" : "")\(isWeighted ? ", weights" : "")"
    }
  }

  static let lossCases: [LossCase] = PredictionAdversary.Input.allCases.flatMap { input in
    [Activation.relu, .tanh].flatMap { activation in
      [false, true].flatMap { isCategorical in
        [false, true].map {
          LossCase(input: input, activation: activation, isCategorical: isCategorical, isWeighted: $0)
        }
      }
    }
  }

  /// `L_y − Σⱼ dⱼ·L_z,ⱼ` with respect to the features and all of the classifier's weights.
  @Test(arguments: lossCases)
  func classifierLossThroughFrozenAdversary(_ example: LossCase) {
    let rows = 5
    let attributes =
      example.isCategorical
      ? SensitiveAttribute.attributes(of: [
        SensitiveColumn(name: "race", groups: ["a", "b", "c"], privileged: nil, codes: []),
        SensitiveColumn(name: "sex", groups: ["a", "b"], privileged: 0, codes: []),
      ]) : Self.binaryAttributes(2)
    let targets: [[Double]] =
      example.isCategorical
      ? [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 1], [0, 1, 0, 1], [1, 0, 0, 0]]
      : [[1, 0], [0, 0], [1, 1], [0, 1], [1, 0]]
    let network = Perceptron(inputs: 3, hidden: [4, 3], outputs: 1, activation: example.activation)
    let adversary = PredictionAdversary(
      attributes: attributes, hidden: [4, 3], activation: example.activation, input: example.input)
    var stream = RandomStream(seed: 21)
    let first: Parameters<Double> = network.initialParameters(using: &stream)
    let names = first.entries.map(\.name)
    let points = first.entries.enumerated().map { Matrix<Double>.uneven($1.rows, $1.columns, seed: 2 + $0) }
    let opponent = ParameterStorage(adversary.initialParameters(using: &stream).converted(to: Double.self))
    let coefficients = GameObjective(lambda: [3, 2]).classifierCoefficients

    #expect(
      gradientMismatch(at: [.uneven(rows, 3)] + points) { tensors in
        let own = ParameterTensors(Dictionary(uniqueKeysWithValues: zip(names, tensors[1...])))
        let representation = network.representation(tensors[0], own, mode: .inference)
        let logits = network.outputs(representation: representation, own)
        let labels = Tensor<Double>.constant(Matrix(rows: [[1], [0], [0], [1], [1]]))
        let view = AdversaryView(
          logits: logits, representation: representation, labels: labels, targets: .constant(Matrix(rows: targets)),
          targetWeights: example.isWeighted ? .constant(.unevenPositive(rows, 2, seed: 8)) : nil,
          attributes: attributes, mode: .inference)
        let losses = adversary.losses(
          outputs: adversary.outputs(for: view, opponent.tensors), for: view, opponent.tensors)
        return binaryCrossEntropy(
          logits: logits, targets: labels,
          weights: example.isWeighted ? .constant(.unevenPositive(rows, 1, seed: 6)) : nil)
          - (losses * .constant(Matrix(rows: [coefficients]))).sum()
      } == nil)
  }

  @Test func coefficientsOfTheObjective() {
    var objective = GameObjective(lambda: [130, 30])
    #expect(objective.classifierCoefficients == [65, 15] && objective.adversaryCoefficients == [65, 15])
    objective.lambdaInAdversaryLoss = false
    #expect(objective.classifierCoefficients == [65, 15] && objective.adversaryCoefficients == [0.5, 0.5])
    objective.reduction = .sum
    #expect(objective.classifierCoefficients == [130, 30] && objective.adversaryCoefficients == [1, 1])
    objective.lambdaInAdversaryLoss = true
    #expect(objective.adversaryCoefficients == [130, 30])
  }

  static func binaryAttributes(_ count: Int) -> [SensitiveAttribute] {
    SensitiveAttribute.attributes(
      of: (0..<count).map { SensitiveColumn(name: "\($0)", groups: ["a", "b"], privileged: nil, codes: []) })
  }
}
