import LinearAlgebra

/// The order of the rows in a pass, cut into mini-batches.
struct MiniBatches {
  /// The rows of the pass, batch after batch.
  private(set) var order: [Int32]

  /// Where each batch stands in the order.
  let ranges: [Range<Int>]

  /// - Throws: `GameError.tooFewRows` where no batch would be left.
  init(rows: Int, size: Int, dropLast: Bool) throws(GameError) {
    order = (0..<Int32(rows)).map { $0 }
    let end = dropLast ? rows / size * size : rows
    ranges = stride(from: 0, to: end, by: size).map { $0..<min($0 + size, end) }
    if ranges.isEmpty { throw .tooFewRows(rows: rows, batchSize: size) }
  }

  /// Draws a new order for the next pass.
  mutating func shuffle(using stream: inout RandomStream) {
    stream.shuffle(&order)
  }

  /// The sizes that occur: the full one, and that of the incomplete last batch where it is kept.
  var sizes: [Int] { Set(ranges.map(\.count)).sorted(by: >) }
}
