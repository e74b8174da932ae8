/// Rows as deviations from a base row, in arrays that grow.
struct DeviationBuffer: Sendable {
  /// Where each row's deviations end, counted from the first row of all, also of those taken out.
  private(set) var ends: [Int32] = []
  private(set) var columns: [Int32] = []
  private(set) var values: [Float] = []
  private var removed = 0

  /// The number of deviations of all rows so far, also of those taken out.
  var total: Int { removed + columns.count }

  @inline(__always)
  mutating func append(_ column: Int32, _ value: Float) {
    columns.append(column)
    values.append(value)
  }

  @inline(__always)
  mutating func endRow() { ends.append(Int32(truncatingIfNeeded: removed + columns.count)) }

  mutating func reserve(rows: Int, deviations: Int) {
    ends.reserveCapacity(rows)
    columns.reserveCapacity(deviations)
    values.reserveCapacity(deviations)
  }

  /// Takes the rows out; what follows counts on.
  mutating func removeAll() {
    removed += columns.count
    ends.removeAll(keepingCapacity: true)
    columns.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }
}
