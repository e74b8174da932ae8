import FairnessMetrics
import LinearAlgebra
import RealModule

/// The search for multipliers, with everything about the rows at hand.
struct PlugInProblem {
  /// What a set of multipliers leads to.
  struct Candidate {
    var multipliers: [Double]
    var accuracy: Double
    /// The share of selected rows.
    var selectionRate: Double
    /// What the search holds against 0: the estimates and the margin, and the true violations where these must hold too.
    var violations: [Double]
    var trueViolations: [Double]
    /// Of true and predicted rates.
    var estimates: [Double]
    var standardErrors: [Double]

    var largest: Double { violations.max() ?? 0 }

    var isMet: Bool { largest <= 1e-9 }

    /// Whether it decides more than nearly all rows alike.
    var isUseful: Bool { !Degeneracy.isNearlyConstant(selectionRate: selectionRate) }

    /// Whether this one is to be preferred: first those that are of use, for who selects nobody treats all alike.
    func isBetter(than other: Candidate) -> Bool {
      if isUseful != other.isUseful { return isUseful }
      let otherIsMet = other.isMet
      if isMet != otherIsMet { return isMet }
      return isMet ? accuracy > other.accuracy : largest < other.largest
    }
  }

  /// `[constraint][cell]`: what a selected row of the cell adds to the constraint, on the scale of one row in a mean.
  let cellCoefficients: [[Double]]

  private let settings: PlugInFit.Settings
  private let constants: [Double]
  private let count: Int
  private let rows: Int
  /// The share of each row in a mean; they sum to 1.
  private let shares: [Double]
  private let shareSquares: Double
  /// `[cell · constraints + constraint]`: `cellCoefficients` as the loops read them.
  private let coefficientOfCell: [Double]
  private let isPositive: [Bool]
  private let cells: [Int32]
  /// `2η − 1` of each row.
  private let gains: [Double]
  /// `[row · constraints + constraint]`: what selecting the row is predicted to add.
  private let predicted: [Double]

  /// How soft the decision is while the dual problem is smooth, in the unit of `2η − 1`.
  private static let softness = 0.02

  init(
    _ source: RateConstraintRows, probabilities: Matrix<Float>, labels: [Float], weights: [Float]?,
    settings: PlugInFit.Settings
  ) {
    self.settings = settings
    count = source.constraints.count
    rows = source.rows
    constants = source.constants
    cells = source.cells
    isPositive = labels.map { $0 > 0.5 }
    let total = weights.map { $0.reduce(0.0) { $0 + Double($1) } } ?? Double(source.rows)
    shares = weights.map { $0.map { Double($0) / total } } ?? Array(repeating: 1 / total, count: source.rows)
    let coefficients = source.coefficients.map { $0[0].map { $0 * total } }
    cellCoefficients = coefficients
    shareSquares = shares.reduce(0) { $0 + $1 * $1 }
    coefficientOfCell = (0..<source.cellCount).flatMap { cell in coefficients.map { $0[cell] } }
    var gains: [Double] = []
    var predicted = [Double](repeating: 0, count: source.rows * source.constraints.count)
    gains.reserveCapacity(source.rows)
    for row in 0..<source.rows {
      var eta = 0.0
      for cell in 0..<source.cellCount {
        let probability = Double(probabilities.values[row * source.cellCount + cell])
        if cell % 2 == 1 { eta += probability }
        for constraint in 0..<source.constraints.count {
          predicted[row * source.constraints.count + constraint] += probability * cellCoefficients[constraint][cell]
        }
      }
      gains.append(2 * eta - 1)
    }
    self.gains = gains
    self.predicted = predicted
  }

  /// The best candidate with the whole margin; where no useful one holds it, with half of it, a quarter and an eighth,
  /// and then with none.
  ///
  /// What is nearest to a margin out of reach would be nearly constant: few selected rows have a small standard error.
  func bestMultipliers() -> Candidate {
    let hasMargin = settings.margin > 0 || settings.standardErrors > 0
    var nearest: Candidate?
    for share in hasMargin ? [1, 0.5, 0.25, 0.125, 0] : [1] {
      let found = best(marginShare: share)
      if found.isMet && found.isUseful { return found }
      // Of useful ones that with the least margin, which is the nearest to the bounds; of useless ones the first.
      if found.isUseful || nearest == nil { nearest = found }
    }
    return nearest ?? best(marginShare: 1)
  }

