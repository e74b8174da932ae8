import LinearAlgebra

/// Mini-batches that hold enough rows of every kind: each kind's rows come in a stream of their own.
///
/// A kind is a set of rows that all rates treat alike. A batch takes rows of each in proportion to its size, but at least
/// `minimumRows` (all there are of a rarer kind), and row i of kind s weighs `nₛ/qₛ` for qₛ rows of nₛ: sums over a
/// batch, so weighted, are unbiased estimates of sums over all rows. Passes over a kind are in new random orders.
///
/// - Source: the advice of TensorFlow Constrained Optimization to draw rare subsets from streams of their own.
package struct GroupBatches: Sendable {
  /// The rows of the present batch.
  package private(set) var batch: [Int32]

  /// What each row of a batch stands for, `nₛ/qₛ`, in the order of the batch.
  package let factors: [Float]

  /// The rows of each kind in a batch.
  package let quotas: [Int]

  private var kinds: [[Int32]]
  private var next: [Int]
  private var stream: RandomStream

  /// - Parameters:
  ///   - kinds: The kind of each row, from 0.
  ///   - count: The number of kinds.
  ///   - batchSize: The rows of a batch; all, where there are no more.
  ///   - minimumRows: The rows of each kind that a batch has at least, as far as it has room.
  package init(kinds: [Int], count: Int, batchSize: Int, minimumRows: Int, stream: RandomStream) {
    var rows = [[Int32]](repeating: [], count: count)
    for (row, kind) in kinds.enumerated() { rows[kind].append(Int32(row)) }
    let size = min(batchSize, kinds.count)
    quotas = Self.quotas(rows.map(\.count), batchSize: size, minimumRows: minimumRows)
    factors = zip(rows, quotas).flatMap { rows, quota in
      [Float](repeating: Float(rows.count) / Float(max(1, quota)), count: quota)
    }
    self.kinds = rows
    self.stream = stream
    next = rows.map(\.count)
    batch = []
    batch.reserveCapacity(size)
  }

  /// Draws the next batch.
  package mutating func advance() {
    batch.removeAll(keepingCapacity: true)
    for kind in kinds.indices {
      for _ in 0..<quotas[kind] {
        if next[kind] >= kinds[kind].count {
          stream.shuffle(&kinds[kind])
          next[kind] = 0
        }
        batch.append(kinds[kind][next[kind]])
        next[kind] += 1
      }
    }
  }

  /// How many rows of each kind a batch takes: in proportion, but at least the minimum where the kind has so many and the
  /// batch has room for that many of every kind.
  package static func quotas(_ counts: [Int], batchSize: Int, minimumRows: Int) -> [Int] {
    let total = counts.reduce(0, +)
    if batchSize >= total { return counts }
    let present = counts.count { $0 > 0 }
    // Every kind needs a row, or the batch says nothing of it at all.
    let room = max(1, min(minimumRows, batchSize / max(1, present)))
    var quotas = counts.map { min($0, room) }
    var free = batchSize - quotas.reduce(0, +)
    // What is left goes where the share so far lies furthest below the kind's.
    while free > 0 {
      guard
        let neediest = counts.indices.filter({ quotas[$0] < counts[$0] }).max(by: { a, b in
          Double(counts[a]) / Double(quotas[a] + 1) < Double(counts[b]) / Double(quotas[b] + 1)
        })
      else { break }
      quotas[neediest] += 1
      free -= 1
    }
    return quotas
  }
}
