import FairnessMetrics
import OrderedJSON

/// Why a results file cannot be read.
public struct ReportError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file with the path of keys.
  public let place: String

  /// What was found, and what to do.
  public let message: String

  public var description: String { "\(place) \(message)" }

  /// The exit status of the command line: bad data.
  public var exitStatus: Int32 { 65 }
}

extension EvaluationReport {
  /// The version of the format.
  static let format = 1

  /// The report as JSON. With one model its members stand at the top, else in `models`.
  ///
  /// A metric is `{"value": x or null, "low": …, "high": …, "reason": only with null}`; the slice `{}` is the whole.
  public var json: JSON {
    var members: [JSON.Member] = [
      .init("format", .number(JSONNumber(Self.format))), .init("source", .string(source)),
      .init("rows", .number(JSONNumber(rows))), .init("exact", .bool(isExact)),
      .init("confidence", confidence.map { .number(JSONNumber($0)) } ?? .null),
      .init("metrics", .array(shownMetrics.map { .string($0) })),
    ]
    if models.count == 1 {
      members += models[0].members
    } else {
      members.append(.init("models", .array(models.map { .object($0.members) })))
    }
    if let comparison { members.append(.init("comparison", comparison.json)) }
    if !explanations.isEmpty {
      members.append(
        .init(
          "explanations",
          .array(explanations.map { .object([.init("of", .string($0.subject)), .init("means", .string($0.text))]) })))
    }
    members.append(.init("dataNotes", .array(notes.map { .string($0) })))
    members.append(.init("limits", .string(Self.limits)))
    return .object(members)
  }

  /// Reads what `json` wrote.
  ///
  /// - Parameter file: The file, for messages.
  public init(_ json: JSON, file: String) throws(ReportError) {
    let root = ReportNode(json, "\(file):")
    guard let format = json["format"]?.integer else {
      throw ReportError(place: "\(file):", message: "is no results file of 'equipoise evaluate'. Make one with --json.")
    }
    guard format == Self.format else {
      throw ReportError(
        place: "\(file):", message: "has the format \(format), and this program reads \(Self.format). Evaluate again.")
    }
    source = try root.text("source")
    rows = try root.integer("rows")
    isExact = try root.boolean("exact")
    confidence = json["confidence"] == .null ? nil : try root.double("confidence")
    shownMetrics = try root.texts("metrics")
    notes = try root.texts("dataNotes")
    explanations = []
    if json["explanations"] != nil {
      for node in try root.list("explanations") {
        explanations.append(MetricExplanation(try node.text("of"), try node.text("means")))
      }
    }
    if json["models"] != nil {
      models = []
      for node in try root.list("models") { models.append(try ModelEvaluation(node)) }
    } else {
      models = [try ModelEvaluation(root)]
    }
    comparison = json["comparison"] == nil ? nil : try ResultTable(root.member("comparison"))
  }
}

extension ModelEvaluation {
  fileprivate var members: [JSON.Member] {
    var members: [JSON.Member] = [
      .init("model", .string(name)), .init("modelRows", .number(JSONNumber(rows))),
      .init("slices", .array(slices.map(\.json))),
      .init(
        "parity",
        .object(
          parity.map { table in
            JSON.Member(
              table.columns.joined(separator: ","),
              .array(
                table.thresholds.map { entry in
                  .object(
                    (entry.threshold.map { [JSON.Member("threshold", .number(JSONNumber($0)))] } ?? [])
                      + entry.metrics.map { JSON.Member($0.name, $0.estimate.json) })
                }))
          })),
      .init("parityColumns", .array(parity.map { .array($0.columns.map { .string($0) }) })),
      .init("gates", .array(gates.map(\.json))),
    ]
    if let gaps { members.append(.init("gaps", gaps.json)) }
    if let worstSlices { members.append(.init("worstSlices", worstSlices.json)) }
    members.append(.init("packs", .array(packs.map(\.json))))
    members.append(.init("notes", .array(notes.map { .string($0) })))
    return members
  }

  fileprivate init(_ node: ReportNode) throws(ReportError) {
    name = try node.text("model")
    rows = try node.integer("modelRows")
    slices = []
    for slice in try node.list("slices") { slices.append(try SliceEvaluation(slice)) }
    gates = []
    for gate in try node.list("gates") { gates.append(try GateResult(gate)) }
    packs = []
    for pack in try node.list("packs") { packs.append(try ResultTable(pack)) }
    notes = try node.texts("notes")
    gaps = node.contains("gaps") ? try ResultTable(node.member("gaps")) : nil
    worstSlices = node.contains("worstSlices") ? try ResultTable(node.member("worstSlices")) : nil
    parity = []
    let tables = try node.member("parity")
    for columns in try node.list("parityColumns") {
      let names = try columns.texts()
      var thresholds: [ParityEvaluation.AtThreshold] = []
      for entry in try tables.list(names.joined(separator: ",")) {
        thresholds.append(
          ParityEvaluation.AtThreshold(
            threshold: entry.contains("threshold") ? try entry.double("threshold") : nil,
            metrics: try entry.estimates()))
      }
      parity.append(ParityEvaluation(columns: names, thresholds: thresholds))
    }
  }
}

