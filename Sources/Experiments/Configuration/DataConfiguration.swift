import OrderedJSON
import TabularData
import Wording

/// Which rows an experiment uses, what they mean, and how they become features.
public struct DataConfiguration: Sendable, Equatable {
  /// Where the rows come from; nil where `split` names a file for each part.
  public var source: DataSource? = .simulated(SimulatedSource())

  /// The column to predict.
  public var label = LabelConfiguration("income", positive: ">50K")

  /// The sensitive attributes; at least one.
  public var sensitive: [SensitiveConfiguration] = [
    SensitiveConfiguration("race", privileged: "White", keep: ["White", "Black"]),
    SensitiveConfiguration("sex", privileged: "Male"),
  ]

  /// Whether the sensitive columns are features as well.
  public var includeSensitiveInFeatures = false

  /// The column of row weights, or nil where every row weighs the same. It is not a feature.
  public var weights: String?

  /// Columns that are left out of the features; those that a catalogue data set always leaves out are among them.
  public var drop: [String] = ["fnlwgt"]

  /// Conditions that a row must meet, all of them, to be used.
  public var filters: [RowFilter] = []

  /// What becomes of missing cells.
  public var missing = MissingConfiguration()

  /// The types of columns, where the inferred one is not wanted.
  public var types: [NamedValue<ColumnType>] = []

  /// How cells become features.
  public var encoding = EncodingConfiguration()

  /// How the rows are divided.
  public var split = SplitConfiguration.fractions(FractionSplit(.init(train: 0.5, test: 0.5)))

  /// How much memory a run may take up, such as `1GiB`; rows that exceed it are mapped from a cache. Nil: all rows are
  /// in memory.
  public var memory: String?

  /// The folder of prepared rows that exceed the memory, or nil for the user's cache.
  public var cache: String?

  public init() {}

  /// The names of the sensitive attributes, in order.
  public var sensitiveNames: [String] { sensitive.map(\.column) }

  /// The sensitive attributes that have groups.
  public var groupAttributes: [SensitiveConfiguration] { sensitive.filter { $0.kind == .categorical } }

  /// Their names.
  public var groupNames: [String] { groupAttributes.map(\.column) }

  /// The names of the continuous ones.
  public var continuousNames: [String] { sensitive.filter { $0.kind == .continuous }.map(\.column) }
}

/// A sensitive attribute: a column whose values are groups of people, or numbers.
public struct SensitiveConfiguration: Sendable, Hashable {
  /// What the values of a column are.
  public enum Kind: String, CaseIterable, Sendable {
    /// Groups, or numbers that bins make groups of.
    case categorical
    /// Numbers, without groups.
    case continuous
  }

  /// The column.
  public var column: String

  /// What its values are.
  public var kind: Kind = .categorical

  /// The privileged group, or nil where none is named.
  public var privileged: String?

  /// The groups that are kept; rows of others are left out of the experiment. Nil keeps all.
  public var keep: [String]?

  /// Where a numeric column is cut into groups, in increasing order; nil for a column that names its groups.
  public var bins: [Double]?

  public init(_ column: String, privileged: String? = nil, keep: [String]? = nil, bins: [Double]? = nil) {
    self.column = column
    self.privileged = privileged
    self.keep = keep
    self.bins = bins
  }
}

/// What becomes of missing cells.
public struct MissingConfiguration: Sendable, Equatable {
  /// What a missing number is replaced with; computed on the training rows.
  public enum Numeric: String, CaseIterable, Sendable {
    case mean
  }

  /// What becomes of a row with a missing cell in a feature.
  public enum Rows: String, CaseIterable, Sendable {
    /// It stays, and the cell is replaced.
    case keep
    /// It is left out of the experiment.
    case drop
  }

  /// Cells that mean "missing"; the empty cell always does.
  public var markers: [String] = ["?"]

  /// The category that stands for a missing one.
  public var categorical: String = "Unknown"

  /// What a missing number is replaced with.
  public var numeric: Numeric = .mean

  /// What becomes of a row with a missing cell.
  public var rows: Rows = .keep

  public init() {}
}

/// The type of a column.
public enum ColumnType: String, CaseIterable, Sendable {
  case numeric
  case categorical
}

