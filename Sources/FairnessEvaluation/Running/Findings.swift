import FairnessMetrics

/// Searches, warnings and legal tables about one model.
struct Findings {
  let specification: EvaluationSpecification
  let evidence: ModelEvidence
  let exact: ExactRows?

  // MARK: - Degenerate predictors

  /// A warning for each threshold at which the predictor decides nothing, however fair that looks.
  func degeneracies(_ whole: SliceStatistics) -> [String] {
    var notes: [String] = []
    for (threshold, index) in zip(specification.shownThresholds, specification.thresholdIndices(whole)) {
      let found = FairnessMetrics.degeneracies(
        counts: whole.counts(thresholdIndex: index), scoreSums: specification.hasScores ? whole.scoreSums : nil)
      for degeneracy in found {
        let note =
          switch degeneracy {
          case .constantDecisions(let selected):
            "At threshold \(threshold) every row is \(selected ? "selected" : "rejected"): the predictor decides nothing, "
              + "and parity says nothing about fairness."
          case .nearlyConstantDecisions(let selected, let minority):
            "At threshold \(threshold) all rows but \(Self.percent(minority)) are \(selected ? "selected" : "rejected"): "
              + "the predictor decides hardly anything, and parity says little about fairness."
          case .constantScores: "All rows have the same score: the predictor tells nothing apart."
          case .nearlyConstantScores(let deviation):
            "The scores hardly differ (standard deviation \(Self.short(deviation)) of their range): the predictor tells "
              + "hardly anything apart."
          }
        if !notes.contains(note) { notes.append(note) }
      }
    }
    return notes
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }

  private static func short(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }

  // MARK: - Worst slices

  /// The slices whose selection rate or error rates differ most from those of the other rows; nil where none is asked for.
  ///
  /// The p-values are corrected for every slice and rate that was tried.
  var worstSlices: ResultTable? {
    guard let search = specification.worstSlices else { return nil }
    let index = specification.thresholdIndices(evidence.slices.total)[0]
    var found: [(rate: ClassificationRate, finding: WorstSliceSearch.Finding)] = []
    for rate in [ClassificationRate.selectionRate, .falsePositiveRate, .falseNegativeRate] {
      let findings = WorstSliceSearch(rate: rate, depth: search.depth, minimumSupport: search.minimumRows)
        .findings(evidence.slices, thresholdIndex: index)
      found += findings.map { (rate, $0) }
    }
    let corrected = holmCorrected(found.map(\.finding.pValue))
    for index in found.indices { found[index].finding.correctedPValue = corrected[index] }
    let level = 1 - specification.confidence
    let significant = found.filter { $0.finding.correctedPValue <= level }
    let shown = significant.sorted { abs($0.finding.gap) > abs($1.finding.gap) }.prefix(20)
    var notes = [
      "\(found.count) slices and rates were tried, \(significant.count) differ from the other rows "
        + "(corrected p ≤ \(Self.short(level)))\(significant.count > shown.count ? "; the \(shown.count) widest are shown" : "")."
    ]
    if specification.weights != nil { notes.append("The search counts rows, without their weights.") }
    return ResultTable(
      "Slices treated differently", notes: notes,
      columns: [
        .init("metric", .text), .init("slice", .text), .init("rows", .count), .init("value", .share),
        .init("otherRows", .share), .init("gap", .share), .init("correctedPValue", .pValue),
      ],
      rows: shown.map { rate, finding in
        [
          .text(rate.rawValue), .text("\(finding.slice)"), .count(finding.inside.whole),
          .value(finding.inside.value), .value(finding.outside.value), .value(.defined(finding.gap)),
          .value(.defined(finding.correctedPValue)),
        ]
      })
  }

  // MARK: - Packs

  /// The legal tables that were asked for.
  func packs(_ slices: [(slice: Slice, statistics: SliceStatistics)]) -> [ResultTable] {
    specification.packs.flatMap { pack in
      switch pack {
      case .fourFifths: fourFifths(slices)
      case .newYorkLocalLaw144: localLaw144
      }
    }
  }

