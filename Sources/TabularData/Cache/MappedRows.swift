import LinearAlgebra

/// The features of one split in the mapped files of a cache.
final class MappedRows: RowStorage {
  /// The files of one form.
  enum Files: Sendable {
    /// d numbers a row.
    case dense(values: MappedFile, columns: Int)
    /// Where each row's deviations begin, their columns and values.
    case deviations(starts: MappedFile, columns: MappedFile, values: MappedFile)
  }

  private let files: Files
  let layout: RowLayout

  /// - Returns: Nil where a file holds nothing to point to.
  init?(_ files: Files) {
    self.files = files
    switch files {
    case .dense(let values, _):
      guard let address = values.address else { return nil }
      layout = .dense(address)
    case .deviations(let starts, let columns, let values):
      guard let first = starts.address else { return nil }
      // Without a single deviation nothing is ever read there; any address will do.
      layout = .deviations(
        starts: first.assumingMemoryBound(to: Int32.self),
        columns: (columns.address ?? first).assumingMemoryBound(to: Int32.self), values: values.address ?? first)
    }
  }

  func prepare(rows: Range<Int>) { forBytes(of: rows) { $0.prepare($1) } }

  func release(rows: Range<Int>) { forBytes(of: rows) { $0.release($1) } }

  private func forBytes(of rows: Range<Int>, _ body: (MappedFile, Range<Int>) -> Void) {
    guard !rows.isEmpty else { return }
    switch files {
    case .dense(let values, let columns):
      body(values, rows.lowerBound * columns * 4..<rows.upperBound * columns * 4)
    case .deviations(let starts, let columns, let values):
      guard case .deviations(let first, _, _) = layout else { return }
      let bytes = Int(first[rows.lowerBound]) * 4..<Int(first[rows.upperBound]) * 4
      body(columns, bytes)
      body(values, bytes)
      body(starts, rows.lowerBound * 4..<(rows.upperBound + 1) * 4)
    }
  }
}
