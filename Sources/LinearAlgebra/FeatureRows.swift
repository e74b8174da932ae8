import CKernels
import Synchronization

/// The rows of a matrix as the engine reads them in training: never changed, at a fixed address, and sparse where that
/// pays.
///
/// Encoded tables repeat themselves: all but one of a category's indicators hold the same value, 0, or what
/// standardisation made of it. Such a matrix is kept as a *base row* and each row's deviations from it, so that a
/// product with k deviations a row costs k multiplications a column instead of d:
/// `x·W = base·W + Σₚ (xₚ − baseₚ)·Wₚ`. The results equal the dense ones but for the rounding of sums.
///
/// Whether a matrix is sparse depends on the base row given and on the data; two `FeatureRows` of the same base row and
/// the same data compute the same bits, and so do any of their rows.
///
/// The rows lie in memory or in a mapped file (see `RowStorage`); who reads them need not know which.
public final class FeatureRows<Scalar: EngineScalar>: @unchecked Sendable {
  // Unchecked because the compiler cannot see that nothing is written after `init`.

  /// The number of rows, n.
  public let rows: Int

  /// The number of columns, d.
  public let columns: Int

  /// The rows as deviations; nil where they are dense.
  package let deviations: eq_rows?

  /// The dense values, from the start or made when they are first asked for: where all readers work with deviations
  /// they never are.
  private let dense: Mutex<UnsafeAddress?>

  /// An address that may go from thread to thread: what stands there is never changed.
  private struct UnsafeAddress: @unchecked Sendable {
    let pointer: UnsafeRawPointer
  }

  /// What is freed with this object, apart from dense values that were made later.
  private let allocations: [UnsafeMutableRawPointer]

  /// What the rows lie in where that is no allocation of this object.
  private let storage: (any RowStorage)?

  private init(
    rows: Int, columns: Int, deviations: eq_rows?, dense: UnsafeRawPointer?, allocations: [UnsafeMutableRawPointer],
    storage: (any RowStorage)? = nil
  ) {
    self.rows = rows
    self.columns = columns
    self.deviations = deviations
    self.dense = Mutex(dense.map { UnsafeAddress(pointer: $0) })
    self.allocations = allocations
    self.storage = storage
  }

  /// Rows of a matrix.
  ///
  /// - Parameters:
  ///   - matrix: The rows, `[n, d]`.
  ///   - base: What most rows hold in each column, d values; nil keeps the rows dense.
  /// - Precondition: `base` has d values; `matrix` has fewer than 2³¹ deviations from it.
  public convenience init(_ matrix: Matrix<Scalar>, base: [Scalar]? = nil) {
    guard let base else {
      let values = Self.copy(matrix.values)
      self.init(
        rows: matrix.rows, columns: matrix.columns, deviations: nil, dense: UnsafeRawPointer(values),
        allocations: [values])
      return
    }
    precondition(base.count == matrix.columns, "FeatureRows: \(base.count) base values for \(matrix.columns) columns")
    let (starts, columns, values) = Self.deviations(of: matrix, from: base)
    self.init(base: base, starts: starts, columns: columns, values: values)
  }

  // Generic code calls a function for every comparison: ten times as slow, where rows are scored by the million.
  @_specialize(where Scalar == Float)
  static func deviations(
    of matrix: Matrix<Scalar>, from base: [Scalar]
  ) -> (starts: [Int32], columns: [Int32], values: [Scalar]) {
    var starts: [Int32] = [0]
    var columns: [Int32] = []
    var values: [Scalar] = []
    starts.reserveCapacity(matrix.rows + 1)
    columns.reserveCapacity(matrix.values.count / 4)
    values.reserveCapacity(matrix.values.count / 4)
    matrix.values.withUnsafeBufferPointer { all in
      for row in 0..<matrix.rows {
        for column in 0..<matrix.columns {
          let value = all[row * matrix.columns + column]
          if value != base[column] {
            columns.append(Int32(column))
            values.append(value - base[column])
          }
        }
        starts.append(Int32(columns.count))
      }
    }
    return (starts, columns, values)
  }

  /// Rows given by their deviations from a base row: row r has the deviations `starts[r]..<starts[r + 1]`, each a
  /// column and what is added there.
  ///
  /// - Precondition: `starts` begins with 0 and rises to the number of deviations, fewer than 2³¹; the columns of a row
  ///   rise, and lie in 0..<d.
  package convenience init(base: [Scalar], starts: [Int32], columns: [Int32], values: [Scalar]) {
    precondition(
      starts.first == 0 && starts.last.map(Int.init) == columns.count && columns.count == values.count,
      "FeatureRows: \(columns.count) columns and \(values.count) values, but \(starts.last ?? -1) deviations")
    let pointers = [Self.copy(base), Self.copy(starts), Self.copy(columns), Self.copy(values)]
    self.init(
      rows: starts.count - 1, columns: base.count,
      deviations: eq_rows(
        base: UnsafeRawPointer(pointers[0]), starts: pointers[1].assumingMemoryBound(to: Int32.self),
        columns: pointers[2].assumingMemoryBound(to: Int32.self), values: UnsafeRawPointer(pointers[3])),
      dense: nil, allocations: pointers)
  }

