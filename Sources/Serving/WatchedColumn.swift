import FairnessMetrics

/// What is counted of one sensitive column, or of all rows together.
struct WatchedColumn: Sendable {
  /// What the rates in training are compared with.
  struct Reference: Sendable, Hashable {
    var metric: ParityMetric
    var value: Double
  }

  /// Which rows a rate rests on.
  enum Span: String, Sendable, CaseIterable {
    case all
    case recent
  }

  /// The metrics that outcomes are needed for, and those that are not.
  static let parity: [ParityMetric] = [
    .pPercentRule, .demographicParityDifference, .equalOpportunityDifference, .equalizedOddsDifference,
  ]

  let name: String
  let groups: [String]
  /// What the test rows of the run had.
  let references: [Reference]

  /// By 2 · group + decision.
  private var predictions: SlidingCounts
  /// By 4 · group + 2 · label + decision.
  private var outcomes: SlidingCounts

  init(_ name: String, groups: [String], references: [Reference], window: Int) {
    self.name = name
    self.groups = groups
    self.references = references
    predictions = SlidingCounts(kinds: 2 * groups.count, window: window)
    outcomes = SlidingCounts(kinds: 4 * groups.count, window: window)
  }

  mutating func addPrediction(group: Int, decision: Bool) { predictions.add(2 * group + (decision ? 1 : 0)) }

  mutating func addOutcome(group: Int, decision: Bool, label: Bool) {
    outcomes.add(4 * group + (label ? 2 : 0) + (decision ? 1 : 0))
  }

  /// The rows of a group that were scored, and how many of them were selected.
  func predicted(_ group: Int, _ span: Span) -> (rows: Int, selected: Int) {
    let counts = span == .all ? predictions.all : predictions.recent
    return (counts[2 * group] + counts[2 * group + 1], counts[2 * group + 1])
  }

  /// The rows of a group whose label is known by now.
  func judged(_ group: Int, _ span: Span) -> ConfusionCounts {
    let counts = span == .all ? outcomes.all : outcomes.recent
    return ConfusionCounts(
      truePositives: counts[4 * group + 3], falsePositives: counts[4 * group + 1],
      trueNegatives: counts[4 * group], falseNegatives: counts[4 * group + 2])
  }

  /// A metric between the groups: of all predictions where it asks for no labels, else of those with an outcome.
  func parity(_ metric: ParityMetric, _ span: Span) -> MetricValue {
    let needsLabels = metric != .pPercentRule && metric != .demographicParityDifference
    return metric(
      groups.indices.map { group in
        if needsLabels { return (groups[group], judged(group, span)) }
        let (rows, selected) = predicted(group, span)
        // The label has no part in a selection rate.
        return (
          groups[group],
          ConfusionCounts(truePositives: 0, falsePositives: selected, trueNegatives: rows - selected, falseNegatives: 0)
        )
      })
  }
}
