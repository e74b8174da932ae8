import AdversarialGame
import MetricExpressions
import RealModule
import TabularData

/// Trains a lottery between classifiers that meets constraints on rates, by any learner that takes weights.
///
/// Solves `min_Q max_{λ ≥ 0, Σλ ≤ B} err(Q) + Σⱼ λⱼ·gⱼ(Q)` as a game: the multipliers
/// `λⱼ = B·exp θⱼ / (1 + Σₖ exp θₖ)` learn by `θ ← θ + η·g(h)`, h being the best response to them; the lottery is the
/// mean of the responses. After each step the best lottery between all classifiers so far is found by a linear
/// programme as well, and of the two that is kept with the smaller duality gap. It ends when the gap is below ν, and
/// the best of all steps is the result.
///
/// The constraints are any that are linear in the decisions (`RateParity`, or `ConstraintReduction` of a condition).
/// They hold on the training rows within about `gap`, in expectation over the lottery.
///
/// - Source: Agarwal et al. (2018), arXiv:1803.02453, algorithm 1, with the linear programmes, the shrinking of η and
///   the ν of fairlearn's `ExponentiatedGradient`. Where fairlearn knows that groups' differences to the whole add up
///   to 0, this knows the two sides of an absolute value alone; its gaps are a little wider for it.
public struct ExponentiatedGradient: Sendable, Hashable {
  /// B > 0: the bound on the sum of the multipliers. The larger, the more exactly constraints are met, and the slower.
  public var multiplierBound: Double

  /// The most steps.
  public var iterations: Int

  /// ν: the duality gap at which it ends; nil for half a standard error of the first response's error rate.
  public var gap: Double?

  /// η·B at the first step.
  public var learningRate: Double

  /// Whether linear programmes look for better lotteries.
  public var usesLinearPrograms: Bool

  public init(
    multiplierBound: Double = 100, iterations: Int = 50, gap: Double? = nil, learningRate: Double = 2,
    usesLinearPrograms: Bool = true
  ) {
    self.multiplierBound = multiplierBound
    self.iterations = iterations
    self.gap = gap
    self.learningRate = learningRate
    self.usesLinearPrograms = usesLinearPrograms
  }

  private static var minimumIterations: Int { 5 }

  /// Trains.
  ///
  /// - Parameters:
  ///   - learner: What trains the classifiers, on the same rows.
  ///   - dataset: The training rows.
  ///   - constraints: The constraints.
  /// - Throws: `MitigationError` for settings that cannot be followed, rates of no rows, or what the learner throws.
  public func train(
    _ learner: some CostSensitiveLearner, on dataset: Dataset, constraints: [LinearConstraint]
  ) throws(MitigationError) -> ReductionOutcome {
    guard multiplierBound > 0, multiplierBound.isFinite, iterations > 0, learningRate > 0, gap ?? 1 > 0 else {
      throw .settings(
        "an exponentiated gradient takes a bound, a learning rate and a gap above 0 and at least one iteration.")
    }
    var game = try ReductionGame(dataset, constraints: constraints, learner: learner)
    let bound = multiplierBound
    var theta = [Double](repeating: 0, count: game.count)
    var multiplierSum = theta
    var uses: [Double] = []
    var rate = learningRate / bound
    var nu = gap ?? 0
    var best: (lottery: [Double], gap: Double, iteration: Int)?
    var programmed: (count: Int, lottery: [Double], gap: Double)?
    var (lastChecked, lastGap, smallestOwn) = (Self.minimumIterations, Double.infinity, Double.infinity)
    var taken = 0
    for iteration in 0..<iterations {
      taken = iteration + 1
      let largest = max(0, theta.max() ?? 0)
      let exponentials = theta.map { Double.exp($0 - largest) }
      let scale = bound / (Double.exp(-largest) + exponentials.reduce(0, +))
      let multipliers = exponentials.map { scale * $0 }
      multiplierSum = zip(multiplierSum, multipliers).map { $0 + $1 }
      let response = try game.bestResponse(multipliers)
      if iteration == 0 && gap == nil {
        let error = game.responses[response].error
        nu = 0.5 * (error * (1 - error) / Double(game.rowCount)).squareRoot()
      }
      uses += [Double](repeating: 0, count: game.responses.count - uses.count)
      uses[response] += 1
      let violations = game.responses[response].violations
      let mean = multiplierSum.map { $0 / Double(taken) }
      var lottery = uses.map { $0 / Double(taken) }
      let ownGap = try dualityGap(lottery, mean, &game, nu)
      smallestOwn = min(smallestOwn, ownGap)
      var present = ownGap
      if iteration > 0 && usesLinearPrograms {
        if programmed?.count != game.responses.count, let found = Self.program(game.responses, bound: bound) {
          let count = game.responses.count
          programmed = (count, found.lottery, try dualityGap(found.lottery, found.multipliers, &game, nu))
        }
        if let programmed, programmed.gap <= ownGap { (lottery, present) = (programmed.lottery, programmed.gap) }
      }
      uses += [Double](repeating: 0, count: game.responses.count - uses.count)
      if present <= (best?.gap ?? .infinity) + 1e-8 { best = (lottery, present, taken) }
      if present < nu && iteration >= Self.minimumIterations { break }
      if Double(iteration) >= Double(lastChecked) * 1.6 {
        if smallestOwn > 0.8 * lastGap { rate *= 0.8 }
        (lastChecked, lastGap) = (iteration, smallestOwn)
      }
      theta = zip(theta, violations).map { $0 + rate * $1 }
    }
    let chosen = best ?? (uses.map { $0 / Double(taken) }, .infinity, taken)
    return ReductionOutcome(
      game.responses, lottery: chosen.lottery, constraints: constraints, dualityGap: chosen.gap, iterations: taken,
      trainings: game.trainings)
  }

