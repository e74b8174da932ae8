import ArgumentParser
import Experiments
import OrderedJSON
import ReportPages
import Reporting
import RunRecords

/// `equipoise report`: one page that shows a run, or several side by side.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write the report of a run as one HTML file.",
    discussion: """
      Made from the records of the run, without training again: figures, distributions, the course of the training, \
      thresholds, slices, demands and limits. The file needs no network and can be passed on. An audit.json in the run's \
      folder (equipoise audit RUN --json) is shown too.
      """)

  @Argument(help: ArgumentHelp("The folders of the runs.", valueName: "run"), completion: .directory)
  var folders: [String]

  @Option(
    help: "Write to this file; otherwise report.html in the folder of the run, or comparison.html.", completion: .file()
  )
  var output: String?

  @Option(help: "A frontier.json to be shown with the run.", completion: .file(extensions: ["json"]))
  var frontier: String?

  @Option(help: "The most rows of the run's data that the page has for the explorer; 0: none.")
  var rows = 100_000

  @Flag(help: "Leave columns of free text out of the page.")
  var noRawText = false

  @Flag(help: "Let no row of the page tell its sensitive attributes.")
  var noSensitive = false

  @Option(
    help:
      "Write the model card into this folder too: model-card.json (Model Card Toolkit) and README.md (Hugging Face).",
    completion: .directory)
  var card: String?

  @Flag(help: "Print what the page shows as JSON, and write no page.")
  var json = false

  func validate() throws {
    if folders.isEmpty { throw ValidationError("Name the folder of a run.") }
    if folders.count > 26 { throw ValidationError("At most 26 runs stand side by side, found \(folders.count).") }
    if rows < 0 { throw ValidationError("--rows should be at least 0, found \(rows).") }
    if card != nil && (folders.count > 1 || json) {
      throw ValidationError("--card goes with one run, and not with --json.")
    }
    if json && output != nil { throw ValidationError("--json prints and writes no file. Give it or --output.") }
  }

  func run() throws {
    try exitingOnFailure {
      let reports = try folders.map { try RunReport(folder: $0, frontierFile: frontier) }
      if reports.count > 1 || card != nil {
        for report in reports {
          try report.requireBinaryLabel(
            for: reports.count > 1 ? "a comparison" : "a model card",
            remedy: "Make the report of that run alone, without --card.")
        }
      }
      let page: (html: String, json: JSON)
      if reports.count == 1 {
        let single = ReportPage(reports[0], rows: json || !reports[0].isBinary ? nil : explorer(reports[0]))
        page = (json ? "" : single.html, json ? single.json : .null)
      } else {
        let comparison = ComparisonPage(reports)
        page = (json ? "" : comparison.html, json ? comparison.json : .null)
      }
      if json {
        Console.write(page.json.serialized())
      } else {
        let path = output ?? (reports.count == 1 ? "\(reports[0].path)/report.html" : "comparison.html")
        try FileAccess.write(page.html.utf8, to: path)
        Console.write("\(TerminalText.neutralized(path))\n")
        if let card { try write(ModelCard(reports[0]), to: card) }
      }
    }
  }

  private func write(_ card: ModelCard, to folder: String) throws {
    try FileAccess.makeFolders(folder)
    for (name, text) in card.files {
      try FileAccess.write(text.utf8, to: "\(folder)/\(name)")
      Console.write("\(TerminalText.neutralized("\(folder)/\(name)"))\n")
    }
  }

  /// The rows for the explorer; nil, with a note, where the run's data cannot be read any more.
  private func explorer(_ report: RunReport) -> JSON? {
    guard rows > 0 else { return nil }
    var options = RunExplorer.Options()
    options.rows = rows
    options.includesSensitive = !noSensitive
    options.includesText = !noRawText
    do {
      return try RunExplorer(run: report.path, options: options).json()
    } catch {
      Console.note("Note: the page has no rows: \(TerminalText.neutralized("\(error)"))")
      return nil
    }
  }
}
