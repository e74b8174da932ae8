/// Adds up what the parts of a batch have computed, over all processes, in an order that does not depend on them.
///
/// The parts are the leaves of a tree: with P of them, part p and part p + P/2 are added first, then p and p + P/4, and so
/// on. The parts of one process are the ones that meet first.
final class GradientSum {
  /// The values of a part: gradients and losses, one after the other.
  private let width: Int
  private let parts: BatchParts
  private let team: (any Team)?
  private let own: [Int]
  /// The values of this process' parts, weighted.
  private let leaves: UnsafeMutablePointer<Float>
  /// The sums of all processes.
  private let sums: UnsafeMutablePointer<Float>

  /// - Parameter width: The values of a part.
  init(_ parts: BatchParts, width: Int, team: (any Team)?) {
    self.parts = parts
    self.width = width
    self.team = team
    own = parts.parts(of: team?.rank ?? 0, among: team?.size ?? 1)
    leaves = .allocate(capacity: max(1, own.count * width))
    sums = .allocate(capacity: parts.owners(of: team?.size ?? 1) * width)
    leaves.initialize(repeating: 0, count: max(1, own.count * width))
    sums.initialize(repeating: 0, count: parts.owners(of: team?.size ?? 1) * width)
  }

  deinit {
    leaves.deallocate()
    sums.deallocate()
  }

  /// Computes the parts of this process, adds those of all, and returns the values of the batch; they stay until the
  /// next call.
  ///
  /// - Parameter compute: Computes a part of the batch, its rows at these positions, and returns where its values lie.
  func total(
    _ compute: (_ part: Int, _ rows: Range<Int>) -> [(pointer: UnsafePointer<Float>, count: Int)]
  ) -> UnsafeMutablePointer<Float> {
    for (index, part) in own.enumerated() {
      let weight = parts.weight(part)
      var target = leaves + index * width
      for (pointer, count) in compute(part, parts.range(part)) {
        for place in 0..<count { target[place] = weight * pointer[place] }
        target += count
      }
    }
    Self.add(leaves, own.count, width)
    guard let team, team.size > 1 else { return leaves }
    let owners = parts.owners(of: team.size)
    if team.rank < owners { (sums + team.rank * width).update(from: leaves, count: width) }
    team.gather(
      sums, ranges: (0..<team.size).map { min($0, owners) * width..<min($0 + 1, owners) * width })
    Self.add(sums, owners, width)
    return sums
  }

  /// Adds vectors that lie one after the other, a power of two of them, into the first.
  private static func add(_ vectors: UnsafeMutablePointer<Float>, _ count: Int, _ width: Int) {
    var half = count / 2
    while half > 0 {
      for index in 0..<half {
        let (target, other) = (vectors + index * width, vectors + (index + half) * width)
        for place in 0..<width { target[place] += other[place] }
      }
      half /= 2
    }
  }
}
