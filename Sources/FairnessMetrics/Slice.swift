/// Rows named by their groups in some columns: one column makes a slice, several an intersection, none the whole.
public struct Slice: Sendable, Hashable {
  /// One column's part in naming a slice.
  public struct Term: Sendable, Hashable {
    /// The column's name.
    public var column: String

    /// The group's name, or nil for the rows whose value is missing.
    public var group: String?

    public init(column: String, group: String?) {
      self.column = column
      self.group = group
    }
  }

  /// The columns and their groups, in the order asked for; empty for the whole.
  public var terms: [Term]

  public init(_ terms: [Term] = []) {
    self.terms = terms
  }

  /// Whether some column's value is missing in the slice's rows.
  public var isMissing: Bool { terms.contains { $0.group == nil } }
}

extension Slice: CustomStringConvertible {
  /// The slice for people: `sex = Female, race missing`, or `all rows`.
  public var description: String {
    if terms.isEmpty { return "all rows" }
    return terms.map { term in
      term.group.map { "\(term.column) = \($0)" } ?? "\(term.column) missing"
    }.joined(separator: ", ")
  }
}
