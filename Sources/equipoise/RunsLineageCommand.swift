import ArgumentParser
import RunRecords
import RunStore

extension RunsCommand {
  /// `equipoise runs lineage`.
  struct Lineage: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "lineage",
      abstract: "Show where the results of a run come from: rows, configuration, encoder, model, evaluation.",
      discussion: "Prints a Mermaid flow chart, which Markdown viewers draw; every artifact has its SHA-256.")

    @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"), completion: .directory)
    var folder: String

    @Flag(help: "Print JSON, with who and when and the whole hashes.")
    var json = false

    func run() throws {
      try exitingOnFailure {
        let lineage = try RunLineage(RunFolder(existing: folder))
        Console.write(json ? lineage.json.serialized() : lineage.mermaid)
      }
    }
  }
}
