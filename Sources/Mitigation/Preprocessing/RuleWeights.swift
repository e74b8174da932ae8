import MetricExpressions
import TabularData

/// Weights given by rules, one after the other, of which the later overrides the earlier.
///
/// A rule *sets* the weight of the rows it is about, whatever it was; rows of no rule keep theirs. Which rows each rule
/// touched, and which of them a later one took over, is reported, so that a rule that says less than was meant, or
/// more, is seen.
public struct RuleWeights: Sendable, Hashable {
  /// What a rule did.
  public struct Report: Sendable, Hashable {
    /// The rule as it was written.
    public var rule: String

    /// The rows it is about, by index.
    public var rows: [Int]

    /// How many of them have its weight in the end; the others were given another by a later rule.
    public var lasting: Int
  }

  /// What was done.
  public struct Outcome: Sendable, Hashable {
    /// The weight of each row, n of them.
    public var weights: [Float]

    /// What each rule did, in order.
    public var reports: [Report]

    /// The rows that no rule is about.
    public var untouchedRows: Int

    /// Rules that are about no row, in words: often a misspelt value.
    public var warnings: [String] {
      reports.filter(\.rows.isEmpty).map { "The rule '\($0.rule)' is about no training row. Check its values." }
    }
  }

  /// The rules, in order.
  public var rules: [WeightRule]

  public init(_ rules: [WeightRule]) {
    self.rules = rules
  }

  /// The weights for rows.
  ///
  /// - Throws: `ExpressionError` where a rule speaks of a column or a group that the rows do not have.
  public func weights(for dataset: Dataset) throws(ExpressionError) -> Outcome {
    let label = GroupVocabulary.Column("label", groups: ["0", "1"])
    let vocabulary = GroupVocabulary(
      [label] + dataset.sensitive.filter { $0.name != "label" }.map { .init($0.name, groups: $0.groups) })
    for rule in rules { try vocabulary.check(rule) }
    var weights = dataset.weights ?? [Float](repeating: 1, count: dataset.rows)
    var lastRule = [Int](repeating: -1, count: dataset.rows)
    var rowsOfRules: [[Int]] = []
    for (number, rule) in rules.enumerated() {
      var rows: [Int] = []
      for row in 0..<dataset.rows where rule.rows.holds({ Self.groups(of: $0, row: row, in: dataset) }) {
        rows.append(row)
        weights[row] = Float(rule.weight)
        lastRule[row] = number
      }
      rowsOfRules.append(rows)
    }
    return Outcome(
      weights: weights,
      reports: rules.indices.map { number in
        Report(
          rule: rules[number].text, rows: rowsOfRules[number],
          lasting: rowsOfRules[number].count { lastRule[$0] == number })
      },
      untouchedRows: lastRule.count { $0 < 0 })
  }

  private static func groups(of column: String, row: Int, in dataset: Dataset) -> [String]? {
    if column == "label" { return [dataset.labels[row] > 0.5 ? "1" : "0"] }
    guard let column = dataset.sensitive.first(where: { $0.name == column }), column.codes[row] >= 0 else { return nil }
    return [column.groups[Int(column.codes[row])]]
  }
}
