import FairnessEvaluation
import FairnessMetrics
import OrderedJSON
import RunRecords

/// What the records of a run hold for a page: read once, and nothing in it comes from a live training.
///
/// Only `config.json` and `summary.json` must be there. What else is missing, as in the folders of earlier versions or of
/// runs that keep no predictions, is named in `missing`, and the page does without.
public struct RunReport: Sendable {
  /// The folder.
  public let path: String
  let configuration: JSON
  let summary: RunSummary
  let environment: EnvironmentRecord?
  let epochs: [EpochRecord]
  let evaluation: RunEvaluation?
  let scores: ScoresRecord?
  /// What `model/model.json` says; nil where no model was saved.
  let model: JSON?
  /// What `equipoise audit --json` wrote into the folder, and what a search of the frontier did.
  let audit: JSON?
  let frontier: JSON?
  /// What the page does without, in sentences.
  let missing: [String]

  /// Reads the records of a run.
  ///
  /// - Parameter frontierFile: A frontier.json elsewhere; nil for that in the folder, if there is one.
  /// - Throws: `RecordError` or `ReportError` where a record is damaged, or there is no finished run.
  public init(folder path: String, frontierFile: String? = nil) throws {
    let folder = try RunFolder(existing: path)
    self.path = folder.path
    var summary = try folder.summary()
    summary.notices = summary.notices.map(Notice.withoutCells)
    self.summary = summary
    configuration = try folder.json("config.json")
    func ifThere<Record>(_ name: String, _ read: () throws -> Record?) throws -> Record? {
      FileAccess.exists(folder.file(name)) ? try read() : nil
    }
    environment = try ifThere("environment.json") { try folder.environment() }
    epochs = try ifThere("epochs.jsonl") { try folder.epochs() } ?? []
    evaluation = try ifThere("evaluation.json") {
      try RunEvaluation(try folder.json("evaluation.json"), file: folder.file("evaluation.json"))
    }
    scores = try folder.scores()
    model = try ifThere("model/model.json") { try folder.json("model/model.json") }
    audit = try ifThere("audit.json") { Notice.withoutCells(audit: try folder.json("audit.json")) }
    if let frontierFile {
      frontier = try Self.json(frontierFile)
    } else {
      frontier = try ifThere("frontier.json") { try folder.json("frontier.json") }
    }
    var missing: [String] = []
    if evaluation == nil { missing.append("The run has no evaluation.json: intervals and slices are left out.") }
    if scores == nil && summary.isBinary {
      missing.append(
        "The run was made by a version that kept no scores.json: distributions, ROC, calibration and the explorer of thresholds are left out."
      )
    }
    self.missing = missing
  }

  /// Refuses a run whose label has several classes or is a number.
  ///
  /// - Parameter purpose: What is about scores in 0...1: `a comparison`.
  package func requireBinaryLabel(for purpose: String, remedy: String) throws(RecordError) {
    guard !isBinary else { return }
    let kind = summary.phases.last?.splits.last?.evaluation.regression == nil ? "has several classes" : "is a number"
    throw RecordError(
      .badData, at: path,
      "is a run whose label \(kind), and \(purpose) tells of scores in 0...1 and decisions. \(remedy)")
  }

  private static func json(_ path: String) throws -> JSON {
    let bytes = try FileAccess.read(path, limit: 1 << 28)
    do {
      return try JSONReader.read(bytes, source: path).value
    } catch {
      throw RecordError(.badData, at: error.place.description, error.message)
    }
  }

  // MARK: - The rows that the run is judged by

  /// The part of the rows by which the run is judged: the last one, so the test rows where there are any.
  var split: SplitName {
    evaluation?.judged.flatMap { SplitName(rawValue: $0.name) } ?? summary.phases.last?.splits.last?.name ?? .test
  }

  /// What the page calls these rows.
  var rowsName: String { split == .test ? "test rows" : split == .validation ? "validation rows" : "training rows" }

  /// Whether the label is 0 or 1, so that there are scores and decisions at a threshold.
  package var isBinary: Bool { summary.isBinary }

  /// The name of the state that is kept.
  var kept: SummaryPhase {
    evaluation.flatMap { SummaryPhase(rawValue: $0.kept) } ?? (summary[.selected] == nil ? .final : .selected)
  }

  /// The evaluation of the kept state, without intervals.
  var after: ClassifierEvaluation? { summary[kept]?[split] }

