import LinearAlgebra

/// A sensitive attribute of every row of a data set, under its original name and group names.
public struct SensitiveColumn: Sendable, Equatable {
  /// The name of the column it came from.
  public var name: String

  /// The names of the groups, as in the data.
  public var groups: [String]

  /// The index into `groups` of the privileged group, where the configuration named one.
  public var privileged: Int?

  /// The group of every row, an index into `groups`; −1 where it is missing.
  public var codes: [Int32]

  public init(name: String, groups: [String], privileged: Int?, codes: [Int32]) {
    self.name = name
    self.groups = groups
    self.privileged = privileged
    self.codes = codes
  }
}

/// Encoded rows, ready for training: features x, labels y, sensitive attributes z, weights w, aligned row by row.
public struct Dataset: Sendable {
  /// The encoded features, `[n, d]`.
  public var features: Matrix<Float>

  /// What most rows hold in each column, d values, where the features repeat themselves enough for the engine to work
  /// with deviations from it (see `FeatureRows`); nil where they do not.
  public var baseRow: [Float]?

  /// The labels, 0 or 1, n of them.
  public var labels: [Float]

  /// The sensitive attributes, each with n codes.
  public var sensitive: [SensitiveColumn]

  /// Row weights ≥ 0, n of them, or nil where every row weighs 1.
  public var weights: [Float]?

  /// The 0-based position of every row in the table it came from (before any row was dropped).
  public var sourceRows: [Int]

  public init(
    features: Matrix<Float>, baseRow: [Float]? = nil, labels: [Float], sensitive: [SensitiveColumn],
    weights: [Float]? = nil, sourceRows: [Int]
  ) {
    precondition(
      labels.count == features.rows && sourceRows.count == features.rows
        && sensitive.allSatisfy { $0.codes.count == features.rows }
        && (weights?.count ?? features.rows) == features.rows,
      "Dataset: \(features.rows) rows of features, but other counts of labels, attributes, weights or source rows")
    precondition(
      (baseRow?.count ?? features.columns) == features.columns, "Dataset: a base row of another length than the rows")
    self.features = features
    self.baseRow = baseRow
    self.labels = labels
    self.sensitive = sensitive
    self.weights = weights
    self.sourceRows = sourceRows
  }

  /// The number of rows, n.
  public var rows: Int { features.rows }
}
