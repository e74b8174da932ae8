import FairnessMetrics
import Wording

/// The columns and groups that expressions may speak of: those of the data, or those a configuration declares.
public struct GroupVocabulary: Sendable, Hashable {
  /// A column and its groups.
  public struct Column: Sendable, Hashable {
    /// The column's name.
    public var name: String

    /// The names of its groups; nil where they are not known before the data are read.
    public var groups: [String]?

    public init(_ name: String, groups: [String]? = nil) {
      self.name = name
      self.groups = groups
    }
  }

  /// The columns.
  public var columns: [Column]

  public init(_ columns: [Column]) {
    self.columns = columns
  }

  /// The columns of data, with all their groups.
  public init(_ columns: [SliceColumn]) {
    self.columns = columns.map { Column($0.name, groups: $0.groups) }
  }

  /// Refuses a condition that speaks of a column or group that does not exist, or of a threshold that no score has.
  ///
  /// A misspelt group must not pass for one without rows.
  ///
  /// - Parameters:
  ///   - condition: The condition.
  ///   - scores: The range of the scores, in which thresholds lie.
  /// - Throws: `ExpressionError`, pointing at the first name that is wrong, with the nearest one that is right.
  public func check(_ condition: MetricCondition, scores: ClosedRange<Double> = 0...1) throws(ExpressionError) {
    try check(condition.mentions, in: condition.text, scores: scores)
  }

  /// Refuses a rule that speaks of a column or group that does not exist.
  ///
  /// - Throws: `ExpressionError`, as for a condition.
  public func check(_ rule: WeightRule) throws(ExpressionError) {
    try check(rule.mentions, in: rule.text, scores: -.infinity ... .infinity)
  }

  private func check(
    _ mentions: [ExpressionMention], in text: String, scores: ClosedRange<Double>
  ) throws(ExpressionError) {
    for mention in mentions {
      func refuse(_ message: String) throws(ExpressionError) {
        throw ExpressionError(text, column: mention.place, message)
      }
      switch mention.subject {
      case .column(let name):
        guard !columns.contains(where: { $0.name == name }) else { continue }
        try refuse(
          "there is no column \(Excerpt.quoted(name)) to tell groups by. "
            + Self.remedy(name, "The columns are", columns.map(\.name), none: "The data declare no such columns."))
      case .group(let column, let group):
        guard let groups = columns.first(where: { $0.name == column })?.groups, !groups.contains(group)
        else { continue }
        try refuse(
          "the column \(Excerpt.quoted(column)) has no group \(Excerpt.quoted(group)). "
            + Self.remedy(group, "Its groups are", groups, none: "It has no groups."))
      case .threshold(let threshold):
        guard !scores.contains(threshold) else { continue }
        try refuse(
          "the threshold \(threshold) lies outside the scores' range, \(scores.lowerBound) to \(scores.upperBound).")
      case .term(let term):
        guard case .groups(_, let names) = term.subject else { continue }
        let counts = names.map { name in columns.first { $0.name == name }?.groups?.count }
        if names.count == 1, let name = names.first, let count = counts[0], count < 2 {
          try refuse(
            "the column \(Excerpt.quoted(name)) has \(count == 0 ? "no group" : "one group"), and nothing to compare "
              + "it with.")
        }
      }
    }
  }

  private static func remedy(_ name: String, _ introduction: String, _ names: [String], none: String) -> String {
    if let nearest = NearestName.find(name, among: names) { return "Did you mean \(Excerpt.quoted(nearest))?" }
    return names.isEmpty ? none : "\(introduction) \(Excerpt.list(names))."
  }
}
