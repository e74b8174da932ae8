import ArgumentParser
import OrderedJSON
import Reporting
import RunRecords
import RunStore

extension RunsCommand {
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Show what the index knows of a run: how far it is, its statistics, its own settings.")

    @OptionGroup var store: StoreOptions

    @Argument(help: ArgumentHelp("The run: its folder, or the beginning or the end of its name.", valueName: "run"))
    var name: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
      try exitingOnFailure {
        let index = try store.open()
        let path = try index.resolve(name)
        let metrics = try index.metricKeys()
        let keys = try index.differingKeys()
        var query = RunStore.Query()
        query.conditions = [RunCondition(run: path)]
        query.keys = keys + metrics
        guard let row = try index.runs(query).rows.first else { return }
        let epochs = try index.epochs(of: path)
        if json {
          let members = row.json(query.keys).members ?? []
          Console.write(
            JSON.object(
              [.init("folder", .string("\(index.output)/\(path)"))] + members
                + [.init("epochs", .array(epochs.map(Self.json)))]
            ).serialized())
        } else {
          let values = Dictionary(zip(query.keys, row.values), uniquingKeysWith: { first, _ in first })
          Console.write(
            RunDetailText(
              row.entry, folder: "\(index.output)/\(path)", settings: keys.map { ($0, values[$0] ?? nil) },
              metrics: metrics.map { ($0, values[$0] ?? nil) }, epochs: epochs, isUnicode: Console.isUnicode
            ).text)
        }
      }
    }

    private static func json(_ epoch: RunStore.EpochLine) -> JSON {
      func number(_ value: Double?) -> JSON { value.map { .number(JSONNumber($0)) } ?? .null }
      return [
        "number": .number(JSONNumber(epoch.number)), "phase": .string(epoch.phase),
        "epoch": .number(JSONNumber(epoch.epoch)), "labelLoss": number(epoch.labelLoss),
        "adversaryLoss": number(epoch.adversaryLoss), "accuracy": number(epoch.accuracy),
        "rocAUC": number(epoch.rocAUC),
      ]
    }
  }

  struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Delete runs: their folders and their entries.",
      discussion: "A run that a process is at work on is left alone.")

    @OptionGroup var store: StoreOptions

    @Argument(help: "The runs: folders, or the beginnings or ends of their names.")
    var runs: [String] = []

    @Option(
      name: .customLong("where"),
      help: ArgumentHelp(
        "Delete the runs that fulfil a condition; several must all hold. Needs --yes.", valueName: "condition"))
    var conditions: [String] = []

    @Flag(help: "Delete what --where finds; without it, the runs are only listed.")
    var yes = false

    func validate() throws {
      if runs.isEmpty == conditions.isEmpty { throw ValidationError("Name runs, or give --where.") }
    }

    func run() throws {
      try exitingOnFailure {
        _ = try store.open()
        let index = try RunStore(output: store.output, access: .writing)
        var query = RunStore.Query()
        for condition in conditions { query.conditions.append(try RunCondition(condition)) }
        var rows = try index.runs(query).rows
        if !runs.isEmpty {
          let wanted = Set(try runs.map { try index.resolve($0) })
          rows.removeAll { !wanted.contains($0.entry.path) }
        }
        for row in rows {
          let path = TerminalText.neutralized(row.entry.path)
          if row.entry.status == .running {
            Console.note("Note: \(path) is running, and is left alone.")
          } else if !runs.isEmpty || yes {
            // The folder first: an entry without a folder is found by reindexing, a folder without an entry is a run.
            let folder = "\(index.output)/\(row.entry.path)"
            FileAccess.remove(folder)
            guard !FileAccess.exists(folder) else {
              throw RecordError(.cannotCreate, at: folder, "cannot be deleted. Check the rights of its folder.")
            }
            try index.remove(row.entry.path)
            Console.write("deleted \(path)\n")
          } else {
            Console.write("would delete \(path)\n")
          }
        }
        if runs.isEmpty && !yes && !rows.isEmpty { Console.note("Note: nothing is deleted without --yes.") }
      }
    }
  }
}
