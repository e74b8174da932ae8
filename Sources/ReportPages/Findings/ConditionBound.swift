import FairnessMetrics

/// On which side of its bound a condition wants the value of its expression, read from the condition's text.
///
/// Records hold the text and the bound of a condition that was read when the run began, but not its relation.
struct ConditionBound: Sendable, Hashable {
  let gate: Gate

  /// - Parameters:
  ///   - text: The condition as it was written, with one of `<`, `<=`, `>`, `>=` outside quotation marks.
  ///   - bound: What the record names as its bound.
  /// - Returns: Nil where the text has no such relation.
  init?(_ text: String, bound: Double) {
    let characters = Array(text)
    var quote: Character?
    for (place, character) in characters.enumerated() {
      if let open = quote {
        if character == open { quote = nil }
        continue
      }
      switch character {
      case "'", "\"": quote = character
      case "<", ">", "≤", "≥":
        let isUpper = character == "<" || character == "≤"
        let isClosed =
          character == "≤" || character == "≥" || (place + 1 < characters.count && characters[place + 1] == "=")
        // The bound of `0.8 <= p_percent_rule(sex)` stands on the left, so that the value has to lie above it.
        let right = characters[(place + 1)...].drop { $0 == "=" }
        let isMirrored = Self.isNumber(characters[..<place]) && !Self.isNumber(right)
        let relation: Gate.Relation =
          switch (isUpper != isMirrored, isClosed) {
          case (true, true): .atMost
          case (true, false): .less
          case (false, true): .atLeast
          case (false, false): .greater
          }
        gate = Gate(relation, bound)
        return
      default: break
      }
    }
    return nil
  }

  /// Whether a side is arithmetic on numbers: it names no metric.
  private static func isNumber(_ side: ArraySlice<Character>) -> Bool {
    side.contains { $0.isNumber } && side.allSatisfy { $0.isNumber || $0.isWhitespace || ".+-−*/()%eE".contains($0) }
  }
}
