/// A column that divides rows into groups: a sensitive attribute, or any other column to slice by.
public struct GroupColumn: Sendable, Hashable {
  /// The column's name.
  public var name: String

  /// The names of the groups; a code is an index into them. No two are equal.
  public private(set) var groups: [String]

  /// The group of each row, `[n]`; −1 where it is missing.
  public private(set) var codes: [Int32]

  /// Creates a column of groups.
  ///
  /// - Parameters:
  ///   - name: The column's name.
  ///   - groups: The names of the groups, no two equal.
  ///   - codes: The group of each row, an index into `groups`, or −1 where it is missing.
  /// - Precondition: Every code is −1 or an index into `groups`.
  public init(name: String, groups: [String], codes: [Int32]) {
    let bound = UInt32(groups.count)
    precondition(
      // One comparison of code + 1 as unsigned covers both ends.
      codes.allSatisfy { UInt32(bitPattern: $0 &+ 1) <= bound },
      "GroupColumn '\(name)': a code is neither −1 nor an index into its \(groups.count) groups")
    self.name = name
    self.groups = groups
    self.codes = codes
  }
}
