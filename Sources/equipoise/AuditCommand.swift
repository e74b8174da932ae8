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
      predict them. Without --data the rows are the run's own test rows; an audit of these that the run made at its \
      end is shown again, unless --again or another --seed asks for new adversaries.
      """)

  @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"), completion: .directory)
  var folder: String

  @Option(help: "Held-out rows with the sensitive columns: a CSV file, gzipped or not.", completion: .file())
  var data: String?

  @Option(help: ArgumentHelp("The names of the columns where the file has no header line.", valueName: "a,b,c"))
  var columns: String?

  @Option(
    parsing: .unconditional,
    help: "The seed of folds, adversaries and permutations. Default: audit.seed of the run's configuration.")
  var seed: Int?

  @Flag(help: "Train the adversaries again where the run has recorded an audit.")
  var again = false

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "Do not tell about values that the model does not know.")
  var quiet = false

  func validate() throws {
    if let seed, seed < 0 { throw ValidationError("--seed should be at least 0, found \(seed).") }
    if columns != nil && data == nil { throw ValidationError("--columns goes with --data.") }
  }

  func run() throws {
    try exitingOnFailure {
      Interruption.endAtOnce()
      let names = columns.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
      let result = try recorded() ?? audited(columnNames: names)
      if !quiet {
        for notice in result.notices { Console.note("Note: \(TerminalText.neutralized(notice))") }
      }
      if json {
        Console.write(result.json.serialized())
      } else {
        let text = AuditText(result.audit, proxies: result.proxies, isUnicode: Console.isUnicode)
        Console.write(text.text(rows: data == nil ? "\(result.data) rows" : "rows of \(result.data)"))
      }
    }
  }

  /// The audit that the run made at its end; nil where there is none, or another one is asked for.
  private func recorded() throws -> AuditRecord? {
    let folder = try RunFolder(existing: folder)
    guard !again, data == nil, folder.hasAudit else { return nil }
    let record = try folder.audit()
    return seed.map { UInt64($0) == record.audit.settings.seed } ?? true ? record : nil
  }

  private func audited(columnNames: [String]?) throws -> AuditRecord {
    let auditor = try RunAuditor(run: folder)
    var settings = auditor.settings
    if let seed { settings.seed = UInt64(seed) }
    return try auditor.audit(data, columnNames: columnNames, settings: settings)
  }
}
