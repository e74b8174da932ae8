/// Divides an order of operations into runs, and large batches within a run into blocks of rows.
///
/// An operation that works row by row can be done for some rows before others. A run of such operations is done block
/// by block: what one has written is still in the cache when the next reads it, whatever the size of the batch. The
/// results are those without blocks, but for the order in which gradients of parameters are summed and noise is drawn.
package struct RowBlocks {
  /// The rows of a block: 32 units of them take 16 KiB, a third of a usual first cache.
  package static let defaultRows = 128

  /// Operations done together.
  struct Run {
    var items: [Int] = []
    /// The rows of the batch where the operations work row by row, nil where they are done one after the other.
    var batch: Int?
  }

  /// The rows of a block.
  package let rows: Int

  package init(rows: Int) {
    self.rows = rows
  }

  /// The blocks of a batch. The rows left over join the last block.
  package func blocks(of batch: Int) -> [Range<Int>] {
    let count = max(1, batch / rows)
    return (0..<count).map { $0 * rows..<($0 == count - 1 ? batch : ($0 + 1) * rows) }
  }

  /// The runs, in order.
  ///
  /// - Parameters:
  ///   - items: The operations.
  ///   - isBackward: Whether gradients are computed, so that inputs are what is written.
  func runs(of items: [PlannedNode], isBackward: Bool) -> [Run] {
    var runs: [Run] = []
    var current = Run()
    /// What is complete only at the end of the current run.
    var unfinished: Set<ObjectIdentifier> = []
    for (index, item) in items.enumerated() {
      let id = ObjectIdentifier(item.node)
      let rowwise = rowwiseInputs(of: item)
      let batch = rowwise == nil ? nil : item.node.rows
      let whole = zip(item.inputs, rowwise ?? []).filter { !$0.1 }.map { ObjectIdentifier($0.0) }
      let waits = isBackward ? unfinished.contains(id) : whole.contains { unfinished.contains($0) }
      let isLeaf = item.inputs.isEmpty
      if !isLeaf && (waits || batch != current.batch) && !current.items.isEmpty {
        runs.append(current)
        current = Run()
        unfinished = []
      }
      if !isLeaf { current.batch = batch }
      current.items.append(index)
      if batch != nil {
        if isBackward { unfinished.formUnion(whole) } else { unfinished.insert(id) }
      }
    }
    return current.items.isEmpty ? runs : runs + [current]
  }

  /// For each input whether it goes row by row; nil for an operation that is not to be divided.
  func rowwiseInputs(of item: PlannedNode) -> [Bool]? {
    guard item.node.rows >= 2 * rows, !item.inputs.isEmpty else { return nil }
    return item.operation.rowwiseInputs(item.inputs, rows: item.node.rows)
  }
}
