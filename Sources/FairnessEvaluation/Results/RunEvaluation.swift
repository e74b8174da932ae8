import FairnessMetrics
import OrderedJSON

/// What a training run's classifier was found to do, on every part of the rows: `evaluation.json` of a run's folder.
///
/// Each part has a report of its own, in which the states of the classifier, such as `pretrained` and `final`, stand
/// beside each other as models. Where the label has several classes, these are the models: each against the rest, in the
/// state that is kept.
public struct RunEvaluation: Sendable, Hashable {
  /// The version of the format.
  static let format = 1

  /// The report on one part of the rows.
  public struct Split: Sendable, Hashable {
    /// The part: `train`, `validation` or `test`.
    public var name: String
    public var report: EvaluationReport

    public init(_ name: String, _ report: EvaluationReport) {
      self.name = name
      self.report = report
    }
  }

  /// The state of the classifier that the run keeps, by which gates are judged.
  public var kept: String

  /// The parts, in the order train, validation, test.
  public var splits: [Split]

  /// The classes that stand as models; nil where the states do.
  public var classes: [String]?

  public init(kept: String, splits: [Split], classes: [String]? = nil) {
    self.kept = kept
    self.classes = classes
    self.splits = splits
  }

  /// The part by which gates are judged: the last one, so the test rows where there are any.
  public var judged: Split? { splits.last }

  /// What was found about a state of the classifier.
  ///
  /// - Parameter state: The state; nil for the one that is kept.
  public subscript(split: String, state: String? = nil) -> ModelEvaluation? {
    // A class may have the name of a state.
    if classes != nil { return nil }
    return splits.first { $0.name == split }?.report.models.first { $0.name == state ?? kept }
  }

  /// The gates, judged by the kept classifier on the test rows.
  public var gates: [GateResult] { judged.flatMap { self[$0.name] }?.gates ?? [] }

  /// The verdict over these gates; nil without gates.
  public var verdict: Verdict? { gates.verdict }

  /// The record under the keys of `evaluation.json`; under `splits.<part>` stands what `equipoise evaluate --json`
  /// prints.
  public var json: JSON {
    .object(
      [.init("format", .number(JSONNumber(Self.format))), .init("kept", .string(kept))]
        + (classes.map { [JSON.Member("classes", .array($0.map(JSON.string)))] } ?? [])
        + [.init("splits", .object(splits.map { JSON.Member($0.name, $0.report.json) }))])
  }

  /// Whether a results file is that of a run, rather than of one evaluation.
  public static func isMeant(by json: JSON) -> Bool { json["splits"] != nil }

  /// Reads what `json` wrote.
  ///
  /// - Parameter file: The file, for messages.
  public init(_ json: JSON, file: String) throws(ReportError) {
    let root = ReportNode(json, "\(file):")
    guard json["format"]?.integer == Self.format else {
      throw ReportError(
        place: "\(file):", message: "is no evaluation.json that this program reads. Run the experiment again.")
    }
    kept = try root.text("kept")
    splits = []
    for member in try root.member("splits").members() {
      splits.append(Split(member.key, try EvaluationReport(member.value, file: "\(file): splits.\(member.key)")))
    }
    classes = json["classes"]?.elements?.compactMap(\.text)
    guard classes != nil || splits.allSatisfy({ split in split.report.models.contains { $0.name == kept } }) else {
      throw root.failure("kept", "names no model of every part")
    }
  }
}
