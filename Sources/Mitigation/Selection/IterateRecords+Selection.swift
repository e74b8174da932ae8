extension IterateRecords {
  /// Chooses by a rule.
  ///
  /// - Parameters:
  ///   - tolerance: What still counts as holding, for rounding.
  ///   - near: The largest violation that is called nearly feasible.
  /// - Returns: The choice; nil where no iterate has finite numbers.
  public func choice(by rule: SelectionRule, tolerance: Double = 1e-9, near: Double = 0.005) -> IterateChoice? {
    if rule == .mixture { return mixture(tolerance: tolerance, near: near) }
    let index: Int? =
      switch rule {
      case .last: usable.last
      case .bestFeasible: bestFeasible(tolerance: tolerance)
      case .ranks, .mixture: bestRank()
      }
    return index.map {
      IterateChoice([.init($0, probability: 1)], of: self, tolerance: tolerance, near: near)
    }
  }

  /// The smallest objective among those that meet the constraints; where none does, the one whose largest violation is
  /// smallest. Ties go to the smaller objective, then to the earlier iterate.
  public func bestFeasible(tolerance: Double = 1e-9) -> Int? {
    let largest = largestViolations
    let feasible = usable.filter { largest[$0] <= tolerance }
    if !feasible.isEmpty { return feasible.min { (objectives[$0], $0) < (objectives[$1], $1) } }
    return usable.min { (largest[$0], objectives[$0], $0) < (largest[$1], objectives[$1], $1) }
  }

  /// The best compromise of ranks: the iterate whose worse rank, by objective or by largest violation, is smallest.
  ///
  /// Equal numbers share the smallest of their ranks, and all that meet the constraints share the first by violation.
  /// Ties go to the smaller objective, then, as in the authors' code, to the later iterate.
  ///
  /// - Source: Cotter, Jiang and Sridharan (2019), arXiv:1804.06500, section 5.2; `find_best_candidate_index` of
  ///   TensorFlow Constrained Optimization.
  public func bestRank() -> Int? {
    let usable = usable
    let largest = largestViolations
    let byObjective = Self.ranks(usable.map { objectives[$0] })
    let byViolation = Self.ranks(usable.map { max(0, largest[$0]) })
    let place = usable.indices.min { a, b in
      let (first, second) = (max(byObjective[a], byViolation[a]), max(byObjective[b], byViolation[b]))
      return (first, objectives[usable[a]], -a) < (second, objectives[usable[b]], -b)
    }
    return place.map { usable[$0] }
  }

  /// The rank of each number, from 1; equal numbers share the smallest.
  private static func ranks(_ numbers: [Double]) -> [Int] {
    let sorted = numbers.sorted()
    return numbers.map { number in 1 + sorted.prefix { $0 < number }.count }
  }

  /// The mixture of iterates with the smallest expected objective among those that meet the constraints in expectation;
  /// where there is none, among those whose largest expected violation is as small as it can be.
  ///
  /// A linear programme: minimise `Σ pₜ·fₜ` with `Σ pₜ·gₜⱼ ≤ v` for each of m constraints and p a distribution; v is 0,
  /// or the smallest for which there is a solution, itself found by a linear programme (the authors bisect). At most
  /// m + 1 iterates have a probability above 0.
  ///
  /// - Source: Cotter, Jiang and Sridharan (2019), arXiv:1804.06500, lemma 3.
  /// - Returns: The mixture; nil where no iterate has finite numbers. Where rounding defeats the programme, the best
  ///   single iterate.
  public func mixture(tolerance: Double = 1e-9, near: Double = 0.005) -> IterateChoice? {
    let usable = usable
    guard let single = bestFeasible(tolerance: tolerance) else { return nil }
    let chosen = mixture(of: usable) ?? [.init(single, probability: 1)]
    return IterateChoice(chosen, of: self, tolerance: tolerance, near: near)
  }

  private func mixture(of usable: [Int]) -> [IterateChoice.Member]? {
    let constraintCount = violations.first?.count ?? 0
    let rows = (0..<constraintCount).map { constraint in usable.map { violations[$0][constraint] } }
    let costs = usable.map { objectives[$0] }
    let total = [LinearProgram.Row(usable.map { _ in 1 }, 1)]
    func best(atMost violation: Double) -> LinearProgram.Solution {
      LinearProgram(minimizing: costs, upperBounds: rows.map { .init($0, violation) }, equalities: total).solved()
    }
    var solution = best(atMost: 0)
    if solution == .infeasible {
      // The smallest v with Σ pₜ·gₜⱼ − v ≤ 0 for all j; it is above 0, for v = 0 is infeasible.
      let smallest = LinearProgram(
        minimizing: usable.map { _ in 0 } + [1], upperBounds: rows.map { .init($0 + [-1], 0) },
        equalities: [.init(usable.map { _ in 1 } + [0], 1)]
      ).solved()
      guard case .optimal(_, let violation) = smallest else { return nil }
      // A little more than the smallest, which rounding may have put out of reach.
      solution = best(atMost: violation + 1e-9 * max(1, violation))
    }
    guard case .optimal(let probabilities, _) = solution else { return nil }
    let sum = probabilities.reduce(0, +)
    return zip(usable, probabilities).filter { $0.1 > 1e-12 }
      .map { IterateChoice.Member($0.0, probability: $0.1 / sum) }
  }
}
