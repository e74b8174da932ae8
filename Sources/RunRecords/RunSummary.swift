import FairnessMetrics
import OrderedJSON

/// `summary.json`: what a run came to.
///
/// Equal runs give equal bytes up to `timing`, which comes last.
public struct RunSummary: Sendable, Equatable {
  /// The version of the record's format.
  public static let format = 1

  /// How a run ended.
  public enum Status: String, CaseIterable, Sendable {
    /// All epochs were played.
    case finished
    /// A callback or a signal ended it early; what stands here is the state at that moment.
    case stopped
  }

  /// The state of the classifier and its evaluation on every part of the rows.
  public struct Phase: Sendable, Equatable {
    /// The state.
    public var name: SummaryPhase
    /// The evaluations, in the order train, validation, test.
    public var splits: [SplitEvaluation]

    public init(_ name: SummaryPhase, splits: [SplitEvaluation]) {
      self.name = name
      self.splits = splits
    }
  }

  /// The seconds that a stage of the run took.
  public struct StageTime: Sendable, Equatable {
    /// The stage, such as `reading` or `game`.
    public var stage: String
    /// Its wall-clock time in seconds.
    public var seconds: Double

    public init(_ stage: String, seconds: Double) {
      self.stage = stage
      self.seconds = seconds
    }
  }

  /// The name of the experiment.
  public var name: String

  /// The seed of the run.
  public var seed: Int

  /// How the run ended.
  public var status: Status

  /// What a reader of the results must know, in sentences: rows left out, categories not seen in training.
  public var notices: [String]

  /// The states of the classifier, in the order in which they came to be.
  public var phases: [Phase]

  /// What became of the constraints; nil where there are none.
  public var constraints: ConstraintsRecord?

  /// The collapses of the game, in order; empty for a healthy one.
  public var collapses: [CollapseRecord] = []
  /// The groups that lost between the first state and the kept one while no group of their attribute gained, on the
  /// last split, each as `attribute: group`; see `LevellingDown`.
  public var levelledDown: [String]

  /// The time of each stage, in order.
  public var timing: [StageTime]

  public init(
    name: String, seed: Int, status: Status = .finished, notices: [String] = [], phases: [Phase],
    constraints: ConstraintsRecord? = nil, collapses: [CollapseRecord] = [], levelledDown: [String] = [],
    timing: [StageTime] = []
  ) {
    self.collapses = collapses
    self.levelledDown = levelledDown
    self.constraints = constraints
    self.name = name
    self.seed = seed
    self.status = status
    self.notices = notices
    self.phases = phases
    self.timing = timing
  }

  /// The evaluations of a state of the classifier, or nil.
  public subscript(phase: SummaryPhase) -> [SplitEvaluation]? {
    phases.first { $0.name == phase }?.splits
  }

  /// Whether the label is 0 or 1, and not one of several classes or a number.
  public var isBinary: Bool {
    !phases.contains { $0.splits.contains { $0.evaluation.classes != nil || $0.evaluation.regression != nil } }
  }

  /// The record under the keys of `summary.json`.
  public var json: JSON {
    var members: [JSON.Member] = [
      .init("format", .number(JSONNumber(Self.format))), .init("name", .string(name)),
      .init("seed", .number(JSONNumber(seed))), .init("status", .string(status.rawValue)),
      .init("notices", .array(notices.map(JSON.string))),
      .init(
        "phases",
        .object(
          phases.map { phase in
            JSON.Member(
              phase.name.rawValue,
              .object(phase.splits.map { JSON.Member($0.name.rawValue, $0.evaluation.json) }))
          })),
    ]
    if let constraints { members.append(.init("constraints", constraints.json)) }
    if !collapses.isEmpty { members.append(.init("collapses", .array(collapses.map(\.json)))) }
    members.append(.init("levelledDown", .array(levelledDown.map(JSON.string))))
    members.append(
      .init("timing", .object(timing.map { JSON.Member($0.stage, .number(JSONNumber($0.seconds))) })))
    return .object(members)
  }

  /// Reads what `json` wrote.
  ///
  /// - Parameter place: The file, for messages.
  public init(_ json: JSON, at place: String) throws(RecordError) {
    let record = try RecordReading(json, at: place)
    guard try record.integer("format") <= Self.format else {
      throw RecordError(.badData, at: place, "was written by a newer version of Equipoise. Update the tool.")
    }
    var phases: [Phase] = []
    for (name, phase) in try record.object("phases").objects() {
      guard let name = SummaryPhase(rawValue: name) else {
        throw record.failure("phases.\(name)", "is an unknown phase")
      }
      phases.append(Phase(name, splits: try [SplitEvaluation](phase)))
    }
    var notices: [String] = []
    for notice in try record.elements("notices") { notices.append(notice.text ?? "") }
    var collapses: [CollapseRecord] = []
    if record.contains("collapses") {
      for element in try record.elements("collapses") {
        collapses.append(try CollapseRecord(RecordReading(element, at: place, keys: ["collapses"])))
      }
    }
    var timing: [StageTime] = []
    for member in json["timing"]?.members ?? [] {
      let seconds = member.value.double ?? 0
      guard seconds.isFinite else { throw record.failure("timing.\(member.key)", "should be a number") }
      timing.append(StageTime(member.key, seconds: seconds))
    }
    self.init(
      name: try record.text("name"), seed: try record.integer("seed"),
      status: try record.choice("status", Status.self), notices: notices, phases: phases,
      constraints: record.contains("constraints")
        ? try ConstraintsRecord(try record.object("constraints"), at: place) : nil,
      collapses: collapses,
      // Summaries from before the key have none.
      levelledDown: record.contains("levelledDown") ? try record.elements("levelledDown").compactMap(\.text) : [],
      timing: timing)
  }
}
