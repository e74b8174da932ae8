import NeuralNetworks
import RealModule

/// The second player of constrained training: what it weighs the constraints by, against the objective.
///
/// The classifier minimises `objectiveWeight · objective + Σₖ constraintWeights[k] · proxyₖ`, with proxies that have
/// gradients; this player raises the weight of constraints that are violated as they stand, with the true 0–1 rates. A
/// value: a checkpoint is a copy.
///
/// - Source: Cotter, Jiang and Sridharan (2019), arXiv:1804.06500, definition 2 and algorithm 2; Agarwal et al. (2018),
///   arXiv:1803.02453, for the exponentiated Lagrangian.
public struct ConstraintMultipliers: Sendable, Hashable, Codable {
  /// What the weights are.
  public enum Formulation: Sendable, Hashable, Codable {
    /// Lagrange multipliers λ ≥ 0 beside an objective that weighs 1. With a bound, `Σ λₖ ≤ bound`; multiplicative
    /// updates need one.
    case lagrangian(bound: Double? = nil)
    /// A distribution over objective and constraints, learnt without external regret.
    case externalRegret
    /// The stationary distribution of a stochastic matrix, each of whose columns is learnt: without swap regret. The
    /// authors' choice where proxies and constraints differ.
    case swapRegret
  }

  /// How the weights move.
  public enum Update: Sendable, Hashable, Codable {
    /// By a step along the violations, projected back (Euclidean distance).
    case additive
    /// By factors `exp(η · violation)`, normalised (relative entropy); no weight falls below
    /// `minimumRadius / (constraints + 1)`, so that each can come back.
    case multiplicative(minimumRadius: Double = 1e-3)
  }

  /// What the weights are.
  public let formulation: Formulation

  /// How they move.
  public let update: Update

  /// η of the first update, > 0: the step per unit of violation.
  public var learningRate: Double

  /// How η changes from update to update.
  public var schedule: LearningRateSchedule

  /// The number of constraints, m.
  public let count: Int

  /// The updates so far.
  public private(set) var steps = 0

  /// One column, or for swap regret m + 1, the objective first (without a Lagrangian's additive λ, which have no such
  /// entry). Multiplicative updates keep logarithms.
  private var columns: [[Double]]

  /// Weights that begin with all they can on the objective: each constraint's is 0, or the least it can be.
  ///
  /// - Precondition: `learningRate > 0`; a bound is positive, and given for a multiplicative Lagrangian; a minimum radius
  ///   lies inside 0...1.
  public init(
    _ formulation: Formulation = .swapRegret, _ update: Update = .multiplicative(), constraints: Int,
    learningRate: Double, schedule: LearningRateSchedule = .constant
  ) {
    precondition(learningRate > 0 && learningRate.isFinite, "ConstraintMultipliers: a learning rate of \(learningRate)")
    precondition(constraints >= 0, "ConstraintMultipliers: \(constraints) constraints")
    self.formulation = formulation
    self.update = update
    self.learningRate = learningRate
    self.schedule = schedule
    count = constraints
    let size = constraints + 1
    var column: [Double]
    switch update {
    case .additive: column = [1] + Array(repeating: 0, count: constraints)
    case .multiplicative(let radius):
      precondition(radius > 0 && radius < 1, "ConstraintMultipliers: a minimum radius of \(radius), not inside 0...1")
      let least = radius / Double(size)
      column = [.log(1 - radius * Double(constraints) / Double(size))]
      column += Array(repeating: .log(least), count: constraints)
    }
    switch (formulation, update) {
    case (.lagrangian(let bound), .additive):
      precondition(bound ?? 1 > 0, "ConstraintMultipliers: a bound of \(bound ?? 0)")
      columns = [Array(column.dropFirst())]
    case (.lagrangian(let bound), .multiplicative):
      precondition((bound ?? 0) > 0, "ConstraintMultipliers: a multiplicative Lagrangian needs a positive bound")
      columns = [column]
    case (.externalRegret, _): columns = [column]
    case (.swapRegret, _): columns = Array(repeating: column, count: size)
    }
  }

