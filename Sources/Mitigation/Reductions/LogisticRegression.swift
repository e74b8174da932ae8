import AdversarialGame
import Autograd
import LinearAlgebra
import NeuralNetworks
import RealModule

/// Logistic regression with weights for rows, solved to the last digits by Newton's method.
///
/// Minimises `½‖w‖² + C·Σᵢ sᵢ·ℓ(w·xᵢ + b, yᵢ)`, ℓ being the cross-entropy and sᵢ ≥ 0 the row's weight; the intercept b
/// is not held down. That is scikit-learn's objective, and the solution agrees with it. It is strictly convex in w, and
/// in b where both labels have weight.
///
/// Rows kept as deviations from a base row are read so: with `b' = b + w·base` the problem is one in the deviations, and
/// a row with k of them costs k² in the Hessian instead of d².
///
/// - Edge cases: Where all weight is on one label, the solution would run away; the result is a constant logit of ±20.
/// - Shapes: w `[d]`.
public struct LogisticRegression: Sendable, Hashable {
  /// How it is fitted.
  public struct Settings: Sendable, Hashable, Codable {
    /// C > 0: the larger, the less w is held down.
    public var inverseRegularization: Double

    /// The most Newton steps.
    public var steps: Int

    /// The fit ends when a Newton step promises to lower the objective by less than this share of it.
    public var tolerance: Double

    public init(inverseRegularization: Double = 1, steps: Int = 100, tolerance: Double = 1e-15) {
      self.inverseRegularization = inverseRegularization
      self.steps = steps
      self.tolerance = tolerance
    }

    func check() throws(MitigationError) {
      guard inverseRegularization > 0, inverseRegularization.isFinite else {
        throw .settings("the inverse regularisation is \(inverseRegularization); it must be above 0, and finite.")
      }
      guard steps > 0, tolerance > 0 else {
        throw .settings("a logistic regression takes at least one step and a tolerance above 0.")
      }
    }
  }

  /// w, d of them.
  public var weights: [Double]

  /// b.
  public var intercept: Double

  public init(weights: [Double], intercept: Double) {
    self.weights = weights
    self.intercept = intercept
  }

  /// The same as a classifier without hidden layers, in single precision.
  public var classifier: Classifier {
    let network = Perceptron(inputs: weights.count, hidden: [], outputs: 1)
    var stream = RandomStream(seed: 0)
    var parameters: Parameters<Float> = network.initialParameters(using: &stream)
    parameters["layers.0.weight"] = Matrix(rows: weights.count, columns: 1, values: weights.map { Float($0) })
    parameters["layers.0.bias"] = Matrix(rows: 1, columns: 1, values: [Float(intercept)])
    return Classifier(network: network, parameters: parameters)
  }
}

/// Fits logistic regressions on the same rows with changing labels and weights, each from the solution before.
public struct LogisticRegressionLearner: CostSensitiveLearner {
  private let rows: RegressionRows
  private let settings: LogisticRegression.Settings
  private var solution: [Double]

  /// - Parameters:
  ///   - features: The rows, `[n, d]`.
  ///   - settings: How to fit.
  public init(
    _ features: FeatureRows<Float>, settings: LogisticRegression.Settings = .init()
  ) throws(MitigationError) {
    try settings.check()
    rows = RegressionRows(features)
    self.settings = settings
    solution = [Double](repeating: 0, count: rows.columns + 1)
  }

  public mutating func classifier(labels: [Bool], weights: [Double]) throws(MitigationError) -> Classifier {
    try fit(labels: labels, weights: weights).classifier
  }

  /// Fits.
  ///
  /// - Parameters:
  ///   - labels: The labels, n of them.
  ///   - weights: The rows' weights, at least 0.
  /// - Throws: `MitigationError.lossNotFinite` where features or weights are too large for the sums.
  public mutating func fit(labels: [Bool], weights: [Double]) throws(MitigationError) -> LogisticRegression {
    precondition(
      labels.count == rows.rows && weights.count == rows.rows,
      "LogisticRegression: \(labels.count) labels and \(weights.count) weights of \(rows.rows) rows")
    var sums = [0.0, 0.0]
    for (label, weight) in zip(labels, weights) { sums[label ? 1 : 0] += weight }
    if sums[0] <= 0 || sums[1] <= 0 {
      return LogisticRegression(
        weights: [Double](repeating: 0, count: rows.columns), intercept: sums[1] > 0 ? 20 : -20)
    }
    var present = rows.state(solution, labels, weights, settings.inverseRegularization)
    let start = [Double](repeating: 0, count: rows.columns) + [Double.log(sums[1] / sums[0])]
    let fresh = rows.state(start, labels, weights, settings.inverseRegularization)
    if !(present.value <= fresh.value) { (present, solution) = (fresh, start) }
    for step in 0..<settings.steps {
      guard present.value.isFinite else { throw .lossNotFinite(iteration: step, value: "\(present.value)") }
      let direction = rows.newtonDirection(present, weights, settings.inverseRegularization)
      let promise = -zip(present.gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
      if promise <= settings.tolerance * (1 + abs(present.value)) { break }
      // Near the solution full steps converge quadratically, and rounding hides what they gain.
      if promise <= 1e-8 * (1 + abs(present.value)) {
        solution = zip(solution, direction).map { $0 + $1 }
        present = rows.state(solution, labels, weights, settings.inverseRegularization)
        continue
      }
      var length = 1.0
      var moved = false
      for _ in 0..<40 {
        let trial = zip(solution, direction).map { $0 + length * $1 }
        let next = rows.state(trial, labels, weights, settings.inverseRegularization)
        if next.value <= present.value - 1e-4 * length * promise {
          (solution, present, moved) = (trial, next, true)
          break
        }
        length /= 2
      }
      // Rounding is all that is left.
      if !moved { break }
    }
    let coefficients = Array(solution.dropLast())
    return LogisticRegression(
      weights: coefficients,
      intercept: solution[rows.columns] - zip(coefficients, rows.base).reduce(0) { $0 + $1.0 * $1.1 })
  }
}

/// What learns from rows that count differently: the step of a reduction.
public protocol CostSensitiveLearner {
  /// Trains on the learner's rows.
  ///
  /// - Parameters:
  ///   - labels: What each row should be, n of them; both occur with weight.
  ///   - weights: What it costs to miss each, at least 0, 1 on average.
  mutating func classifier(labels: [Bool], weights: [Double]) throws(MitigationError) -> Classifier
}
