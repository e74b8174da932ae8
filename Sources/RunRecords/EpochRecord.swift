import FairnessMetrics
import OrderedJSON

/// A line of `epochs.jsonl`: what one epoch of training did.
///
/// Equal runs give equal lines: nothing in it depends on time or machine.
public struct EpochRecord: Sendable, Equatable {
  /// The stage of training.
  public var phase: TrainingPhase

  /// The epoch within its stage, counted from 1.
  public var epoch: Int

  /// The classifier's loss L_y of the epoch.
  public var labelLoss: MetricValue

  /// The adversary's loss L_z of the epoch.
  public var adversaryLoss: MetricValue

  /// The evaluation of every split, where the epoch was evaluated; in the order train, validation, test.
  public var splits: [SplitEvaluation]

  /// How the scores of the last of these splits are spread, where the epoch was evaluated.
  public var scores: ScoreCounts?

  public init(
    phase: TrainingPhase, epoch: Int, labelLoss: MetricValue, adversaryLoss: MetricValue,
    splits: [SplitEvaluation] = [], scores: ScoreCounts? = nil
  ) {
    self.phase = phase
    self.epoch = epoch
    self.labelLoss = labelLoss
    self.adversaryLoss = adversaryLoss
    self.splits = splits
    self.scores = scores
  }

  /// The record under the keys of `epochs.jsonl`; each split under its own name.
  public var json: JSON {
    var record = RecordWriting()
    record.add("phase", .string(phase.rawValue))
    record.add("epoch", .number(JSONNumber(epoch)))
    record.add("labelLoss", labelLoss)
    record.add("adversaryLoss", adversaryLoss)
    for split in splits { record.add(split.name.rawValue, split.evaluation.json) }
    if let scores { record.add("scores", scores.json) }
    return record.json
  }

  /// Reads what `json` wrote.
  ///
  /// - Parameter place: The file and the line, for messages.
  public init(_ json: JSON, at place: String) throws(RecordError) {
    let record = try RecordReading(json, at: place)
    self.init(
      phase: try record.choice("phase", TrainingPhase.self), epoch: try record.integer("epoch"),
      labelLoss: try record.metric("labelLoss"), adversaryLoss: try record.metric("adversaryLoss"),
      splits: try [SplitEvaluation](record),
      scores: record.contains("scores") ? try ScoreCounts(try record.object("scores")) : nil)
  }
}

/// How the classifier does on one part of the rows.
public struct SplitEvaluation: Sendable, Equatable {
  /// The part.
  public var name: SplitName

  /// The evaluation.
  public var evaluation: ClassifierEvaluation

  public init(_ name: SplitName, _ evaluation: ClassifierEvaluation) {
    self.name = name
    self.evaluation = evaluation
  }
}

extension [SplitEvaluation] {
  /// The evaluation of a part, or nil.
  public subscript(name: SplitName) -> ClassifierEvaluation? {
    first { $0.name == name }?.evaluation
  }

  init(_ record: RecordReading) throws(RecordError) {
    self = []
    for name in SplitName.allCases where record.contains(name.rawValue) {
      append(SplitEvaluation(name, try ClassifierEvaluation(record.object(name.rawValue))))
    }
  }
}
