import FairnessMetrics

/// Holds each slice against the whole, and tests it against all other rows.
struct GapTable {
  let specification: EvaluationSpecification

  /// The rates that are compared where none are named.
  private static let usual: [ClassificationRate] = [
    .selectionRate, .truePositiveRate, .falsePositiveRate, .precision, .accuracy,
  ]

  /// The counterpart of a rate that must not be lost from sight: a lower false positive rate can be bought with false
  /// negatives.
  private static let counterparts: [ClassificationRate: ClassificationRate] = [
    .falsePositiveRate: .falseNegativeRate, .falseNegativeRate: .falsePositiveRate,
    .truePositiveRate: .falsePositiveRate, .trueNegativeRate: .falseNegativeRate,
  ]

  private var rates: [ClassificationRate] {
    guard let metrics = specification.metrics else { return Self.usual }
    let named = metrics.compactMap { metric -> ClassificationRate? in
      guard case .slice(let metric) = metric, let rate = metric.rate, rate != .f1, rate != .balancedAccuracy
      else { return nil }
      return rate
    }
    var rates: [ClassificationRate] = []
    for rate in named + named.compactMap({ Self.counterparts[$0] }) where !rates.contains(rate) { rates.append(rate) }
    return rates.isEmpty ? Self.usual : rates
  }

  /// The table of all slices, thresholds and rates, p-values corrected for all of them.
  func table(_ slices: [(slice: Slice, statistics: SliceStatistics)], whole: SliceStatistics) -> ResultTable {
    var rows: [[ResultTable.Cell]] = []
    var pValues: [(row: Int, value: Double)] = []
    let indices = specification.thresholdIndices(whole)
    for (threshold, index) in zip(specification.shownThresholds, indices) {
      let total = whole.counts(thresholdIndex: index)
      for (slice, statistics) in slices where !slice.isMissing && !slice.terms.isEmpty {
        let counts = statistics.counts(thresholdIndex: index)
        for rate in rates {
          let (value, overall) = (rate(counts), rate(total))
          let comparison = GroupComparison(members: [.init(group: "", value: value)])
          var cells: [ResultTable.Cell] = [
            .text(rate.rawValue), .value(.defined(threshold)), .text("\(slice)"), .count(counts.rows), .value(value),
            .value(overall), .value(comparison.difference(to: overall)[0].value),
            .value(comparison.relative(to: overall)[0].value),
          ]
          if specification.intervals {
            let inside = Self.share(rate, counts, scale: statistics.rowsPerWeight)
            let all = Self.share(rate, total, scale: whole.rowsPerWeight)
            let outside = CountedShare(
              max(0, all.part - inside.part), of: max(all.whole - inside.whole, max(0, all.part - inside.part)))
            let pValue = gapTest(inside, outside)
            if let number = pValue.value { pValues.append((rows.count, number)) }
            let share = Double(all.part) / Double(max(1, all.whole))
            cells += [
              .value(pValue), .value(pValue),
              .value(detectableGap(share: share, rows: (Double(inside.whole), Double(outside.whole)))),
            ]
          }
          rows.append(cells)
        }
      }
    }
    for (place, corrected) in zip(pValues, holmCorrected(pValues.map(\.value))) {
      rows[place.row][9] = .value(.defined(corrected))
    }
    var columns: [ResultTable.Column] = [
      .init("metric", .text), .init("threshold", .number), .init("slice", .text), .init("rows", .count),
      .init("value", .share), .init("overall", .share), .init("difference", .share),
      .init("relativeToOverall", .share),
    ]
    var notes: [String] = ["relativeToOverall is (value − overall) / overall: above 0 is higher than overall."]
    if specification.intervals {
      columns += [
        .init("pValue", .pValue), .init("correctedPValue", .pValue), .init("detectableGap", .share),
      ]
      notes.append(
        "pValue holds the slice against all other rows; correctedPValue allows for all \(pValues.count) tests (Holm). "
          + "detectableGap is the smallest gap that would have been found with a chance of 80 %.")
    }
    return ResultTable("Slices against the whole", notes: notes, columns: columns, rows: rows)
  }

  /// The rows that a rate counts; with weights, as many equal rows as say as much.
  static func share(_ rate: ClassificationRate, _ counts: ConfusionCounts, scale: Double) -> CountedShare {
    guard let share = rate.share(of: counts) else { return CountedShare(0, of: 0) }
    if share.whole.value == Double(share.whole.rows) && scale == 1 {
      return CountedShare(share.part.rows, of: share.whole.rows)
    }
    let whole = Int((share.whole.value * scale).rounded())
    return CountedShare(min(whole, Int((share.part.value * scale).rounded())), of: whole)
  }
}
