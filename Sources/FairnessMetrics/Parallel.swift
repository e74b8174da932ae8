import Dispatch
import Synchronization

/// Work in pieces that may run side by side.
package enum Parallel {
  /// Runs every piece, on as many cores as are free, and returns when all are done.
  ///
  /// How the work is cut into pieces must not depend on the number of cores, and what the pieces find is put together in
  /// their order: then results are equal to the bit on every machine.
  ///
  /// - Parameter body: Called once for each index; it may write only what belongs to its piece.
  static func perform(_ count: Int, _ body: (Int) -> Void) {
    if count == 1 {
      body(0)
    } else {
      withoutActuallyEscaping(body) { body in
        let work = Work(body: body)
        DispatchQueue.concurrentPerform(iterations: count) { work.body($0) }
      }
    }
  }

  /// The results of independent tasks, in their order, whatever the number of threads.
  ///
  /// Threads take the tasks one after another, so tasks that take long should stand first.
  ///
  /// - Parameter threads: The most threads that work on them; 1 works on the caller's own thread.
  package static func map<Value: Sendable>(
    _ count: Int, threads: Int, _ task: @Sendable (Int) -> Value
  ) -> [Value] {
    guard threads > 1 && count > 1 else { return (0..<count).map(task) }
    let next = Atomic(0)
    let results = Mutex([Value?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        if index >= count { return }
        let value = task(index)
        results.withLock { $0[index] = value }
      }
    }
    return results.withLock { $0.compactMap { $0 } }
  }

  /// The compiler cannot know that the pieces write apart from one another.
  private struct Work: @unchecked Sendable {
    let body: (Int) -> Void
  }

  /// The rows of one piece of several.
  static func rows(_ piece: Int, of pieces: Int, count: Int) -> Range<Int> {
    (count * piece / pieces)..<(count * (piece + 1) / pieces)
  }
}
