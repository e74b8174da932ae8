import Dispatch
import Synchronization

/// The measurement of some splits on other threads, of weights that stay as they are until it is done.
final class MeasurementUnderWay: Sendable {
  private let isDone = DispatchSemaphore(value: 0)
  private let results: Mutex<[GameEvaluator.Measurement]> = Mutex([])

  /// Begins to measure.
  ///
  /// - Parameter evaluators: Not used by anyone else before `wait()` returns.
  init(_ evaluators: [GameEvaluator], withAdversary: Bool) {
    // Safe although the compiler cannot see it: until `wait()` returns, only this measurement uses the evaluators.
    nonisolated(unsafe) let evaluators = evaluators
    DispatchQueue.global(qos: .userInitiated).async { [self] in
      let measurements = Self.measured(evaluators, withAdversary: withAdversary)
      results.withLock { $0 = measurements }
      isDone.signal()
    }
  }

  /// The measurements, in the order of the evaluators. To be called once.
  func wait() -> [GameEvaluator.Measurement] {
    isDone.wait()
    return results.withLock { $0 }
  }

  /// Measures on as many threads as there are evaluators; the numbers do not depend on it.
  static func measured(_ evaluators: [GameEvaluator], withAdversary: Bool) -> [GameEvaluator.Measurement] {
    guard evaluators.count > 1 else { return evaluators.map { $0.measure(withAdversary: withAdversary) } }
    let results = Mutex([GameEvaluator.Measurement?](repeating: nil, count: evaluators.count))
    // Safe although the compiler cannot see it: each evaluator is used by one thread, and all only read the weights.
    nonisolated(unsafe) let evaluators = evaluators
    DispatchQueue.concurrentPerform(iterations: evaluators.count) { index in
      let measurement = evaluators[index].measure(withAdversary: withAdversary)
      results.withLock { $0[index] = measurement }
    }
    return results.withLock { $0.compactMap { $0 } }
  }
}
