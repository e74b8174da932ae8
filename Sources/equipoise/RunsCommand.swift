import ArgumentParser
import OrderedJSON
import Reporting
import RunRecords
import RunStore

/// `equipoise runs`: lists, shows, compares and deletes the runs of a folder.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "List, show, compare or delete runs.",
    discussion: """
      Every run enters itself in \(RunStore.fileName) in the folder of the runs. The run folders are the truth: where the \
      index is lost or out of date, 'equipoise runs reindex' makes it again from them.
      """,
    subcommands: [List.self, Show.self, Compare.self, Lineage.self, Delete.self, Reindex.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List runs with their statistics.",
      discussion: """
        A key is a field (run, name, seed, status, started, seconds, version, identity, configuration, data), a \
        statistic (test.accuracy, validation.sex.pPercentRule, pretrained.test.rocAUC) or a key of the configuration \
        (adversary.lambda.sex).
        """)

    @OptionGroup var store: StoreOptions
    @OptionGroup var selection: RunSelectionOptions

    @Option(help: ArgumentHelp("The values to show. Default: those of the test rows.", valueName: "key,key"))
    var columns: String?

    @OptionGroup var format: TableFormatOptions

    func run() throws {
      try exitingOnFailure {
        let index = try store.open()
        var query = try selection.query()
        query.keys = try columns.map(RunSelectionOptions.keys) ?? RunSelectionOptions.standardMetrics(of: index)
        let table = try index.runs(query)
        if format.json {
          Console.write(JSON.array(table.rows.map { $0.json(table.keys) }).serialized())
        } else if format.csv {
          Console.write(CSVText.header(["run", "status", "seed", "started", "seconds"] + table.keys))
          Console.write(
            CSVText.lines(
              table.rows.map { row in
                [row.entry.path, row.entry.status.rawValue, String(row.entry.seed), row.entry.started]
                  + [row.entry.seconds.map { JSONNumber($0).text } ?? ""] + row.values.map { $0?.description ?? "" }
              }))
        } else {
          Console.write(RunListText(table).text)
        }
      }
    }
  }

  struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "compare", abstract: "Compare configurations: what differs, and what they came to over their seeds.",
      discussion: """
        Runs of one configuration with several seeds are one line: the mean, half the 95 % interval of the mean, and \
        the deviation of one run. Of several runs of one configuration and seed the newest counts. The intervals tell \
        what other seeds would change, not what other rows would.
        """)

    @OptionGroup var store: StoreOptions

    @Argument(help: "The runs: folders, or the beginnings or ends of their names. Default: all that are finished.")
    var runs: [String] = []

    @OptionGroup var selection: RunSelectionOptions

    @Option(help: ArgumentHelp("The statistics. Default: those of the test rows.", valueName: "key,key"))
    var metrics: String?

    @Option(
      name: .customLong("front"),
      help: ArgumentHelp(
        "Mark the configurations that no other one outdoes.",
        discussion: "Such as test.accuracy,test.sex.pPercentRule; -key where less is better.", valueName: "key,key"))
    var front: String?

    @OptionGroup var format: TableFormatOptions

    func run() throws {
      try exitingOnFailure {
        let index = try store.open()
        let objectives = front.map(Self.objectives) ?? []
        var metrics = try metrics.map(RunSelectionOptions.keys) ?? RunSelectionOptions.standardMetrics(of: index)
        metrics += objectives.map(\.metric).filter { !metrics.contains($0) }
        let keys = try index.differingKeys()
        var query = try selection.query()
        query.keys = keys + metrics
        query.limit = nil
        var table = try index.runs(query)
        if runs.isEmpty {
          table.rows.removeAll { ![.finished, .stopped].contains($0.entry.status) }
        } else {
          let wanted = try runs.map { try index.resolve($0) }
          table.rows = wanted.flatMap { path in table.rows.filter { $0.entry.path == path } }
        }
        table.leaveNewest()
        // The most of those that are compared.
        if let limit = selection.limit { table.rows = Array(table.rows.prefix(limit)) }
        let comparison = RunComparison(
          keys: keys, metrics: metrics, observations: table.rows.map { $0.observation(keys.count) },
          objectives: objectives)
        format.show(comparison)
      }
    }

    private static func objectives(_ text: String) -> [RunComparison.Objective] {
      RunSelectionOptions.keys(text).map { key in
        key.hasPrefix("-")
          ? RunComparison.Objective(String(key.dropFirst()), isMaximized: false)
          : RunComparison.Objective(key, isMaximized: true)
      }
    }
  }

  struct Reindex: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reindex", abstract: "Bring the index to what the run folders say.",
      discussion: "New and changed runs are read, entries without a folder go. A damaged index is made anew.")

    @Option(help: "The folder of the runs.", completion: .directory)
    var output = "runs"

    @Flag(help: "Read the runs again that have not changed.")
    var everything = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
      try exitingOnFailure {
        guard FileAccess.isFolder(output) else {
          throw RecordError(.noInput, at: output, "is no folder of runs. Name it with --output.")
        }
        let result = try RunStore.repaired(output: output).reindex(everything: everything)
        for damage in result.damaged { Console.note("Note: left out: \(TerminalText.neutralized(damage))") }
        if json {
          Console.write(
            JSON.object([
              .init("read", .number(JSONNumber(result.read))),
              .init("unchanged", .number(JSONNumber(result.unchanged))),
              .init("removed", .number(JSONNumber(result.removed))),
              .init("damaged", .array(result.damaged.map(JSON.string))),
            ]).serialized())
        } else {
          Console.write(
            "\(result.read) runs read, \(result.unchanged) unchanged, \(result.removed) entries without a folder "
              + "removed, \(result.damaged.count) left out as damaged.\n")
        }
      }
    }
  }
}
