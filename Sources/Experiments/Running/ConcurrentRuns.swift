import Dispatch
import Synchronization

/// Runs side by side in one process: one engine a thread, nothing shared but the processor and rows that nobody changes.
enum ConcurrentRuns {
  /// Does a piece of work for each of `count` indices, in their order, a few at the same time.
  ///
  /// - Parameters:
  ///   - jobs: How many pieces are worked on at the same time, at least 1.
  ///   - onEnd: Called, by one thread at a time, with the index and the result of a piece that is done, and how many
  ///     are.
  ///   - body: The work; its second argument says whether it has the processor to itself.
  /// - Returns: The results in the order of the indices.
  static func map<Output: Sendable>(
    count: Int, jobs: Int, onEnd: @Sendable (Int, Output, Int) -> Void = { _, _, _ in },
    body: @Sendable (Int, Bool) -> Output
  ) -> [Output] {
    precondition(jobs > 0, "ConcurrentRuns: \(jobs) jobs")
    guard count > 0 else { return [] }
    let state = Mutex((next: 0, ended: 0, outputs: [Output?](repeating: nil, count: count)))
    // A few threads that each take the next piece, rather than a thread for each piece.
    let workers = min(jobs, count)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let index = state.withLock { state -> Int? in
          guard state.next < count else { return nil }
          defer { state.next += 1 }
          return state.next
        }
        guard let index else { return }
        let output = body(index, workers == 1)
        state.withLock { state in
          state.outputs[index] = output
          state.ended += 1
          onEnd(index, output, state.ended)
        }
      }
    }
    return state.withLock { $0.outputs.compactMap { $0 } }
  }
}
