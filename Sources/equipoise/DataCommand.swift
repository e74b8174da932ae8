import ArgumentParser
import OrderedJSON
import Reporting
import RunRecords
import TabularData

/// `equipoise data`: gets, makes and describes data sets.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Get, simulate or describe a data set.",
    subcommands: [Fetch.self, Simulate.self, Describe.self])

  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "fetch", abstract: "Get the files of a catalogue data set, checked against their SHA-256.",
      discussion: """
        Looks into the folder named by EQUIPOISE_DATA, then into the cache, and downloads from the publisher what is in \
        neither.
        """)

    @Argument(help: "The data set: \(DatasetCatalog.entries.map(\.name).joined(separator: " or ")).")
    var name: String

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
      try exitingOnFailure {
        let entry = try DatasetCatalog.entry(named: name)
        let locator = DatasetLocator()
        let files = try entry.files.map { (name: $0.name, file: try locator.locate($0, of: entry)) }
        if json {
          let list = files.map { name, file -> JSON in
            [
              "name": .string(name), "path": .string(file.path), "sha256": .string(file.sha256),
              "place": .string(file.place.rawValue),
            ]
          }
          Console.write(
            JSON.object([
              .init("dataset", .string(entry.name)), .init("licence", .string(entry.licence)),
              .init("citation", .string(entry.citation)), .init("files", .array(list)),
            ]).serialized())
        } else {
          var text = "\(entry.title)\n"
          for (name, file) in files {
            text += "  \(name)  \(TerminalText.neutralized(file.path))  SHA-256 \(file.sha256)\n"
          }
          text += "Licence: \(entry.licence)\nCite: \(entry.citation)\n"
          for caveat in entry.caveats { text += "Note: \(caveat)\n" }
          Console.write(text)
        }
      }
    }
  }

  struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "simulate", abstract: "Make rows with the columns of Adult from a causal model, as CSV.")

    @Option(help: "The number of rows.")
    var rows = 30_940

    @Option(help: "The seed: equal seed, equal rows.")
    var seed: UInt64 = 7

    @Option(help: "The file to write; without it, standard output.", completion: .file(extensions: ["csv"]))
    var output: String?

    func validate() throws {
      guard rows >= 0 else { throw ValidationError("--rows should not be negative, found \(rows).") }
    }

    func run() throws {
      try exitingOnFailure {
        Interruption.listen()
        let file = try output.map { try ReplacedFile($0) }
        func write(_ bytes: [UInt8]) throws {
          if let file { try file.append(bytes) } else { Console.write(bytes) }
        }
        try write(CSVText.header(CensusSimulator.columnNames))
        for table in CensusSimulator().chunks(of: 4096, count: rows, seed: seed) {
          if Interruption.isRequested { throw ExitCode(Interruption.exitStatus) }
          try write(CSVText.rows(of: table))
        }
        try file?.finish()
      }
    }
  }
}
