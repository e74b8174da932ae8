import OrderedJSON
import Reporting
import RunRecords

/// What `equipoise run` prints at its end.
struct RunPresentation {
  /// What the run came to.
  var summary: RunSummary

  /// The run's folder.
  var folder: String

  /// The scores of the test rows by attribute and group, before and after.
  var scores: [(attribute: String, groups: [ScoreHistograms.Group])]

  /// The result for people: the table, the verdict, the distributions, the folder.
  func text(isUnicode: Bool) -> String {
    let table = ClosingTable(summary, isUnicode: isUnicode)
    let histograms = scores.map {
      ScoreHistograms(attribute: $0.attribute, groups: $0.groups, isUnicode: isUnicode).text
    }
    let notices = summary.notices.map { "Note: \(TerminalText.neutralized($0))\n" }.joined()
    let parts =
      [table.text, table.verdict + "\n"] + histograms + [notices, "Records: \(TerminalText.neutralized(folder))\n"]
    return parts.filter { !$0.isEmpty && $0 != "\n" }.joined(separator: "\n")
  }

  /// The result for programs: the folder and the summary.
  var json: JSON {
    .object([.init("folder", .string(folder))] + (summary.json.members ?? []))
  }
}
