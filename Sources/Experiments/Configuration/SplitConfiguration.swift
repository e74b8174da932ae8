import OrderedJSON

/// How the rows are divided into training, validation and test rows.
public enum SplitConfiguration: Sendable, Equatable {
  /// At random, by shares.
  case fractions(FractionSplit)
  /// By a column whose cells are `train`, `validation` or `test`.
  case column(ColumnSplit)
  /// A file for each; `data.source` is null then.
  case files(FileSplit)
}

extension SplitConfiguration {
  /// Whether there may be validation rows; a column is not known before it is read.
  var mayHaveValidation: Bool {
    switch self {
    case .fractions(let split): split.fractions.validation > 0
    case .column: true
    case .files(let split): split.files.validation != nil
    }
  }
}

/// A random division by shares.
public struct FractionSplit: Sendable, Equatable {
  /// The shares of the rows; they add up to 1.
  public struct Fractions: Sendable, Equatable {
    /// The share of training rows.
    public var train: Double
    /// The share of validation rows; 0 for none.
    public var validation: Double
    /// The share of test rows.
    public var test: Double

    public init(train: Double, validation: Double = 0, test: Double) {
      self.train = train
      self.validation = validation
      self.test = test
    }
  }

  /// The shares.
  public var fractions: Fractions

  /// The column whose values keep their shares in every part, `label` for the label's; nil for none.
  public var stratify: String?

  /// The seed of the division, or nil for one that follows from the run's seed.
  public var seed: Int?

  public init(_ fractions: Fractions, stratify: String? = "label", seed: Int? = nil) {
    self.fractions = fractions
    self.stratify = stratify
    self.seed = seed
  }
}

/// A division by a column.
public struct ColumnSplit: Sendable, Equatable {
  /// The column; its cells are `train`, `validation` or `test`. It is not a feature.
  public var column: String

  public init(_ column: String) {
    self.column = column
  }
}

/// A file for each part.
public struct FileSplit: Sendable, Equatable {
  /// The paths of the files; relative ones start at the folder of the configuration.
  public struct Files: Sendable, Equatable {
    /// The files of the training rows.
    public var train: [String]
    /// The files of the validation rows, or nil for none.
    public var validation: [String]?
    /// The files of the test rows.
    public var test: [String]

    public init(train: [String], validation: [String]? = nil, test: [String]) {
      self.train = train
      self.validation = validation
      self.test = test
    }
  }

  /// The files.
  public var files: Files

  public init(_ files: Files) {
    self.files = files
  }
}

// MARK: - Keys

extension SplitConfiguration {
  static let codec: ConfigurationCodec<SplitConfiguration> = .anyOf([
    .keyed(
      "fractions", FractionSplit.section.codec.map(SplitConfiguration.fractions, \.fractionSplit),
      sample: .fractions(FractionSplit(.init(train: 0.5, test: 0.5))),
      holds: { if case .fractions = $0 { true } else { false } }),
    .keyed(
      "column", ColumnSplit.section.codec.map(SplitConfiguration.column, \.columnSplit),
      sample: .column(ColumnSplit("fold")), holds: { if case .column = $0 { true } else { false } }),
    .keyed(
      "files", FileSplit.section.codec.map(SplitConfiguration.files, \.fileSplit),
      sample: .files(FileSplit(.init(train: ["train.csv"], test: ["test.csv"]))),
      holds: { if case .files = $0 { true } else { false } }),
  ])

  // Each is asked only where the case holds; the other values are never written.
  private var fractionSplit: FractionSplit {
    if case .fractions(let split) = self { split } else { FractionSplit(.init(train: 0.5, test: 0.5)) }
  }
  private var columnSplit: ColumnSplit {
    if case .column(let split) = self { split } else { ColumnSplit("") }
  }
  private var fileSplit: FileSplit {
    if case .files(let split) = self { split } else { FileSplit(.init(train: [], test: [])) }
  }
}

extension FractionSplit {
  private typealias Field = ConfigurationField<FractionSplit>

  static let section = ConfigurationSection<FractionSplit>(
    defaults: FractionSplit(.init(train: 0.5, test: 0.5)),
    fields: [
      Field(
        "fractions", \.fractions, Fractions.section.codec, required: true,
        "The shares of training, validation and test rows; they add up to 1."),
      Field(
        "stratify", \.stratify, .optional(.text(.notEmpty)),
        "The column whose values keep their shares in every part; \"label\" means the label's; null: none."),
      Field(
        "seed", \.seed, .optional(.integer(0...ExperimentConfiguration.largestSeed), sample: 42),
        "The seed of the division; null: it follows from the run's seed."),
    ])
}

extension FractionSplit.Fractions {
  private typealias Field = ConfigurationField<FractionSplit.Fractions>

  static let section = ConfigurationSection<FractionSplit.Fractions>(
    defaults: FractionSplit.Fractions(train: 0.5, test: 0.5),
    fields: [
      Field("train", \.train, .number(.open(0, 1)), required: true, "The share of training rows."),
      Field(
        "validation", \.validation, .number(.halfOpen(0, 1)), "The share of validation rows; 0 for none."),
      Field("test", \.test, .number(.open(0, 1)), required: true, "The share of test rows."),
    ],
    finish: { fractions, node, path in
      let sum = fractions.train + fractions.validation + fractions.test
      // Shares such as 0.64 + 0.16 + 0.2 miss 1 by a few rounding errors of 2⁻⁵³.
      guard abs(sum - 1) > 1e-9 else { return }
      throw path.failure(
        at: node.place, "should add up to 1, found \(JSONNumber((sum * 1e9).rounded() / 1e9).text).")
    })
}

extension ColumnSplit {
  private typealias Field = ConfigurationField<ColumnSplit>

  static let section = ConfigurationSection<ColumnSplit>(
    defaults: ColumnSplit(""),
    fields: [
      Field(
        "column", \.column, .text(.notEmpty), required: true,
        "The column that says train, validation or test for every row.")
    ])
}

extension FileSplit {
  private typealias Field = ConfigurationField<FileSplit>

  static let section = ConfigurationSection<FileSplit>(
    defaults: FileSplit(.init(train: [], test: [])),
    fields: [
      Field(
        "files", \.files, Files.section.codec, required: true, "The files of each part; data.source is null then.")
    ])
}

extension FileSplit.Files {
  private typealias Field = ConfigurationField<FileSplit.Files>

  static let section = ConfigurationSection<FileSplit.Files>(
    defaults: FileSplit.Files(train: [], test: []),
    fields: [
      Field(
        "train", \.train, .paths, required: true, "The CSV file of the training rows, or a list of such files."),
      Field(
        "validation", \.validation, .optional(.paths, sample: ["validation.csv"]),
        "The CSV file of the validation rows, or a list of such files; null: none."),
      Field(
        "test", \.test, .paths, required: true, "The CSV file of the test rows, or a list of such files."),
    ])
}
