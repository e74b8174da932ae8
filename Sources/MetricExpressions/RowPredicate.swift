/// Which rows a term of an expression is about, by their groups.
public indirect enum RowPredicate: Sendable, Hashable {
  /// All rows.
  case all
  /// Rows of a group of a column; nil for those whose value is missing.
  case isGroup(column: String, group: String?)
  /// Rows one of whose groups in a column has the word among its words, see `words(of:)`: `female|black` contains
  /// `female`, and not `male`.
  case containsWord(column: String, word: String)
  case not(RowPredicate)
  case and(RowPredicate, RowPredicate)
  case or(RowPredicate, RowPredicate)

  /// Whether a row's groups satisfy the predicate.
  ///
  /// A missing value belongs to no group, and what it would be is unknown: both `race = White` and `race != White`
  /// leave the row out, and so does `not (race = White or race = Black)`. Unknown parts combine as in Kleene's logic:
  /// `sex = Female or race = White` holds for a woman whose race is missing.
  ///
  /// - Parameter groups: The groups of the row in a column, nil where the value is missing.
  public func holds(_ groups: (_ column: String) -> [String]?) -> Bool { truth(groups) == true }

  /// Whether the predicate is true, false, or unknown for a missing value.
  private func truth(_ groups: (_ column: String) -> [String]?) -> Bool? {
    switch self {
    case .all: return true
    case .isGroup(let column, nil): return groups(column) == nil
    case .isGroup(let column, let group?): return groups(column).map { $0.contains(group) }
    case .containsWord(let column, let word):
      return groups(column).map { $0.contains { Self.words(of: $0).contains(word) } }
    case .not(let predicate): return predicate.truth(groups).map { !$0 }
    case .and(let a, let b):
      let (first, second) = (a.truth(groups), b.truth(groups))
      if first == false || second == false { return false }
      return first == nil || second == nil ? nil : true
    case .or(let a, let b):
      let (first, second) = (a.truth(groups), b.truth(groups))
      if first == true || second == true { return true }
      return first == nil || second == nil ? nil : false
    }
  }

  /// The columns that the predicate speaks of.
  public var columns: [String] {
    switch self {
    case .all: []
    case .isGroup(let column, _), .containsWord(let column, _): [column]
    case .not(let predicate): predicate.columns
    case .and(let a, let b), .or(let a, let b): a.columns + b.columns
    }
  }

  /// The groups that the predicate names, with their columns.
  public var groups: [(column: String, group: String)] {
    switch self {
    case .all, .isGroup(_, nil), .containsWord: []
    case .isGroup(let column, let group?): [(column, group)]
    case .not(let predicate): predicate.groups
    case .and(let a, let b), .or(let a, let b): a.groups + b.groups
    }
  }

  /// The words of a value: what stands between blanks, commas, semicolons, bars, slashes, brackets and quotation marks.
  public static func words(of value: String) -> [String] {
    value.split { $0.isWhitespace || ",;|/()[]{}\"'".contains($0) }.map(String.init)
  }

  /// Both predicates at once; `all` adds nothing.
  public func and(_ other: RowPredicate) -> RowPredicate {
    switch (self, other) {
    case (.all, _): other
    case (_, .all): self
    default: .and(self, other)
    }
  }
}

extension RowPredicate: CustomStringConvertible {
  /// The predicate as an expression writes it: `sex = Female and not (race = White)`.
  public var description: String {
    switch self {
    case .all: "overall"
    case .isGroup(let column, nil): "\(Self.word(column)) is missing"
    case .isGroup(let column, let group?): "\(Self.word(column)) = \(Self.word(group))"
    case .containsWord(let column, let word): "\(Self.word(column)) contains \(Self.word(word))"
    case .not(.isGroup(let column, let group?)): "\(Self.word(column)) != \(Self.word(group))"
    case .not(let predicate): "not (\(predicate))"
    case .and(let a, let b): "\(Self.operand(a)) and \(Self.operand(b))"
    case .or(let a, let b): "\(a) or \(b)"
    }
  }

  private static func operand(_ predicate: RowPredicate) -> String {
    if case .or = predicate { "(\(predicate))" } else { "\(predicate)" }
  }

  /// A name as it must be written to be read as one: in quotation marks where it is not a plain word.
  static func word(_ name: String) -> String {
    let isPlain =
      !name.isEmpty && name.first?.isLetter == true
      && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
      && !["and", "or", "not", "in", "is", "at", "overall", "all"].contains(name.lowercased())
    if isPlain || (!name.isEmpty && name.allSatisfy(\.isNumber)) { return name }
    return name.contains("'") ? "\"\(name)\"" : "'\(name)'"
  }
}
