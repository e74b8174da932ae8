import AdversarialGame
import Autograd
import FairnessMetrics
import LinearAlgebra
import MetricExpressions
import TabularData

/// A classifier that was trained, and what it does on the training rows.
struct ReductionResponse {
  var classifier: Classifier
  var error: Double
  /// `g`: above 0 where a constraint is violated.
  var violations: [Double]
}

/// The game behind reductions: a learner minimises `err(h) + Σⱼ λⱼ·gⱼ(h)`, with errors and violations g of the 0–1
/// decisions, by training on rows that are relabelled and weighted.
///
/// Both are sums over the selected rows but for constants, and what a selected row adds depends on its cell alone: with
/// weight wᵢ of W in all, row i gains `e(c) = (2y − 1)/W − Σⱼ λⱼ·aⱼ(c)`. So the best response is the classifier that
/// selects rows with `e > 0` and no others, each of which matters by `wᵢ·|e|`.
///
/// - Source: Agarwal, Beygelzimer, Dudík, Langford and Wallach (2018), arXiv:1803.02453, section 3.2.
struct ReductionGame<Learner: CostSensitiveLearner> {
  private(set) var learner: Learner
  private let features: FeatureRows<Float>
  private let labels: [Float]
  private let weights: [Double]
  private let totalWeight: Double
  private let rows: RateConstraintRows

  /// The classifiers so far, none worse for its multipliers than those before.
  private(set) var responses: [ReductionResponse] = []

  /// How often the learner was asked.
  private(set) var trainings = 0

  /// Constraints whose coefficients are each other's negatives, such as the two sides of an absolute value.
  let oppositeOf: [Int?]

  init(_ dataset: Dataset, constraints: [LinearConstraint], learner: Learner) throws(MitigationError) {
    guard !constraints.isEmpty else { throw .settings("a reduction needs at least one constraint. Give one.") }
    rows = try RateConstraintRows(constraints, of: dataset, split: "training")
    guard rows.thresholds.count == 1 else {
      throw .settings("the constraints are at several thresholds, but a reduction has one. Leave out 'at'.")
    }
    features = dataset.featureRows
    labels = dataset.labels
    weights = dataset.weights.map { $0.map(Double.init) } ?? [Double](repeating: 1, count: dataset.rows)
    totalWeight = weights.reduce(0, +)
    self.learner = learner
    let coefficients = rows.coefficients.map { $0[0] }
    oppositeOf = coefficients.indices.map { index in
      coefficients.indices.first { other in
        zip(coefficients[index], coefficients[other]).allSatisfy { abs($0 + $1) <= 1e-12 * (abs($0) + abs($1)) }
      }
    }
  }

  /// The number of constraints.
  var count: Int { rows.constraints.count }

  /// The number of rows.
  var rowCount: Int { rows.rows }

  /// The coefficients of a constraint times the roots of the cells' weights: the lengths that rows see.
  func coefficients(_ constraint: Int) -> [Double] {
    zip(rows.coefficients[constraint][0], rows.cellWeights).map { $0 * $1.squareRoot() }
  }

  /// The index of the best response to multipliers: trained anew, or an earlier one where that is as good.
  mutating func bestResponse(_ multipliers: [Double]) throws(MitigationError) -> Int {
    let response = try train(multipliers)
    func value(_ response: ReductionResponse) -> Double {
      zip(multipliers, response.violations).reduce(response.error) { $0 + $1.0 * $1.1 }
    }
    let earlier = responses.indices.min { value(responses[$0]) < value(responses[$1]) }
    if let earlier, value(response) >= value(responses[earlier]) - 1e-8 { return earlier }
    responses.append(response)
    return responses.count - 1
  }

  /// Trains for multipliers.
  mutating func train(_ multipliers: [Double]) throws(MitigationError) -> ReductionResponse {
    let gains = (0..<rows.cellCount).map { cell in
      multipliers.indices.reduce((cell % 2 == 1 ? 1 : -1) / totalWeight) {
        $0 - multipliers[$1] * rows.coefficients[$1][0][cell]
      }
    }
    let targets = rows.cells.map { gains[Int($0)] > 0 }
    var costs = zip(rows.cells, weights).map { $1 * abs(gains[Int($0)]) }
    let sum = costs.reduce(0, +)
    if sum > 0 { costs = costs.map { $0 * Double(rows.rows) / sum } }
    let matters = zip(targets, costs).filter { $0.1 > 0 }.map(\.0)
    let classifier: Classifier
    if matters.contains(true) && matters.contains(false) {
      trainings += 1
      classifier = try learner.classifier(labels: targets, weights: costs)
    } else {
      classifier =
        LogisticRegression(
          weights: [Double](repeating: 0, count: features.columns), intercept: matters.contains(true) ? 20 : -20
        ).classifier
    }
    return response(classifier)
  }

  /// What a classifier does on the training rows.
  func response(_ classifier: Classifier) -> ReductionResponse {
    var scores = [Float](repeating: 0, count: features.rows)
    ClassifierScorer(
      network: classifier.network, storage: ParameterStorage(classifier.parameters), rows: features, noise: nil
    ).score(into: &scores)
    sigmoid(&scores)
    let selections = rows.selections(probabilities: scores)
    var error = 0.0
    for row in 0..<rows.rows where (selections[0][row] > 0.5) != (labels[row] > 0.5) { error += weights[row] }
    return ReductionResponse(
      classifier: classifier, error: error / totalWeight, violations: rows.violations(selections: selections))
  }

  /// Multipliers with as much on both sides of an absolute value made one-sided: no response is dearer by them, as the
  /// two sides together are never violated.
  func withoutOpposites(_ multipliers: [Double]) -> [Double] {
    multipliers.indices.map { index in
      oppositeOf[index].map { multipliers[index] - min(multipliers[index], multipliers[$0]) } ?? multipliers[index]
    }
  }
}
