import Autograd
import Foundation
import LinearAlgebra
import NeuralNetworks
import TestSupport
import Testing

/// Perceptrons and their first weights against PyTorch: `Scripts/golden/engine.py`.
@Suite struct PerceptronTests {
  struct GoldenPerceptron: Decodable, Sendable, CustomTestStringConvertible {
    struct Step: Decodable, Sendable {
      var layers: [GoldenLayer]
      var loss: Double
    }

    var precision: String
    var activation: String
    var layers: [GoldenLayer]
    var inputs: [[Double]]
    var targets: [[Double]]
    var logits: [[Double]]
    var loss: Double
    var gradients: [GoldenLayer]
    var inputGradient: [[Double]]
    var adam: [Step]

    var testDescription: String { "\(activation), \(precision)" }
  }

  static let cases: [GoldenPerceptron] = (try? goldenCases("perceptrons", in: .module)) ?? []

  @Test func goldenCasesCoverAllActivations() throws {
    let covered = try Set(Self.cases.map { try #require(Activation(golden: $0.activation)) })
    #expect(covered == Set(Activation.allCases) && Self.cases.count == 2 * Activation.allCases.count)
  }

  @Test(arguments: cases)
  func forwardBackwardAndSteps(_ golden: GoldenPerceptron) throws {
    if golden.precision == "float32" { try check(golden, in: Float.self) } else { try check(golden, in: Double.self) }
  }

  private func check<Scalar: EngineScalar>(_ golden: GoldenPerceptron, in type: Scalar.Type) throws {
    let network = Perceptron(
      inputs: 4, hidden: [5, 3], outputs: 2, activation: try #require(Activation(golden: golden.activation)))
    let storage = ParameterStorage<Scalar>(Parameters(golden: golden.layers))
    let x = Tensor<Scalar>.constant(Matrix(rows: golden.inputs))
    let logits = network(x, storage.tensors, mode: .inference)
    let loss = binaryCrossEntropy(logits: logits, targets: .constant(Matrix(rows: golden.targets)))
    let program = Program(
      values: [logits, loss],
      gradients: [.init(of: loss, withRespectTo: storage), .init(of: loss, withRespectTo: [x])])
    program.run()

    // Three layers, each a sum of at most five products of numbers below 1 and an activation: some 8 roundings a layer,
    // of values of at most about 1. Gradients take the way twice.
    let unit = Double(Scalar.ulpOfOne)
    #expect(
      firstDeviation(
        of: program.value(of: logits).values, from: golden.logits.flatMap(\.self), relative: 8 * unit,
        absolute: 8 * unit) == nil, "logits")
    #expect(
      firstDeviation(of: [program.scalar(of: loss)], from: [golden.loss], relative: 8 * unit) == nil, "loss")
    #expect(
      firstDeviation(
        of: program.gradient(0), from: golden.gradients.flatMap(\.values), relative: 16 * unit, absolute: 4 * unit)
        == nil, "gradients of the parameters")
    #expect(
      firstDeviation(
        of: program.tensorGradients(1)[0].values, from: golden.inputGradient.flatMap(\.self), relative: 16 * unit,
        absolute: 4 * unit) == nil, "gradient of the input")

    let optimizer = Optimizer(OptimizerSettings(.adam()), of: storage)
    for (index, step) in golden.adam.enumerated() {
      program.run()
      optimizer.step(gradient: program.gradient(0))
      program.run()
      // A step moves by 0.001 · m / √v; the smallest gradient here is about 0.001, so that the quotient is known to
      // about 4 · unit / 0.001, and the parameter to unit of its own.
      #expect(
        firstDeviation(
          of: storage.parameters.values, from: step.layers.flatMap(\.values), relative: 2 * unit,
          absolute: 4 * unit * Double(index + 1)) == nil, "Adam's step \(index)")
      #expect(
        firstDeviation(of: [program.scalar(of: loss)], from: [step.loss], relative: 16 * unit) == nil,
        "loss after step \(index)")
    }
  }

  @Test func firstWeightsFillPyTorchsBounds() throws {
    struct GoldenBound: Decodable {
      var inputs: Int
      var bound: Double
    }
    let golden: [GoldenBound] = try goldenCases("initialization", in: .module)
    #expect(golden.count == 3)
    for expected in golden {
      var stream = RandomStream(seed: 11)
      let parameters: Parameters<Double> = Linear(inputs: expected.inputs, outputs: 20_000)
        .initialParameters(using: &stream)
      for name in ["weight", "bias"] {
        let values = parameters[name].values
        let largest = values.map { Swift.abs($0) }.max() ?? 0
        // Of 20,000 uniform values the largest falls short by a share of 1/20,000 on average; by 1/1000 once in 5·10⁸.
        #expect(largest <= expected.bound && largest > 0.999 * expected.bound, "\(name) of \(expected.inputs) inputs")
        // Five standard errors of the mean of uniform values, whose variance is bound²/3.
        let mean = values.reduce(0, +) / Double(values.count)
        let meanError = expected.bound / (3 * Double(values.count)).squareRoot()
        #expect(Swift.abs(mean) < 5 * meanError)
        let square: Double = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
        // … and of the mean square, whose variance is 4·bound⁴/45.
        let squaredBound = expected.bound * expected.bound
        let error = (4.0 / 45 / Double(values.count)).squareRoot() * squaredBound
        #expect(Swift.abs(square - squaredBound / 3) < 5 * error)
      }
    }
  }

  @Test func parametersHaveNamesAndShapes() {
    var stream = RandomStream(seed: 1)
    let parameters: Parameters<Float> = Perceptron(inputs: 4, hidden: [5, 3], outputs: 2)
      .initialParameters(using: &stream)
    #expect(
      parameters.entries.map { "\($0.name) \($0.rows)×\($0.columns)" } == [
        "layers.0.weight 4×5", "layers.0.bias 1×5", "layers.1.weight 5×3", "layers.1.bias 1×3", "layers.2.weight 3×2",
        "layers.2.bias 1×2",
      ])
    #expect(parameters.values.count == 4 * 5 + 5 + 5 * 3 + 3 + 3 * 2 + 2)
  }

  @Test func dropoutIsOnOnlyWhileTraining() {
    var stream = RandomStream(seed: 1)
    let network = Perceptron(inputs: 3, hidden: [64], outputs: 1, activation: .sigmoid, dropout: 0.5)
    let storage = ParameterStorage<Float>(network.initialParameters(using: &stream))
    let x = Tensor<Float>.constant(.uneven(40, 3))
    func hidden(_ mode: Mode) -> [Float] {
      let value = network.representation(x, storage.tensors, mode: mode)
      let program = Program(values: [value])
      program.run()
      return program.value(of: value).values
    }
    let plain = hidden(.inference)
    let dropped = hidden(.training(NoiseSource(RandomStream(seed: 2))))
    #expect(plain.allSatisfy { $0 > 0 })
    #expect(zip(plain, dropped).allSatisfy { $1 == 0 || $1 == 2 * $0 }, "a kept unit is doubled at one half")
    // Five standard errors of a share of one half among 2,560.
    #expect(Swift.abs(dropped.count { $0 == 0 } - 1280) < 127)
  }
}

extension Activation {
  /// The activation of a golden file, which writes `leakyRelu`.
  init?(golden name: String) {
    self.init(rawValue: name == "leakyRelu" ? "leakyReLU" : name)
  }
}
