import ArgumentParser
import OrderedJSON
import ReportPages
import Reporting
import RunRecords
import TabularData

extension DataCommand {
  struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "describe",
      abstract: "Describe a data set: its columns, groups and gaps, and how it differs from what is expected.",
      discussion: """
        Prints the data card: every column, how many rows and positive labels each group has, and which columns go with \
        a sensitive one. --save-schema writes what such data let expect (columns, types, categories, complete columns), \
        and --schema holds other data against it; --against measures how far every column lies from that of another \
        file. Exits with status 1 where something is not as expected, a distance reaches --skew-threshold, or a column \
        is not in both files or of another type there.
        """)

    @Argument(
      help: "A CSV file, census for the simulator, or \(DatasetCatalog.entries.map(\.name).joined(separator: " or ")).",
      completion: .file(extensions: ["csv"]))
    var data: String

    @Option(help: ArgumentHelp("The column of the label.", valueName: "column"))
    var label: String?

    @Option(help: ArgumentHelp("A value of the label that counts as positive; can be repeated.", valueName: "value"))
    var positive: [String] = []

    @Option(help: ArgumentHelp("The sensitive columns.", valueName: "a,b"))
    var groups: String?

    @Option(help: "Write what the data let expect into this file.", completion: .file(extensions: ["json"]))
    var saveSchema: String?

    @Option(help: "Hold the data against such a file.", completion: .file(extensions: ["json"]))
    var schema: String?

    @Option(help: "Measure how the data differ from this file.", completion: .file(extensions: ["csv"]))
    var against: String?

    @Option(help: "The distance, in 0...1, from which on a column counts as different.")
    var skewThreshold = 0.1

    @Option(help: "Write the card as an HTML page.", completion: .file(extensions: ["html"]))
    var html: String?

    @Option(help: "Write the card as Markdown.", completion: .file(extensions: ["md"]))
    var markdown: String?

    @Option(help: "Write the data set's description in Croissant, with its fields for responsible AI.")
    var croissant: String?

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
      if !(skewThreshold >= 0 && skewThreshold <= 1) {
        throw ValidationError("--skew-threshold should be in 0...1, found \(skewThreshold).")
      }
      if groups != nil && label == nil {
        throw ValidationError("--groups tells of labels by group; name the label's column too: --label COLUMN.")
      }
      if !positive.isEmpty && label == nil { throw ValidationError("--positive goes with --label.") }
    }

    func run() throws {
      try exitingOnFailure {
        let (table, recipe) = try read()
        if croissant != nil, data == "census" || DatasetCatalog.entries.contains(where: { $0.name == data }) {
          throw DataError(.badData, at: "--croissant", "describes a file; name the CSV file itself.")
        }
        let expectations = try schema.map(ExpectationsFile.read)
        let other = try against.map { try (CSVReader().read($0), $0) }
        let card = DataCard(
          try TableSummary(table, recipe: recipe), label: recipe?.label.column,
          anomalies: expectations?.anomalies(in: table),
          skew: other.map { (TableSkew(table, $0.0), $0.1) }, skewThreshold: skewThreshold)
        var files: [(path: String, text: String)] = []
        if let saveSchema { files.append((saveSchema, ExpectationsFile.text(TableExpectations(of: table)))) }
        if let html { files.append((html, card.html)) }
        if let markdown { files.append((markdown, card.markdown)) }
        if let croissant { files.append((croissant, try CroissantFile(card, path: data).json.serialized())) }
        for (path, text) in files { try FileAccess.write(text.utf8, to: path) }
        Console.write(json ? card.json.serialized() : card.text)
        if !card.isSound { throw ExitCode(1) }
      }
    }

    private func read() throws -> (Table, DataRecipe?) {
      var (table, recipe): (Table, DataRecipe?)
      if let entry = DatasetCatalog.entries.first(where: { $0.name == data }) {
        (table, recipe) = (try Table.concatenating(entry.load().tables), entry.recipe)
        table.source = entry.title
      } else if data == "census" {
        (table, recipe) = (CensusSimulator().rows(count: 30_940, seed: 7), CatalogEntry.adult.recipe)
      } else {
        (table, recipe) = (try CSVReader().read(data), nil)
      }
      if let label {
        let names = (groups ?? "").split(separator: ",").map { String($0) }
        recipe = DataRecipe(
          label: .init(column: label, positive: positive), sensitive: names.map { .init(column: $0) },
          split: .fractions([.train: 1], stratify: .none, seed: 0))
      }
      return (table, recipe)
    }
  }
}