  /// What the objective is multiplied by.
  public var objectiveWeight: Double {
    if case .lagrangian = formulation { 1 } else { distribution.first ?? 1 }
  }

  /// What each constraint's proxy is multiplied by.
  public var constraintWeights: [Double] {
    switch (formulation, update) {
    case (.lagrangian, .additive): columns[0]
    case (.lagrangian(let bound), .multiplicative): distribution.dropFirst().map { $0 * (bound ?? 1) }
    default: Array(distribution.dropFirst())
    }
  }

  /// The weights of objective and constraints as a distribution; of an additive Lagrangian, normalised.
  public var distribution: [Double] {
    switch (formulation, update) {
    case (.lagrangian, .additive):
      let all = [1] + columns[0]
      let sum = all.reduce(0, +)
      return all.map { $0 / sum }
    case (.swapRegret, _): return stationaryDistribution(of: columns.map(probabilities))
    default: return probabilities(columns[0])
    }
  }

  /// Learns from the violations of the constraints as they stand.
  ///
  /// - Parameter violations: `[m]`, above 0 where a constraint is violated. A violation that is not finite, because a
  ///   batch had no row of a group, counts as 0.
  public mutating func learn(violations: [Double]) {
    precondition(
      violations.count == count, "ConstraintMultipliers: \(violations.count) violations of \(count) constraints")
    let rate = schedule.rate(initial: learningRate, step: steps)
    steps += 1
    let finite = violations.map { $0.isFinite ? $0 : 0 }
    switch (formulation, update) {
    case (.lagrangian(let bound), .additive):
      let moved = zip(columns[0], finite).map { $0 + rate * $1 }
      columns[0] = bound.map { projectionBelowSimplex(moved, bound: $0) } ?? moved.map { max(0, $0) }
    case (.swapRegret, _):
      // The gradient of column j is the violations times p_j: the matrix's is their outer product.
      let present = distribution
      for index in columns.indices { move(index, along: [0] + finite, by: rate * present[index]) }
    default: move(0, along: [0] + finite, by: rate)
    }
  }

  private mutating func move(_ index: Int, along gradient: [Double], by rate: Double) {
    let moved = zip(columns[index], gradient).map { $0 + rate * $1 }
    switch update {
    case .additive: columns[index] = projectionOntoSimplex(moved)
    case .multiplicative(let radius):
      let least = Double.log(radius / Double(count + 1))
      let logSum = Self.logSumExp(moved)
      columns[index] = moved.map { max($0 - logSum, least) }
    }
  }

  /// A column as probabilities. A floor under some makes their sum exceed 1 by less than the radius, so they are
  /// normalised once more here, where the authors leave them.
  private func probabilities(_ column: [Double]) -> [Double] {
    guard case .multiplicative = update else { return column }
    let logSum = Self.logSumExp(column)
    return column.map { .exp($0 - logSum) }
  }

  private static func logSumExp(_ values: [Double]) -> Double {
    let largest = values.max() ?? 0
    return largest + .log(values.reduce(0) { $0 + .exp($1 - largest) })
  }
}

/// The distribution p with `M·p = p` for a matrix given by its columns, each a distribution; where there are several, the
/// one that the uniform distribution tends to.
///
/// By the power method on `½(M + I)`, which has the same one and does not oscillate.
package func stationaryDistribution(of columns: [[Double]]) -> [Double] {
  let size = columns.count
  var present = [Double](repeating: 1 / Double(size), count: size)
  for _ in 0..<2000 {
    var next = present.map { 0.5 * $0 }
    for (column, share) in zip(columns, present) {
      for row in next.indices { next[row] += 0.5 * share * column[row] }
    }
    let change = zip(next, present).reduce(0) { $0 + abs($1.0 - $1.1) }
    present = next
    if change < 1e-14 { break }
  }
  let sum = present.reduce(0, +)
  return present.map { $0 / sum }
}
