/// Simulated rows as a sequence of tables; see `CensusSimulator.chunks(of:count:seed:)`.
public struct CensusChunks: Sequence, IteratorProtocol, Sendable {
  private let simulator: CensusSimulator
  private let size: Int
  private let count: Int
  private let seed: UInt64
  private var position = 0

  init(simulator: CensusSimulator, size: Int, count: Int, seed: UInt64) {
    precondition(size > 0 && count >= 0, "CensusSimulator.chunks: \(count) rows in chunks of \(size)")
    self.simulator = simulator
    self.size = size
    self.count = count
    self.seed = seed
  }

  public mutating func next() -> Table? {
    guard position < count else { return nil }
    // Not `position + size`, which may be past the largest number.
    let rows = position..<(position + Swift.min(size, count - position))
    position = rows.upperBound
    return simulator.rows(rows, seed: seed)
  }
}
