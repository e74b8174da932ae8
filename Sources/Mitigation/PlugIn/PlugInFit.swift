import LinearAlgebra

/// Finds the multipliers of a `PlugInDecision`.
///
/// First the convex dual problem with the *predicted* rates, for bounds from loose to tight: a path of candidates, each
/// found from the one before. Then, from the best of them, ascent on the *true* rates of the rows. Of all decisions met on
/// the way the one is kept that meets the constraints on the rows with the highest accuracy; where none does, the one
/// that violates them least. Decisions that are nearly constant (`Degeneracy`) are kept only where there are no others;
/// where no useful one holds the margin, it is halved, three times at most, and then left out.
///
/// Give it predictions on rows that the predictor was not trained on (out of fold, or validation rows), or what is met
/// here will not hold elsewhere.
public struct PlugInFit: Sendable {
  /// How the multipliers are sought.
  public struct Settings: Sendable, Hashable {
    /// How much each constraint is tightened, in the unit of rates: a margin for noise.
    public var margin = 0.0

    /// How much each constraint is tightened beside that, in standard errors of its estimate on the rows.
    public var standardErrors = 0.0

    /// The share of the true rates in what the constraints are held against; the rest is of the predicted rates, which
    /// follow the rows' noise less. Nil weighs them for each constraint by `1 / (1 + (difference / its standard
    /// error)²)` for the predicted rates: they are trusted unless the true ones contradict them. The margin is then one
    /// of this estimate, and the true rates must hold beside it as they are.
    public var trueShare: Double? = 1.0

    /// The largest multiplier.
    public var multiplierBound = 3.0

    /// The candidates of the path.
    public var pathLength = 26

    /// The steps of the ascent on the true rates.
    public var ascentSteps = 400

    /// The random steps at the end, around the best candidate.
    public var searchSteps = 100

    public init() {}
  }

  /// The decision.
  public let decision: PlugInDecision

  /// The multiplier of each constraint.
  public let multipliers: [Double]

  /// By how much the decision violates each constraint on the rows, without the margin.
  public let violations: [Double]

  /// The same by the estimate that the constraints were held against: of true and predicted rates.
  public let estimatedViolations: [Double]

  /// The standard error of each estimate: of a mean over the rows, as if they were drawn at random.
  public let standardErrors: [Double]

  /// The share of rows decided rightly.
  public let accuracy: Double

  /// Whether the constraints hold on the rows, without the margin.
  public var feasibility: Feasibility { Feasibility(largestViolation: violations.max() ?? 0) }

  /// - Parameters:
  ///   - rows: The constraints on the rows.
  ///   - probabilities: How likely each cell is for each row, `[n, cells]`.
  ///   - labels: The labels, n of them.
  ///   - weights: The rows' weights; nil for 1 each.
  /// - Throws: `MitigationError.settings` where rates are at several thresholds: there is one decision.
  public init(
    _ rows: RateConstraintRows, probabilities: Matrix<Float>, labels: [Float], weights: [Float]? = nil,
    settings: Settings = .init()
  ) throws(MitigationError) {
    guard rows.thresholds.count == 1 else {
      throw .settings(
        "the constraints are at several thresholds, \(rows.thresholds), but a corrected decision has one. Leave out "
          + "'at'.")
    }
    precondition(
      probabilities.rows == rows.rows && probabilities.columns == rows.cellCount && labels.count == rows.rows,
      "PlugInFit: [\(probabilities.rows), \(probabilities.columns)] probabilities for \(rows.rows) rows and "
        + "\(rows.cellCount) cells")
    let problem = PlugInProblem(
      rows, probabilities: probabilities, labels: labels, weights: weights, settings: settings)
    let best = problem.bestMultipliers()
    multipliers = best.multipliers
    violations = best.trueViolations
    estimatedViolations = best.estimates
    standardErrors = best.standardErrors
    accuracy = best.accuracy
    decision = PlugInDecision(
      cellCosts: (0..<rows.cellCount).map { cell in
        zip(best.multipliers, problem.cellCoefficients).reduce(0) { $0 + $1.0 * $1.1[cell] }
      })
  }
}
