import Dispatch
import Synchronization

/// The results of independent tasks, in their order; each of some workers takes the next one.
func inWorkers<Value: Sendable>(
  _ count: Int, _ workers: Int, _ task: @escaping @Sendable (Int) -> Value
) -> [Value] {
  let state = Mutex((next: 0, values: [Value?](repeating: nil, count: count)))
  DispatchQueue.concurrentPerform(iterations: workers) { _ in
    while true {
      let index = state.withLock { state -> Int in
        defer { state.next += 1 }
        return state.next
      }
      guard index < count else { return }
      let value = task(index)
      state.withLock { $0.values[index] = value }
    }
  }
  return state.withLock { $0.values.compactMap { $0 } }
}
