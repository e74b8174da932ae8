/// How a large batch is cut into parts whose gradients are computed apart and added in a fixed order.
///
/// A batch of n rows has P parts, the largest power of two of at most n/1024 and 64, and at least one. What a part
/// computes, and the order in which the parts are added, follows from n alone; so one process and several get the same
/// bits. With k processes (k rounded down to a power of two) part p belongs to process `p mod k`.
struct BatchParts {
  /// The least rows of a part, where there are several.
  static let leastRows = 1024

  /// The most parts.
  static let most = 64

  /// The number of rows.
  let rows: Int

  /// The number of parts, a power of two.
  let count: Int

  init(rows: Int) {
    self.rows = rows
    count = Self.powerOfTwo(min(Self.most, rows / Self.leastRows))
  }

  /// The positions of a part's rows in the batch.
  func range(_ part: Int) -> Range<Int> { rows * part / count..<rows * (part + 1) / count }

  /// What the mean over a part counts in the mean over the batch.
  func weight(_ part: Int) -> Float { Float(range(part).count) / Float(rows) }

  /// The processes of a team that have parts, when there are `size`.
  func owners(of size: Int) -> Int { min(count, Self.powerOfTwo(size)) }

  /// The parts of one of them.
  func parts(of rank: Int, among size: Int) -> [Int] {
    let owners = owners(of: size)
    return rank < owners ? Array(stride(from: rank, to: count, by: owners)) : []
  }

  /// The process that a part belongs to in every batch that has it.
  static func owner(of part: Int, among size: Int) -> Int { part % powerOfTwo(size) }

  /// The largest power of two of at most a number, and at least 1.
  private static func powerOfTwo(_ number: Int) -> Int {
    var power = 1
    while power * 2 <= number { power *= 2 }
    return power
  }
}
