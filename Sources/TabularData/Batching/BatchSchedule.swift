import LinearAlgebra

/// The order in which the rows of a data set are visited, cut into mini-batches.
///
/// The order is one buffer that each `shuffle` permutes anew; nothing is allocated from pass to pass. A pass over n
/// rows has ⌊n / batchSize⌋ batches with `dropLast`, otherwise ⌈n / batchSize⌉, of which the last may be smaller.
public struct BatchSchedule: Sendable {
  /// The rows in the order of the present pass.
  public private(set) var order: [Int32]

  /// The rows per batch.
  public let batchSize: Int

  /// The number of batches in a pass, at least 1.
  public let batchCount: Int

  /// - Parameters:
  ///   - rows: The number of rows, n ≥ 1.
  ///   - batchSize: The rows per batch, at least 1.
  ///   - dropLast: Whether an incomplete last batch is left out.
  /// - Throws: `DataError` where there would be no batch at all: fewer rows than a batch, and `dropLast`.
  public init(rows: Int, batchSize: Int, dropLast: Bool) throws(DataError) {
    precondition(batchSize > 0, "BatchSchedule: a batch of \(batchSize) rows")
    let count = dropLast ? rows / batchSize : (rows + batchSize - 1) / batchSize
    guard count > 0 else {
      throw DataError(
        .badData, at: "train split",
        "has \(rows) rows, fewer than a batch of \(batchSize), and incomplete batches are dropped. "
          + "Choose a smaller batch size.")
    }
    guard rows <= Int(Int32.max) else {
      throw DataError(.badData, at: "train split", "has \(rows) rows, more than \(Int32.max). Use fewer.")
    }
    order = (0..<Int32(rows)).map { $0 }
    self.batchSize = batchSize
    batchCount = count
  }

  /// Puts the rows into a new order: Fisher and Yates on the present one, as `RandomStream.shuffle` does it.
  public mutating func shuffle(using stream: inout RandomStream) {
    var local = stream
    order.withUnsafeMutableBufferPointer { buffer in
      guard buffer.count > 1 else { return }
      for last in stride(from: buffer.count - 1, to: 0, by: -1) {
        buffer.swapAt(last, Int(local.below(UInt64(last + 1))))
      }
    }
    stream = local
  }

  /// The sizes that batches have: the full one, and that of an incomplete last batch where there is one.
  public var sizes: [Int] {
    Set([range(ofBatch: 0).count, range(ofBatch: batchCount - 1).count]).sorted(by: >)
  }

  /// The positions in `order` of a batch's rows.
  public func range(ofBatch batch: Int) -> Range<Int> {
    precondition(batch >= 0 && batch < batchCount, "BatchSchedule: no batch \(batch) of \(batchCount)")
    let start = batch * batchSize
    return start..<min(start + batchSize, order.count)
  }

  /// The rows of a batch. A slice shares the buffer: let go of it before the next `shuffle`, or that copies.
  public func rows(ofBatch batch: Int) -> ArraySlice<Int32> { order[range(ofBatch: batch)] }
}