extension SliceEvaluation {
  fileprivate var json: JSON {
    var members: [JSON.Member] = [
      .init(
        "slice",
        .object(slice.terms.map { JSON.Member($0.column, $0.group.map { .string($0) } ?? .null) })),
      .init("rows", .number(JSONNumber(rows))),
    ]
    members += metrics.map { JSON.Member($0.name, $0.estimate.json) }
    members.append(
      .init(
        "thresholds",
        .array(
          thresholds.map { entry in
            .object(
              [
                JSON.Member("threshold", .number(JSONNumber(entry.threshold))),
                JSON.Member(
                  "counts",
                  .object(zip(Self.countNames, entry.counts).map { JSON.Member($0, .number(JSONNumber($1))) })),
              ] + entry.metrics.map { JSON.Member($0.name, $0.estimate.json) })
          })))
    return .object(members)
  }

  private static let countNames = ["truePositives", "falsePositives", "trueNegatives", "falseNegatives"]

  fileprivate init(_ node: ReportNode) throws(ReportError) {
    var terms: [Slice.Term] = []
    for member in try node.member("slice").members() {
      guard member.value == .null || member.value.text != nil else { throw node.failure("slice", "names no groups") }
      terms.append(Slice.Term(column: member.key, group: member.value.text))
    }
    slice = Slice(terms)
    rows = try node.integer("rows")
    metrics = try node.estimates()
    thresholds = []
    for entry in try node.list("thresholds") {
      let counts = try entry.member("counts")
      var values: [Double] = []
      for name in Self.countNames { values.append(try counts.double(name)) }
      thresholds.append(
        AtThreshold(threshold: try entry.double("threshold"), counts: values, metrics: try entry.estimates()))
    }
  }
}

extension GateResult {
  /// `{"condition": …, "failsIfMet": …, "value": …, "low": …, "high": …, "bound": …, "verdict": …}`.
  public var json: JSON {
    var members: [JSON.Member] = [
      .init("condition", .string(condition)), .init("failsIfMet", .bool(failsIfMet)),
    ]
    members += estimate.json.members ?? []
    members.append(.init("bound", .number(JSONNumber(bound))))
    switch verdict {
    case .pass: members.append(.init("verdict", "pass"))
    case .fail: members.append(.init("verdict", "fail"))
    case .insufficientEvidence(let why):
      members.append(.init("verdict", "insufficientEvidence"))
      members.append(.init("because", .string(why)))
    }
    return .object(members)
  }

  fileprivate init(_ node: ReportNode) throws(ReportError) {
    condition = try node.text("condition")
    failsIfMet = try node.boolean("failsIfMet")
    estimate = try node.estimate()
    bound = try node.double("bound")
    switch try node.text("verdict") {
    case "pass": verdict = .pass
    case "fail": verdict = .fail
    case "insufficientEvidence": verdict = .insufficientEvidence(try node.text("because"))
    default: throw node.failure("verdict", "should be pass, fail or insufficientEvidence")
    }
  }
}

extension ResultTable {
  fileprivate var json: JSON {
    .object([
      .init("title", .string(title)), .init("notes", .array(notes.map { .string($0) })),
      .init("columns", .object(columns.map { JSON.Member($0.name, .string($0.kind.rawValue)) })),
      .init(
        "rows",
        .array(
          rows.map { row in
            .object(zip(columns, row).map { JSON.Member($0.name, $1.json) })
          })),
    ])
  }

  fileprivate init(_ node: ReportNode) throws(ReportError) {
    title = try node.text("title")
    notes = try node.texts("notes")
    columns = []
    for member in try node.member("columns").members() {
      guard let kind = Kind(rawValue: member.value.text ?? "") else {
        throw node.failure("columns", "names an unknown kind of cells")
      }
      columns.append(Column(member.key, kind))
    }
    rows = []
    for row in try node.list("rows") {
      var cells: [Cell] = []
      for column in columns {
        switch column.kind {
        case .text: cells.append(.text(try row.text(column.name)))
        case .count: cells.append(.count(try row.integer(column.name)))
        case .share, .number, .pValue: cells.append(.value(try row.value(column.name)))
        }
      }
      rows.append(cells)
    }
  }
}

extension ResultTable.Cell {
  fileprivate var json: JSON {
    switch self {
    case .text(let text): .string(text)
    case .count(let count): .number(JSONNumber(count))
    case .value(.defined(let value)): .number(JSONNumber(value))
    case .value(.undefined(let reason)): ["value": .null, "reason": .string(reason)]
    }
  }
}

extension Estimate {
  /// `{"value": …, "low": …, "high": …}`, or `{"value": null, …, "reason": …}`.
  fileprivate var json: JSON {
    let end = { (end: Double?) -> JSON in
      end.flatMap { $0.isFinite ? .number(JSONNumber($0)) : nil } ?? .null
    }
    var members: [JSON.Member] = [
      .init("value", value.value.map { .number(JSONNumber($0)) } ?? .null),
      .init("low", end(interval?.low)), .init("high", end(interval?.high)),
    ]
    if let reason = value.reason { members.append(.init("reason", .string(reason))) }
    return .object(members)
  }
}
