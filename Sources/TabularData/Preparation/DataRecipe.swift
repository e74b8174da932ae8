/// How a table becomes features, labels, sensitive attributes and splits: every choice, as one plain value.
///
/// `prepare(_:)` follows it. A column that is not the label, sensitive, dropped, the weights or the split is a feature.
public struct DataRecipe: Sendable, Equatable, Codable {
  /// The column to predict.
  public var label: Label

  /// The sensitive attributes, each a column.
  public var sensitive: [Sensitive]

  /// Numeric columns that are sensitive attributes without groups.
  public var continuous: [String]

  /// Whether sensitive columns are features as well. Debiasing wants them left out.
  public var includeSensitiveInFeatures: Bool

  /// Columns that are no features.
  public var drop: [String]

  /// What happens to missing cells.
  public var missing: MissingPolicy

  /// How features become numbers.
  public var encoding: EncodingOptions

  /// The column of row weights ≥ 0, where there is one; it is no feature.
  public var weights: String?

  /// Conditions that a row must meet, all of them, to be used.
  public var filters: [RowFilter]

  /// Which rows train, validate and test.
  public var split: DataSplit

  public init(
    label: Label, sensitive: [Sensitive], continuous: [String] = [], includeSensitiveInFeatures: Bool = false,
    drop: [String] = [], missing: MissingPolicy = MissingPolicy(), encoding: EncodingOptions = EncodingOptions(),
    weights: String? = nil, filters: [RowFilter] = [], split: DataSplit
  ) {
    self.label = label
    self.sensitive = sensitive
    self.continuous = continuous
    self.includeSensitiveInFeatures = includeSensitiveInFeatures
    self.drop = drop
    self.missing = missing
    self.encoding = encoding
    self.weights = weights
    self.filters = filters
    self.split = split
  }

  /// The column to predict, and what its values mean.
  public struct Label: Sendable, Equatable, Codable {
    /// What the values of the column are.
    public enum Kind: String, Sendable, Equatable, Codable, CaseIterable {
      /// Two classes, of which one is positive.
      case binary
      /// Classes, as they occur in the training rows.
      case categorical
      /// Numbers.
      case continuous
    }

    public var column: String

    /// What its values are.
    public var kind: Kind

    /// Of a binary label the values that count as 1; every other value counts as 0. Empty: the label has two values,
    /// and the later one in order counts as 1 (of 0 and 1, the 1), which a warning tells.
    public var positive: [String]

    /// Whether rows without a label are left out; otherwise they are an error.
    public var dropsMissing: Bool

    public init(column: String, kind: Kind = .binary, positive: [String] = [], dropsMissing: Bool = false) {
      self.column = column
      self.kind = kind
      self.positive = positive
      self.dropsMissing = dropsMissing
    }
  }

  /// A sensitive attribute.
  public struct Sensitive: Sendable, Equatable, Codable {
    public var column: String

    /// The privileged group, where one is named.
    public var privileged: String?

    /// The groups whose rows are used; rows of others, and of none, are left out. Nil: all.
    public var keep: [String]?

    /// Boundaries, in rising order, that cut a numeric column into groups: `[18, 40]` gives `<18`, `[18, 40)`, `>=40`.
    public var bins: [Double]?

    public init(column: String, privileged: String? = nil, keep: [String]? = nil, bins: [Double]? = nil) {
      self.column = column
      self.privileged = privileged
      self.keep = keep
      self.bins = bins
    }
  }
}

/// What happens to missing cells of features.
public struct MissingPolicy: Sendable, Equatable, Codable {
  /// The category of missing cells in categorical columns; a category of that name in the data is the same one.
  public var category: String

  /// What stands for a missing number.
  public var numeric: NumericFill

  /// Whether rows with a missing feature are left out instead.
  public var dropsRows: Bool

  /// What stands for a missing number.
  public enum NumericFill: String, Sendable, Equatable, Codable, CaseIterable {
    /// The mean of the column over the training rows in which it is present.
    case mean
  }

  public init(category: String = "Unknown", numeric: NumericFill = .mean, dropsRows: Bool = false) {
    self.category = category
    self.numeric = numeric
    self.dropsRows = dropsRows
  }
}

/// How features become numbers.
public struct EncodingOptions: Sendable, Equatable, Codable {
  /// Which encoded columns get mean 0 and standard deviation 1 over the training rows.
  public enum Standardization: String, Sendable, Equatable, Codable, CaseIterable {
    /// All, the 0/1 columns of categories too, as the article's notebook does.
    case all
    /// Those of numeric columns.
    case numeric
    case none
  }

  /// Whether the first category of every categorical column has no column of its own.
  public var dropFirst: Bool

  /// Which encoded columns are standardised.
  public var standardize: Standardization

  /// The largest number of categories that a feature may have; more are almost always an identifier.
  public var maximumCategories: Int

  /// The pieces into which the range of a numeric column is cut, at quantiles of the training rows, each with a feature
  /// of its own beside the number; 0 for the number alone.
  public var numericPieces: Int

  public init(
    dropFirst: Bool = false, standardize: Standardization = .all, maximumCategories: Int = 2000, numericPieces: Int = 0
  ) {
    self.numericPieces = numericPieces
    self.dropFirst = dropFirst
    self.standardize = standardize
    self.maximumCategories = maximumCategories
  }
}
