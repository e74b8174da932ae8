import LinearAlgebra
import TabularData

/// The groups that a decision reads of each row, and what they change in what is predicted of it.
///
/// Where a row is known to be of the groups g, Bayes' rule on the joint prediction of groups and label gives
/// `P(c | x, g) = P(c | x) / Σ P(c' | x)`, c' running over the cells of g, and 0 for all other cells. So the chance of the
/// label, and with it the decision, may differ by group.
public struct ReadGroups: Sendable, Hashable, Codable {
  /// A column that is read.
  public struct Column: Sendable, Hashable, Codable {
    /// The column's name.
    public var name: String

    /// The names of its groups, by code.
    public var groups: [String]

    public init(_ name: String, groups: [String]) {
      self.name = name
      self.groups = groups
    }
  }

  /// The columns that are read.
  public let columns: [Column]

  /// The combinations of groups that cells are made of: for each the code in every column, −1 where it is missing,
  /// `[combinations][columns]`. Combination k has the cells 2k and 2k + 1.
  public let combinations: [[Int32]]

  /// - Precondition: There is a column, every combination has a code of each, and no combination occurs twice.
  public init(columns: [Column], combinations: [[Int32]]) {
    precondition(
      !columns.isEmpty && combinations.allSatisfy { $0.count == columns.count }
        && Set(combinations).count == combinations.count,
      "ReadGroups: \(combinations.count) combinations of \(columns.count) columns")
    self.columns = columns
    self.combinations = combinations
  }

  /// The combination of each row, n of them; −1 for groups that no training row had together.
  ///
  /// - Parameter sensitive: Columns of n rows, in any order, among them those that are read.
  /// - Precondition: None of these is missing.
  public func combinations(of sensitive: [SensitiveColumn]) -> [Int32] {
    let used = columns.map { column -> SensitiveColumn in
      guard var found = sensitive.first(where: { $0.name == column.name }) else {
        preconditionFailure("ReadGroups: there is no column '\(column.name)'")
      }
      if found.groups != column.groups {
        let codes = found.groups.map { Int32(column.groups.firstIndex(of: $0) ?? -1) }
        found.codes = found.codes.map { $0 < 0 ? -1 : codes[Int($0)] }
      }
      return found
    }
    var numberOf: [[Int32]: Int32] = [:]
    for (number, codes) in combinations.enumerated() { numberOf[codes] = Int32(number) }
    return (0..<(used.first?.codes.count ?? 0)).map { row in numberOf[used.map { $0.codes[row] }] ?? -1 }
  }

  /// What is predicted of rows once their groups are known, `[n, cells]`.
  ///
  /// A row of no known combination keeps what is predicted from its features alone; so does one whose combination the
  /// prediction gives no chance at all.
  ///
  /// - Parameters:
  ///   - probabilities: How likely each cell is from the features, `[n, cells]`.
  ///   - sensitive: As for `combinations(of:)`.
  public func conditioned(_ probabilities: Matrix<Float>, on sensitive: [SensitiveColumn]) -> Matrix<Float> {
    let ofRow = combinations(of: sensitive)
    let cells = probabilities.columns
    precondition(
      ofRow.count == probabilities.rows && cells == 2 * combinations.count,
      "ReadGroups: groups of \(ofRow.count) rows and \(combinations.count) combinations for "
        + "[\(probabilities.rows), \(cells)] probabilities")
    var values = probabilities.values
    for (row, combination) in ofRow.enumerated() where combination >= 0 {
      let (first, place) = (row * cells, row * cells + 2 * Int(combination))
      let (negative, positive) = (values[place], values[place + 1])
      let sum = negative + positive
      guard sum > 0 else { continue }
      for cell in first..<first + cells { values[cell] = 0 }
      values[place] = negative / sum
      values[place + 1] = positive / sum
    }
    return Matrix(rows: probabilities.rows, columns: cells, values: values)
  }
}