  /// That of the state before anything was done about the groups; nil where nothing was done.
  var before: ClassifierEvaluation? {
    guard let before = summary[.pretrained]?[split], before != after else { return nil }
    return before
  }

  /// The evaluation with intervals and slices; nil where the record is missing.
  var evaluated: ModelEvaluation? { evaluation?[split.rawValue] }
  var evaluatedBefore: ModelEvaluation? {
    before == nil ? nil : evaluation?[split.rawValue, SummaryPhase.pretrained.rawValue]
  }

  /// The decision threshold.
  var threshold: Double { after?.threshold ?? 0.5 }

  /// The names of the sensitive attributes that have groups.
  var attributes: [String] { after?.attributes.map(\.name) ?? [] }

  /// The names of the continuous ones, which have no groups.
  var continuousAttributes: [String] { after?.continuous.map(\.name) ?? [] }

  /// The number of a group among those of its attribute, which gives it its colour.
  func series(_ attribute: String, _ group: String) -> Int {
    after?.attributes.first { $0.name == attribute }?.groups.firstIndex { $0.name == group } ?? 0
  }

  /// How alike the groups of an attribute are treated, with its interval.
  func parity(_ metric: String, _ attribute: String, isBefore: Bool = false) -> Estimate? {
    let model = isBefore ? evaluatedBefore : evaluated
    let table = model?.parity.first { $0.isOf(attribute) }
    if let found = table?.thresholds.first?.metrics.first(where: { $0.name == metric }) { return found.estimate }
    let evaluation = (isBefore ? before : after)?.attributes.first { $0.name == attribute }
    return evaluation?.value(of: metric).map { Estimate(value: $0, interval: nil) }
  }

  /// The confidence of the intervals; nil where none were computed.
  var confidence: Double? { evaluation?.judged?.report.confidence }

  /// Why the evaluation has no interval of what is between the groups of an attribute.
  func reasonForNoInterval(_ attribute: String) -> String {
    guard let evaluated else { return "the run has no evaluation.json" }
    guard evaluated.parity.contains(where: { $0.isOf(attribute) }) else {
      return "\(attribute) is not among evaluation.slices"
    }
    return confidence == nil ? "evaluation.intervals is false" : "the evaluation found none"
  }

  /// A metric of a slice, with its interval.
  func estimate(_ metric: String, _ slice: Slice, isBefore: Bool = false) -> Estimate? {
    (isBefore ? evaluatedBefore : evaluated)?.slices.first { $0.slice == slice }?.estimate(metric)
  }

  /// The spread of the scores of a slice.
  func distribution(_ slice: Slice, isBefore: Bool = false) -> ScoresRecord.Distribution? {
    guard let scores else { return nil }
    if isBefore && scores.states.count < 2 { return nil }
    return (isBefore ? scores.states.first : scores.states.last)?.distributions.first { $0.slice == slice }
  }

  /// The words for rows and decisions.
  var words: DomainWords {
    guard let words = configuration["evaluation"]?["words"], words.members != nil else { return .plain }
    var result = DomainWords.plain
    if let text = words["rows"]?.text { result.rows = text }
    if let text = words["positive"]?.text { result.positive = text }
    if let text = words["negative"]?.text { result.negative = text }
    if let text = words["selected"]?.text { result.selected = text }
    if let text = words["rejected"]?.text { result.rejected = text }
    return result
  }

  /// What a positive label is: `income >50K`.
  var positiveLabel: String {
    let label = configuration["data"]?["label"]
    let values = label?["positive"]
    let value = values?.text ?? values?.elements?.compactMap(\.text).joined(separator: " or ") ?? "1"
    return "\(label?["column"]?.text ?? "label") \(value)"
  }
}

extension ParityEvaluation {
  /// Whether it is between the groups of an attribute; one that crosses columns is named `race,sex`.
  fileprivate func isOf(_ attribute: String) -> Bool { columns.joined(separator: ",") == attribute }
}

extension AttributeEvaluation {
  /// A metric between groups by the name that an evaluation gives it.
  func value(of metric: String) -> MetricValue? {
    switch metric {
    case "pPercentRule": pPercentRule
    case "demographicParityDifference": demographicParityDifference
    case "equalizedOddsDifference": equalizedOddsDifference
    case "equalOpportunityDifference": equalOpportunityDifference
    default: nil
    }
  }
}
