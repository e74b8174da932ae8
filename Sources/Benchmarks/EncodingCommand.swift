import ArgumentParser
import TabularData

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `equipoise-benchmark encoding`: from Adult's file to the encoded matrices of both halves.
struct EncodingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encoding", abstract: "Measure the way from Adult's CSV file to the encoded matrices.",
    discussion: """
      The file is adult/adult.data in the folder that EQUIPOISE_DATA names. Both parts end in the same matrices: 30,940 \
      rows in two halves, 93 columns, one-hot and standardised on the training half. The table is checked against its \
      SHA-256 before the measurement, not within it.
      """)

  @OptionGroup var options: MeasurementOptions

  func run() throws {
    guard hasDataFolder() else {
      throw ValidationError("EQUIPOISE_DATA is not set. Let it name the folder that holds adult/adult.data.")
    }
    let entry = CatalogEntry.adult
    let (tables, files) = try entry.load(files: ["train"])
    let path = files[0].path
    let reader = CSVReader(format: entry.format, options: ReadingOptions(missingMarkers: entry.missingMarkers))
    let prepared = try entry.recipe.prepare(tables[0])
    let reading = try times(of: { _ = try reader.read(path) }, options: options, share: 0.5)
    let table = try reader.read(path)
    let encoding = try times(of: { _ = try entry.recipe.prepare(table) }, options: options, share: 0.5)
    let whole = try times(of: { _ = try entry.recipe.prepare(try reader.read(path)) }, options: options)
    let columns = prepared[.train]?.featureCount ?? 0
    options.report(
      ["\(path): \(table.rowCount) × \(table.columns.count), encoded \(columns) columns", ""],
      properties: [("rows", .number(Double(table.rowCount))), ("columns", .number(Double(columns)))],
      figures: [
        Figure("readingMilliseconds", "CSV to table", unit: "ms", scale: 1e3, seconds: reading),
        Figure("encodingMilliseconds", "table to matrices", unit: "ms", scale: 1e3, seconds: encoding),
        Figure("csvToMatrixMilliseconds", "CSV to matrices", unit: "ms", scale: 1e3, seconds: whole),
      ])
  }
}

/// Whether EQUIPOISE_DATA names a folder.
func hasDataFolder() -> Bool {
  ProcessInfo.processInfo.environment["EQUIPOISE_DATA"].map { !$0.isEmpty } ?? false
}
