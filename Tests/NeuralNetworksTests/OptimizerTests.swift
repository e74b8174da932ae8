import Autograd
import Foundation
import LinearAlgebra
import NeuralNetworks
import TestSupport
import Testing

/// Optimizers, schedules and clipping against PyTorch: `Scripts/golden/engine.py`.
@Suite struct OptimizerTests {
  struct GoldenRun: Decodable, Sendable, CustomTestStringConvertible {
    struct Settings: Decodable, Sendable {
      var learningRate: Double
      var weightDecay: Double
      var betas: [Double]?
      var epsilon: Double?
      var momentum: Double?
      var nesterov: Bool?
      var learningRateDecay: Double?
      var initialAccumulator: Double?
    }

    var optimizer: String
    var precision: String
    var settings: Settings
    var start: [Double]
    var gradients: [[Double]]
    var after: [[Double]]

    var testDescription: String { "\(optimizer), \(precision), \(settings)" }

    func optimizerSettings() throws -> OptimizerSettings {
      let rule: UpdateRule
      switch optimizer {
      case "adam":
        let betas = try #require(settings.betas)
        rule = .adam(beta1: betas[0], beta2: betas[1], epsilon: try #require(settings.epsilon))
      case "sgd":
        rule = .sgd(momentum: try #require(settings.momentum), nesterov: try #require(settings.nesterov as Bool?))
      default:
        #expect(optimizer == "adagrad")
        rule = .adagrad(
          epsilon: try #require(settings.epsilon), initialSum: try #require(settings.initialAccumulator))
      }
      // PyTorch's Adagrad divides its rate by 1 + decay · step, which is an inverse-time schedule of length 1.
      let decay = settings.learningRateDecay ?? 0
      return OptimizerSettings(
        rule, learningRate: settings.learningRate,
        schedule: decay == 0 ? .constant : .inverseTime(factor: decay, steps: 1), weightDecay: settings.weightDecay)
    }
  }

  static let runs: [GoldenRun] = (try? goldenCases("optimizers", in: .module)) ?? []

  @Test func goldenRunsExist() {
    #expect(Self.runs.count == 16)
  }

  @Test(arguments: runs)
  func steps(_ run: GoldenRun) throws {
    if run.precision == "float32" { try follow(run, in: Float.self) } else { try follow(run, in: Double.self) }
  }

  private func follow<Scalar: EngineScalar>(_ run: GoldenRun, in type: Scalar.Type) throws {
    let storage = Self.storage(run.start.map { Scalar($0) })
    let optimizer = Optimizer(try run.optimizerSettings(), of: storage)
    for (step, (gradient, expected)) in zip(run.gradients, run.after).enumerated() {
      optimizer.step(gradient: gradient.map { Scalar($0) })
      for (index, value) in storage.parameters.values.enumerated() {
        // A step rounds about four times (in Float, products and sums may be fused or not), each at most to half a unit
        // of the largest value that the parameter has had; errors of earlier steps stay.
        let largest = (run.after[0...step].map { abs($0[index]) } + [abs(run.start[index])]).max() ?? 0
        let allowed = 4 * Double(step + 1) * Double(Scalar.ulpOfOne) * largest
        #expect(
          abs(Double(value) - expected[index]) <= allowed,
          "step \(step), parameter \(index): \(value), not \(expected[index])")
      }
    }
  }

  @Test func defaultsArePyTorchs() throws {
    for run in Self.runs where run.settings.weightDecay == 0 {
      switch run.optimizer {
      case "adam" where run.settings.learningRate == 0.001:
        #expect(try run.optimizerSettings() == OptimizerSettings(.adam()))
      case "adagrad" where run.settings.learningRate == 0.01:
        #expect(try run.optimizerSettings() == OptimizerSettings(.adagrad()))
      default: break
      }
    }
    #expect(OptimizerSettings(.sgd()).learningRate == 0.001)
  }

  @Test func schedulesAreFollowed() throws {
    struct GoldenSchedule: Decodable {
      var schedule: String
      var initial: Double
      var factor: Double
      var every: Int?
      var rates: [Double]
    }
    let golden: [GoldenSchedule] = try goldenCases("schedules", in: .module)
    #expect(golden.count == 2)
    for run in golden {
      let schedule = LearningRateSchedule.exponential(
        factor: run.factor, steps: run.every ?? 1, staircase: run.schedule == "step")
      // PyTorch multiplies step by step, we take a power: each multiplication rounds to half a unit, ten of them.
      let rates = run.rates.indices.map { schedule.rate(initial: run.initial, step: $0) }
      #expect(firstDeviation(of: rates, from: run.rates, relative: 10 * .ulpOfOne) == nil)

      // The optimizer uses them: plain descent along a gradient of 1 moves by the sum of the rates.
      let storage = Self.storage([0.0])
      let optimizer = Optimizer(
        OptimizerSettings(.sgd(), learningRate: run.initial, schedule: schedule), of: storage)
      for _ in run.rates { optimizer.step(gradient: [1]) }
      #expect(firstDeviation(of: storage.parameters.values, from: [-run.rates.reduce(0, +)], relative: 1e-14) == nil)
    }
    #expect(LearningRateSchedule.inverseTime(factor: 0.5, steps: 4).rate(initial: 3, step: 8) == 1.5)
    #expect(LearningRateSchedule.exponential(factor: 0.25, steps: 4, staircase: false).rate(initial: 3, step: 2) == 1.5)
    // Half a cosine: full at first, half in the middle, nothing at the end and after it.
    let cosine = LearningRateSchedule.cosine(steps: 6)
    for (step, rate) in [(0, 4.0), (2, 3), (3, 2), (4, 1), (6, 0), (100, 0)] {
      #expect(abs(cosine.rate(initial: 4, step: step) - rate) < 1e-14)
    }
  }

  @Test func clippingIsOverAllParameters() throws {
    struct GoldenClipping: Decodable {
      var precision: String
      var maximumNorm: Double
      var gradients: [[Double]]
      var clipped: [[Double]]
    }
    let golden: [GoldenClipping] = try goldenCases("clipping", in: .module)
    #expect(golden.count == 6)
    func check<Scalar: EngineScalar>(_ run: GoldenClipping, in type: Scalar.Type) {
      let gradient = run.gradients.flatMap(\.self)
      let storage = Self.storage([Scalar](repeating: 0, count: gradient.count))
      let optimizer = Optimizer(
        OptimizerSettings(.sgd(), learningRate: 1, gradientClip: run.maximumNorm), of: storage)
      optimizer.step(gradient: gradient.map { Scalar($0) })
      // The norm, the factor and the product each round to a unit.
      #expect(
        firstDeviation(
          of: storage.parameters.values, from: run.clipped.flatMap(\.self).map { -$0 },
          relative: 3 * Double(Scalar.ulpOfOne)) == nil, "\(run.precision), maximum \(run.maximumNorm)")
    }
    for run in golden {
      if run.precision == "float32" { check(run, in: Float.self) } else { check(run, in: Double.self) }
    }
  }

