import Experiments
import FairnessEvaluation
import OrderedJSON
import Reporting
import RunRecords

/// What `equipoise run` prints at its end.
struct RunPresentation {
  private let summary: RunSummary
  private let evaluation: RunEvaluation
  private let audit: AuditRecord?
  private let folder: String
  private let report: String?
  private let scores: [(attribute: String, groups: [ScoreHistograms.Group])]

  /// - Parameter report: The path of the run's page; nil where it has none.
  init(_ result: ExperimentRunner.Result, report: String? = nil) {
    self.report = report
    summary = result.summary
    evaluation = result.evaluation
    audit = result.audit
    folder = result.folder.path
    let shown = result.shown
    // Where no game was played there is no before.
    let hasBefore = shown.before != shown.after
    // Histograms are of scores in 0...1.
    scores = (shown.labelKind == .binary ? shown.attributes : []).map { attribute in
      var groups = attribute.groups.map { ScoreHistograms.Group(name: $0, before: [], after: []) }
      for (row, code) in attribute.codes.enumerated() where code >= 0 {
        if hasBefore { groups[Int(code)].before.append(shown.before[row]) }
        groups[Int(code)].after.append(shown.after[row])
      }
      return (attribute.name, groups)
    }
  }

  /// The result for people: the table, the verdict, the gates, the distributions, the folder.
  func text(isUnicode: Bool) -> String {
    let table = ClosingTable(summary, evaluation: evaluation, isUnicode: isUnicode)
    let histograms = scores.map {
      ScoreHistograms(attribute: $0.attribute, groups: $0.groups, isUnicode: isUnicode).text
    }
    let parts =
      [
        table.text, table.verdict + "\n", table.levelledDown,
        summary.constraints.map { ConstraintsText($0, isUnicode: isUnicode).text } ?? "",
        CollapseText(summary.collapses).text, table.gates,
        audit.map { AuditHeadline($0.audit, isUnicode: isUnicode).text(rows: "\($0.data) rows") } ?? "",
      ] + histograms
      + [
        (report.map { "Report: \(TerminalText.neutralized($0))\n" } ?? "")
          + "Records: \(TerminalText.neutralized(folder))\n"
          + "All slices: equipoise evaluate --results \(TerminalText.neutralized(folder))/evaluation.json\n"
          + (audit == nil
            ? "" : "All adversaries: equipoise audit \(TerminalText.neutralized(folder))\n")
      ]
    return parts.filter { !$0.isEmpty && $0 != "\n" }.joined(separator: "\n")
  }

  /// The result for programs: the folder, the gates, what the audit came to and the summary.
  var json: JSON {
    .object(
      [
        .init("folder", .string(folder)), .init("report", report.map(JSON.string) ?? .null),
        .init("gates", .array(evaluation.gates.map(\.json))), .init("audit", audit?.audit.headline ?? .null),
      ] + (summary.json.members ?? []))
  }
}
