import Dispatch

/// Work in pieces that may run side by side.
enum Parallel {
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

  /// The compiler cannot know that the pieces write apart from one another.
  private struct Work: @unchecked Sendable {
    let body: (Int) -> Void
  }

  /// The rows of one piece of several.
  static func rows(_ piece: Int, of pieces: Int, count: Int) -> Range<Int> {
    (count * piece / pieces)..<(count * (piece + 1) / pieces)
  }
}
