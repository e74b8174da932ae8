import FairnessMetrics
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
    let ended = Mutex(0)
    let workers = min(jobs, count)
    return Parallel.map(count, threads: workers) { index in
      let output = body(index, workers == 1)
      ended.withLock { ended in
        ended += 1
        onEnd(index, output, ended)
      }
      return output
    }
  }
}
