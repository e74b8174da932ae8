import FairnessEvaluation
import FairnessMetrics
import OrderedJSON
import RunRecords

/// What a report shows, for programs: the verdict, the findings, and the records behind them.
struct ReportJSON {
  private let run: RunReport

  init(_ run: RunReport) { self.run = run }

  var json: JSON {
    guard run.isBinary else { return labelJSON }
    let findings = Findings(run)
    var members: [JSON.Member] = [
      .init("run", .string(run.path)), .init("name", .string(run.summary.name)),
      .init("seed", .number(JSONNumber(run.summary.seed))), .init("rows", .string(run.split.rawValue)),
      .init("headline", .string(findings.headline)), .init("sentences", .array(findings.lead.map(JSON.string))),
      .init(
        "attributes",
        .object(
          findings.attributes.map { finding in
            JSON.Member(
              finding.name,
              .object([
                .init("standing", .string(finding.standing.word.text)), .init("pPercentRule", Self.json(finding.ratio)),
                .init("before", finding.ratioBefore.map(Self.json) ?? .null),
              ]))
          })),
      .init(
        "watch", .array(findings.watch.map { ["text": .string($0.text), "section": .string($0.section)] })),
      .init("demands", .array(Demand.all(of: run).map(Self.json))),
      .init("missing", .array(run.missing.map(JSON.string))), .init("summary", run.summary.json),
    ]
    if let evaluation = run.evaluation { members.append(.init("evaluation", evaluation.json)) }
    if let scores = run.scores { members.append(.init("scores", scores.json)) }
    members.append(.init("epochs", .array(run.epochs.map(\.json))))
    if let audit = run.audit { members.append(.init("audit", audit)) }
    members.append(.init("limits", .string(EvaluationReport.limits)))
    return .object(members)
  }

  /// The same where the label has several classes or is a number.
  private var labelJSON: JSON {
    let label = LabelSection(run: run)
    var members: [JSON.Member] = [
      .init("run", .string(run.path)), .init("name", .string(run.summary.name)),
      .init("seed", .number(JSONNumber(run.summary.seed))), .init("rows", .string(run.split.rawValue)),
      .init("headline", .string(label.headline)), .init("sentences", .array(label.lead.map(JSON.string))),
      .init("demands", .array(Demand.all(of: run).map(Self.json))),
      .init("missing", .array(run.missing.map(JSON.string))), .init("summary", run.summary.json),
    ]
    if let evaluation = run.evaluation { members.append(.init("evaluation", evaluation.json)) }
    members.append(.init("epochs", .array(run.epochs.map(\.json))))
    if let audit = run.audit { members.append(.init("audit", audit)) }
    members.append(.init("limits", .string(EvaluationReport.limits)))
    return .object(members)
  }

  /// A demand with its verdict, and with what later rows came to where it was not judged on them.
  private static func json(_ demand: Demand) -> JSON {
    var members: [JSON.Member] = [
      .init("condition", .string(demand.condition)), .init("rows", .string(demand.rows)),
      .init("value", json(demand.value)), .init("standing", .string(demand.standing.word.text)),
    ]
    if let check = demand.check {
      members.append(
        .init(
          "check",
          [
            "rows": .string(check.rows), "value": json(check.value), "standing": .string(check.standing.word.text),
            "isMissed": .bool(check.isMissed),
          ]))
    }
    return .object(members)
  }

  static func json(_ estimate: Estimate) -> JSON {
    func number(_ value: Double?) -> JSON { value.map { .number(JSONNumber($0)) } ?? .null }
    var members: [JSON.Member] = [
      .init("value", number(estimate.value.value)), .init("low", number(estimate.interval?.low)),
      .init("high", number(estimate.interval?.high)),
    ]
    if let reason = estimate.value.reason { members.append(.init("reason", .string(reason))) }
    return .object(members)
  }
}
