import FairnessMetrics
import Wording

extension MetricCondition {
  /// Reads a condition.
  ///
  /// ```
  /// condition  = sum ("<" | "<=" | ">=" | ">") sum
  /// sum        = product (("+" | "-") product)*
  /// product    = factor (("*" | "/") factor)*
  /// factor     = number ["%"] | "-" factor | "(" sum ")" | metric "(" subject ["at" number] ")"
  ///            | "abs" "(" sum ")" | ("min" | "max") "(" sum ("," sum)* ")"
  /// subject    = ["overall"] | column ("," column)* | rows
  /// rows       = conjunction ("or" conjunction)*
  /// conjunction = test (("and" | ",") test)*
  /// test       = "not" test | "(" rows ")" | column ("=" | "!=") group | column ["not"] "in" "(" group ("," group)* ")"
  ///            | column "is" ["not"] "missing" | column "contains" word
  /// ```
  ///
  /// Names that hold blanks or signs stand in quotation marks, single or double.
  public init(_ text: String) throws(ExpressionError) {
    var parser = try ExpressionParser(text)
    self = try parser.condition()
  }
}

/// A parser by recursive descent, of limited depth.
struct ExpressionParser {
  private static let depthLimit = 64

  let text: String
  let tokens: [(token: ExpressionToken, column: Int)]
  var index = 0
  private var depth = 0
  private(set) var mentions: [ExpressionMention] = []

  init(_ text: String) throws(ExpressionError) {
    self.text = text
    guard text.utf8.count <= 4096 else {
      throw ExpressionError(String(text.prefix(40)), column: 0, "the condition is longer than 4,096 characters.")
    }
    tokens = try ExpressionLexer.tokens(text)
  }

  mutating func condition() throws(ExpressionError) -> MetricCondition {
    let left = try sum()
    guard case .symbol(let symbol) = token, let relation = Gate.Relation(rawValue: symbol) else {
      throw failure("found \(token.shown) where <, <=, >= or > should stand.")
    }
    index += 1
    let right = try sum()
    guard token == .end else { throw failure("found \(token.shown) after the end of the condition.") }
    let condition = MetricCondition(
      text: text, left: left, relation: relation, right: right, mentions: mentions)
    guard !condition.terms.isEmpty else {
      throw ExpressionError(text, column: 0, "the condition names no metric, such as p_percent_rule(sex).")
    }
    return condition
  }

  // MARK: - Arithmetic