  private func best(marginShare: Double) -> Candidate {
    func candidate(_ multipliers: [Double]) -> Candidate { self.candidate(multipliers, marginShare: marginShare) }
    var present = [Double](repeating: 0, count: count)
    var best = candidate(present)
    if count == 0 { return best }
    for step in 0..<max(2, settings.pathLength) {
      // From half as much again as the bounds allow, to none of it and as much on the other side.
      let share = 1.5 - 2.5 * Double(step) / Double(max(1, settings.pathLength - 1))
      let bounds = constants.map { constant in
        let bound = -constant - marginShare * settings.margin
        return bound + (share - 1) * max(abs(bound), 0.02)
      }
      present = smoothOptimum(from: present, bounds: bounds)
      let next = candidate(present)
      if next.isBetter(than: best) { best = next }
    }
    present = best.multipliers
    for step in 0..<settings.ascentSteps {
      let next = candidate(present)
      if next.isBetter(than: best) { best = next }
      let rate = 0.5 / (1 + 0.05 * Double(step))
      present = zip(present, next.violations).map { min(settings.multiplierBound, max(0, $0 + rate * $1)) }
    }
    return searchAround(best, candidate)
  }

  /// Random steps around the best candidate, of one multiplier or of all by one factor, that become shorter.
  private func searchAround(_ start: Candidate, _ candidate: ([Double]) -> Candidate) -> Candidate {
    var best = start
    var stream = RandomStream(seed: 0).split("multipliers")
    var length = 0.02
    for step in 0..<settings.searchSteps {
      var trial = best.multipliers
      let index = Int(stream.below(UInt64(count + 1)))
      if index == count {
        let factor = 1 + 2 * length * stream.normal()
        trial = trial.map { $0 * factor }
      } else {
        trial[index] += length * stream.normal()
      }
      let next = candidate(trial.map { min(settings.multiplierBound, max(0, $0)) })
      if next.isBetter(than: best) { best = next }
      if step % 50 == 49 { length /= 2 }
    }
    return best
  }

  /// Sums over the selected rows for one constraint, of its true and predicted coefficients.
  private struct Sums {
    var trueSum = 0.0
    var predictedSum = 0.0
    var trueSquares = 0.0
    var predictedSquares = 0.0
    var differenceSquares = 0.0
  }

  private func candidate(_ multipliers: [Double], marginShare: Double) -> Candidate {
    var (correct, selected) = (0.0, 0.0)
    var sums = [Sums](repeating: Sums(), count: count)
    for row in 0..<rows {
      let base = row * count
      var gain = gains[row]
      for constraint in 0..<count { gain -= multipliers[constraint] * predicted[base + constraint] }
      let isSelected = gain > 0
      let share = shares[row]
      if isSelected == isPositive[row] { correct += share }
      guard isSelected else { continue }
      selected += share
      let cell = Int(cells[row]) * count
      for constraint in 0..<count {
        let (actual, expected) = (coefficientOfCell[cell + constraint], predicted[base + constraint])
        sums[constraint].trueSum += share * actual
        sums[constraint].predictedSum += share * expected
        sums[constraint].trueSquares += share * actual * actual
        sums[constraint].predictedSquares += share * expected * expected
        sums[constraint].differenceSquares += share * (actual - expected) * (actual - expected)
      }
    }
    var result = Candidate(
      multipliers: multipliers, accuracy: correct, selectionRate: selected, violations: [], trueViolations: [],
      estimates: [], standardErrors: [])
    for (constraint, sum) in sums.enumerated() {
      // The variance of a mean with these shares is that of a row times the sum of their squares.
      func error(_ squares: Double, _ mean: Double) -> Double {
        (max(squares - mean * mean, 1e-12) * shareSquares).squareRoot()
      }
      let difference = sum.trueSum - sum.predictedSum
      let surprise = difference / error(sum.differenceSquares, difference)
      let trueShare = settings.trueShare ?? (1 - 1 / (1 + surprise * surprise))
      let estimate = trueShare * sum.trueSum + (1 - trueShare) * sum.predictedSum + constants[constraint]
      let standardError =
        trueShare * error(sum.trueSquares, sum.trueSum)
        + (1 - trueShare) * error(sum.predictedSquares, sum.predictedSum)
      result.trueViolations.append(sum.trueSum + constants[constraint])
      result.estimates.append(estimate)
      result.standardErrors.append(standardError)
      let tightened = estimate + marginShare * (settings.margin + settings.standardErrors * standardError)
      // Where predicted rates are trusted, what is observed must hold as it is: that is what everybody sees.
      result.violations.append(
        settings.trueShare == nil ? max(tightened, sum.trueSum + constants[constraint]) : tightened)
    }
    return result
  }

