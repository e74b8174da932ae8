/// A column to slice by, whose groups may overlap.
///
/// Each row has a code, and each code a set of groups: one for an ordinary column, none or several for a multi-valued
/// one such as `female|black`. There are far fewer sets than rows, so that counting works on codes, and each
/// group is then the sum over the codes that contain it.
public struct SliceColumn: Sendable, Hashable {
  /// The column's name.
  public let name: String

  /// The names of the groups, no two equal.
  public let groups: [String]

  /// The groups of each code, as ascending indices into `groups`.
  public let members: [[Int32]]

  /// The code of each row, `[n]`; −1 where the value is missing.
  public let codes: [Int32]

  /// A column whose rows have one group each.
  public init(_ column: GroupColumn) {
    name = column.name
    groups = column.groups
    members = column.groups.indices.map { [Int32($0)] }
    codes = column.codes
  }

  /// A column whose rows have any number of groups.
  ///
  /// - Parameters:
  ///   - name: The column's name.
  ///   - groups: The names of the groups, no two equal.
  ///   - memberships: The groups of each row, as indices into `groups` in any order; nil where the value is missing.
  ///     An empty list is a row known to be in no group.
  /// - Precondition: Every membership is an index into `groups`.
  public init(name: String, groups: [String], memberships: [[Int32]?]) {
    var codeOfSet: [[Int32]: Int32] = [:]
    var members: [[Int32]] = []
    let codes = memberships.map { row -> Int32 in
      guard let row else { return -1 }
      let set = Array(Set(row)).sorted()
      precondition(
        set.allSatisfy { groups.indices.contains(Int($0)) },
        "SliceColumn '\(name)': a membership is not an index into its \(groups.count) groups")
      if let code = codeOfSet[set] { return code }
      let code = Int32(members.count)
      codeOfSet[set] = code
      members.append(set)
      return code
    }
    self.init(name: name, groups: groups, members: members, codes: codes)
  }

  /// A column made of soft annotations, such as the share of annotators who saw a group mentioned.
  ///
  /// - Parameters:
  ///   - annotations: For each group its annotation of every row, `[groups][n]`; NaN where it is missing. A row none of
  ///     whose annotations is known is missing; one with some counts by those.
  ///   - threshold: A row is in a group when its annotation is greater than or equal to it.
  /// - Precondition: There are as many lists as groups, all equally long.
  public init(name: String, groups: [String], annotations: [[Double]], threshold: Double = 0.5) {
    let rows = annotations.first?.count ?? 0
    precondition(
      annotations.count == groups.count && annotations.allSatisfy { $0.count == rows },
      "SliceColumn '\(name)': \(groups.count) groups need as many lists of annotations, all equally long")
    let memberships = (0..<rows).map { row -> [Int32]? in
      if annotations.allSatisfy({ $0[row].isNaN }) { return nil }
      return groups.indices.filter { annotations[$0][row] >= threshold }.map { Int32($0) }
    }
    self.init(name: name, groups: groups, memberships: memberships)
  }

  /// A column whose sets of groups have codes already.
  ///
  /// - Precondition: Members are ascending indices into `groups`; codes are indices into `members`, or −1.
  package init(name: String, groups: [String], members: [[Int32]], codes: [Int32]) {
    self.name = name
    self.groups = groups
    self.members = members
    self.codes = codes
  }
}
