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

  /// Ends the present stage under a name, and begins the next.
  mutating func finish(_ stage: String) {
    let now = ContinuousClock.now
    let (seconds, attoseconds) = (now - last).components
    stages.append(.init(stage, seconds: Double(seconds) + Double(attoseconds) * 1e-18))
    last = now
  }
}
