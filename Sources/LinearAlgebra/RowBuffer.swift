/// Rows at a fixed address that are filled again and again, for a program that is planned once and runs over whatever
/// comes.
///
/// The exception to what `RowLayout` promises: who fills the buffer answers for nobody reading it meanwhile, and for
/// programs that read deviations as such, as products do; `FeatureRows` makes their dense form once and keeps it.
package final class RowBuffer<Scalar: EngineScalar>: RowStorage, @unchecked Sendable {
  // Unchecked because of the promise above.

  package let layout: RowLayout

  /// The most rows at a time.
  private let capacity: Int
  private let columns: Int
  private let base: [Scalar]?
  private let starts: UnsafeMutablePointer<Int32>
  private let places: UnsafeMutablePointer<Int32>
  private let values: UnsafeMutablePointer<Scalar>

  /// - Parameter base: The base row; nil keeps the rows dense.
  package init(capacity: Int, columns: Int, base: [Scalar]?) {
    precondition(base.map { $0.count == columns } ?? true, "RowBuffer: a base row of another width than \(columns)")
    self.capacity = capacity
    self.columns = columns
    self.base = base
    starts = .allocate(capacity: capacity + 1)
    starts.initialize(repeating: 0, count: capacity + 1)
    places = .allocate(capacity: capacity * columns)
    places.initialize(repeating: 0, count: capacity * columns)
    values = .allocate(capacity: capacity * columns)
    values.initialize(repeating: 0, count: capacity * columns)
    layout =
      base == nil ? .dense(UnsafeRawPointer(values)) : .deviations(starts: starts, columns: places, values: values)
  }

  deinit {
    starts.deallocate()
    places.deallocate()
    values.deallocate()
  }

  /// The buffer as rows, `capacity` of them.
  package func rows() -> FeatureRows<Scalar> {
    FeatureRows(rows: capacity, base: base ?? Array(repeating: 0, count: columns), lyingIn: self)
  }

  /// Puts rows at the beginning of the buffer, in the form in which `FeatureRows` would keep them.
  ///
  /// - Precondition: They are as wide as the buffer, and no more than its capacity.
  package func fill(_ matrix: Matrix<Scalar>) {
    precondition(
      matrix.rows <= capacity && matrix.columns == columns,
      "RowBuffer: [\(matrix.rows), \(matrix.columns)] in place of [\(capacity), \(columns)]")
    guard let base else { return values.update(from: matrix.values, count: matrix.values.count) }
    let found = FeatureRows.deviations(of: matrix, from: base)
    starts.update(from: found.starts, count: found.starts.count)
    places.update(from: found.columns, count: found.columns.count)
    values.update(from: found.values, count: found.values.count)
  }

  package func prepare(rows: Range<Int>) {}

  package func release(rows: Range<Int>) {}
}
