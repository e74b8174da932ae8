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

  /// λ of each attribute with which the epoch was played, by name; empty where it never changes.
  public var lambda: [AttributeLambda] = []

  /// How the classifier's two gradients stood to each other; nil where that was not looked at.
  public var diagnostics: GradientRecord?

  /// What happened since the last line, in sentences: a collapse, say.
  public var notices: [String] = []

  public init(
    phase: TrainingPhase, epoch: Int, labelLoss: MetricValue, adversaryLoss: MetricValue,
    lambda: [AttributeLambda] = [], diagnostics: GradientRecord? = nil, notices: [String] = [],
    splits: [SplitEvaluation] = [],
    scores: ScoreCounts? = nil
  ) {
    self.lambda = lambda
    self.diagnostics = diagnostics
    self.notices = notices
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
    if !lambda.isEmpty {
      record.add("lambda", .object(lambda.map { JSON.Member($0.attribute, .number(JSONNumber($0.value))) }))
    }
    if let diagnostics { record.add("gradients", diagnostics.json) }
    if !notices.isEmpty { record.add("notices", .array(notices.map(JSON.string))) }
    for split in splits { record.add(split.name.rawValue, split.evaluation.json) }
    if let scores { record.add("scores", scores.json) }
    return record.json
  }

  /// Reads what `json` wrote.
  ///
  /// - Parameter place: The file and the line, for messages.
  public init(_ json: JSON, at place: String) throws(RecordError) {
    let record = try RecordReading(json, at: place)
    var lambda: [AttributeLambda] = []
    if record.contains("lambda") {
      let object = try record.object("lambda")
      for member in json["lambda"]?.members ?? [] {
        lambda.append(AttributeLambda(member.key, try object.double(member.key)))
      }
    }
    self.init(
      phase: try record.choice("phase", TrainingPhase.self), epoch: try record.integer("epoch"),
      labelLoss: try record.metric("labelLoss"), adversaryLoss: try record.metric("adversaryLoss"), lambda: lambda,
      diagnostics: record.contains("gradients") ? try GradientRecord(try record.object("gradients")) : nil,
      notices: record.contains("notices") ? try record.elements("notices").compactMap(\.text) : [],
      splits: try [SplitEvaluation](record),
      scores: record.contains("scores") ? try ScoreCounts(try record.object("scores")) : nil)
  }
}

/// The weight λ of an attribute in the game.
public struct AttributeLambda: Sendable, Equatable {
  public var attribute: String
  public var value: Double

  public init(_ attribute: String, _ value: Double) {
    self.attribute = attribute
    self.value = value
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
