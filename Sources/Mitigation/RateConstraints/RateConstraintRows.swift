import AdversarialGame
import FairnessMetrics
import MetricExpressions
import TabularData

/// Linear constraints on rates as numbers on the rows of one data set.
///
/// A violation is linear in the decisions ŷ: `gⱼ = Σᵢ wᵢ·aⱼ(cᵢ)·ŷᵢ + constantⱼ`, where the coefficient a depends on the
/// row's *cell* alone, that is on its groups and its label. There are few cells, so that changing multipliers costs
/// nothing per row. Rates at other thresholds have coefficients of their own.
public struct RateConstraintRows: Sendable {
  /// The constraints.
  public let constraints: [LinearConstraint]

  /// The thresholds that rates are at, in 0...1.
  public let thresholds: [Double]

  /// The cell of each row, `[n]`.
  public let cells: [Int32]

  /// The number of cells.
  public let cellCount: Int

  /// The coefficient of ŷ, for a row of weight 1: `[constraint][threshold][cell]`.
  public let coefficients: [[[Double]]]

  /// What does not depend on the decisions: `[constraint]`.
  public let constants: [Double]

  /// The rows that each rate of the constraints is about: their number, whatever their weights.
  public let supports: [(rate: RateTerm.Rate, rows: Int)]

  /// The sum of the rows' weights in each cell.
  let cellWeights: [Double]

  /// Which cells each of `supports` is about.
  let supportCells: [[Bool]]

  private let weights: [Float]?

  /// - Parameters:
  ///   - constraints: The constraints (see `ConstraintReduction`).
  ///   - dataset: The rows.
  ///   - split: Their name, for messages.
  ///   - threshold: The decision threshold of rates that name none, inside 0...1.
  /// - Throws: `MitigationError` where a rate is about no rows, or a threshold leaves nothing to decide.
  public init(
    _ constraints: [LinearConstraint], of dataset: Dataset, split: String, threshold: Double = 0.5
  ) throws(MitigationError) {
    let columns = dataset.sensitive.map { SliceColumn($0.groupColumn) }
    let crossed = CrossedCells(columns, rows: dataset.rows)
    // A cell is a combination of groups and a label: 2 · combination + label.
    cellCount = 2 * crossed.codes.count
    cells = zip(crossed.cells, dataset.labels).map { 2 * $0 + ($1 > 0.5 ? 1 : 0) }
    weights = dataset.weights
    var cellRows = [Int](repeating: 0, count: cellCount)
    var cellWeights = [Double](repeating: 0, count: cellCount)
    for (row, cell) in cells.enumerated() {
      cellRows[Int(cell)] += 1
      cellWeights[Int(cell)] += Double(dataset.weights?[row] ?? 1)
    }
    self.cellWeights = cellWeights
    self.constraints = constraints
    let named = constraints.flatMap(\.terms).compactMap(\.rate.threshold)
    let thresholds = Array(Set(named + [threshold])).sorted()
    self.thresholds = thresholds

    var supports: [(rate: RateTerm.Rate, rows: Int)] = []
    var supportCells: [[Bool]] = []
    var coefficients: [[[Double]]] = []
    var constants: [Double] = []
    let count = cellCount
    for constraint in constraints {
      var rows = thresholds.map { _ in [Double](repeating: 0, count: count) }
      var constant = -constraint.bound
      for term in constraint.terms {
        let at = term.rate.threshold ?? threshold
        guard at > 0 && at < 1, let place = thresholds.firstIndex(of: at) else {
          throw MitigationError.threshold(condition: constraint.condition, value: at)
        }
        let members = (0..<count).map { cell in
          (term.rate.rate.label.map { $0 == (cell % 2 == 1) } ?? true)
            && term.rate.rows.holds { Self.groups(of: $0, in: crossed, combination: cell / 2) }
        }
        let total = members.indices.reduce(0.0) { members[$1] ? $0 + cellWeights[$1] : $0 }
        guard total > 0 else {
          throw MitigationError.noRows(condition: constraint.condition, rate: "\(term.rate)", split: split)
        }
        for cell in members.indices where members[cell] {
          let share = term.coefficient / total
          if term.rate.rate.countsSelected(label: cell % 2 == 1) {
            rows[place][cell] += share
          } else {
            // 1 − ŷ.
            rows[place][cell] -= share
            constant += share * cellWeights[cell]
          }
        }
        if !supports.contains(where: { $0.rate == term.rate }) {
          supports.append((term.rate, members.indices.reduce(0) { members[$1] ? $0 + cellRows[$1] : $0 }))
          supportCells.append(members)
        }
      }
      coefficients.append(rows)
      constants.append(constant)
    }
    self.supports = supports
    self.supportCells = supportCells
    self.coefficients = coefficients
    self.constants = constants
  }

