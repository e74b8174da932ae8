import LinearAlgebra

/// The order in which the rows of a data set are visited, cut into mini-batches.
///
/// The order is one buffer that each `shuffle` permutes anew; nothing is allocated from pass to pass. A pass over n
/// rows has ⌊n / batchSize⌋ batches with `dropLast`, otherwise ⌈n / batchSize⌉, of which the last may be smaller.
///
/// Rows in memory are shuffled all together. Rows of a mapped file are shuffled a window at a time (`ShuffleWindow`), so
/// that only the window's pages are needed at once. The order depends on the stream alone, not on threads.
public struct BatchSchedule: Sendable {
  /// The rows in the order of the present pass.
  public private(set) var order: [Int32]

  /// The rows per batch.
  public let batchSize: Int

  /// The number of batches in a pass, at least 1.
  public let batchCount: Int

  /// How rows are shuffled where not all together.
  public let window: ShuffleWindow?

  /// The blocks in the order of the present pass; empty without a window.
  private var blockOrder: [Int32]

  /// Where in `order` each window of the present pass ends.
  private var windowEnds: [Int] = []

  /// - Parameters:
  ///   - rows: The number of rows, n ≥ 1.
  ///   - batchSize: The rows per batch, at least 1.
  ///   - dropLast: Whether an incomplete last batch is left out.
  ///   - window: How rows are shuffled where not all together.
  /// - Throws: `DataError` where there would be no batch at all: fewer rows than a batch, and `dropLast`.
  public init(rows: Int, batchSize: Int, dropLast: Bool, window: ShuffleWindow? = nil) throws(DataError) {
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
    self.window = window
    blockOrder =
      window.map { window in
        (0..<Int32((rows + window.blockRows - 1) / window.blockRows)).map { $0 }
      } ?? []
    if window != nil { layOutWindows { _ in } }
  }

  /// Puts the rows into a new order. All together: Fisher and Yates on the present one, as `RandomStream.shuffle` does
  /// it. In windows: the blocks, then the rows of each window.
  public mutating func shuffle(using stream: inout RandomStream) {
    var local = stream
    if window == nil {
      Self.shuffle(0..<order.count, of: &order, using: &local)
    } else {
      // From the blocks as they lie in the file, so that the pass follows from the stream and nothing before.
      for block in blockOrder.indices { blockOrder[block] = Int32(block) }
      local.shuffle(&blockOrder)
      var start = 0
      layOutWindows { schedule in
        let end = schedule.windowEnds[schedule.windowEnds.count - 1]
        Self.shuffle(start..<end, of: &schedule.order, using: &local)
        start = end
      }
    }
    stream = local
  }

  /// Puts back the order of an earlier pass, with which the next shuffle begins.
  ///
  /// - Precondition: It is an order of as many rows, and rows are shuffled all together.
  public mutating func restore(order earlier: [Int32]) {
    precondition(
      window == nil && earlier.count == order.count && Self.isOrder(earlier), "BatchSchedule: no order of these rows")
    order = earlier
  }

  /// Whether numbers are 0 to n − 1, each once.
  public static func isOrder(_ numbers: [Int32]) -> Bool {
    var occurs = [Bool](repeating: false, count: numbers.count)
    for number in numbers {
      guard numbers.indices.contains(Int(number)), !occurs[Int(number)] else { return false }
      occurs[Int(number)] = true
    }
    return true
  }

  private static func shuffle(_ range: Range<Int>, of order: inout [Int32], using stream: inout RandomStream) {
    var local = stream
    order.withUnsafeMutableBufferPointer { buffer in
      let buffer = UnsafeMutableBufferPointer(rebasing: buffer[range])
      guard buffer.count > 1 else { return }
      for last in stride(from: buffer.count - 1, to: 0, by: -1) {
        buffer.swapAt(last, Int(local.below(UInt64(last + 1))))
      }
    }
    stream = local
  }

  /// Writes the rows of the blocks, in the blocks' order, and tells of each window when its rows are written.
  private mutating func layOutWindows(_ onWindow: (inout BatchSchedule) -> Void) {
    guard let window else { return }
    windowEnds.removeAll(keepingCapacity: true)
    var end = 0
    for (position, block) in blockOrder.enumerated() {
      for row in rows(ofBlock: Int(block), window) {
        order[end] = Int32(row)
        end += 1
      }
      if (position + 1) % window.blocks == 0 || position == blockOrder.count - 1 {
        windowEnds.append(end)
        onWindow(&self)
      }
    }
  }

  private func rows(ofBlock block: Int, _ window: ShuffleWindow) -> Range<Int> {
    block * window.blockRows..<min((block + 1) * window.blockRows, order.count)
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

  // MARK: - Windows

  /// The number of windows in a pass; 0 where rows are shuffled all together.
  public var windowCount: Int { windowEnds.count }

  /// The last batch that has rows of a window, `batchCount − 1` at most.
  public func lastBatch(ofWindow index: Int) -> Int {
    min(batchCount - 1, (windowEnds[index] - 1) / batchSize)
  }

  /// The windows that a batch has rows of.
  public func windows(ofBatch batch: Int) -> Range<Int> {
    let range = range(ofBatch: batch)
    guard let first = windowEnds.firstIndex(where: { $0 > range.lowerBound }) else { return 0..<0 }
    let last = windowEnds.firstIndex { $0 >= range.upperBound } ?? windowEnds.count - 1
    return first..<last + 1
  }

  /// The rows of each block of a window, in the order of the file's blocks within the pass.
  public func blocks(ofWindow index: Int) -> [Range<Int>] {
    guard let window else { return [] }
    let start = index * window.blocks
    return blockOrder[start..<min(start + window.blocks, blockOrder.count)].map { rows(ofBlock: Int($0), window) }
  }
}
