import Autograd
import LinearAlgebra
import NeuralNetworks
import TestSupport
import Testing

/// Layers and losses against central differences, with respect to their inputs and all their parameters.
@Suite struct LayerGradientTests {
  @Test(arguments: [(1, 1, 1), (4, 3, 2), (1, 5, 3), (5, 2, 17)])
  func linear(rows: Int, inputs: Int, outputs: Int) {
    let layer = Linear(inputs: inputs, outputs: outputs)
    #expect(
      gradientMismatch(
        at: [.uneven(rows, inputs), .uneven(inputs, outputs, seed: 2), .uneven(1, outputs, seed: 3)]
      ) {
        layer($0[0], ParameterTensors(["weight": $0[1], "bias": $0[2]]))
      } == nil)
  }

  struct Architecture: CustomTestStringConvertible, Sendable {
    var activation: Activation
    var hidden: [Int]
    var rows: Int
    var testDescription: String { "\(activation), hidden \(hidden), \(rows) rows" }
  }

  static let architectures: [Architecture] = Activation.allCases.flatMap { activation in
    [[], [4], [5, 3], [3, 17, 2]].flatMap { hidden in
      [1, 4].map { Architecture(activation: activation, hidden: hidden, rows: $0) }
    }
  }

  @Test(arguments: architectures)
  func perceptron(_ architecture: Architecture) {
    let network = Perceptron(
      inputs: 3, hidden: architecture.hidden, outputs: 2, activation: architecture.activation)
    let (names, points) = Self.parameters(of: network)
    for fusing in [true, false] {
      #expect(
        gradientMismatch(at: [.uneven(architecture.rows, 3)] + points, fusing: fusing) { tensors in
          network(tensors[0], ParameterTensors(names: names, tensors[1...]), mode: .inference)
        } == nil, "fusing \(fusing)")
    }
  }

  @Test(arguments: [LossReduction.none, .sum, .mean], [1, 4])
  func losses(reduction: LossReduction, rows: Int) {
    let targets = Matrix<Double>(
      rows: rows, columns: 3, values: (0..<rows * 3).map { ($0 * 5) % 7 % 2 == 0 ? 1 : 0 })
    let oneHot = Matrix<Double>(
      rows: rows, columns: 3, values: (0..<rows * 3).map { $0 % 3 == ($0 / 3) % 3 ? 1 : 0 })
    let perRow = Tensor<Double>.constant(.unevenPositive(rows, 1, seed: 4))
    let perElement = Tensor<Double>.constant(.unevenPositive(rows, 3, seed: 5))
    for weights in [nil, perRow, perElement] {
      #expect(
        gradientMismatch(at: [.uneven(rows, 3)]) {
          binaryCrossEntropy(logits: $0[0], targets: .constant(targets), weights: weights, reduction: reduction)
        } == nil)
      #expect(
        gradientMismatch(at: [.uneven(rows, 3)]) {
          squaredError(predictions: $0[0], targets: .constant(targets), weights: weights, reduction: reduction)
        } == nil)
      #expect(
        gradientMismatch(at: [.uneven(rows, 3)]) {
          hinge(scores: $0[0], targets: .constant(targets), weights: weights, reduction: reduction)
        } == nil)
    }
    for weights in [nil, perRow] {
      #expect(
        gradientMismatch(at: [.uneven(rows, 3)]) {
          categoricalCrossEntropy(logits: $0[0], targets: .constant(oneHot), weights: weights, reduction: reduction)
        } == nil)
    }
  }

  /// Two calls of `storage.tensors` are one set of leaves: a network used twice has the sum of both gradients.
  @Test func oneNetworkUsedTwiceHasTheSumOfBothGradients() {
    var stream = RandomStream(seed: 3)
    let network = Perceptron(inputs: 3, hidden: [4], outputs: 1, activation: .tanh)
    let storage = ParameterStorage<Double>(network.initialParameters(using: &stream))
    let inputs: [Tensor<Double>] = [.constant(.uneven(5, 3)), .constant(.uneven(2, 3, seed: 9))]
    func gradient(_ loss: Tensor<Double>) -> [Double] {
      let program = Program(gradients: [.init(of: loss, withRespectTo: storage)])
      program.run()
      return program.gradient(0)
    }
    func loss(_ x: Tensor<Double>) -> Tensor<Double> { square(network(x, storage.tensors, mode: .inference)).sum() }
    let apart = inputs.map { gradient(loss($0)) }
    let together = gradient(loss(inputs[0]) + loss(inputs[1]))
    #expect(
      firstDeviation(of: together, from: zip(apart[0], apart[1]).map(+), relative: 1e-14, absolute: 1e-14) == nil)
  }

  /// The names of a network's parameters in order, and uneven values for them.
  static func parameters(of network: Perceptron) -> (names: [String], points: [Matrix<Double>]) {
    var stream = RandomStream(seed: 1)
    let parameters: Parameters<Double> = network.initialParameters(using: &stream)
    return (
      parameters.entries.map(\.name),
      parameters.entries.enumerated().map { .uneven($1.rows, $1.columns, seed: 2 + $0) }
    )
  }
}

extension ParameterTensors {
  /// Tensors by name, in order.
  init(names: [String], _ tensors: some Collection<Tensor<Scalar>>) {
    self.init(Dictionary(uniqueKeysWithValues: zip(names, tensors)))
  }
}
