import RunRecords

extension RunSummary {
  /// The statistics of a run by name: `test.accuracy`, `validation.sex.pPercentRule`; those of the classifier before
  /// the game begin with `pretrained.`. One that does not exist is left out.
  ///
  /// The rates of single groups stand in the run's folder.
  public var metrics: [(key: String, value: Double)] {
    let phases = [("", kept), ("pretrained.", self[.pretrained])]
    return phases.flatMap { prefix, splits in
      (splits ?? []).flatMap(\.scalars).map { (prefix + $0.path.joined(separator: "."), $0.value) }
    }
  }

  /// The evaluations of the model that was kept.
  public var kept: [SplitEvaluation]? { self[.selected] ?? self[.final] }

  /// The seconds that all stages took together.
  public var seconds: Double { timing.reduce(0) { $0 + $1.seconds } }
}
