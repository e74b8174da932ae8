import Autograd
import CKernels
import LinearAlgebra
import RealModule

/// Changes the parameters of one storage by their gradient, and keeps the state that its rule needs.
///
/// Not for use by two threads at once.
public final class Optimizer<Scalar: EngineScalar> {
  /// The steps of Adam between two times that tiny moments become 0: in 64 steps β₁ = 0.9 takes 10⁻³⁰ to 10⁻³³, still
  /// far from the subnormal numbers.
  private static var flushInterval: Int { 64 }

  /// What a checkpoint keeps: the steps taken and the rule's vectors.
  public struct State: Sendable, Hashable, Codable {
    public var step: Int
    public var first: [Scalar]
    public var second: [Scalar]
  }

  /// The settings. The learning rate may be changed between steps.
  public var settings: OptimizerSettings

  private let storage: ParameterStorage<Scalar>
  private let kernels = Scalar.precision.kernels.pointee
  private var stepsTaken = 0
  /// The rule's vectors, p values each: Adam's moments; SGD's velocity or Adagrad's sums in the first.
  private let first: UnsafeMutablePointer<Scalar>
  private let second: UnsafeMutablePointer<Scalar>

  /// Creates an optimizer at its start.
  public init(_ settings: OptimizerSettings, of storage: ParameterStorage<Scalar>) {
    self.settings = settings
    self.storage = storage
    let initial: Scalar
    if case .adagrad(_, let sum) = settings.rule { initial = Scalar(sum) } else { initial = 0 }
    first = Self.vector(storage.count, repeating: initial)
    second = Self.vector(storage.count, repeating: initial)
  }

  deinit {
    first.deallocate()
    second.deallocate()
  }

  /// Aligned to a cache line, so that no vector of the machine's lies across two.
  private static func vector(_ count: Int, repeating value: Scalar) -> UnsafeMutablePointer<Scalar> {
    let pointer = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Scalar>.stride, alignment: 64
    ).bindMemory(to: Scalar.self, capacity: max(1, count))
    pointer.initialize(repeating: value, count: count)
    return pointer
  }

  /// The learning rate of the next step.
  public var learningRate: Double {
    settings.schedule.rate(initial: settings.learningRate, step: stepsTaken)
  }

  /// Takes a step along a gradient.
  ///
  /// - Precondition: `gradient` has as many values as the storage.
  public func step(gradient: [Scalar]) {
    precondition(
      gradient.count == storage.count, "Optimizer: \(storage.count) parameters, \(gradient.count) gradient values")
    var gradient = gradient
    gradient.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { step(gradient: base) }
    }
  }

  /// Takes a step along the gradient in memory, which clipping may change.
  package func step(gradient: UnsafeMutablePointer<Scalar>) {
    let count = storage.count
    if let limit = settings.gradientClip { clip(gradient, to: limit) }
    let rate = learningRate
    stepsTaken += 1
    let decay = settings.weightDecay
    switch settings.rule {
    case .adam(let beta1, let beta2, let epsilon):
      let step = Double(stepsTaken)
      kernels.adam(
        count, storage.pointer, gradient, first, second,
        eq_adam(
          beta1: beta1, beta2: beta2, epsilon: epsilon, weight_decay: decay, rate: rate,
          corrected_rate: rate / (1 - .pow(beta1, step)), second_root: (1 - .pow(beta2, step)).squareRoot(),
          flushes: stepsTaken % Self.flushInterval == 0 ? 1 : 0))
    case .sgd(let momentum, let nesterov):
      kernels.sgd(
        count, storage.pointer, gradient, first, rate, momentum, decay, nesterov ? 1 : 0, stepsTaken == 1 ? 1 : 0)
    case .adagrad(let epsilon, _):
      kernels.adagrad(count, storage.pointer, gradient, first, rate, epsilon, decay)
    }
  }

  /// Scales the gradient to the norm `limit` where it is longer; ε = 1e-6 is PyTorch's.
  private func clip(_ gradient: UnsafeMutablePointer<Scalar>, to limit: Double) {
    let norm = kernels.dot(storage.count, gradient, gradient).squareRoot()
    let factor = limit / (norm + 1e-6)
    if factor < 1 {
      for index in 0..<storage.count { gradient[index] *= Scalar(factor) }
    }
  }

  /// The state, to be kept and put back.
  ///
  /// - Precondition: A new state has vectors of the storage's length.
  public var state: State {
    get {
      State(
        step: stepsTaken, first: Array(UnsafeBufferPointer(start: first, count: storage.count)),
        second: Array(UnsafeBufferPointer(start: second, count: storage.count)))
    }
    set {
      precondition(
        newValue.first.count == storage.count && newValue.second.count == storage.count,
        "Optimizer: \(storage.count) parameters, a state of \(newValue.first.count)")
      stepsTaken = newValue.step
      for index in 0..<storage.count {
        first[index] = newValue.first[index]
        second[index] = newValue.second[index]
      }
    }
  }
}

/// `base^exponent` for base > 0.
func power(_ base: Double, _ exponent: Double) -> Double { .pow(base, exponent) }