/// How cells become features.
public struct EncodingConfiguration: Sendable, Equatable {
  /// Which features are brought to mean 0 and standard deviation 1 on the training rows.
  public enum Standardization: String, CaseIterable, Sendable {
    /// Every feature, the 0/1 ones too.
    case all
    /// Those of numeric columns.
    case numeric
    case none
  }

  /// Whether the first category of each column has no feature of its own, following from the others.
  public var dropFirst = true

  /// Which features are standardised.
  public var standardize: Standardization = .all

  /// The most categories that a column may have; more are refused as a likely identifier.
  public var maximumCategories = 2000

  /// What a number becomes.
  public enum Numeric: String, CaseIterable, Sendable {
    /// One feature.
    case linear
    /// One more for each piece of its range, cut at quantiles of the training rows.
    case piecewise
  }

  /// What a number becomes.
  public var numeric: Numeric = .linear

  /// The pieces of a number's range.
  public var pieces = 16

  public init() {}
}

// MARK: - Keys

extension DataConfiguration {
  private typealias Field = ConfigurationField<DataConfiguration>

  static let section = ConfigurationSection<DataConfiguration>(
    defaults: DataConfiguration(),
    fields: [
      Field(
        "source", \.source, .optional(DataSource.codec),
        "Where the rows come from; null where data.split names a file for each part."),
      Field(
        "label", \.label, LabelConfiguration.section.codec,
        "The column to predict. Has a default for a catalogue data set and for the simulator only."),
      Field(
        "sensitive", \.sensitive,
        .list(
          SensitiveConfiguration.section.codec, minimum: 1, maximum: 64,
          remedy: "Without a sensitive attribute there is nothing to be fair about."),
        "The sensitive attributes. Have a default for a catalogue data set and for the simulator only."),
      Field(
        "includeSensitiveInFeatures", \.includeSensitiveInFeatures, .boolean,
        "Whether the sensitive columns are features as well."),
      Field(
        "weights", \.weights, .optional(.text(.notEmpty), sample: "weight"),
        "The column of row weights, which is no feature. They count in training and in every rate and area, and not in "
          + "correlations, mean losses and the report's curves; null: every row weighs the same."),
      Field(
        "drop", \.drop, .list(.text(.notEmpty), distinct: true),
        "Columns that are left out of the features. Those that a catalogue data set always leaves out, because they tell "
          + "the label, are added."),
      Field(
        "filters", \.filters, .list(.rowFilter, maximum: 1000),
        "Conditions on columns that a row must meet, all of them, to be used. A catalogue data set has its publisher's "
          + "for a default."),
      Field("missing", \.missing, MissingConfiguration.section.codec, "What becomes of missing cells."),
      Field(
        "types", \.types, .map(.choice),
        "The types of columns whose inferred type is not wanted, such as {\"zip\": \"categorical\"}."),
      Field("encoding", \.encoding, EncodingConfiguration.section.codec, "How cells become features."),
      Field(
        "split", \.split, SplitConfiguration.codec, "How the rows are divided into training, validation and test rows."),
      Field(
        "memory", \.memory, .optional(memoryBudget, sample: "1GiB"),
        "How much memory a run may take up, such as 512MiB or 1.5GiB. Rows that exceed it are encoded once into a cache "
          + "on the disk and trained on from there, shuffled a window at a time; null: all rows are in memory."),
      Field(
        "cache", \.cache, .optional(.text(.notEmpty), sample: "cache"),
        "The folder of rows that exceed the memory; null: 'prepared' in the user's cache, $XDG_CACHE_HOME/equipoise."),
    ],
    start: startingDefaults, finish: check)

  private static let memoryBudget = ConfigurationCodec<String>.text(.notEmpty).refusing { text in
    MemoryBudget(text) != nil
      ? nil
      : "should be an amount of memory of 64 MiB or more, such as \"1GiB\", \"512M\" or \"1.5GB\", found "
        + "\(excerpt(.string(text)))."
  }

