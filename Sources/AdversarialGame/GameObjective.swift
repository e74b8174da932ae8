import Autograd
import LinearAlgebra

/// What the two players minimise: the classifier `L_y − Σⱼ dⱼ·L_z,ⱼ`, the adversary `Σⱼ cⱼ·L_z,ⱼ`, over attributes j.
///
/// L_z,ⱼ is the mean over rows of the adversary's loss for attribute j. With reduction `.mean`, `dⱼ = λⱼ / a` for a
/// attributes: the mean over rows *and* attributes that the article's PyTorch notebook takes; with `.sum`, `dⱼ = λⱼ`,
/// as in its Keras notebook. The adversary's cⱼ equal dⱼ where λ enters its own loss, else they are 1/a or 1.
public struct GameObjective: Sendable, Hashable {
  /// How the losses of several attributes become one.
  public enum Reduction: String, Sendable, Hashable, Codable, CaseIterable {
    case mean
    case sum
  }

  /// λ for each attribute, in the order of the data set's; dimensionless, ≥ 0.
  public var lambda: [Double]

  public var reduction: Reduction

  /// Whether λ weighs the attributes inside the adversary's own loss as well.
  public var lambdaInAdversaryLoss: Bool

  public init(lambda: [Double], reduction: Reduction = .mean, lambdaInAdversaryLoss: Bool = true) {
    self.lambda = lambda
    self.reduction = reduction
    self.lambdaInAdversaryLoss = lambdaInAdversaryLoss
  }

  /// dⱼ: what the classifier's loss multiplies the adversary's losses by.
  public var classifierCoefficients: [Double] {
    lambda.map { reduction == .mean ? $0 / Double(lambda.count) : $0 }
  }

  /// cⱼ: what the adversary's own loss multiplies them by.
  public var adversaryCoefficients: [Double] {
    if lambdaInAdversaryLoss { return classifierCoefficients }
    return lambda.map { _ in reduction == .mean ? 1 / Double(lambda.count) : 1 }
  }
}
