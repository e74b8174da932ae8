/// A linear programme in few variables: minimise `cᵀx` subject to `A·x ≤ b`, `E·x = d` and `x ≥ 0`.
///
/// Solved by the simplex method in two phases on a dense tableau, with Bland's rule, under which it cannot cycle. Rows
/// are scaled to a largest coefficient of 1 first; a number within 1e-9 of 0 then counts as 0. Meant for tens of
/// constraints and thousands of variables.
///
/// - Complexity: A pivot costs (constraints) · (variables).
/// - Source: Bland (1977), "New finite pivoting rules for the simplex method", Math. Oper. Res. 2.
public struct LinearProgram: Sendable, Hashable {
  /// A linear function of the variables and the number it is compared with.
  public struct Row: Sendable, Hashable {
    /// The coefficients, one for each variable.
    public var coefficients: [Double]

    /// The right-hand side.
    public var bound: Double

    public init(_ coefficients: [Double], _ bound: Double) {
      self.coefficients = coefficients
      self.bound = bound
    }
  }

  /// What came of a programme.
  public enum Solution: Sendable, Hashable {
    /// An optimal vertex: no more variables differ from 0 than there are rows.
    case optimal(variables: [Double], value: Double)
    /// No x meets all rows.
    case infeasible
    /// The value falls without end.
    case unbounded
    /// Rounding kept the method from ending within its limit of pivots.
    case stalled
  }

  /// c.
  public var objective: [Double]

  /// The rows of `A·x ≤ b`.
  public var upperBounds: [Row]

  /// The rows of `E·x = d`.
  public var equalities: [Row]

  /// - Precondition: All numbers are finite, and every row has a coefficient for each variable.
  public init(minimizing objective: [Double], upperBounds: [Row] = [], equalities: [Row] = []) {
    precondition(
      (upperBounds + equalities).allSatisfy { row in
        row.coefficients.count == objective.count && row.bound.isFinite && row.coefficients.allSatisfy(\.isFinite)
      } && objective.allSatisfy(\.isFinite),
      "LinearProgram: every row needs \(objective.count) finite coefficients and a finite bound")
    self.objective = objective
    self.upperBounds = upperBounds
    self.equalities = equalities
  }

  /// Solves the programme.
  public func solved() -> Solution {
    var tableau = SimplexTableau(self)
    guard let isFeasible = tableau.findVertex() else { return .stalled }
    guard isFeasible else { return .infeasible }
    switch tableau.minimize(objective) {
    case .optimal:
      let variables = tableau.variables(objective.count)
      return .optimal(variables: variables, value: zip(objective, variables).reduce(0) { $0 + $1.0 * $1.1 })
    case .unbounded: return .unbounded
    case .stalled: return .stalled
    }
  }
}

/// The simplex method's table: a row for each constraint, written in the variables that are 0 at present.
private struct SimplexTableau {
  enum Result {
    case optimal
    case unbounded
    case stalled
  }

  private static let tolerance = 1e-9

  /// `[constraints][columns + 1]`; the last number of a row is its right-hand side, never below 0.
  private var rows: [[Double]] = []
  /// The variable that each row stands for.
  private var basis: [Int] = []
  private let columns: Int
  /// Where the variables begin that exist only until a vertex is found.
  private let firstArtificial: Int

  init(_ program: LinearProgram) {
    let count = program.objective.count
    let slackCount = program.upperBounds.count
    let all = program.upperBounds + program.equalities
    // A row whose slack variable would start below 0, or that has none, starts with an artificial one.
    let needsArtificial = all.enumerated().map { $0 >= slackCount || $1.bound < 0 }
    firstArtificial = count + slackCount
    columns = firstArtificial + needsArtificial.count { $0 }
    var nextArtificial = firstArtificial
    for (index, row) in all.enumerated() {
      let largest = row.coefficients.reduce(0) { max($0, abs($1)) }
      let scale = (row.bound < 0 ? -1 : 1) / (largest > 0 ? largest : 1)
      var line = row.coefficients.map { $0 * scale } + [Double](repeating: 0, count: columns - count + 1)
      line[columns] = row.bound * scale
      if index < slackCount { line[count + index] = row.bound < 0 ? -1 : 1 }
      if needsArtificial[index] {
        line[nextArtificial] = 1
        basis.append(nextArtificial)
        nextArtificial += 1
      } else {
        basis.append(count + index)
      }
      rows.append(line)
    }
  }

