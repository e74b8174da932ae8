import Foundation
import OrderedJSON
import ReportPages
import RunRecords
import Testing

/// The explorer of rows says what it can do, which without a model is less.
@Suite struct RowsSectionTests {
  private func rows(model: JSON, without: JSON, reads: JSON = [], hidden: JSON = []) -> JSON {
    [
      "split": "test", "total": 1, "rows": [4], "columns": [["name": "age", "values": [38]]], "hidden": hidden,
      "groups": [], "labels": [1], "scores": [0.7], "before": [0.4], "threshold": 0.5, "decisions": [1],
      "decisionsBefore": [0], "flips": [], "model": model, "withoutModel": without, "reads": reads,
    ]
  }

  private static let parts = ["row-column", "row-dependence", "row-fields", "row-undo", "row-parts"]

  /// The section, without the script that stands at the end of the page.
  private func section(_ rows: JSON) throws -> String {
    var text = ""
    try SampleRun.with { folder in
      let html = try ReportPage(RunReport(folder: folder), rows: rows).html
      let start = try #require(html.range(of: "<section id=\"rows\""))
      let rest = html[start.lowerBound...]
      text = String(rest[..<(try #require(rest.range(of: "</section>"))).lowerBound])
    }
    return text
  }

  @Test func withAModelRowsCanBeChanged() throws {
    let section = try section(rows(model: ["threshold": 0.5], without: .null))
    for part in Self.parts { #expect(section.contains("id=\"\(part)\""), "\(part)") }
    #expect(section.contains("Pick one to change its values") && !section.contains("No row can be changed here"))
  }

  /// It says why there is no model, and what would need one is not there.
  @Test(
    arguments: [
      ("readsSensitive", ["<sex>", "race"], "the model reads &lt;sex&gt; and race beside the features of a row"),
      ("drawn", [], "the model is several networks, of which one is drawn for each row"),
      ("leftOut", [], "the model reads columns that were left out of this page"),
    ] as [(String, [String], String)])
  func withoutAModelItSaysWhy(reason: String, reads: [String], expected: String) throws {
    let section = try section(
      rows(model: .null, without: .string(reason), reads: .array(reads.map(JSON.string)), hidden: ["age"]))
    for part in Self.parts { #expect(!section.contains("id=\"\(part)\""), "\(part)") }
    #expect(section.contains("No row can be changed here: \(expected)"))
    #expect(section.contains("were left out of this page") == (reason == "leftOut"))
    #expect(!section.contains("Pick one to change its values") && section.contains("Left out of this file: age."))
  }
}
