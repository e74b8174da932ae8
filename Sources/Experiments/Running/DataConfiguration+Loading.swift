import LinearAlgebra
import RunRecords
import TabularData

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The rows that a configuration names, read and typed.
struct LoadedData: Sendable {
  /// One table, or one for each part of the split.
  enum Tables: Sendable {
    case whole(Table)
    case parts([(split: TabularData.SplitName, table: Table)])
  }

  var tables: Tables

  /// Where the rows came from, with the hash of each file.
  var sources: [EnvironmentRecord.Source]

  /// The files as they were opened; none for simulated rows.
  var paths: [String] = []

  /// The markers of missing cells that were in force.
  var missingMarkers: [String]

  /// The files in the order of their rows, with how many each has; one where the rows are of a simulator.
  var files: [(name: String, rows: Int)]
}

extension DataConfiguration {
  /// Reads the rows.
  ///
  /// - Parameters:
  ///   - seed: The seed of the run, from which a simulator's seed follows where it is not given.
  ///   - located: Turns a path of the configuration into one that can be opened.
  func load(seed: UInt64, located: (String) -> String) throws(DataError) -> LoadedData {
    let types = tableTypes
    if case .files(let split) = self.split {
      var parts: [(split: TabularData.SplitName, table: Table)] = []
      var sources: [EnvironmentRecord.Source] = []
      let reader = csvReader(columnNames: csvColumnNames)
      let given = split.files.inOrder
      let all = given.map { ($0, located($1)) }
      // Read together, so that a column has one type in all of them.
      var files: [(name: String, rows: Int)] = []
      for (((name, path), table), given) in zip(zip(all, try reader.read(all.map(\.1))), given) {
        parts.append((name, table))
        files.append((given.1, table.rowCount))
        sources.append(.init(path, sha256: try FileHash.sha256(ofFileAt: path)))
      }
      return LoadedData(tables: .parts(parts), sources: sources, missingMarkers: missing.markers, files: files)
    }
    switch source {
    case .simulated(let source):
      let rowSeed = source.rowSeed(runSeed: seed)
      let table = CensusSimulator().rows(count: source.rows, seed: rowSeed)
      return LoadedData(
        tables: .whole(table), sources: [.init("simulated census, seed \(rowSeed)", sha256: nil)],
        missingMarkers: missing.markers, files: [("census", table.rowCount)])
    case .catalog(let source):
      let entry = try DatasetCatalog.entry(named: source.catalog.rawValue)
      let (tables, files) = try entry.load(
        files: source.files, types: types, missingMarkers: missing.markers)
      return LoadedData(
        tables: .whole(try Table.concatenating(tables)),
        sources: files.map { .init($0.path.lastComponent, sha256: $0.sha256) }, paths: files.map(\.path),
        missingMarkers: missing.markers,
        files: zip(files, tables).map { ($0.path.lastComponent, $1.rowCount) })
    case .csv(let source):
      let paths = source.csv.map(located)
      let tables = try csvReader(columnNames: source.columnNames).read(paths)
      var sources: [EnvironmentRecord.Source] = []
      for path in paths { sources.append(.init(path.lastComponent, sha256: try FileHash.sha256(ofFileAt: path))) }
      return LoadedData(
        tables: .whole(try Table.concatenating(tables)), sources: sources, missingMarkers: missing.markers,
        files: zip(source.csv, tables).map { ($0, $1.rowCount) })
    case nil:
      throw DataError(.badData, at: "data", "has no source. Name one under 'data.source'.")
    }
  }

  /// The sources as `load` gives them, without reading any rows.
  func sources(seed: UInt64, located: (String) -> String) throws(DataError) -> [EnvironmentRecord.Source] {
    var sources: [EnvironmentRecord.Source] = []
    if case .files(let split) = self.split {
      for (_, name) in split.files.inOrder {
        sources.append(.init(located(name), sha256: try FileHash.sha256(ofFileAt: located(name))))
      }
      return sources
    }
    switch source {
    case .simulated(let source):
      sources = [.init("simulated census, seed \(source.rowSeed(runSeed: seed))", sha256: nil)]
    case .catalog(let source):
      let files = try DatasetCatalog.entry(named: source.catalog.rawValue).located(files: source.files)
      sources = files.map { .init($0.path.lastComponent, sha256: $0.sha256) }
    case .csv(let source):
      for path in source.csv.map(located) {
        sources.append(.init(path.lastComponent, sha256: try FileHash.sha256(ofFileAt: path)))
      }
    case nil: break
    }
    return sources
  }