  /// Finds a vertex: drives the artificial variables to 0. Nil where it does not end.
  mutating func findVertex() -> Bool? {
    if firstArtificial == columns { return true }
    let costs = (0..<columns).map { $0 >= firstArtificial ? 1.0 : 0 }
    guard case .optimal = minimize(costs, among: columns) else { return nil }
    let rest = basis.indices.reduce(0.0) { basis[$1] >= firstArtificial ? $0 + rows[$1][columns] : $0 }
    if rest > Self.tolerance * Double(rows.count) { return false }
    // An artificial variable that is still in the basis, at 0, leaves it; where it cannot, its row says nothing new.
    for row in basis.indices.reversed() where basis[row] >= firstArtificial {
      if let column = (0..<firstArtificial).first(where: { abs(rows[row][$0]) > Self.tolerance }) {
        pivot(row, column)
      } else {
        rows.remove(at: row)
        basis.remove(at: row)
      }
    }
    return true
  }

  /// Minimises from the present vertex, over the programme's own variables and slacks.
  mutating func minimize(_ objective: [Double]) -> Result {
    let costs = objective + [Double](repeating: 0, count: columns - objective.count)
    return minimize(costs, among: firstArtificial)
  }

  private mutating func minimize(_ costs: [Double], among candidates: Int) -> Result {
    // The cost row in the variables that are 0, kept up with the pivots.
    let largest = costs.reduce(0) { max($0, abs($1)) }
    var reduced = costs.map { largest > 0 ? $0 / largest : 0 } + [0]
    for (row, variable) in basis.enumerated() where reduced[variable] != 0 {
      subtract(rows[row], times: reduced[variable], from: &reduced)
    }
    for _ in 0..<(1000 + 50 * (rows.count + columns)) {
      guard let entering = (0..<candidates).first(where: { reduced[$0] < -Self.tolerance }) else { return .optimal }
      var leaving: Int?
      var smallest = Double.infinity
      for row in rows.indices where rows[row][entering] > Self.tolerance {
        let ratio = rows[row][columns] / rows[row][entering]
        if ratio < smallest || (ratio == smallest && basis[row] < basis[leaving ?? row]) {
          smallest = ratio
          leaving = row
        }
      }
      guard let leaving else { return .unbounded }
      pivot(leaving, entering)
      let factor = reduced[entering]
      subtract(rows[leaving], times: factor, from: &reduced)
      reduced[entering] = 0
    }
    return .stalled
  }

  private mutating func pivot(_ row: Int, _ column: Int) {
    let divisor = rows[row][column]
    for index in rows[row].indices { rows[row][index] /= divisor }
    rows[row][column] = 1
    let line = rows[row]
    for other in rows.indices where other != row {
      let factor = rows[other][column]
      if factor == 0 { continue }
      subtract(line, times: factor, from: &rows[other])
      rows[other][column] = 0
      // Rounding must not leave the vertex.
      rows[other][columns] = max(0, rows[other][columns])
    }
    basis[row] = column
  }

  private func subtract(_ line: [Double], times factor: Double, from target: inout [Double]) {
    for index in target.indices { target[index] -= factor * line[index] }
  }

  /// The first variables at the present vertex.
  func variables(_ count: Int) -> [Double] {
    var values = [Double](repeating: 0, count: count)
    for (row, variable) in basis.enumerated() where variable < count { values[variable] = rows[row][columns] }
    return values
  }
}
