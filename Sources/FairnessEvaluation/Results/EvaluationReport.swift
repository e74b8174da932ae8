import FairnessMetrics

/// A metric by name, with its interval.
public struct NamedEstimate: Sendable, Hashable {
  /// The metric's name, such as `falsePositiveRate`.
  public var name: String

  /// The value and its interval.
  public var estimate: Estimate

  public init(_ name: String, _ estimate: Estimate) {
    self.name = name
    self.estimate = estimate
  }
}

/// What was found for the rows of one slice.
public struct SliceEvaluation: Sendable, Hashable {
  /// The metrics at one decision threshold.
  public struct AtThreshold: Sendable, Hashable {
    /// The threshold, on the scale of the scores.
    public var threshold: Double
    /// The sums of weights: true and false positives, true and false negatives.
    public var counts: [Double]
    /// The metrics.
    public var metrics: [NamedEstimate]
  }

  /// The slice; without terms, all rows.
  public var slice: Slice

  /// The number of its rows, whatever their weights.
  public var rows: Int

  /// The metrics that need no threshold.
  public var metrics: [NamedEstimate]

  /// The metrics at each threshold.
  public var thresholds: [AtThreshold]

  /// A metric by name.
  ///
  /// - Parameter index: The index of the threshold, for metrics that have one.
  public func estimate(_ name: String, thresholdIndex index: Int = 0) -> Estimate? {
    metrics.first { $0.name == name }?.estimate
      ?? (thresholds.indices.contains(index)
        ? thresholds[index].metrics.first { $0.name == name }?.estimate : nil)
  }
}

/// How alike the groups of some columns are treated.
public struct ParityEvaluation: Sendable, Hashable {
  /// The metrics at one decision threshold.
  public struct AtThreshold: Sendable, Hashable {
    /// The threshold; nil for a regression.
    public var threshold: Double?
    /// The metrics.
    public var metrics: [NamedEstimate]
  }

  /// The columns that make the groups together.
  public var columns: [String]

  /// The metrics at each threshold.
  public var thresholds: [AtThreshold]
}

/// What the data say about one gate.
public struct GateResult: Sendable, Hashable {
  /// The condition as it was written.
  public var condition: String

  /// Whether the gate fails where the condition holds, instead of where it does not.
  public var failsIfMet: Bool

  /// What was held against the bound.
  public var estimate: Estimate

  /// The bound.
  public var bound: Double

  /// The verdict.
  public var verdict: Verdict
}

/// Everything that was found about one model.
public struct ModelEvaluation: Sendable, Hashable {
  /// The column of its scores, or its class.
  public var name: String

  /// The number of rows.
  public var rows: Int

  /// The slices; the first is the whole.
  public var slices: [SliceEvaluation]

  /// The comparisons of groups.
  public var parity: [ParityEvaluation]

  /// The gates.
  public var gates: [GateResult]

  /// Each slice against all other rows, with tests.
  public var gaps: ResultTable?

  /// The slices found to be treated worst.
  public var worstSlices: ResultTable?

  /// Tables that laws and guidelines ask for.
  public var packs: [ResultTable]

  /// Warnings: degenerate predictors, tiny slices.
  public var notes: [String]
}

/// The result of an evaluation, which can be written, read again and rendered.
public struct EvaluationReport: Sendable, Hashable {
  /// The file of the predictions.
  public var source: String

  /// The number of rows.
  public var rows: Int

  /// Whether ranks are exact; false where rows were judged by histograms as they passed.
  public var isExact: Bool

  /// The confidence of the intervals; nil where there are none.
  public var confidence: Double?

  /// The names of the metrics that tables show.
  public var shownMetrics: [String]

  /// The models, in the order given.
  public var models: [ModelEvaluation]

  /// Models compared at matched thresholds.
  public var comparison: ResultTable?

  /// The metrics and gates in the words of the domain; empty where no words were named.
  public var explanations: [MetricExplanation]

  /// What concerns the data as a whole.
  public var notes: [String]

  /// What measurement cannot tell; stands under every rendering.
  public static let limits =
    "Measuring is not enough: these numbers say how groups fare under one label, one threshold and one sample. Whether "
    + "the label is just, who is missing from the data, and what a decision does to people need domain review."

  /// The verdict over all gates of all models; nil without gates.
  public var verdict: Verdict? { models.flatMap(\.gates).verdict }
}

extension [GateResult] {
  /// The verdict over all gates: failed where one failed, else insufficient evidence where one lacks it, else passed;
  /// nil without gates.
  public var verdict: Verdict? {
    let verdicts = map(\.verdict)
    if verdicts.contains(.fail) { return .fail }
    let insufficient = verdicts.first { if case .insufficientEvidence = $0 { true } else { false } }
    return insufficient ?? verdicts.first
  }
}
