import Wording

/// Turns a numeric column into a continuous sensitive attribute: `(x − mean) / deviation`, both of the training rows.
public struct ContinuousCoder: Sendable, Equatable, Codable {
  /// The column.
  public let column: String

  /// The mean over the training rows in which it is present.
  public let mean: Double

  /// The standard deviation over the same rows, dividing by their number; above 0.
  public let deviation: Double

  /// The attribute in some rows of a table; NaN where it is missing.
  ///
  /// - Throws: `DataError` where the table has no such column, or it is not numeric.
  public func attribute(of table: Table, rows: [Int]) throws(DataError) -> ContinuousColumn {
    let numbers = try Self.numbers(of: column, in: table)
    return ContinuousColumn(name: column, values: rows.map { Float((numbers[$0] - mean) / deviation) })
  }

  /// What no fitted coder has, in words; nil where all is in order.
  var fault: String? {
    mean.isFinite && deviation.isFinite && deviation > 0 ? nil : "its mean and deviation standardise nothing"
  }

  fileprivate static func numbers(of name: String, in table: Table) throws(DataError) -> [Double] {
    guard case .numeric(let numbers) = try SensitiveCoder.column(named: name, in: table).cells else {
      throw DataError(
        .badData, at: table.source,
        "sensitive column \(Excerpt.quoted(name)) is continuous, and its cells are not numbers. Make it categorical, or "
          + "name another column.")
    }
    return numbers
  }
}

/// The mean and the standard deviation of a continuous attribute, row after row: pieces of rows or all at once give the
/// same bits.
struct ContinuousFitting {
  private let column: String
  private let source: String
  private var moments = RunningMoments()

  /// Checks that the column has numbers.
  init(_ column: String, head: Table) throws(DataError) {
    self.column = column
    source = head.source
    _ = try ContinuousCoder.numbers(of: column, in: head)
  }

  /// Adds training rows of a piece.
  mutating func add(_ table: Table, rows chosen: [Int]) throws(DataError) {
    let numbers = try ContinuousCoder.numbers(of: column, in: table)
    for row in chosen where !numbers[row].isNaN { moments.add(numbers[row]) }
  }

  /// The coder, when all training rows have come.
  ///
  /// - Throws: `DataError` where no row has a number, or all have the same.
  func coder() throws(DataError) -> ContinuousCoder {
    let name = Excerpt.quoted(column)
    let (rows, mean, deviation) = (moments.count, moments.mean, moments.deviation)
    guard rows > 0 else {
      throw DataError(
        .badData, at: source, "sensitive column \(name) is missing in every training row. Name another column.")
    }
    // Less than the rounding of the numbers themselves is no variation.
    guard deviation.isFinite, deviation > abs(mean) * 1e-12, deviation > 0 else {
      throw DataError(
        .badData, at: source,
        "sensitive column \(name) is \(GroupValue.name(mean)) in all \(rows) training rows that have it, so that there "
          + "is nothing to depend on. Name another column.")
    }
    return ContinuousCoder(column: column, mean: mean, deviation: deviation)
  }
}