  private mutating func sum() throws(ExpressionError) -> MetricExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else { throw failure("the condition is nested more than \(Self.depthLimit) deep.") }
    var result = try product()
    while true {
      if take("+") {
        result = .sum(result, try product())
      } else if take("-") {
        result = .difference(result, try product())
      } else {
        return result
      }
    }
  }

  private mutating func product() throws(ExpressionError) -> MetricExpression {
    var result = try factor()
    while true {
      if take("*") {
        result = .product(result, try factor())
      } else if take("/") {
        result = .quotient(result, try factor())
      } else {
        return result
      }
    }
  }

  private mutating func factor() throws(ExpressionError) -> MetricExpression {
    // Signs in a row do not recurse.
    var isNegative = false
    while take("-") { isNegative.toggle() }
    let operand = try unsigned()
    return isNegative ? .negative(operand) : operand
  }

  private mutating func unsigned() throws(ExpressionError) -> MetricExpression {
    switch token {
    case .number(let value, _):
      index += 1
      return .number(value)
    case .symbol("("):
      index += 1
      let inner = try sum()
      try expect(")")
      return inner
    case .name(let name):
      let column = tokens[index].column
      index += 1
      switch name.lowercased() {
      case "abs":
        try expect("(")
        let inner = try sum()
        try expect(")")
        return .absolute(inner)
      case "min", "max":
        try expect("(")
        var operands = [try sum()]
        while take(",") { operands.append(try sum()) }
        try expect(")")
        return name.lowercased() == "min" ? .smallest(operands) : .largest(operands)
      default: return .term(try term(name, at: column))
      }
    default: throw failure("found \(token.shown) where a number or a metric should stand.")
    }
  }

  // MARK: - Metrics

  private mutating func term(_ name: String, at column: Int) throws(ExpressionError) -> MetricTerm {
    guard let metric = MetricName(name) else {
      let remedy =
        NearestName.find(name, among: MetricName.suggestions).map { "Did you mean '\($0)'?" }
        ?? "Metrics are, for example, fpr, selection_rate, p_percent_rule."
      throw ExpressionError(text, column: column, "there is no metric '\(name)'. \(remedy)")
    }
    let subject: MetricTerm.Subject
    switch metric {
    case .slice(let metric):
      // `accuracy` alone is the whole's.
      guard take("(") else {
        let term = MetricTerm(.rows(metric, .all))
        mentions.append(.init(.term(term), place: column))
        return term
      }
      subject = .rows(metric, try rowsOrAll())
    case .groups(let metric):
      guard take("(") else {
        throw failure("'\(name)' compares groups: name a column, as in \(name)(sex).")
      }
      var columns = [try columnName()]
      while take(",") { columns.append(try columnName()) }
      if case .symbol("=") = token {
        throw failure("'\(name)' compares all groups of a column; give the column alone, or take a rate such as fpr.")
      }
      if let twice = columns.first(where: { name in columns.count { $0 == name } > 1 }) {
        throw ExpressionError(text, column: column, "'\(name)' is given the column '\(twice)' twice. Keep one.")
      }
      subject = .groups(metric, columns: columns)
    }
    var term = MetricTerm(subject)
    if takeName("at") {
      guard case .number(let value, _) = token else {
        throw failure("found \(token.shown) where a threshold should stand, as in fpr(overall at 0.5).")
      }
      guard term.basis == .decisions else { throw failure("'\(name)' does not depend on a threshold. Remove it.") }
      mentions.append(.init(.threshold(value), place: tokens[index].column))
      index += 1
      term.threshold = value
    }
    try expect(")")
    mentions.append(.init(.term(term), place: column))
    return term
  }

  private mutating func rowsOrAll() throws(ExpressionError) -> RowPredicate {
    if case .symbol(")") = token { return .all }
    if case .name(let name) = token, ["overall", "all"].contains(name.lowercased()) {
      if case .symbol(")") = tokens[index + 1].token {
        index += 1
        return .all
      }
      if case .name("at") = tokens[index + 1].token {
        index += 1
        return .all
      }
    }
    if case .name("at") = token { return .all }
    return try rows()
  }

  mutating func rows() throws(ExpressionError) -> RowPredicate {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else { throw failure("the condition is nested more than \(Self.depthLimit) deep.") }
    var result = try conjunction()
    while takeName("or") || take("|") { result = .or(result, try conjunction()) }
    return result
  }

  private mutating func conjunction() throws(ExpressionError) -> RowPredicate {
    var result = try test()
    while takeName("and") || take("&") || take(",") { result = .and(result, try test()) }
    return result
  }

  private mutating func test() throws(ExpressionError) -> RowPredicate {
    var isNegated = false
    while takeName("not") { isNegated.toggle() }
    func negated(_ predicate: RowPredicate, _ flag: Bool) -> RowPredicate { flag ? .not(predicate) : predicate }
    if take("(") {
      let inner = try rows()
      try expect(")")
      return negated(inner, isNegated)
    }
    let column = try columnName()
    if takeName("is") {
      let isNot = takeName("not")
      guard takeName("missing") else { throw failure("found \(token.shown) where 'missing' should stand.") }
      return negated(.isGroup(column: column, group: nil), isNegated != isNot)
    }
    if takeName("contains") {
      return negated(.containsWord(column: column, word: try groupWord()), isNegated)
    }
    let isNotIn = takeName("not")
    if isNotIn || isName("in") {
      guard takeName("in") else { throw failure("found \(token.shown) where 'in' should stand.") }
      let predicate = try members(of: column)
      return negated(predicate, isNegated != isNotIn)
    }
    let isDifferent = take("!=")
    guard isDifferent || take("=") || take("==") else {
      throw failure(
        "found \(token.shown) after the column '\(column)'. Name a group, as in \(column) = …, or compare all groups "
          + "with a metric such as p_percent_rule(\(column)).")
    }
    return negated(.isGroup(column: column, group: try groupName(of: column)), isNegated != isDifferent)
  }

  /// The groups after `in`: `(White, Black)`.
  private mutating func members(of column: String) throws(ExpressionError) -> RowPredicate {
    try expect("(")
    var result = RowPredicate.isGroup(column: column, group: try groupName(of: column))
    while take(",") { result = .or(result, .isGroup(column: column, group: try groupName(of: column))) }
    try expect(")")
    return result
  }

  private mutating func columnName() throws(ExpressionError) -> String {
    switch token {
    case .name(let name), .quoted(let name):
      mentions.append(.init(.column(name), place: tokens[index].column))
      index += 1
      return name
    default: throw failure("found \(token.shown) where a column should stand.")
    }
  }

  /// A group: one word, a number, or a text in quotation marks; signs glue words, as in `African-American`, `>50K`.
  private mutating func groupName(of column: String) throws(ExpressionError) -> String {
    let place = tokens[index].column
    let name = try groupWord()
    mentions.append(.init(.group(column: column, name), place: place))
    return name
  }

  private mutating func groupWord() throws(ExpressionError) -> String {
    if case .quoted(let text) = token {
      index += 1
      return text
    }
    let characters = Array(text)
    let start = tokens[index].column
    var end = start
    while end < characters.count, !characters[end].isWhitespace, !",()&|;".contains(characters[end]) { end += 1 }
    guard end > start else { throw failure("found \(token.shown) where a group should stand.") }
    while tokens[index].column < end { index += 1 }
    return String(characters[start..<end])
  }

  // MARK: - Words

  var token: ExpressionToken { tokens[index].token }

  private mutating func take(_ symbol: String) -> Bool {
    guard token == .symbol(symbol) else { return false }
    index += 1
    return true
  }

  private func isName(_ name: String) -> Bool {
    if case .name(let found) = token { found.lowercased() == name } else { false }
  }

  mutating func takeName(_ name: String) -> Bool {
    guard isName(name) else { return false }
    index += 1
    return true
  }

  private mutating func expect(_ symbol: String) throws(ExpressionError) {
    guard take(symbol) else { throw failure("found \(token.shown) where '\(symbol)' should stand.") }
  }

  func failure(_ message: String) -> ExpressionError {
    ExpressionError(text, column: tokens[index].column, message)
  }
}
