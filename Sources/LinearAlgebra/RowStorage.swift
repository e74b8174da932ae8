/// What rows lie in where that is not the heap: a mapped file, of which only the pages in use take up memory.
package protocol RowStorage: AnyObject, Sendable {
  /// Where the rows stand; the addresses last as long as this object.
  var layout: RowLayout { get }

  /// Rows that are soon read: a hint to fetch them.
  func prepare(rows: Range<Int>)

  /// Rows that are not read for a while: their memory may be given back. They can be read at any time all the same.
  func release(rows: Range<Int>)
}

/// Where rows stand, and in which form. What stands there is never changed.
package enum RowLayout: @unchecked Sendable {
  /// Row after row, d values each.
  case dense(UnsafeRawPointer)

  /// Deviations from a base row: row r has those from `starts[r]` up to `starts[r + 1]`.
  case deviations(starts: UnsafePointer<Int32>, columns: UnsafePointer<Int32>, values: UnsafeRawPointer)
}
