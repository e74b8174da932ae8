import MetricExpressions
import OrderedJSON
import RunRecords
import RunStore

extension FrontierRun {
  /// What a run that is only measured sets: a folder of its own, and nothing that a measurement does not show. None of
  /// these changes the model.
  static func temporary(in folder: String) -> [ConfigurationOverride] {
    func override(_ key: String, _ value: JSON) -> ConfigurationOverride {
      ConfigurationOverride(key, value, origin: "the run of a point")
    }
    return [
      override("output.directory", .string(folder)), override("output.predictions", .bool(false)),
      override("output.trackers", .array([])), override("output.checkpointEveryEpochs", 0),
      override("audit.enabled", .bool(false)), override("evaluation.intervals", .bool(false)),
      override("evaluation.require", .array([])), override("evaluation.failIf", .array([])),
    ]
  }

  /// Carries out a run and measures it.
  ///
  /// - Parameters:
  ///   - file: The configuration, with what `temporary` sets.
  ///   - store: The index of the folder's runs; in memory, for nobody looks for them.
  ///   - work: What the runs have in common.
  ///   - isAlone: Whether no other run goes on.
  init(
    running file: ConfigurationFile, metric: MetricCondition, conditions: [MetricCondition], store: RunStore,
    work: SharedWork, isAlone: Bool, isCancelled: @escaping @Sendable () -> Bool
  ) throws {
    let result = try ExperimentRunner(
      file, evaluatesInParallel: isAlone, store: store, sharedWork: work, isCancelled: isCancelled
    ).run()
    let threshold = file.configuration.evaluation.decisionThreshold
    func sample(_ name: String) throws -> Sample? {
      try result.predictions.first { $0.split == name }.map { part in
        try Sample(
          scores: part.after, labels: part.labels, weights: part.weights, sensitive: part.attributes,
          threshold: threshold, metric: metric, conditions: conditions)
      }
    }
    let judgedOn = try sample("validation") == nil ? "train" : "validation"
    guard let judged = try sample(judgedOn) else { preconditionFailure("FrontierRun: no training rows") }
    self.init(
      judgedOn: judgedOn, judged: judged, test: try sample("test"), status: result.summary.constraints?.status,
      environment: try result.folder.environment())
  }
}
