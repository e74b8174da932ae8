import FairnessMetrics

/// A condition on metrics: `abs(fpr(gender = female) - fpr(overall)) <= 0.02`.
///
/// The one language of gates, of constraints in training, and of choosing between iterates.
public struct MetricCondition: Sendable, Hashable {
  /// The condition as it was written.
  public let text: String

  /// What stands left of the relation.
  public let left: MetricExpression

  /// The relation.
  public let relation: Gate.Relation

  /// What stands right of the relation.
  public let right: MetricExpression

  /// The names in the text, and where they stand, in their order.
  public let mentions: [ExpressionMention]

  /// The terms of both sides.
  public var terms: [MetricTerm] { left.terms + right.terms }

  /// The columns that the terms speak of, in their order, none twice.
  public var columns: [String] {
    var seen: Set<String> = []
    return terms.flatMap(\.columns).filter { seen.insert($0).inserted }
  }

  /// The condition as `expression relation number`, with the bound on the right.
  public var normalized: (expression: MetricExpression, relation: Gate.Relation, bound: Double) {
    if let bound = right.constant { return (left, relation, bound) }
    if let bound = left.constant {
      let mirrored: Gate.Relation =
        switch relation {
        case .less: .greater
        case .atMost: .atLeast
        case .atLeast: .atMost
        case .greater: .less
        }
      return (right, mirrored, bound)
    }
    return (.difference(left, right), relation, 0)
  }

  /// The same condition in the text, for a message about a name that stands in it.
  ///
  /// - Parameter subject: The name; the message points at its first place, or at the beginning where it stands nowhere.
  public func error(at subject: ExpressionMention.Subject, _ message: String) -> ExpressionError {
    ExpressionError(text, column: mentions.first { $0.subject == subject }?.place ?? 0, message)
  }
}

/// A name in the text of a condition.
public struct ExpressionMention: Sendable, Hashable {
  /// What is named.
  public enum Subject: Sendable, Hashable {
    /// A metric of rows or groups.
    case term(MetricTerm)
    /// A column.
    case column(String)
    /// A group of a column.
    case group(column: String, String)
    /// A decision threshold.
    case threshold(Double)
  }

  /// What is named.
  public var subject: Subject

  /// Where, in characters counted from 0.
  public var place: Int

  public init(_ subject: Subject, place: Int) {
    self.subject = subject
    self.place = place
  }
}
