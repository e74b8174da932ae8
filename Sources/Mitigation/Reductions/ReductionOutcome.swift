import AdversarialGame
import MetricExpressions

/// What a reduction came to.
public struct ReductionOutcome: Sendable {
  /// The classifiers and the chance that each decides.
  public let classifier: StochasticClassifier

  /// The expected share of training rows decided wrongly.
  public let error: Double

  /// By how much each constraint is violated on the training rows, in expectation.
  public let violations: [Double]

  /// The constraints.
  public let constraints: [LinearConstraint]

  /// How far lottery and multipliers are from an equilibrium, at most; nil for a grid search, which seeks none.
  public let dualityGap: Double?

  /// The steps taken.
  public let iterations: Int

  /// How often the learner trained.
  public let trainings: Int

  /// Whether the constraints hold on the training rows.
  public var feasibility: Feasibility { Feasibility(largestViolation: violations.max() ?? 0) }

  init(
    _ responses: [ReductionResponse], lottery: [Double], constraints: [LinearConstraint],
    dualityGap: Double?, iterations: Int, trainings: Int
  ) {
    let kept = lottery.map { $0 > 1e-9 ? $0 : 0 }
    let sum = kept.reduce(0, +)
    let chances = kept.map { $0 / sum }
    classifier = StochasticClassifier(
      zip(responses, chances).filter { $0.1 > 0 }.map { .init($0.classifier, probability: $1) })
    (error, violations) = Self.expectation(responses, chances)
    self.constraints = constraints
    self.dualityGap = dualityGap
    self.iterations = iterations
    self.trainings = trainings
  }

  static func expectation(
    _ responses: [ReductionResponse], _ lottery: [Double]
  ) -> (error: Double, violations: [Double]) {
    var error = 0.0
    var violations = [Double](repeating: 0, count: responses.first?.violations.count ?? 0)
    for (response, chance) in zip(responses, lottery) where chance > 0 {
      error += chance * response.error
      for index in violations.indices { violations[index] += chance * response.violations[index] }
    }
    return (error, violations)
  }
}
