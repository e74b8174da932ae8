import RunRecords

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Measures the stages of a run by the wall clock.
struct StageClock {
  let startOfDay = Date().timeIntervalSince1970
  private var last = ContinuousClock.now
  private(set) var stages: [RunSummary.StageTime] = []

  /// What the present stage took before the run was interrupted.
  private var carried = 0.0

  /// The seconds of the present stage so far.
  var present: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - last).components
    return carried + Double(seconds) + Double(attoseconds) * 1e-18
  }

  /// Ends the present stage under a name, and begins the next; what follows a stage of the same name is part of it.
  mutating func finish(_ stage: String) {
    if let last = stages.last, last.stage == stage {
      stages[stages.count - 1].seconds += present
    } else {
      stages.append(.init(stage, seconds: present))
    }
    carried = 0
    last = .now
  }

  /// Takes over the stages of the training from before an interruption; the last of them goes on.
  mutating func goOn(from before: [RunCheckpoint.Stage]) {
    stages += before.dropLast().map { .init($0.name, seconds: $0.seconds) }
    carried = before.last?.seconds ?? 0
  }
}
