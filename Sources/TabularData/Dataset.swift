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

/// A continuous sensitive attribute of every row of a data set: numbers, and no groups.
public struct ContinuousColumn: Sendable {
  /// The name of the column it came from.
  public var name: String

  /// The numbers, n of them, brought to mean 0 and standard deviation 1 over the training rows; NaN where missing.
  public var values: [Float]

  public init(name: String, values: [Float]) {
    self.name = name
    self.values = values
  }
}

/// Encoded rows, ready for training: features x, labels y, sensitive attributes z, weights w, aligned row by row.
public struct Dataset: Sendable {
  /// The features in the form in which they were given.
  private enum Features: Sendable {
    case matrix(Matrix<Float>, baseRow: [Float]?)
    case rows(FeatureRows<Float>)
  }

  private var storedFeatures: Features

  /// The labels, n of them: 0 or 1, or what `labelKind` says.
  public var labels: [Float]

  /// What the labels are.
  public var labelKind: LabelKind

  /// The sensitive attributes, each with n codes.
  public var sensitive: [SensitiveColumn]

  /// The continuous sensitive attributes, each with n numbers: those that have no groups.
  public var continuous: [ContinuousColumn]

  /// Row weights ≥ 0, n of them, or nil where every row weighs 1.
  public var weights: [Float]?

  /// The 0-based position of every row in the table it came from (before any row was dropped).
  public var sourceRows: [Int]

  /// Rows whose features are a matrix.
  ///
  /// - Parameter baseRow: What most rows hold in each column, d values, where the features repeat themselves enough for
  ///   the engine to work with deviations from it (see `FeatureRows`); nil where they do not.
  public init(
    features: Matrix<Float>, baseRow: [Float]? = nil, labels: [Float], labelKind: LabelKind = .binary,
    sensitive: [SensitiveColumn], continuous: [ContinuousColumn] = [], weights: [Float]? = nil, sourceRows: [Int]
  ) {
    precondition(
      (baseRow?.count ?? features.columns) == features.columns, "Dataset: a base row of another length than the rows")
    self.init(
      .matrix(features, baseRow: baseRow), rows: features.rows, labels: labels, labelKind: labelKind,
      sensitive: sensitive, continuous: continuous, weights: weights, sourceRows: sourceRows)
  }

  /// Rows whose features are in the form that the engine reads, in memory or in a mapped file.
  public init(
    featureRows: FeatureRows<Float>, labels: [Float], labelKind: LabelKind = .binary, sensitive: [SensitiveColumn],
    continuous: [ContinuousColumn] = [], weights: [Float]? = nil, sourceRows: [Int]
  ) {
    self.init(
      .rows(featureRows), rows: featureRows.rows, labels: labels, labelKind: labelKind, sensitive: sensitive,
      continuous: continuous, weights: weights, sourceRows: sourceRows)
  }

  private init(
    _ features: Features, rows: Int, labels: [Float], labelKind: LabelKind, sensitive: [SensitiveColumn],
    continuous: [ContinuousColumn], weights: [Float]?, sourceRows: [Int]
  ) {
    precondition(
      labels.count == rows && sourceRows.count == rows && sensitive.allSatisfy { $0.codes.count == rows }
        && continuous.allSatisfy { $0.values.count == rows } && (weights?.count ?? rows) == rows,
      "Dataset: \(rows) rows of features, but other counts of labels, attributes, weights or source rows")
    storedFeatures = features
    self.labels = labels
    self.labelKind = labelKind
    self.sensitive = sensitive
    self.continuous = continuous
    self.weights = weights
    self.sourceRows = sourceRows
  }

  /// The number of rows, n.
  public var rows: Int {
    switch storedFeatures {
    case .matrix(let matrix, _): matrix.rows
    case .rows(let rows): rows.rows
    }
  }

  /// The number of features, d.
  public var featureCount: Int {
    switch storedFeatures {
    case .matrix(let matrix, _): matrix.columns
    case .rows(let rows): rows.columns
    }
  }

  /// The encoded features, `[n, d]`. Where they were given as `FeatureRows`, each call makes the matrix anew.
  public var features: Matrix<Float> {
    get {
      switch storedFeatures {
      case .matrix(let matrix, _): matrix
      case .rows(let rows): rows.matrix
      }
    }
    set {
      precondition(
        newValue.rows == rows && newValue.columns == featureCount, "Dataset: features of another shape than before")
      storedFeatures = .matrix(newValue, baseRow: baseRow)
    }
  }

  /// What most rows hold in each column, d values; nil where the features are dense.
  public var baseRow: [Float]? {
    switch storedFeatures {
    case .matrix(_, let baseRow): baseRow
    case .rows(let rows): rows.baseRow
    }
  }

  /// The features as the engine reads them. Where they were given as a matrix, each call makes the form anew.
  public var featureRows: FeatureRows<Float> {
    switch storedFeatures {
    case .matrix(let matrix, let baseRow): FeatureRows(matrix, base: baseRow)
    case .rows(let rows): rows
    }
  }
}