  @Test(arguments: [UpdateRule.adam(), .sgd(momentum: 0.9), .sgd(momentum: 0.9, nesterov: true), .adagrad()])
  func stateContinues(_ rule: UpdateRule) {
    let start: [Float] = [0.5, -1, 2]
    let gradients: [[Float]] = (0..<6).map { step in (0..<3).map { Float((step * 3 + $0) % 5) - 1.75 } }
    let settings = OptimizerSettings(
      rule, learningRate: 0.1, schedule: .inverseTime(factor: 1, steps: 2), weightDecay: 0.01)
    let whole = Self.storage(start)
    let optimizer = Optimizer(settings, of: whole)
    for gradient in gradients { optimizer.step(gradient: gradient) }

    let first = Self.storage(start)
    let before = Optimizer(settings, of: first)
    for gradient in gradients[..<3] { before.step(gradient: gradient) }
    let second = ParameterStorage(first.parameters)
    let after = Optimizer(settings, of: second)
    after.state = before.state
    for gradient in gradients[3...] { after.step(gradient: gradient) }
    #expect(second.parameters == whole.parameters)
  }

  /// Behind a dead unit the gradient stays 0, and the moments would decay through the subnormal numbers, which are slow.
  @Test func momentsOfADeadUnitBecomeZero() {
    func decay<Scalar: EngineScalar>(_ beta2: Double, steps: Int, in type: Scalar.Type) -> Bool {
      let storage = Self.storage([Scalar](repeating: 1, count: 17))
      let optimizer = Optimizer(OptimizerSettings(.adam(beta1: 0.9, beta2: beta2)), of: storage)
      optimizer.step(gradient: [Scalar](repeating: 1e-3, count: 17))
      let zeros = [Scalar](repeating: 0, count: 17)
      for _ in 0..<steps {
        optimizer.step(gradient: zeros)
        let state = optimizer.state
        if (state.first + state.second).contains(where: \.isSubnormal) { return false }
      }
      let state = optimizer.state
      return state.first.allSatisfy { $0 == 0 } && state.second.allSatisfy { $0 == 0 }
    }
    // 0.9ⁿ falls below 10⁻³⁸ after 830 steps, and below 10⁻³⁰⁸ after 6,700.
    #expect(decay(0.9, steps: 1000, in: Float.self))
    #expect(decay(0.9, steps: 8000, in: Double.self))
  }

  @Test func gradientOfAnotherLengthTraps() async {
    await #expect(processExitsWith: .failure) {
      let optimizer = Optimizer(OptimizerSettings(), of: OptimizerTests.storage([1.0, 2.0]))
      optimizer.step(gradient: [1])
    }
  }

  static func storage<Scalar: EngineScalar>(_ values: [Scalar]) -> ParameterStorage<Scalar> {
    var parameters = Parameters<Scalar>()
    parameters.append("values", Matrix(rows: 1, columns: values.count, values: values))
    return ParameterStorage(parameters)
  }
}
