import MetricExpressions

extension RateConstraintRows {
  /// Refuses conditions that no decisions on these rows can meet.
  ///
  /// The chances of selecting a row of each cell are variables of a linear programme, so that what is refused could not
  /// even be met by a classifier that saw groups and labels and decided at random.
  ///
  /// - Throws: `MitigationError.contradiction`, with the fewest conditions that contradict one another: without any one
  ///   of them the rest can be met.
  public func checkAttainable() throws(MitigationError) {
    guard let violation = smallestViolation(of: Array(constraints.indices)), violation > 1e-7 else { return }
    var conditions: [String] = []
    for constraint in constraints where !conditions.contains(constraint.condition) {
      conditions.append(constraint.condition)
    }
    // Leave out, one after the other, what is not needed for the contradiction.
    var core = conditions
    for condition in conditions {
      let rest = core.filter { $0 != condition }
      let indices = constraints.indices.filter { rest.contains(constraints[$0].condition) }
      if let smallest = smallestViolation(of: indices), smallest > 1e-7 { core = rest }
    }
    let indices = constraints.indices.filter { core.contains(constraints[$0].condition) }
    throw .contradiction(conditions: core, smallestViolation: smallestViolation(of: indices) ?? violation)
  }

  /// The smallest v for which some chances of selection violate none of the constraints by more than v; 0 where all can
  /// be met, nil where rounding defeats the programme.
  private func smallestViolation(of indices: [Int]) -> Double? {
    // Cells that count alike in these constraints are one variable, at each threshold; then comes v.
    var places: [[Double]: Int] = [:]
    var used: [(cell: Int, weight: Double)] = []
    for cell in cellWeights.indices where cellWeights[cell] > 0 {
      let counts = indices.flatMap { constraint in thresholds.indices.map { coefficients[constraint][$0][cell] } }
      if let place = places[counts] {
        used[place].weight += cellWeights[cell]
      } else {
        places[counts] = used.count
        used.append((cell, cellWeights[cell]))
      }
    }
    let width = used.count * thresholds.count
    var rows: [LinearProgram.Row] = []
    for constraint in indices {
      var row = [Double](repeating: 0, count: width + 1)
      for place in thresholds.indices {
        for (index, (cell, weight)) in used.enumerated() {
          row[place * used.count + index] = coefficients[constraint][place][cell] * weight
        }
      }
      row[width] = -1
      rows.append(.init(row, -constants[constraint]))
    }
    for place in thresholds.indices {
      for index in used.indices {
        var row = [Double](repeating: 0, count: width + 1)
        row[place * used.count + index] = 1
        if place == 0 {
          rows.append(.init(row, 1))
        } else {
          // A higher threshold selects no more.
          row[(place - 1) * used.count + index] = -1
          rows.append(.init(row, 0))
        }
      }
    }
    let program = LinearProgram(minimizing: [Double](repeating: 0, count: width) + [1], upperBounds: rows)
    guard case .optimal(_, let value) = program.solved() else { return nil }
    return value
  }
}
