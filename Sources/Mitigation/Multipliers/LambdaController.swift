/// Finds λ for each sensitive attribute while the game goes on: dual ascent on how far the targets are missed.
///
/// After each measurement λⱼ moves by `rate · gⱼ`, where gⱼ is the largest violation among attribute j's conditions, each
/// enlarged by `margin` standard errors of its own: a target that holds by less than its noise does not hold yet. λ
/// grows while targets are missed, falls back while there is room, and stays in `0...bound`. Measure on validation rows.
///
/// λ means the same for all data where the losses are in units of what there is to know (`LossScale`). A value: a
/// checkpoint is a copy.
public struct LambdaController: Sendable, Hashable, Codable {
  /// How far a condition of an attribute is missed.
  public struct Observation: Sendable, Hashable, Codable {
    /// The attribute, by its place among λ.
    public var attribute: Int

    /// The violation: above 0 where the condition is missed, below by what there is to spare.
    public var violation: Double

    /// The standard error of the violation; 0 where it is not known.
    public var standardError: Double

    public init(attribute: Int, violation: Double, standardError: Double = 0) {
      self.attribute = attribute
      self.violation = violation
      self.standardError = standardError
    }
  }

  /// Where the search stands.
  public enum State: String, Sendable, Hashable, Codable {
    /// λ is still moving towards the targets.
    case searching
    /// All conditions have held with their margin for `patience` measurements in a row.
    case settled
    /// λ of an attribute whose conditions are missed has been at its bound for `patience` measurements in a row.
    case exhausted
  }

  /// λ for each attribute.
  public private(set) var lambda: [Double]

  /// The step of λ per unit of violation, > 0.
  public var rate: Double

  /// How many standard errors a condition must hold by.
  public var margin: Double

  /// The largest λ.
  public let bound: Double

  /// How many measurements in a row decide.
  public let patience: Int

  private var metInARow = 0
  private var boundInARow = 0

  /// - Precondition: λ lies in `0...bound`; rate, bound and patience are above 0, the margin at least 0.
  public init(lambda: [Double], rate: Double, bound: Double, margin: Double = 1, patience: Int = 3) {
    precondition(
      rate > 0 && bound > 0 && margin >= 0 && patience > 0 && lambda.allSatisfy { (0...bound).contains($0) },
      "LambdaController: λ \(lambda) in 0...\(bound), rate \(rate), margin \(margin), patience \(patience)")
    self.lambda = lambda
    self.rate = rate
    self.bound = bound
    self.margin = margin
    self.patience = patience
  }

  /// Where the search stands.
  public var state: State {
    metInARow >= patience ? .settled : boundInARow >= patience ? .exhausted : .searching
  }

  /// Moves λ by what was measured.
  ///
  /// An attribute without observations, or with one that is not finite (no group has a selected row, say), keeps its λ
  /// and does not count as met.
  ///
  /// - Precondition: Every attribute is an index of λ.
  public mutating func observe(_ observations: [Observation]) {
    var violations = [Double](repeating: -.infinity, count: lambda.count)
    for observation in observations {
      precondition(
        lambda.indices.contains(observation.attribute), "LambdaController: no attribute \(observation.attribute)")
      let enlarged = observation.violation + margin * observation.standardError
      let present = violations[observation.attribute]
      violations[observation.attribute] = present.isNaN || enlarged.isNaN ? .nan : max(present, enlarged)
    }
    var areAllMet = !observations.isEmpty
    var isOneStuck = false
    for (attribute, violation) in violations.enumerated() where violation != -.infinity {
      guard violation.isFinite else {
        areAllMet = false
        continue
      }
      if violation > 0 {
        areAllMet = false
        if lambda[attribute] >= bound { isOneStuck = true }
      }
      lambda[attribute] = min(bound, max(0, lambda[attribute] + rate * violation))
    }
    metInARow = areAllMet ? metInARow + 1 : 0
    boundInARow = isOneStuck ? boundInARow + 1 : 0
  }

  /// Lowers all λ by a factor: after a collapse, from which the search begins again.
  ///
  /// - Precondition: The factor lies in 0...1.
  public mutating func backOff(to factor: Double) {
    precondition((0...1).contains(factor), "LambdaController: a factor of \(factor)")
    for attribute in lambda.indices { lambda[attribute] *= factor }
    metInARow = 0
    boundInARow = 0
  }
}
