/// What labels and decisions mean in the domain of the data, so that metrics can be explained in its words.
///
/// The phrases complete "applicants that …": *repay the loan*, *do not repay the loan*, *are granted the loan*, *are
/// refused the loan*.
public struct DomainWords: Sendable, Hashable {
  /// What a row is, in the plural: *applicants*.
  public var rows: String

  /// What rows with a positive label do or are.
  public var positive: String

  /// What rows with a negative label do or are.
  public var negative: String

  /// What happens to rows at or above the threshold.
  public var selected: String

  /// What happens to rows below the threshold.
  public var rejected: String

  public init(rows: String, positive: String, negative: String, selected: String, rejected: String) {
    self.rows = rows
    self.positive = positive
    self.negative = negative
    self.selected = selected
    self.rejected = rejected
  }

  /// Words that fit all data.
  public static let plain = DomainWords(
    rows: "rows", positive: "have a positive label", negative: "have a negative label", selected: "are selected",
    rejected: "are not selected")
}
