/// A rule that gives some rows a weight: `where label = 0 and gender contains male set weight 0.7`.
///
/// Rows are told by their groups, in the language of conditions; `label` stands for the label, with the groups 0 and 1.
public struct WeightRule: Sendable, Hashable {
  /// The rule as it was written.
  public let text: String

  /// The rows.
  public let rows: RowPredicate

  /// Their weight, at least 0.
  public let weight: Double

  /// The columns and groups in the text, and where they stand.
  public let mentions: [ExpressionMention]

  /// Reads a rule.
  ///
  /// ```
  /// rule = "where" rows "set" "weight" number
  /// ```
  ///
  /// with the rows as in `MetricCondition.init(_:)`.
  ///
  /// - Throws: `ExpressionError` with the place of the fault.
  public init(_ text: String) throws(ExpressionError) {
    var parser = try ExpressionParser(text)
    self = try parser.weightRule()
  }

  fileprivate init(text: String, rows: RowPredicate, weight: Double, mentions: [ExpressionMention]) {
    self.text = text
    self.rows = rows
    self.weight = weight
    self.mentions = mentions
  }
}

extension ExpressionParser {
  fileprivate mutating func weightRule() throws(ExpressionError) -> WeightRule {
    guard takeName("where") else {
      throw failure("found \(token.shown) where 'where' should stand, as in: where label = 0 set weight 0.5")
    }
    let predicate = try rows()
    guard takeName("set"), takeName("weight") else {
      throw failure("found \(token.shown) where 'set weight' and a number should stand.")
    }
    guard case .number(let weight, _) = token else {
      throw failure("found \(token.shown) where a weight should stand: a number of at least 0.")
    }
    guard weight <= 1e30 else { throw failure("a weight of \(weight) is too large: 1e30 at most.") }
    index += 1
    guard token == .end else { throw failure("found \(token.shown) after the end of the rule.") }
    return WeightRule(text: text, rows: predicate, weight: weight, mentions: mentions)
  }
}
