/// The same experiment with several seeds, side by side.
///
/// Every run has the records and the results, to the last bit, that it would have alone.
public struct SeedRuns: Sendable {
  /// What became of one seed.
  public struct Outcome: Sendable {
    public var seed: Int
    public var result: Swift.Result<ExperimentRunner.Result, any Error>
  }

  private let files: [(seed: Int, file: ConfigurationFile)]
  private let jobs: Int
  private let resumption: Resumption
  private let isCancelled: @Sendable () -> Bool

  /// - Parameters:
  ///   - files: The configuration with each seed, in the order in which the outcomes are wanted.
  ///   - jobs: How many runs go on at the same time, at least 1.
  ///   - resumption: Whether runs go on where unfinished ones were.
  ///   - isCancelled: Asked after every epoch; where it says yes, the runs end with `RunInterrupted`.
  public init(
    _ files: [(seed: Int, file: ConfigurationFile)], jobs: Int, resumption: Resumption = .never,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.isCancelled = isCancelled
    self.resumption = resumption
    precondition(jobs > 0, "SeedRuns: \(jobs) jobs")
    self.files = files
    self.jobs = jobs
  }

  /// Carries out all runs; one that fails does not keep the others from their end.
  ///
  /// - Parameter onEnd: Called, by one thread at a time, with the number of runs that have ended.
  public func run(onEnd: @Sendable (Int) -> Void = { _ in }) -> [Outcome] {
    ConcurrentRuns.map(count: files.count, jobs: jobs) { _, _, ended in
      onEnd(ended)
    } body: { index, isAlone in
      let (seed, file) = files[index]
      return Outcome(
        seed: seed,
        result: Swift.Result {
          try ExperimentRunner(
            file, evaluatesInParallel: isAlone, resumption: resumption, isCancelled: isCancelled
          ).run()
        })
    }
  }
}
