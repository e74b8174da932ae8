import MetricExpressions
import TabularData

/// Trains a classifier for each of many multipliers, and keeps the best compromise: a reduction without lottery.
///
/// The multipliers lie on a grid: with one signed number for each pair of opposite constraints (above 0 for the first
/// side, below for the other) and a number of at least 0 for every other constraint, all whole multiples of `limit/k`
/// whose sizes sum to at most `limit`, k being the least for which there are `size` of them. Constraints that follow
/// from others, such as those of the last group, have no number.
///
/// The result minimises `(1 − c)·err + c·max(violation)` on the training rows, c being `constraintWeight`.
///
/// - Edge cases: The grid grows fast with the number of constraints; beyond about four numbers take
///   `ExponentiatedGradient`.
/// - Source: Agarwal et al. (2018), arXiv:1803.02453, section 3.4; fairlearn's `GridSearch`.
public struct ReductionGridSearch: Sendable, Hashable {
  /// The least number of grid points, 1...10,000.
  public var size: Int

  /// The largest sum of multipliers, > 0.
  public var limit: Double

  /// c, in 0...1.
  public var constraintWeight: Double

  public init(size: Int = 10, limit: Double = 2, constraintWeight: Double = 0.5) {
    self.size = size
    self.limit = limit
    self.constraintWeight = constraintWeight
  }

  /// A point of the grid.
  public struct Point: Sendable, Hashable {
    /// The multiplier of each constraint.
    public var multipliers: [Double]

    /// The share of training rows decided wrongly.
    public var error: Double

    /// The violation of each constraint on the training rows.
    public var violations: [Double]
  }

  /// Trains.
  ///
  /// - Returns: The best classifier, and all points.
  /// - Throws: `MitigationError` for settings that cannot be followed, rates of no rows, or what the learner throws.
  public func train(
    _ learner: some CostSensitiveLearner, on dataset: Dataset, constraints: [LinearConstraint]
  ) throws(MitigationError) -> (best: ReductionOutcome, points: [Point]) {
    guard (1...10_000).contains(size), limit > 0, limit.isFinite, (0...1).contains(constraintWeight) else {
      throw .settings(
        "a grid search takes 1 to 10000 points, a limit above 0 and a constraint weight in 0...1, not \(size), "
          + "\(limit) and \(constraintWeight).")
    }
    var game = try ReductionGame(dataset, constraints: constraints, learner: learner)
    let axes = Self.axes(game)
    let grid = try grid(axes)
    var responses: [ReductionResponse] = []
    var points: [Point] = []
    for coordinates in grid {
      var multipliers = [Double](repeating: 0, count: game.count)
      for (axis, value) in zip(axes, coordinates) {
        if value >= 0 {
          multipliers[axis.first] = value
        } else if let other = axis.second {
          multipliers[other] = -value
        }
      }
      let response = try game.train(multipliers)
      responses.append(response)
      points.append(.init(multipliers: multipliers, error: response.error, violations: response.violations))
    }
    func loss(_ point: Point) -> Double {
      (1 - constraintWeight) * point.error + constraintWeight * (point.violations.max() ?? 0)
    }
    let best = points.indices.min { loss(points[$0]) < loss(points[$1]) } ?? 0
    let outcome = ReductionOutcome(
      responses, lottery: points.indices.map { $0 == best ? 1 : 0 }, constraints: constraints, dualityGap: nil,
      iterations: points.count, trainings: game.trainings)
    return (outcome, points)
  }

  /// A number of the grid: a constraint, and the opposite one where there is one.
  struct Axis: Equatable {
    var first: Int
    var second: Int?
  }

  /// The constraints that do not follow from those before, as directions in the space of decisions.
  static func axes<Learner>(_ game: ReductionGame<Learner>) -> [Axis] {
    var axes: [Axis] = []
    var basis: [[Double]] = []
    for constraint in 0..<game.count where (game.oppositeOf[constraint] ?? game.count) > constraint {
      var rest = game.coefficients(constraint)
      let length = rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for direction in basis {
        let share = zip(rest, direction).reduce(0) { $0 + $1.0 * $1.1 }
        rest = zip(rest, direction).map { $0 - share * $1 }
      }
      let left = rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard left > 1e-9 * length else { continue }
      basis.append(rest.map { $0 / left })
      axes.append(Axis(first: constraint, second: game.oppositeOf[constraint]))
    }
    return axes
  }

  private func grid(_ axes: [Axis]) throws(MitigationError) -> [[Double]] {
    guard axes.count <= 8 else {
      throw .settings(
        "a grid over \(axes.count) independent constraints is too large. Use the exponentiated gradient.")
    }
    var units = 0
    while true {
      var points: [[Int]] = [[]]
      for axis in axes {
        points = points.flatMap { point in
          let left = units - point.reduce(0) { $0 + abs($1) }
          return ((axis.second == nil ? 0 : -left)...left).map { point + [$0] }
        }
      }
      if points.count >= size || axes.isEmpty {
        return points.map { $0.map { units == 0 ? 0 : limit * Double($0) / Double(units) } }
      }
      units += 1
    }
  }
}
