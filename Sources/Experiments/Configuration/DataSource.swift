import OrderedJSON
import TabularData

/// Where the rows come from.
public enum DataSource: Sendable, Equatable {
  /// A data set of the catalogue.
  case catalog(CatalogSource)
  /// Rows of a simulator, which needs no file.
  case simulated(SimulatedSource)
  /// The user's own files.
  case csv(CSVSource)
}

/// A data set of the catalogue, and which of its files are read.
public struct CatalogSource: Sendable, Equatable {
  /// The data sets of the catalogue.
  public enum Name: String, CaseIterable, Sendable {
    case adult
    case compas

    /// What the catalogue knows of the data set.
    public var entry: CatalogEntry {
      switch self {
      case .adult: .adult
      case .compas: .compas
      }
    }
  }

  /// The data set.
  public var catalog: Name

  /// Which of its files are read, in this order.
  public var files: [String]

  public init(_ catalog: Name, files: [String]? = nil) {
    self.catalog = catalog
    self.files = files ?? catalog.entry.defaultFiles
  }
}

/// Rows of a simulator.
public struct SimulatedSource: Sendable, Equatable {
  /// The simulators.
  public enum Name: String, CaseIterable, Sendable {
    /// A structural causal model with the columns of Adult.
    case census
  }

  /// The simulator.
  public var simulated: Name = .census

  /// The number of rows.
  public var rows: Int = 30_940

  /// The seed of the rows, or nil for one that follows from the run's seed.
  public var seed: Int?

  public init(_ simulated: Name = .census, rows: Int = 30_940, seed: Int? = nil) {
    self.simulated = simulated
    self.rows = rows
    self.seed = seed
  }
}

/// The user's own CSV files.
public struct CSVSource: Sendable, Equatable {
  /// The files, read one after the other; relative paths start at the folder of the configuration.
  public var csv: [String]

  /// The names of the columns where the files have no header line, or nil where they have.
  public var columnNames: [String]?

  public init(_ csv: [String], columnNames: [String]? = nil) {
    self.csv = csv
    self.columnNames = columnNames
  }
}

// MARK: - Keys

extension DataSource {
  static let codec: ConfigurationCodec<DataSource> = .anyOf([
    .keyed(
      "simulated", SimulatedSource.section.codec.map(DataSource.simulated, \.simulatedSource),
      sample: .simulated(SimulatedSource()), holds: { if case .simulated = $0 { true } else { false } }),
    .keyed(
      "catalog", CatalogSource.section.codec.map(DataSource.catalog, \.catalogSource),
      sample: .catalog(CatalogSource(.adult)), holds: { if case .catalog = $0 { true } else { false } }),
    .keyed(
      "csv", CSVSource.section.codec.map(DataSource.csv, \.csvSource), sample: .csv(CSVSource(["loans.csv"])),
      holds: { if case .csv = $0 { true } else { false } }),
  ])

  // Each is asked only where the case holds; the other values are never written.
  private var simulatedSource: SimulatedSource {
    if case .simulated(let source) = self { source } else { SimulatedSource() }
  }
  private var catalogSource: CatalogSource {
    if case .catalog(let source) = self { source } else { CatalogSource(.adult) }
  }
  private var csvSource: CSVSource {
    if case .csv(let source) = self { source } else { CSVSource([]) }
  }
}

extension SimulatedSource {
  private typealias Field = ConfigurationField<SimulatedSource>

  static let section = ConfigurationSection<SimulatedSource>(
    defaults: SimulatedSource(),
    fields: [
      Field(
        "simulated", \.simulated, .choice, required: true,
        "The simulator that makes the rows; census has the columns of Adult."),
      Field("rows", \.rows, .integer(10...1_000_000_000), "The number of rows."),
      Field(
        "seed", \.seed, .optional(.integer(0...ExperimentConfiguration.largestSeed), sample: 1),
        "The seed of the rows; null: it follows from the run's seed."),
    ])
}

extension CatalogSource {
  private typealias Field = ConfigurationField<CatalogSource>

  static let section = ConfigurationSection<CatalogSource>(
    defaults: CatalogSource(.adult),
    fields: [
      Field(
        "catalog", \.catalog, .choice, required: true, "The data set; `equipoise data fetch` gets its files."),
      Field(
        "files", \.files, .list(.text(.notEmpty), minimum: 1, distinct: true),
        "Which of its files are read, one after the other. adult has train and test; compas has all."),
    ],
    start: { node, path in
      // An unknown name is told by its own field; until then any defaults do.
      let name = node["catalog"]?.value.text.flatMap(Name.init(rawValue:)) ?? .adult
      return CatalogSource(name)
    },
    finish: { source, node, path in
      let known = source.catalog.entry.files.map(\.name)
      for (index, file) in source.files.enumerated() where !known.contains(file) {
        throw path.appending("files").appending(String(index)).failure(
          at: node["files"]?.place ?? node.place,
          "names the file \(excerpt(.string(file))), which '\(source.catalog.rawValue)' does not have. "
            + "Its files are \(known.joined(separator: ", ")).")
      }
    })
}

extension CSVSource {
  private typealias Field = ConfigurationField<CSVSource>

  static let section = ConfigurationSection<CSVSource>(
    defaults: CSVSource([]),
    fields: [
      Field(
        "csv", \.csv, .paths, required: true,
        "A file of comma-separated values, gzipped where its name ends in .gz, or a list of such files with equal "
          + "columns. A relative path starts at the folder of this configuration."),
      Field(
        "columnNames", \.columnNames,
        .optional(.list(.text(.notEmpty), minimum: 1, distinct: true), sample: ["age", "income"]),
        "The names of the columns where the files have no header line; null: the first line names them."),
    ])
}

extension ConfigurationCodec<[String]> {
  /// A path, or a list of them; one alone is written without the list.
  static var paths: Self {
    .anyOf([
      Alternative(
        codec: ConfigurationCodec<String>.text(.notEmpty).map({ [$0] }, { $0.first ?? "" }), sample: ["loans.csv"],
        isMeant: { if case .string = $0.content { true } else { false } }, holds: { $0.count == 1 }),
      Alternative(
        codec: .list(.text(.notEmpty), minimum: 1, distinct: true), sample: ["loans-1.csv", "loans-2.csv"],
        isMeant: { if case .array = $0.content { true } else { false } }, holds: { $0.count != 1 }),
    ])
  }
}
