/// Turns the feature columns of a table into numbers, with everything it needs to do so again on new data.
///
/// A numeric column becomes one column of features, and where pieces are wanted one more for each piece of its range
/// (see `Pieces`); a categorical one becomes a column per category (1 in the rows of that category, else 0), in the
/// order of the categories' UTF-8 bytes. The categories are those of all rows that the data
/// set keeps, so that the shape does not depend on the split; every *statistic* is fitted on the training rows alone.
///
/// **The unseen bucket.** A category that no training row has (it occurs in another split only, or in new data only),
/// and a missing cell where training had none, are encoded as the training means of the column's indicators. After
/// standardisation that is 0: the column says nothing, and the row is scored as an average person would be in this
/// respect. The bucket differs from every known category, and needs no weights of its own, which training would never
/// have moved from their random start. `encode` counts such cells and reports them.
public struct FeatureEncoder: Sendable, Equatable, Codable {
  /// A numeric column.
  public struct Numeric: Sendable, Equatable, Codable {
    /// The mean over the training rows in which the column is present; it stands for missing cells.
    public var fill: Double
    /// What is subtracted: the mean over the training rows after filling, or 0 where not standardised.
    public var mean: Double
    /// What is divided by: the population standard deviation over the training rows after filling; 1 where that is 0
    /// or where not standardised.
    public var scale: Double
    /// The number that most training rows have, as a capital gain of 0; nil where there is none. It is where rows are
    /// counted from that are kept as deviations, and changes no feature.
    public var common: Double?
    /// The pieces of the column's range that have features of their own; nil for none.
    public var pieces: Pieces?
  }

  /// A categorical column.
  public struct Categorical: Sendable, Equatable, Codable {
    /// The categories, in the order of their UTF-8 bytes.
    public var categories: [String]
    /// Whether a training row has the category; others go to the unseen bucket.
    public var isKnown: [Bool]
    /// How many of the first categories have no indicator of their own: 1 with `dropFirst`, otherwise 0.
    public var droppedCount: Int
    /// The category of missing cells.
    public var missingCategory: String
    /// The training mean of each indicator: the share of training rows with its category.
    public var means: [Double]
    /// What is subtracted from each indicator; 0 where not standardised.
    public var offsets: [Double]
    /// What each indicator is divided by after that; 1 where not standardised or constant.
    public var scales: [Double]
  }

  /// How one column of the table is encoded.
  public enum Encoding: Sendable, Equatable, Codable {
    case numeric(Numeric)
    case categorical(Categorical)
  }

  /// A column of the table and how it is encoded.
  public struct Column: Sendable, Equatable, Codable {
    public var name: String
    public var encoding: Encoding

    /// The number of features it becomes.
    public var width: Int {
      switch encoding {
      case .numeric(let numeric): 1 + (numeric.pieces?.count ?? 0)
      case .categorical(let categorical): categorical.means.count
      }
    }
  }

  /// The columns, in the order of the table that the encoder was fitted on.
  public let columns: [Column]

  init(columns: [Column]) { self.columns = columns }

  /// The number of features, d.
  public var featureCount: Int { columns.reduce(0) { $0 + $1.width } }

  /// The names of the features in order: `age`, `workclass=Private`, …
  public var featureNames: [String] {
    columns.flatMap { column in
      switch column.encoding {
      case .numeric(let numeric):
        [column.name] + (numeric.pieces?.names.map { "\(column.name) \($0)" } ?? [])
      case .categorical(let categorical):
        categorical.categories.dropFirst(categorical.droppedCount).map { "\(column.name)=\($0)" }
      }
    }
  }
}
