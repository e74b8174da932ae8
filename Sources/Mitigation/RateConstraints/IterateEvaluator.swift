import AdversarialGame
import Autograd
import FairnessMetrics
import LinearAlgebra
import NeuralNetworks
import RealModule
import TabularData

/// Measures the classifier on the rows of one data set with its weights as they are, dropout off.
final class IterateEvaluator {
  private let labels: [Float]
  private let weights: [Float]?
  private let constraints: RateConstraintRows
  private let settings: RateConstrainedSettings
  private let scorer: ClassifierScorer
  private var logits: [Float]

  init(
    _ dataset: Dataset, features: FeatureRows<Float>, constraints: RateConstraintRows, network: Perceptron,
    storage: ParameterStorage<Float>, settings: RateConstrainedSettings
  ) {
    labels = dataset.labels
    weights = dataset.weights
    self.constraints = constraints
    self.settings = settings
    scorer = ClassifierScorer(network: network, storage: storage, rows: features, noise: nil)
    logits = Array(repeating: 0, count: dataset.rows)
  }

  /// By how much each constraint is violated, tightened by the margin.
  func tightenedViolations() -> [Double] {
    let selections = constraints.selections(probabilities: probabilities())
    let violations = constraints.violations(selections: selections)
    if settings.margin == 0 { return violations }
    return zip(violations, constraints.standardErrors(selections: selections)).map { $0 + settings.margin * $1 }
  }

  /// Loss, error rate, violations and their standard errors.
  ///
  /// - Throws: `MitigationError.lossNotFinite`.
  func measurement(_ iteration: Int) throws(MitigationError) -> IterateMeasurement {
    let probabilities = probabilities()
    let rule = DecisionRule<Float>(threshold: settings.threshold)
    var (loss, errors, selected, total) = (0.0, 0.0, 0.0, 0.0)
    for row in labels.indices {
      let weight = Double(weights?[row] ?? 1)
      total += weight
      loss += weight * self.loss(Double(logits[row]), label: labels[row] > 0.5)
      let isSelected = rule.selects(probabilities[row])
      if isSelected { selected += weight }
      if isSelected != (labels[row] > 0.5) { errors += weight }
    }
    guard loss.isFinite else {
      throw .lossNotFinite(iteration: iteration, value: loss.isNaN ? "NaN" : "\(loss)")
    }
    let selections = constraints.selections(probabilities: probabilities)
    return IterateMeasurement(
      loss: loss / max(total, .leastNormalMagnitude), errorRate: errors / max(total, .leastNormalMagnitude),
      selectionRate: selected / max(total, .leastNormalMagnitude),
      violations: constraints.violations(selections: selections),
      standardErrors: constraints.standardErrors(selections: selections))
  }

  private func probabilities() -> [Float] {
    scorer.score(into: &logits)
    var probabilities = logits
    sigmoid(&probabilities)
    return probabilities
  }

  private func loss(_ x: Double, label: Bool) -> Double {
    switch settings.loss {
    case .binaryCrossEntropy: max(x, 0) - (label ? x : 0) + .log(onePlus: .exp(-abs(x)))
    case .hinge: max(0, 1 - (label ? x : -x))
    case .squaredError: (x - (label ? 1 : 0)) * (x - (label ? 1 : 0))
    }
  }
}
