import Dispatch
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The results of independent tasks, in their order, whatever the number of threads that work on them.
///
/// Threads take the tasks one after another, so tasks that take long should stand first.
///
/// - Parameter threads: At least 1.
func concurrentMap<Value: Sendable>(
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

/// The threads that an audit uses where its caller names no number.
var customaryThreads: Int { ProcessInfo.processInfo.activeProcessorCount }
