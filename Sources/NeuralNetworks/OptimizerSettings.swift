import RealModule

/// What an optimizer does with a gradient.
public enum UpdateRule: Sendable, Hashable, Codable {
  /// Adam with PyTorch's arithmetic: both moments corrected for their start at 0, ε added after the square root.
  ///
  /// `m ← β₁m + (1 − β₁)g`, `v ← β₂v + (1 − β₂)g²`, `θ ← θ − η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)`.
  /// - Source: Kingma and Ba (2015), arXiv:1412.6980.
  case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)

  /// Gradient descent with PyTorch's momentum: `v ← μv + g` (at the first step `v = g`), `θ ← θ − ηv`; in
  /// Nesterov's form `θ ← θ − η(g + μv)`.
  case sgd(momentum: Double = 0, nesterov: Bool = false)

  /// Adagrad: `s ← s + g²`, `θ ← θ − ηg / (√s + ε)`, `s` starting at `initialSum`.
  /// - Source: Duchi, Hazan and Singer (2011), JMLR 12.
  case adagrad(epsilon: Double = 1e-10, initialSum: Double = 0)

  /// The learning rate that PyTorch defaults to: 0.001 for Adam and SGD, 0.01 for Adagrad.
  public var defaultLearningRate: Double {
    switch self {
    case .adam, .sgd: 0.001
    case .adagrad: 0.01
    }
  }
}

/// How the learning rate changes from step to step. Steps are counted from 0.
public enum LearningRateSchedule: Sendable, Hashable, Codable {
  case constant
  /// `rate · factor^(step / steps)`; in stairs, the exponent is rounded down.
  case exponential(factor: Double, steps: Int, staircase: Bool)
  /// `rate / (1 + factor · step / steps)`; in stairs, the quotient is rounded down.
  case inverseTime(factor: Double, steps: Int, staircase: Bool = false)
  /// `rate · (1 + cos(π · step / steps)) / 2`, and 0 from `steps` on.
  /// - Source: Loshchilov and Hutter (2017), arXiv:1608.03983, without restarts.
  case cosine(steps: Int)

  /// The learning rate at a step.
  public func rate(initial: Double, step: Int) -> Double {
    switch self {
    case .constant: initial
    case .exponential(let factor, let steps, let staircase):
      initial * power(factor, staircase ? Double(step / steps) : Double(step) / Double(steps))
    case .inverseTime(let factor, let steps, let staircase):
      initial / (1 + factor * (staircase ? Double(step / steps) : Double(step) / Double(steps)))
    case .cosine(let steps):
      step < steps ? initial * (1 + Double.cos(Double.pi * Double(step) / Double(steps))) / 2 : 0
    }
  }
}

/// Everything about an optimizer that a configuration says.
public struct OptimizerSettings: Sendable, Hashable, Codable {
  public var rule: UpdateRule

  /// η > 0.
  public var learningRate: Double

  public var schedule: LearningRateSchedule

  /// The weight of the penalty ½‖θ‖², whose gradient is added before the rule, as in PyTorch.
  public var weightDecay: Double

  /// The largest norm that a gradient keeps, over all parameters as one vector; nil keeps every gradient.
  public var gradientClip: Double?

  public init(
    _ rule: UpdateRule = .adam(), learningRate: Double? = nil, schedule: LearningRateSchedule = .constant,
    weightDecay: Double = 0, gradientClip: Double? = nil
  ) {
    self.rule = rule
    self.learningRate = learningRate ?? rule.defaultLearningRate
    self.schedule = schedule
    self.weightDecay = weightDecay
    self.gradientClip = gradientClip
  }
}
