import FairnessMetrics

/// What was recorded of the iterates of a training, from which the best is chosen: numbers alone.
///
/// Record them on validation rows: what was trained on flatters itself.
public struct IterateRecords: Sendable, Hashable, Codable {
  /// The objective of each iterate, smaller being better: its error rate, say.
  public let objectives: [Double]

  /// How much each iterate violates each constraint, `[iterates][constraints]`; at most 0 where it holds.
  public let violations: [[Double]]

  /// - Precondition: As many lists of violations as objectives, all equally long.
  public init(objectives: [Double], violations: [[Double]]) {
    precondition(
      objectives.count == violations.count && violations.allSatisfy { $0.count == violations[0].count },
      "IterateRecords: \(objectives.count) objectives and \(violations.count) lists of violations, or uneven lists")
    self.objectives = objectives
    self.violations = violations
  }

  /// The largest violation of each iterate; 0 without constraints.
  public var largestViolations: [Double] {
    violations.map { list in
      // A NaN makes the maximum NaN, whatever its place.
      list.isEmpty ? 0 : list.dropFirst().reduce(list[0]) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) }
    }
  }

  /// The records without predictors that decide nearly all rows alike: these meet conditions on differences without being
  /// of use, and must not be preferred for it. Unchanged where there are no others.
  ///
  /// - Parameter selectionRates: The share of rows that each iterate selects.
  public func withoutConstantPredictors(selectionRates: [Double]) -> IterateRecords {
    precondition(
      selectionRates.count == objectives.count,
      "IterateRecords: \(selectionRates.count) selection rates of \(objectives.count) iterates")
    let useful = IterateRecords(
      objectives: zip(objectives, selectionRates).map { Degeneracy.isNearlyConstant(selectionRate: $1) ? .nan : $0 },
      violations: violations)
    return useful.usable.isEmpty ? self : useful
  }

  /// The iterates whose numbers are all finite: the only ones that can be chosen.
  public var usable: [Int] {
    objectives.indices.filter { objectives[$0].isFinite && violations[$0].allSatisfy(\.isFinite) }
  }
}

/// How one iterate, or a mixture of some, is chosen.
public enum SelectionRule: String, Sendable, Hashable, Codable, CaseIterable {
  /// The last one.
  case last
  /// The smallest objective among those that meet the constraints; where none does, the smallest largest violation.
  case bestFeasible
  /// The best compromise of ranks by objective and by violation.
  case ranks
  /// The mixture with the smallest expected objective that meets the constraints in expectation.
  case mixture
}

/// A choice between iterates: one, or several with probabilities.
public struct IterateChoice: Sendable, Hashable {
  /// A chosen iterate and the probability of using it.
  public struct Member: Sendable, Hashable {
    /// The iterate's index in the records.
    public var iterate: Int

    /// Its probability, in 0...1; 1 where it is the only one.
    public var probability: Double

    public init(_ iterate: Int, probability: Double) {
      self.iterate = iterate
      self.probability = probability
    }
  }

  /// The chosen iterates, by index; their probabilities sum to 1.
  public var members: [Member]

  /// The expected objective.
  public var objective: Double

  /// The expected violation of each constraint.
  public var violations: [Double]

  /// Whether the constraints hold in expectation.
  public var feasibility: Feasibility

  /// The largest expected violation; 0 without constraints.
  public var largestViolation: Double { violations.max() ?? 0 }

  /// The expectation of recorded numbers under some probabilities.
  init(_ members: [Member], of records: IterateRecords, tolerance: Double, near: Double) {
    self.members = members
    objective = members.reduce(0) { $0 + $1.probability * records.objectives[$1.iterate] }
    let count = records.violations.first?.count ?? 0
    violations = (0..<count).map { constraint in
      members.reduce(0) { $0 + $1.probability * records.violations[$1.iterate][constraint] }
    }
    feasibility = Feasibility(largestViolation: violations.max() ?? 0, tolerance: tolerance, near: near)
  }
}
