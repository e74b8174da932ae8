import FairnessMetrics

extension MetricCondition {
  /// The text of the expression that `normalized` holds against its bound: `p_percent_rule(sex)` of
  /// `0.8 <= p_percent_rule(sex)`.
  public var expressionText: String {
    let sides = self.sides
    if right.constant != nil { return sides.left }
    if left.constant != nil { return sides.right }
    return "\(sides.left) - (\(sides.right))"
  }

  /// The condition that holds the same expression against another bound.
  ///
  /// - Throws: `ExpressionError` where the bound is no number.
  public func withBound(_ bound: Double) throws(ExpressionError) -> MetricCondition {
    try MetricCondition("\(expressionText) \(normalized.relation.rawValue) \(bound)")
  }

  /// The texts left and right of the relation, without the spaces around them.
  private var sides: (left: String, right: String) {
    let tokens = (try? ExpressionLexer.tokens(text)) ?? []
    let place = tokens.firstIndex { token, _ in
      if case .symbol(let symbol) = token { ["<", "<=", ">", ">="].contains(symbol) } else { false }
    }
    // A condition that was read has a relation.
    guard let place else { return (text, "") }
    let characters = Array(text)
    func trimmed(_ part: ArraySlice<Character>) -> String {
      var part = part
      while part.first?.isWhitespace == true { part.removeFirst() }
      while part.last?.isWhitespace == true { part.removeLast() }
      return String(part)
    }
    return (
      trimmed(characters[..<tokens[place].column]), trimmed(characters[tokens[place + 1].column...])
    )
  }
}

extension RowPredicate {
  /// A name as a condition must write it: in quotation marks where it is not a plain word.
  public static func written(_ name: String) -> String { word(name) }
}
