/// A dense matrix of `rows × columns` values, row after row in one array.
///
/// A value type: copies are independent, and share their storage until one of them is written. What walks over all
/// values is `@inlinable`, so that other modules compile it for their own type of number.
public struct Matrix<Scalar> {
  /// The number of rows, n ≥ 0.
  public let rows: Int

  /// The number of columns, d ≥ 0.
  public let columns: Int

  /// The values, row by row: the value in row i, column j stands at `i · columns + j`.
  public var values: [Scalar]

  /// Creates a matrix from its values, row by row.
  ///
  /// - Precondition: `values.count == rows · columns`.
  public init(rows: Int, columns: Int, values: [Scalar]) {
    precondition(
      rows >= 0 && columns >= 0 && values.count == rows * columns,
      "Matrix: [\(rows), \(columns)] needs \(rows * columns) values, got \(values.count)")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// Creates a matrix with the same value everywhere.
  public init(rows: Int, columns: Int, repeating value: Scalar) {
    self.init(rows: rows, columns: columns, values: Array(repeating: value, count: rows * columns))
  }

  /// The value in row `row`, column `column`, both counted from 0.
  public subscript(row: Int, column: Int) -> Scalar {
    get {
      precondition(contains(row, column), outOfBounds(row, column))
      return values[row * columns + column]
    }
    set {
      precondition(contains(row, column), outOfBounds(row, column))
      values[row * columns + column] = newValue
    }
  }

  /// The values of one column, from the first row to the last.
  @inlinable
  public func column(_ column: Int) -> [Scalar] {
    precondition(column >= 0 && column < columns, "Matrix: no column \(column) in [\(rows), \(columns)]")
    return (0..<rows).map { values[$0 * columns + column] }
  }

  /// The rows named by `indices`, in that order; an index may occur more than once.
  @inlinable
  public func gatheringRows(_ indices: some Collection<Int>) -> Matrix {
    var gathered: [Scalar] = []
    gathered.reserveCapacity(indices.count * columns)
    for row in indices {
      precondition(row >= 0 && row < rows, "Matrix: no row \(row) in [\(rows), \(columns)]")
      gathered.append(contentsOf: values[row * columns..<(row + 1) * columns])
    }
    return Matrix(rows: indices.count, columns: columns, values: gathered)
  }

  private func contains(_ row: Int, _ column: Int) -> Bool {
    row >= 0 && row < rows && column >= 0 && column < columns
  }

  private func outOfBounds(_ row: Int, _ column: Int) -> String {
    "Matrix: no element (\(row), \(column)) in [\(rows), \(columns)]"
  }
}

extension Matrix: Equatable where Scalar: Equatable {}
extension Matrix: Hashable where Scalar: Hashable {}
extension Matrix: Sendable where Scalar: Sendable {}