  /// What is taken for granted with each source. Files of the user's own have no default label and attributes:
  /// `check` asks for them.
  private static func defaults(for source: DataSource?) -> DataConfiguration {
    var data = DataConfiguration()
    data.source = source
    switch source {
    case .simulated: break
    case .catalog(let source):
      let recipe = source.catalog.entry.recipe
      data.label = LabelConfiguration(recipe.label.column, positive: recipe.label.positive.first ?? "1")
      data.sensitive = recipe.sensitive.map {
        SensitiveConfiguration($0.column, privileged: $0.privileged, keep: $0.keep, bins: $0.bins)
      }
      data.drop = recipe.drop
      data.filters = recipe.filters
    case .csv, nil:
      data.label = LabelConfiguration("", positive: "")
      data.sensitive = []
      data.drop = []
    }
    return data
  }

  @Sendable private static func startingDefaults(
    _ node: JSONNode, _ path: ConfigurationPath
  ) throws -> DataConfiguration {
    if let source = node["source"] {
      return defaults(for: try ConfigurationCodec.optional(DataSource.codec).read(source, path.appending("source")))
    }
    // A file for each part takes the place of a source.
    if let split = node["split"], split["files"] != nil { return defaults(for: nil) }
    return DataConfiguration()
  }

  @Sendable private static func check(
    _ data: inout DataConfiguration, _ node: JSONNode, _ path: ConfigurationPath
  ) throws {
    for (key, isMissing) in [("label", data.label.column.isEmpty), ("sensitive", data.sensitive.isEmpty)]
    where isMissing {
      throw path.failure(at: node.place, "lacks the key '\(key)', which has no default for files of your own.")
    }
    let sourcePlace = (node["source"] ?? node["split"] ?? node).place
    if case .files = data.split {
      if data.source != nil {
        throw path.appending("source").failure(
          at: sourcePlace, "should be null where data.split names a file for each part. Keep one of the two.")
      }
    } else if data.source == nil {
      throw path.appending("source").failure(
        at: sourcePlace, "is null, and data.split names no files. Name the source of the rows.")
    }
    let sensitivePath = path.appending("sensitive")
    var seen: Set<String> = []
    for (index, attribute) in data.sensitive.enumerated() {
      let place = node["sensitive"]?.place ?? node.place
      let columnPath = sensitivePath.appending(String(index)).appending("column")
      if !seen.insert(attribute.column).inserted {
        throw columnPath.failure(
          at: place, "names \(excerpt(.string(attribute.column))), as an earlier one does. Keep one of them.")
      }
      if attribute.column == data.label.column {
        throw columnPath.failure(
          at: place, "is \(excerpt(.string(attribute.column))), the label's column. Name another one.")
      }
    }
    try check(sensitiveColumnsOf: data, node, sensitivePath)
    if case .catalog(let source)? = data.source {
      // A label of the user's own choice may be among the columns that tell the usual one.
      if node["drop"] == nil { data.drop.removeAll { $0 == data.label.column } }
      let always = source.catalog.entry.recipe.drop
      data.drop += always.filter { $0 != data.label.column && !data.drop.contains($0) }
    }
    // A number has no proportions that parts could keep.
    if data.label.kind == .continuous, case .fractions(var split) = data.split, split.stratify == "label" {
      if let stratify = node["split"]?["stratify"] {
        throw path.appending("split").appending("stratify").failure(
          at: stratify.place,
          "is 'label', but data.label is continuous. Name a column with few values, or set it to null.")
      }
      split.stratify = nil
      data.split = .fractions(split)
    }
    if data.drop.contains(data.label.column) {
      throw path.appending("drop").failure(
        at: node["drop"]?.place ?? node.place,
        "contains \(excerpt(.string(data.label.column))), the label's column, which is never a feature. Remove it.")
    }
  }
}

extension DataConfiguration {
  /// The columns of the rows, where they are known before any file is read.
  var knownColumns: [String]? {
    switch source {
    case .simulated: CensusSimulator.columnNames
    case .catalog(let source): source.catalog.entry.format.columnNames
    case .csv(let source): source.columnNames
    case nil: nil
    }
  }

  /// Refuses sensitive columns that the rows do not have, before weights by attribute are held against them.
  private static func check(
    sensitiveColumnsOf data: DataConfiguration, _ node: JSONNode, _ path: ConfigurationPath
  ) throws {
    guard let known = data.knownColumns else { return }
    for (index, attribute) in data.sensitive.enumerated() where !known.contains(attribute.column) {
      let remedy =
        NearestName.find(attribute.column, among: known).map { "Did you mean \(excerpt(.string($0)))?" }
        ?? "The columns are \(known.joined(separator: ", "))."
      let columnPath = path.appending(String(index)).appending("column")
      throw columnPath.failure(
        at: node["sensitive"]?.place ?? node.place,
        "is \(excerpt(.string(attribute.column))), which the rows do not have. \(remedy)")
    }
  }
}

