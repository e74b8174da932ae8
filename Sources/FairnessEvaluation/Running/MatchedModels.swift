import FairnessMetrics

/// Compares models at matched operating points: what of a gain is real, and what a moved threshold.
struct MatchedModels {
  private let specification: EvaluationSpecification
  private let rows: EvaluationRows
  private let columns: [SliceColumn]

  init(_ specification: EvaluationSpecification, _ rows: EvaluationRows, _ columns: [SliceColumn]) {
    self.specification = specification
    self.rows = rows
    self.columns = columns
  }

  private static let metrics: [ParityMetric] = [
    .demographicParityDifference, .equalizedOddsDifference, .falsePositiveRateDifference,
    .falseNegativeRateDifference,
  ]

  /// The comparison of each later model with the first; nil where none is asked for.
  var table: ResultTable? {
    guard let condition = specification.comparison else { return nil }
    let names = specification.modelNames
    var lines: [[ResultTable.Cell]] = []
    for threshold in specification.shownThresholds {
      let mapped = ScoreMapping.threshold(threshold, specification.scale)
      for (index, name) in names.enumerated().dropFirst() {
        for column in columns {
          for metric in Self.metrics {
            guard
              let found = ModelComparison(
                first: (rows.scores[0], mapped), second: (rows.scores[index], mapped), labels: rows.labels[0],
                weights: rows.weights, groups: column, condition: condition, metric: { metric($0) })
            else { continue }
            lines.append([
              .text(name), .value(.defined(threshold)), .value(matched(found)), .text(column.name),
              .text(metric.rawValue), .value(found.first), .value(found.second), .value(found.secondMatched),
              .value(found.movedThresholdChange), .value(found.realChange),
            ])
          }
        }
      }
    }
    let equal =
      switch condition {
      case .falsePositiveRate: "overall false positive rate"
      case .selectionRate: "overall selection rate"
      case .cost(let falsePositive, let falseNegative):
        "overall cost (\(falsePositive) a false positive, \(falseNegative) a false negative)"
      }
    let notes = [
      "matched is the model's threshold at which its \(equal) comes closest to that of \(names[0]) at the threshold "
        + "shown. movedThreshold is the part of the change that comes from the threshold alone, realChange the rest; "
        + "below 0, groups are treated more alike."
    ]
    return ResultTable(
      "Compared with \(names[0]) at equal \(equal)", notes: notes,
      columns: [
        .init("model", .text), .init("threshold", .number), .init("matched", .number), .init("groups", .text),
        .init("metric", .text), .init("first", .share), .init("second", .share), .init("secondMatched", .share),
        .init("movedThreshold", .share), .init("realChange", .share),
      ], rows: lines)
  }

  /// The matched threshold on the scale of the scores.
  private func matched(_ found: ModelComparison) -> MetricValue {
    guard found.matchedThreshold.isFinite else { return .undefined("it selects no row") }
    if case .range(let low, let high) = specification.scale {
      return .defined(low + (high - low) * found.matchedThreshold)
    }
    return .defined(found.matchedThreshold)
  }
}

extension SliceColumn {
  /// The column as one whose rows have one group each; nil where groups overlap.
  var groupColumn: GroupColumn? {
    guard members.allSatisfy({ $0.count == 1 }) else { return nil }
    return GroupColumn(name: name, groups: groups, codes: codes.map { $0 < 0 ? -1 : members[Int($0)][0] })
  }
}