  private static func groups(of name: String, in crossed: CrossedCells, combination: Int) -> [String]? {
    guard let index = crossed.columns.firstIndex(where: { $0.name == name }) else { return nil }
    let code = crossed.codes[combination][index]
    let column = crossed.columns[index]
    return code < 0 ? nil : column.members[Int(code)].map { column.groups[Int($0)] }
  }

  /// The number of rows, n.
  public var rows: Int { cells.count }

  /// By how much each constraint is violated by the decisions that probabilities lead to.
  ///
  /// - Precondition: As many probabilities as rows.
  public func violations(probabilities: [Float]) -> [Double] {
    violations(selections: selections(probabilities: probabilities))
  }

  /// By how much each constraint is violated when rows are selected with given probabilities, in expectation: exact, as
  /// rates of fixed rows are linear in them.
  ///
  /// - Parameter selections: The chance that a row is selected at each threshold, `[thresholds][n]`.
  public func violations(selections: [[Double]]) -> [Double] {
    let selected = selections.map { sums($0) }
    return constraints.indices.map { constraint in
      var violation = constants[constraint]
      for (place, sums) in selected.enumerated() {
        for cell in sums.indices { violation += coefficients[constraint][place][cell] * sums[cell] }
      }
      return violation
    }
  }

  /// The standard error of each violation, as of a mean over rows drawn at random: a little too large, as the number of
  /// rows that a rate is about counts as random too.
  ///
  /// - Parameter selections: As for `violations(selections:)`.
  public func standardErrors(selections: [[Double]]) -> [Double] {
    let total = weights.map { $0.reduce(0.0) { $0 + Double($1) } } ?? Double(rows)
    let shares = (0..<rows).map { Double(weights?[$0] ?? 1) / total }
    let shareSquares = shares.reduce(0) { $0 + $1 * $1 }
    return constraints.indices.map { constraint in
      var (sum, squares) = (0.0, 0.0)
      for row in 0..<rows {
        var value = 0.0
        for (place, selection) in selections.enumerated() {
          value += total * coefficients[constraint][place][Int(cells[row])] * selection[row]
        }
        sum += shares[row] * value
        squares += shares[row] * value * value
      }
      return (max(0, squares - sum * sum) * shareSquares).squareRoot()
    }
  }

  /// Whether each row is selected, as 0 or 1, at each threshold.
  public func selections(probabilities: [Float]) -> [[Double]] {
    precondition(probabilities.count == rows, "RateConstraintRows: \(probabilities.count) scores of \(rows) rows")
    return thresholds.map { threshold in
      let rule = DecisionRule<Float>(threshold: threshold)
      return probabilities.map { rule.selects($0) ? 1 : 0 }
    }
  }

  /// The weighted sum of numbers in each cell.
  private func sums(_ values: [Double]) -> [Double] {
    precondition(values.count == rows, "RateConstraintRows: \(values.count) values of \(rows) rows")
    var sums = [Double](repeating: 0, count: cellCount)
    if let weights {
      for row in values.indices { sums[Int(cells[row])] += Double(weights[row]) * values[row] }
    } else {
      for row in values.indices { sums[Int(cells[row])] += values[row] }
    }
    return sums
  }
}