extension SensitiveConfiguration {
  private typealias Field = ConfigurationField<SensitiveConfiguration>

  private static let hasGroups = Field.Condition(text: "kind is categorical", holds: { $0.kind == .categorical })

  static let section = ConfigurationSection<SensitiveConfiguration>(
    defaults: SensitiveConfiguration(""),
    fields: [
      Field("column", \.column, .text(.notEmpty), required: true, "The column."),
      Field(
        "kind", \.kind, .choice,
        "What its values are: categorical, groups; continuous, numbers without groups, for which rates of groups and "
          + "their parity do not exist, and correlations are measured instead."),
      Field(
        "privileged", \.privileged, .optional(.text(.notEmpty), sample: "Male"), onlyWhere: hasGroups,
        "The privileged group; null: none is named."),
      Field(
        "keep", \.keep, .optional(.list(.text(.notEmpty), minimum: 2, distinct: true), sample: ["White", "Black"]),
        onlyWhere: hasGroups,
        "The groups that are kept; rows of other groups are left out of the experiment. Null: all are kept."),
      Field(
        "bins", \.bins, .optional(increasingNumbers, sample: [18, 65]), onlyWhere: hasGroups,
        "Where a numeric column is cut into groups, in increasing order: [18, 65] makes three. Null: the column "
          + "names its groups."),
    ],
    finish: { attribute, node, path in
      guard let keep = attribute.keep, let privileged = attribute.privileged, !keep.contains(privileged) else { return }
      throw path.appending("privileged").failure(
        at: node["privileged"]?.place ?? node.place,
        "is \(excerpt(.string(privileged))), which 'keep' leaves out. Add it to 'keep', or name one of "
          + "\(keep.map { excerpt(.string($0)) }.joined(separator: ", ")).")
    })

  private static let increasingNumbers: ConfigurationCodec<[Double]> = ConfigurationCodec<[Double]>.list(
    .number(.finite), minimum: 1, maximum: 1000
  ).refusing { numbers in
    zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 } ? nil : "should be in increasing order."
  }
}

extension MissingConfiguration {
  private typealias Field = ConfigurationField<MissingConfiguration>

  static let section = ConfigurationSection<MissingConfiguration>(
    defaults: MissingConfiguration(),
    fields: [
      Field(
        "markers", \.markers, .list(.text(.any), distinct: true),
        "Cells that mean \"missing\", beside the empty one, which always does."),
      Field(
        "categorical", \.categorical, .text(.notEmpty), "The category that stands for a missing one."),
      Field(
        "numeric", \.numeric, .choice, "What a missing number is replaced with; computed on the training rows."),
      Field(
        "rows", \.rows, .choice,
        "Whether a row with a missing cell in a feature is kept, the cell replaced, or dropped from the experiment."),
    ])
}

extension EncodingConfiguration {
  private typealias Field = ConfigurationField<EncodingConfiguration>

  static let section = ConfigurationSection<EncodingConfiguration>(
    defaults: EncodingConfiguration(),
    fields: [
      Field(
        "dropFirst", \.dropFirst, .boolean,
        "Whether the first category of each column has no feature of its own, following from the others."),
      Field(
        "standardize", \.standardize, .choice,
        "Which features are brought to mean 0 and standard deviation 1 on the training rows."),
      Field(
        "maximumCategories", \.maximumCategories, .integer(2...1_000_000),
        "The most categories that a column may have; more are refused, for the column is likely an identifier."),
      Field(
        "numeric", \.numeric, .choice,
        "What a number becomes: one feature (linear), or one more for each piece of its range, rising from 0 to 1 in "
          + "it (piecewise)."),
      Field(
        "pieces", \.pieces, .integer(2...1000),
        onlyWhere: .init(text: "numeric is piecewise", holds: { $0.numeric == .piecewise }),
        "The pieces of a number's range, cut at quantiles of the training rows."),
    ])
}
