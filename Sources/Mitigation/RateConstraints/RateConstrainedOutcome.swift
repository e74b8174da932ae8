import AdversarialGame
import Autograd
import LinearAlgebra
import MetricExpressions
import NeuralNetworks

/// How an iterate does on the rows of one data set, dropout off.
public struct IterateMeasurement: Sendable, Hashable {
  /// The mean loss of the objective.
  public var loss: Double

  /// The share of rows that are decided wrongly.
  public var errorRate: Double

  /// The share of rows that are selected.
  public var selectionRate: Double

  /// By how much each constraint is violated; at most 0 where it holds.
  public var violations: [Double]

  /// The standard errors of the violations, as of means over rows drawn at random.
  public var standardErrors: [Double]

  /// The largest violation; 0 without constraints.
  public var largestViolation: Double { violations.max() ?? 0 }

  public init(
    loss: Double, errorRate: Double, selectionRate: Double, violations: [Double], standardErrors: [Double]
  ) {
    self.loss = loss
    self.errorRate = errorRate
    self.selectionRate = selectionRate
    self.violations = violations
    self.standardErrors = standardErrors
  }

  /// The violations of constraints that are tightened by some standard errors.
  public func violations(margin: Double) -> [Double] {
    margin == 0 ? violations : zip(violations, standardErrors).map { $0 + margin * $1 }
  }
}

/// A classifier on the way, as it was after some iteration.
public struct RateConstrainedIterate: Sendable {
  /// The iteration, from 1.
  public var iteration: Int

  /// The classifier's weights.
  public var parameters: Parameters<Float>

  /// How it does on the training rows.
  public var training: IterateMeasurement

  /// How it does on the validation rows; nil without any.
  public var validation: IterateMeasurement?

  /// What the objective and each constraint weighed then.
  public var objectiveWeight: Double
  public var constraintWeights: [Double]
}

/// What a training under constraints led to.
public struct RateConstrainedOutcome: Sendable {
  /// The constraints, in the order of the violations.
  public var constraints: [LinearConstraint]

  /// The classifier's weights before the multipliers began to move: what is reached without constraints.
  public var pretrained: Parameters<Float>

  /// The iterates that were kept, in order; the last one is the end of the training.
  public var iterates: [RateConstrainedIterate]

  /// The multipliers at the end.
  public var multipliers: ConstraintMultipliers

  /// Whether a callback ended the training early.
  public var wasStopped: Bool

  /// The numbers to choose an iterate by: error rates and violations on the validation rows, or without any on the
  /// training rows.
  public var records: IterateRecords { records(margin: 0) }

  /// The same with constraints that are tightened by some standard errors.
  public func records(margin: Double) -> IterateRecords {
    let measurements = iterates.map { $0.validation ?? $0.training }
    return IterateRecords(
      objectives: measurements.map(\.errorRate), violations: measurements.map { $0.violations(margin: margin) }
    ).withoutConstantPredictors(selectionRates: measurements.map(\.selectionRate))
  }

  /// The classifier of a choice: one, or several with probabilities.
  ///
  /// - Parameter network: The architecture that was trained.
  /// - Precondition: The choice was made from `records`.
  public func classifier(_ choice: IterateChoice, network: Perceptron) -> StochasticClassifier {
    StochasticClassifier(
      choice.members.map { member in
        .init(
          Classifier(network: network, parameters: iterates[member.iterate].parameters),
          probability: member.probability)
      })
  }
}