  /// Rows that lie in memory of another owner, such as a mapped file; they are read where they lie.
  ///
  /// - Parameter storage: The owner, kept as long as this object.
  package convenience init(rows: Int, base: [Scalar], lyingIn storage: any RowStorage) {
    switch storage.layout {
    case .dense(let values):
      self.init(
        rows: rows, columns: base.count, deviations: nil, dense: values, allocations: [], storage: storage)
    case .deviations(let starts, let columns, let values):
      let copy = Self.copy(base)
      self.init(
        rows: rows, columns: base.count,
        deviations: eq_rows(base: UnsafeRawPointer(copy), starts: starts, columns: columns, values: values),
        dense: nil, allocations: [copy], storage: storage)
    }
  }

  deinit {
    for pointer in allocations { pointer.deallocate() }
    // Without deviations the dense values are an allocation or the storage's.
    if deviations != nil { dense.withLock { $0?.pointer.deallocate() } }
  }

  /// All values, row by row, at an address that lasts as long as this object.
  package var densePointer: UnsafeRawPointer {
    dense.withLock { address in
      if let address { return address.pointer }
      let copy = UnsafeRawPointer(Self.copy(denseValues(base: baseRow ?? [])))
      address = UnsafeAddress(pointer: copy)
      return copy
    }
  }

  /// What rows without a deviation hold, d values; nil where the rows are dense.
  public var baseRow: [Scalar]? {
    deviations.map {
      Array(UnsafeBufferPointer(start: $0.base.assumingMemoryBound(to: Scalar.self), count: columns))
    }
  }

  /// The rows as a matrix, which is made anew at each call. Of rows kept as deviations the values may differ from those
  /// encoded in their last bit, but have the same deviations from the base row.
  public var matrix: Matrix<Scalar> {
    guard let baseRow else {
      let values = UnsafeBufferPointer(
        start: densePointer.assumingMemoryBound(to: Scalar.self), count: rows * columns)
      return Matrix(rows: rows, columns: columns, values: Array(values))
    }
    return Matrix(rows: rows, columns: columns, values: denseValues(base: baseRow))
  }

  private func denseValues(base: [Scalar]) -> [Scalar] {
    guard let deviations else { return [] }
    let values = deviations.values.assumingMemoryBound(to: Scalar.self)
    var dense: [Scalar] = []
    dense.reserveCapacity(rows * columns)
    for row in 0..<rows {
      dense += base
      let start = row * columns
      for place in Int(deviations.starts[row])..<Int(deviations.starts[row + 1]) {
        let column = Int(deviations.columns[place])
        let sum = base[column] + values[place]
        // Rounding of the sum may have lost the deviation's last bit; then a neighbour has it.
        dense[start + column] =
          [sum, sum.nextUp, sum.nextDown].first { $0 - base[column] == values[place] } ?? sum
      }
    }
    return dense
  }

  // MARK: - Memory

  /// The bytes that the numbers take up.
  package var byteCount: Int {
    let stride = MemoryLayout<Scalar>.stride
    guard let deviations else { return rows * columns * stride }
    return Int(deviations.starts[rows]) * (4 + stride) + (rows + 1) * 4
  }

  /// The mean number of values of a row that differ from the base row; nil where the rows are dense.
  public var deviationsPerRow: Double? {
    deviations.map { Double($0.starts[rows]) / Double(max(1, rows)) }
  }

  /// Whether the rows lie in a mapped file, so that those not in use need no memory.
  public var isMapped: Bool { storage != nil }

  /// Tells that some rows are soon read.
  package func prepare(rows: Range<Int>) { storage?.prepare(rows: rows) }

  /// Tells that some rows are not read for a while, so that memory in which they only have a copy may be used otherwise.
  package func release(rows: Range<Int>) { storage?.release(rows: rows) }

  private static func copy<Value>(_ array: [Value]) -> UnsafeMutableRawPointer {
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(64, array.count * MemoryLayout<Value>.stride), alignment: 64)
    array.withUnsafeBytes { if let base = $0.baseAddress { bytes.copyMemory(from: base, byteCount: $0.count) } }
    return bytes
  }
}

extension FeatureRows: Equatable {
  /// Whether both hold the same numbers in the same form.
  public static func == (one: FeatureRows, other: FeatureRows) -> Bool {
    guard one.rows == other.rows, one.columns == other.columns, one.baseRow == other.baseRow else { return false }
    guard let left = one.deviations, let right = other.deviations else {
      return one.deviations == nil && other.deviations == nil && one.matrix == other.matrix
    }
    let count = Int(left.starts[one.rows])
    func values(_ rows: eq_rows) -> UnsafeBufferPointer<Scalar> {
      UnsafeBufferPointer(start: rows.values.assumingMemoryBound(to: Scalar.self), count: count)
    }
    return UnsafeBufferPointer(start: left.starts, count: one.rows + 1)
      .elementsEqual(UnsafeBufferPointer(start: right.starts, count: one.rows + 1))
      && UnsafeBufferPointer(start: left.columns, count: count)
        .elementsEqual(UnsafeBufferPointer(start: right.columns, count: count))
      && values(left).elementsEqual(values(right))
  }
}

extension Matrix where Scalar: EngineScalar {
  /// The rows as `FeatureRows` with this base row gives them back; the same rows where there is none.
  ///
  /// Encoded rows and rows that have been kept as deviations may differ in their last bit. Where more depends on a bit than
  /// rounding, a draw by a row's hash say, both have to be brought to this form.
  package func roundTripped(base: [Scalar]?) -> Matrix {
    base.map { FeatureRows(self, base: $0).matrix } ?? self
  }
}
