import ArgumentParser
import OrderedJSON
import Reporting
import TabularData

extension DataCommand {
  struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "describe",
      abstract: "Describe a data set: its columns, gaps, and label rates by group.")

    @Argument(
      help: "A CSV file, census for the simulator, or \(DatasetCatalog.entries.map(\.name).joined(separator: " or ")).",
      completion: .file(extensions: ["csv"]))
    var data: String

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
      try exitingOnFailure {
        let description = try description()
        Console.write(json ? description.json.serialized() : description.text)
      }
    }

    private func description() throws -> TableDescription {
      if let entry = DatasetCatalog.entries.first(where: { $0.name == data }) {
        let tables = try entry.load().tables
        return try TableDescription(Table.concatenating(tables), recipe: entry.recipe)
      }
      if data == "census" {
        return try TableDescription(CensusSimulator().rows(count: 30_940, seed: 7), recipe: CatalogEntry.adult.recipe)
      }
      return try TableDescription(CSVReader().read(data))
    }
  }
}

extension TableDescription {
  /// The description for people: a line a column.
  fileprivate var text: String {
    let names = columns.map { TerminalText.neutralized($0.name) }
    let width = min(32, names.map(TerminalText.width).max() ?? 0)
    var text = "\(TerminalText.neutralized(source)): \(TerminalText.grouped(rows)) rows, \(columns.count) columns\n\n"
    for (name, column) in zip(names, columns) {
      text += "  \(TerminalText.padded(name, to: width))  "
      if let numbers = column.numbers {
        text += "numbers \(Self.short(numbers.minimum)) to \(Self.short(numbers.maximum)), "
        text += "mean \(Self.short(numbers.mean)), median \(Self.short(numbers.median))"
      } else {
        let top = column.top.prefix(4).map {
          "\(TerminalText.padded(TerminalText.neutralized($0.value), to: min(24, TerminalText.width(TerminalText.neutralized($0.value))))) "
            + TerminalText.grouped($0.rows)
        }
        text += "\(TerminalText.grouped(column.distinct)) values: \(top.joined(separator: ", "))"
        if column.distinct > 4 { text += ", …" }
      }
      if column.missing > 0 { text += "; missing \(TerminalText.grouped(column.missing))" }
      text += "\n"
    }
    if !labelRates.isEmpty { text += "\n" }
    for rate in labelRates {
      let share = rate.rate.map { TerminalText.fixed($0 * 100, 1) + " %" } ?? "n/a"
      text += "  \(TerminalText.neutralized("\(rate.column) \(rate.group)")): \(share) positive of "
      text += "\(TerminalText.grouped(rate.rows)) rows\n"
    }
    return text
  }

  fileprivate var json: JSON {
    .object([
      .init("source", .string(source)), .init("rows", .number(JSONNumber(rows))),
      .init("columns", .array(columns.map(Self.json))),
      .init(
        "labelRates",
        .array(
          labelRates.map { rate in
            [
              "column": .string(rate.column), "group": .string(rate.group), "rows": .number(JSONNumber(rate.rows)),
              "positives": .number(JSONNumber(rate.positives)),
              "rate": rate.rate.map { .number(JSONNumber($0)) } ?? .null,
            ]
          })),
    ])
  }

  private static func json(_ column: ColumnDescription) -> JSON {
    var members: [JSON.Member] = [
      .init("name", .string(column.name)), .init("type", .string(column.type.rawValue)),
      .init("missing", .number(JSONNumber(column.missing))), .init("distinct", .number(JSONNumber(column.distinct))),
    ]
    if let numbers = column.numbers {
      let values = [
        ("mean", numbers.mean), ("standardDeviation", numbers.standardDeviation), ("minimum", numbers.minimum),
        ("median", numbers.median), ("maximum", numbers.maximum),
      ]
      // Of huge numbers the mean or the deviation may be beyond the range of a double.
      members += values.map { JSON.Member($0.0, $0.1.isFinite ? .number(JSONNumber($0.1)) : .null) }
    }
    if !column.top.isEmpty {
      members.append(
        .init("top", .array(column.top.map { ["value": .string($0.value), "rows": .number(JSONNumber($0.rows))] })))
    }
    return .object(members)
  }

  private static func short(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? TerminalText.fixed(value, 0) : TerminalText.fixed(value, 2)
  }
}
