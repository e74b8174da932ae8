/// The columns of the features that belong to one original column: a number, or a category's indicators.
public struct FeatureGroup: Sendable, Hashable {
  /// The original column's name.
  public var name: String

  /// Its columns among the features.
  public var columns: Range<Int>

  public init(name: String, columns: Range<Int>) {
    self.name = name
    self.columns = columns
  }
}
