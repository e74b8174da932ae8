import ArgumentParser
import Auditing
import Experiments
import OrderedJSON
import Reporting
import RunRecords

/// `equipoise audit`: what can still be read off the predictions of a run.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Try with fresh adversaries to read the sensitive attributes off a run's predictions.",
    discussion: """
      Trains new adversaries on rows that the classifier did not see in training, and tells how well each reads the \
      sensitive attributes, with intervals and p-values, beside the game's own adversary; then how well the features \
      predict them. Without --data the rows are the run's own test rows.
      """)

  @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"), completion: .directory)
  var folder: String

  @Option(help: "Held-out rows with the sensitive columns: a CSV file, gzipped or not.", completion: .file())
  var data: String?

  @Option(help: ArgumentHelp("The names of the columns where the file has no header line.", valueName: "a,b,c"))
  var columns: String?

  @Option(help: "The seed of folds, adversaries and permutations.")
  var seed = 0

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "Do not tell about values that the model does not know.")
  var quiet = false

  func validate() throws {
    if seed < 0 { throw ValidationError("--seed should be at least 0, found \(seed).") }
    if columns != nil && data == nil { throw ValidationError("--columns goes with --data.") }
  }

  func run() throws {
    try exitingOnFailure {
      let names = columns.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
      let settings = AuditSettings(seed: UInt64(seed))
      let result = try RunAuditor(run: folder).audit(data, columnNames: names, settings: settings)
      if !quiet {
        for notice in result.notices { Console.note("Note: \(TerminalText.neutralized(notice))") }
      }
      if json {
        let members = (result.audit.json.members ?? []) + [.init("proxies", result.proxies.json)]
        Console.write(JSON.object([.init("data", .string(result.rows))] + members).serialized())
      } else {
        let text = AuditText(result.audit, proxies: result.proxies, isUnicode: Console.isUnicode)
        Console.write(text.text(rows: data == nil ? "\(result.rows) rows" : "rows of \(result.rows)"))
      }
    }
  }
}