  /// How far a lottery and multipliers are from an equilibrium, at most: what the better of the two could gain.
  private func dualityGap<Learner>(
    _ lottery: [Double], _ multipliers: [Double], _ game: inout ReductionGame<Learner>, _ nu: Double
  ) throws(MitigationError) -> Double {
    let (error, violations) = ReductionOutcome.expectation(game.responses, lottery)
    let oneSided = game.withoutOpposites(multipliers)
    func value(_ error: Double, _ violations: [Double]) -> Double {
      zip(oneSided, violations).reduce(error) { $0 + $1.0 * $1.1 }
    }
    let present = value(error, violations)
    let high = error + multiplierBound * max(0, violations.max() ?? 0)
    var low = present
    // The learner minimises no 0–1 loss; it may answer better to multiples of the multipliers.
    for factor in [1.0, 2, 5, 10] {
      let index = try game.bestResponse(multipliers.map { factor * $0 })
      let response = game.responses[index]
      low = min(low, value(response.error, response.violations))
      if max(present - low, high - present) > nu + 1e-8 { break }
    }
    return max(present - low, high - present)
  }

  /// The equilibrium of the game between the classifiers so far and the multipliers: two linear programmes.
  private static func program(
    _ responses: [ReductionResponse], bound: Double
  ) -> (lottery: [Double], multipliers: [Double])? {
    let count = responses.first?.violations.count ?? 0
    let errors = responses.map(\.error)
    let primal = LinearProgram(
      minimizing: errors + [bound],
      upperBounds: (0..<count).map { constraint in
        .init(responses.map { $0.violations[constraint] } + [-1], 0)
      },
      equalities: [.init([Double](repeating: 1, count: responses.count) + [0], 1)])
    // The value is at least 0, as errors are and multipliers may be 0.
    let dual = LinearProgram(
      minimizing: [Double](repeating: 0, count: count) + [-1],
      upperBounds: responses.map { .init($0.violations.map { -$0 } + [1], $0.error) }
        + [.init([Double](repeating: 1, count: count) + [0], bound)])
    guard case .optimal(let lottery, _) = primal.solved(), case .optimal(let multipliers, _) = dual.solved() else {
      return nil
    }
    return (Array(lottery.dropLast()), Array(multipliers.dropLast()))
  }
}