  private static let advice = "This is a computation, not legal advice."

  private func fourFifths(_ slices: [(slice: Slice, statistics: SliceStatistics)]) -> [ResultTable] {
    specification.slices.flatMap { columns in
      let groups = slices.filter { !$0.slice.isMissing && $0.slice.terms.map(\.column) == columns }
      guard let first = groups.first else { return [ResultTable]() }
      let indices = specification.thresholdIndices(first.statistics)
      let shared = SharedRows(evidence.slices, crossing: columns, groups: groups.map(\.slice))
      return zip(specification.shownThresholds, indices).map { threshold, index in
        let common = shared.map { shared in
          { (a: Int, b: Int) in
            GapTable.share(
              .selectionRate, shared.counts(a, b, thresholdIndex: index), scale: groups[a].statistics.rowsPerWeight)
          }
        }
        let rule = FourFifthsRule(
          groups.map { slice, statistics in
            (
              name: slice.groupNames,
              selected: GapTable.share(
                .selectionRate, statistics.counts(thresholdIndex: index), scale: statistics.rowsPerWeight)
            )
          }, shared: common)
        return ResultTable(
          "Four-fifths rule by \(columns.joined(separator: " and ")), threshold \(threshold)",
          notes: [
            "29 CFR 1607.4(D): a selection rate below 4/5 of the highest is generally regarded as evidence of adverse "
              + "impact; small numbers can mislead either way. \(Self.advice)"
          ],
          columns: [
            .init("group", .text), .init("rows", .count), .init("selected", .count), .init("selectionRate", .share),
            .init("impactRatio", .number), .init("belowFourFifths", .text), .init("correctedPValue", .pValue),
          ],
          rows: rule.rows.map { row in
            [
              .text(row.group), .count(row.selected.whole), .count(row.selected.part), .value(row.selected.value),
              .value(row.impactRatio), .text(row.isBelowFourFifths.map { $0 ? "yes" : "no" } ?? "unknown"),
              .value(
                row.correctedPValue.map { .defined($0) } ?? .undefined("it is the group the others are held against")),
            ]
          })
      }
    }
  }

  private var localLaw144: [ResultTable] {
    guard let exact, let (sex, race) = specification.packColumns, let sexColumn = exact.groupColumn(sex),
      let raceColumn = exact.groupColumn(race)
    else { return [] }
    let threshold = specification.shownThresholds[0]
    let mapped = specification.hasScores ? ScoreMapping.threshold(threshold, specification.scale) : 0.5
    let rows = exact.all
    var audits: [(title: String, audit: LocalLaw144)] = [
      (
        "selection rate, threshold \(threshold)",
        LocalLaw144(selected: rows.scores.map { $0 >= mapped }, sex: sexColumn, race: raceColumn)
      )
    ]
    if specification.hasScores, let scored = LocalLaw144(scores: rows.scores, sex: sexColumn, race: raceColumn) {
      audits.append(("scoring rate", scored))
    }
    return audits.flatMap { title, audit in
      audit.tables.map { table in
        var notes = [
          "\(table.unknownRows) rows of unknown category. Categories with less than 2 % of the rows are listed without "
            + "a ratio. \(Self.advice)"
        ]
        if audit.median != nil { notes.insert("The scoring rate is the share above the median of all scores.", at: 0) }
        return ResultTable(
          "NYC Local Law 144 by \(table.columns.joined(separator: " and ")), \(title)", notes: notes,
          columns: [
            .init("category", .text), .init("applicants", .count), .init("counted", .count), .init("rate", .share),
            .init("impactRatio", .number),
          ],
          rows: table.rows.map { row in
            [
              .text(row.slice.groupNames), .count(row.counted.whole), .count(row.counted.part), .value(row.rate),
              .value(row.impactRatio),
            ]
          })
      }
    }
  }
}
