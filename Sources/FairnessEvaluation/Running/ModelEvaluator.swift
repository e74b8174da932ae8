import FairnessMetrics

/// Puts together what is found about one model.
struct ModelEvaluator {
  private let specification: EvaluationSpecification
  private let evidence: ModelEvidence
  private let exact: ExactRows?
  private let name: String

  init(_ specification: EvaluationSpecification, _ evidence: ModelEvidence, exact: ExactRows?, name: String) {
    self.specification = specification
    self.evidence = evidence
    self.exact = exact
    self.name = name
  }

  var evaluation: ModelEvaluation {
    let gates = specification.gates.map {
      GateEvaluator(specification, evidence, exact: exact).result($0)
    }
    if let regression = evidence.regression { return evaluation(regression, gates) }
    let estimates = SliceEstimates(specification: specification)
    var slices: [SliceEvaluation] = []
    var counted: [(slice: Slice, statistics: SliceStatistics)] = []
    var parity: [ParityEvaluation] = []
    let crossings = [[]] + specification.slices
    let ranks = specification.needsScoreStatistics ? exact?.ranks(crossing: crossings) : nil
    for (place, crossing) in crossings.enumerated() {
      let made = evidence.slices.slices(crossing: crossing)
      let curves = exact.flatMap { rows in
        specification.needsScoreStatistics && ParityEstimates.isSmall(rows) ? rows.scores(crossing: crossing) : nil
      }
      var groups: [ParityEstimates.Group] = []
      var compared: [Slice] = []
      for (index, (slice, statistics)) in made.enumerated() {
        let scores = estimates.scores(statistics, exact: ranks?[place][index], stream: slices.count)
        slices.append(
          SliceEvaluation(
            slice: slice, rows: statistics.rows, metrics: scores,
            thresholds: estimates.thresholds(statistics, stream: slices.count)))
        counted.append((slice, statistics))
        if !slice.isMissing {
          compared.append(slice)
          groups.append(
            ParityEstimates.Group(
              name: slice.groupNames, statistics: statistics, scores: curves?[index],
              auc: scores.first { $0.name == "rocAUC" }?.estimate.value,
              areaEstimate: ranks?[place][index].rocAUCEstimate ?? statistics.rocAUCEstimate))
        }
      }
      if !crossing.isEmpty {
        let shared = SharedRows(evidence.slices, crossing: crossing, groups: compared)
        parity.append(
          ParityEvaluation(
            columns: crossing,
            thresholds: ParityEstimates(specification: specification, shared: shared).thresholds(groups)))
      }
    }
    let whole = evidence.slices.total
    let findings = Findings(specification: specification, evidence: evidence, exact: exact)
    return ModelEvaluation(
      name: name, rows: whole.rows, slices: slices, parity: parity, gates: gates,
      gaps: GapTable(specification: specification).table(counted, whole: whole),
      worstSlices: findings.worstSlices, packs: findings.packs(counted),
      notes: findings.degeneracies(whole) + tinySlices(slices))
  }

  private func evaluation(_ regression: RegressionAccumulator, _ gates: [GateResult]) -> ModelEvaluation {
    let estimates = SliceEstimates(specification: specification)
    var slices: [SliceEvaluation] = []
    var parity: [ParityEvaluation] = []
    for crossing in [[]] + specification.slices {
      let made = regression.slices(crossing: crossing)
      for (slice, statistics) in made {
        slices.append(
          SliceEvaluation(
            slice: slice, rows: statistics.sums.rows, metrics: estimates.numbers(statistics), thresholds: []))
      }
      if !crossing.isEmpty {
        let groups = made.filter { !$0.slice.isMissing }.map { (name: $0.slice.groupNames, statistics: $0.statistics) }
        parity.append(
          ParityEvaluation(
            columns: crossing, thresholds: [ParityEstimates(specification: specification).numbers(groups)]))
      }
    }
    return ModelEvaluation(
      name: name, rows: slices.first?.rows ?? 0, slices: slices, parity: parity, gates: gates, gaps: nil,
      worstSlices: nil, packs: [], notes: tinySlices(slices))
  }

  private func tinySlices(_ slices: [SliceEvaluation]) -> [String] {
    slices.compactMap { slice in
      SliceSize(rows: slice.rows, minimumRows: specification.minimumRows).advice.map { "\(slice.slice): \($0)." }
    }
  }
}
