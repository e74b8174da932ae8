/// A table made ready: encoded splits, and what is needed to make new rows ready in the same way.
public struct PreparedData: Sendable {
  /// The encoded rows of each split; only splits that the recipe asks for.
  public var splits: [SplitName: Dataset]

  /// The encoder, fitted on the training rows.
  public var encoder: FeatureEncoder

  /// The label's classes.
  public var label: LabelCoder

  /// The sensitive attributes' groups, in the order of the recipe.
  public var sensitive: [SensitiveCoder]

  /// The continuous attributes, in the order of the recipe.
  public var continuous: [ContinuousCoder]

  /// The names and types of the table's columns, and the markers of missing cells.
  public var schema: Schema

  /// Row counts per split, class and group.
  public var counts: [SplitName: SplitCounts]

  /// What the reader of results should know.
  public var warnings: [DataWarning]

  /// The rows of one split; nil where the recipe does not ask for it.
  public subscript(split: SplitName) -> Dataset? { splits[split] }
}

/// How many rows of a split belong to each class and group.
public struct SplitCounts: Sendable, Equatable, Codable {
  /// A group of a sensitive attribute.
  public struct Group: Sendable, Equatable, Codable {
    /// The group's name.
    public var name: String
    /// Its rows.
    public var rows: Int
    /// Its rows with label 1; 0 where the label is not binary.
    public var positives: Int
  }

  /// All rows.
  public var rows: Int

  /// The rows with label 1; 0 where the label is not binary.
  public var positives: Int

  /// The groups of each sensitive column, in the order of the attribute's groups.
  public var groups: [String: [Group]]

  /// Rows without a group, or without a number, by sensitive column.
  public var missing: [String: Int]

  /// Counts the rows of a data set.
  public init(_ dataset: Dataset) {
    self.init(names: dataset.sensitive.map { ($0.name, $0.groups) })
    add(
      labels: dataset.labels, kind: dataset.labelKind, sensitive: dataset.sensitive, continuous: dataset.continuous)
  }

  /// The counts of no rows.
  init(_ sensitive: [SensitiveCoder]) {
    self.init(names: sensitive.map { ($0.column, $0.groups) })
  }

  private init(names: [(column: String, groups: [String])]) {
    rows = 0
    positives = 0
    groups = [:]
    missing = [:]
    for (column, names) in names {
      groups[column] = names.map { Group(name: $0, rows: 0, positives: 0) }
      missing[column] = 0
    }
  }

  /// Counts further rows.
  mutating func add(
    labels: [Float], kind: LabelKind = .binary, sensitive: [SensitiveColumn], continuous: [ContinuousColumn] = []
  ) {
    rows += labels.count
    let hasPositives = kind == .binary
    if hasPositives { positives += labels.reduce(0) { $0 + ($1 > 0 ? 1 : 0) } }
    for column in sensitive {
      var counts = groups[column.name] ?? []
      var absent = 0
      for (code, label) in zip(column.codes, labels) {
        guard code >= 0 else {
          absent += 1
          continue
        }
        counts[Int(code)].rows += 1
        if hasPositives && label > 0 { counts[Int(code)].positives += 1 }
      }
      groups[column.name] = counts
      missing[column.name, default: 0] += absent
    }
    for column in continuous {
      missing[column.name, default: 0] += column.values.reduce(0) { $0 + ($1.isNaN ? 1 : 0) }
    }
  }
}
