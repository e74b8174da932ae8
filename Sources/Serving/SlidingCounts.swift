/// How many events of each kind there were, in all and among the last ones: constant memory, constant time.
package struct SlidingCounts: Sendable {
  /// The events of each kind since the start.
  package private(set) var all: [Int]

  /// The events of each kind among the last `window` events.
  package private(set) var recent: [Int]

  private var ring: [UInt16] = []
  private var next = 0
  private let window: Int

  /// - Precondition: There are at most 2¹⁶ kinds, and the window is not empty.
  package init(kinds: Int, window: Int) {
    precondition(kinds <= 1 << 16 && window > 0, "SlidingCounts: \(kinds) kinds, a window of \(window)")
    all = [Int](repeating: 0, count: kinds)
    recent = all
    self.window = window
  }

  package mutating func add(_ kind: Int) {
    all[kind] += 1
    recent[kind] += 1
    if ring.count < window {
      ring.append(UInt16(kind))
    } else {
      recent[Int(ring[next])] -= 1
      ring[next] = UInt16(kind)
      next = next + 1 == window ? 0 : next + 1
    }
  }
}