  // MARK: - The smooth dual problem

  /// Minimises `mean τ·log(1 + exp((2η − 1 − λ·φ)/τ)) + λ·b` over `0 ≤ λ ≤ bound`, convex in λ, by Newton steps on the
  /// multipliers that are free to move, projected and shortened until the value falls.
  private func smoothOptimum(from start: [Double], bounds: [Double]) -> [Double] {
    var present = start
    var state = dual(present, bounds)
    for _ in 0..<30 {
      let free = present.indices.filter { index in
        !(present[index] <= 0 && state.gradient[index] >= 0)
          && !(present[index] >= settings.multiplierBound && state.gradient[index] <= 0)
      }
      guard free.contains(where: { abs(state.gradient[$0]) > 1e-6 }) else { break }
      let direction = newtonDirection(state, free)
      var length = 1.0
      var moved = false
      for _ in 0..<25 {
        let trial = present.indices.map { index in
          min(settings.multiplierBound, max(0, present[index] + length * direction[index]))
        }
        let next = dual(trial, bounds)
        if next.value < state.value - 1e-12 {
          (present, state, moved) = (trial, next, true)
          break
        }
        length *= 0.5
      }
      if !moved { break }
    }
    return present
  }

  private struct Dual {
    var value: Double
    var gradient: [Double]
    var curvature: [Double]
  }

  private func dual(_ multipliers: [Double], _ bounds: [Double]) -> Dual {
    let softness = Self.softness
    var dual = Dual(
      value: zip(multipliers, bounds).reduce(0) { $0 + $1.0 * $1.1 }, gradient: bounds,
      curvature: [Double](repeating: 0, count: count * count))
    for row in 0..<rows {
      var gain = gains[row]
      let base = row * count
      for constraint in 0..<count { gain -= multipliers[constraint] * predicted[base + constraint] }
      let s = gain / softness
      let decay = Double.exp(-abs(s))
      let selected = s >= 0 ? 1 / (1 + decay) : decay / (1 + decay)
      dual.value += shares[row] * softness * (max(s, 0) + .log(onePlus: decay))
      let bend = shares[row] * selected * (1 - selected) / softness
      let share = shares[row] * selected
      for i in 0..<count {
        dual.gradient[i] -= share * predicted[base + i]
        if bend > 1e-12 * shares[row] {
          for j in 0...i { dual.curvature[i * count + j] += bend * predicted[base + i] * predicted[base + j] }
        }
      }
    }
    return dual
  }

  /// `−H⁻¹·g` over the free multipliers, H a little lifted, as constraints from both sides make it singular.
  private func newtonDirection(_ state: Dual, _ free: [Int]) -> [Double] {
    let size = free.count
    let trace = free.reduce(0) { $0 + state.curvature[$1 * count + $1] }
    let lift = 1e-6 * trace / Double(size) + 1e-9
    var lifted = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0...i {
        let (row, column) = (max(free[i], free[j]), min(free[i], free[j]))
        lifted[i * size + j] = state.curvature[row * count + column] + (i == j ? lift : 0)
      }
    }
    let solution = solvePositiveDefinite(&lifted, free.map { -state.gradient[$0] }, leastPivot: lift)
    var direction = [Double](repeating: 0, count: count)
    for (place, index) in free.enumerated() { direction[index] = solution[place] }
    return direction
  }
}
