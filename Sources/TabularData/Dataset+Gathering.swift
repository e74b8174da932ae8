extension Dataset {
  /// The rows of some indices, in that order; an index may occur more than once. Features kept as deviations from a base
  /// row stay so.
  public func gatheringRows(_ indices: [Int]) -> Dataset {
    Dataset(
      featureRows: featureRows.gatheringRows(indices), labels: indices.map { labels[$0] }, labelKind: labelKind,
      sensitive: sensitive.map { column in
        SensitiveColumn(
          name: column.name, groups: column.groups, privileged: column.privileged,
          codes: indices.map { column.codes[$0] })
      },
      continuous: continuous.map { column in
        ContinuousColumn(name: column.name, values: indices.map { column.values[$0] })
      },
      weights: weights.map { weights in indices.map { weights[$0] } }, sourceRows: indices.map { sourceRows[$0] })
  }
}
