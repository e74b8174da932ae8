import Wording

/// A condition on one column that a row must meet to be used.
public struct RowFilter: Sendable, Hashable, Codable {
  /// What the cell must be.
  public enum Condition: Sendable, Hashable, Codable {
    /// A number in a closed range; a missing cell is in none.
    case between(Double, Double)
    /// One of these values; a missing cell is none of them.
    case among([String])
    /// None of these values; a missing cell passes.
    case notAmong([String])
  }

  public var column: String
  public var condition: Condition

  public init(column: String, _ condition: Condition) {
    self.column = column
    self.condition = condition
  }

  /// Whether each row of a table passes.
  func passing(in table: Table) throws(DataError) -> [Bool] {
    let column = try table.column(named: column)
    switch (condition, column.cells) {
    case (.between(let low, let high), .numeric(let values)):
      return values.map { $0 >= low && $0 <= high }
    case (.between, .categorical):
      throw DataError(
        .badData, at: table.source,
        "column \(Excerpt.quoted(column.name)) is not numeric, and the filter asks for a range. Declare it numeric, "
          + "or filter by values.")
    case (.among(let wanted), _):
      return Self.matches(column.cells, wanted)
    case (.notAmong(let unwanted), _):
      return Self.matches(column.cells, unwanted).map { !$0 }
    }
  }

  /// Whether each cell is one of some values; numbers are compared as numbers, so that `1` matches 1.0.
  private static func matches(_ cells: Table.Cells, _ wanted: [String]) -> [Bool] {
    switch cells {
    case .numeric(let values):
      let numbers = Set(wanted.compactMap { GroupValue.number($0) })
      return values.map { numbers.contains($0) }
    case .categorical(let codes, let categories):
      let wanted = Set(wanted)
      let matching = categories.map { wanted.contains($0) }
      return codes.map { $0 >= 0 && matching[Int($0)] }
    }
  }
}