  var csvColumnNames: [String]? {
    if case .csv(let source) = source { source.columnNames } else { nil }
  }

  private var tableTypes: [String: TabularData.ColumnType] {
    Dictionary(uniqueKeysWithValues: types.map { ($0.name, $0.value.tableType) })
  }

  /// How the cells of the user's own files are read.
  var readingOptions: ReadingOptions {
    ReadingOptions(types: tableTypes, missingMarkers: missing.markers, unchecked: Set(drop))
  }

  private func csvReader(columnNames: [String]?) -> CSVReader {
    var format = CSVFormat()
    format.columnNames = columnNames
    return CSVReader(format: format, options: readingOptions)
  }

  /// What the section says, as the data room understands it.
  ///
  /// - Parameter seed: The seed of the run, from which the split's follows where it is not given.
  func recipe(seed: UInt64) -> DataRecipe {
    DataRecipe(
      label: label.recipe,
      sensitive: groupAttributes.map {
        .init(column: $0.column, privileged: $0.privileged, keep: $0.keep, bins: $0.bins)
      },
      continuous: continuousNames,
      includeSensitiveInFeatures: includeSensitiveInFeatures,
      drop: drop,
      missing: MissingPolicy(category: missing.categorical, dropsRows: missing.rows == .drop),
      encoding: EncodingOptions(
        dropFirst: encoding.dropFirst,
        standardize: {
          switch encoding.standardize {
          case .all: .all
          case .numeric: .numeric
          case .none: .none
          }
        }(), maximumCategories: encoding.maximumCategories,
        numericPieces: encoding.numeric == .piecewise ? encoding.pieces : 0),
      weights: weights, filters: filters, split: split.dataSplit(seed: seed))
  }
}

extension LabelConfiguration {
  fileprivate var recipe: DataRecipe.Label {
    .init(column: column, kind: kind, positive: kind == .binary ? [positive] : [])
  }
}

extension FileSplit.Files {
  /// The paths, each with the split that its rows belong to.
  var inOrder: [(TabularData.SplitName, String)] {
    train.map { (.train, $0) } + (validation ?? []).map { (.validation, $0) } + test.map { (.test, $0) }
  }
}

extension SimulatedSource {
  /// The seed of the rows.
  func rowSeed(runSeed: UInt64) -> UInt64 {
    if let seed { return UInt64(seed) }
    var stream = RandomStream(seed: runSeed).split("simulated rows")
    return stream.next()
  }

  /// The same people, had their attribute been another, and what follows from it with it.
  ///
  /// - Throws: `DataError` where the attribute cannot be set to the value.
  func counterfactual(_ attribute: String, _ value: String, runSeed: UInt64) throws(DataError) -> Table {
    try CensusSimulator().counterfactual(of: 0..<rows, seed: rowSeed(runSeed: runSeed), setting: [attribute: value])
  }
}

extension ColumnType {
  fileprivate var tableType: TabularData.ColumnType {
    switch self {
    case .numeric: .numeric
    case .categorical: .categorical
    }
  }
}

extension SplitConfiguration {
  fileprivate func dataSplit(seed: UInt64) -> DataSplit {
    switch self {
    case .fractions(let split):
      var shares: [TabularData.SplitName: Double] = [.train: split.fractions.train]
      if split.fractions.validation > 0 { shares[.validation] = split.fractions.validation }
      if split.fractions.test > 0 { shares[.test] = split.fractions.test }
      let stratify: DataSplit.Stratification =
        switch split.stratify {
        case nil: .none
        case "label": .label
        case let column?: .column(column)
        }
      return .fractions(shares, stratify: stratify, seed: split.seed.map { UInt64($0) } ?? seed)
    case .column(let split): return .column(split.column, values: nil)
    case .files: return .tables
    }
  }
}

extension String {
  /// What stands behind the last slash.
  var lastComponent: String {
    lastIndex(of: "/").map { String(self[index(after: $0)...]) } ?? self
  }
}
