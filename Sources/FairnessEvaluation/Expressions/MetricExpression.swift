import FairnessMetrics

/// Which rows a term of an expression is about, by their groups.
public indirect enum RowPredicate: Sendable, Hashable {
  /// All rows.
  case all
  /// Rows of a group of a column; nil for those whose value is missing.
  case isGroup(column: String, group: String?)
  case not(RowPredicate)
  case and(RowPredicate, RowPredicate)
  case or(RowPredicate, RowPredicate)

  /// Whether a row's groups satisfy the predicate.
  ///
  /// A missing value belongs to no group, so that both `race = White` and `race != White` leave the row out.
  ///
  /// - Parameter groups: The groups of the row in a column, nil where the value is missing.
  public func holds(_ groups: (_ column: String) -> [String]?) -> Bool {
    switch self {
    case .all: true
    case .isGroup(let column, nil): groups(column) == nil
    case .isGroup(let column, let group?): groups(column)?.contains(group) ?? false
    case .not(.isGroup(let column, let group?)): groups(column).map { !$0.contains(group) } ?? false
    case .not(let predicate): !predicate.holds(groups)
    case .and(let a, let b): a.holds(groups) && b.holds(groups)
    case .or(let a, let b): a.holds(groups) || b.holds(groups)
    }
  }
}

/// A metric applied to rows or groups: `fpr(sex = Female at 0.3)`, `p_percent_rule(sex, race)`.
public struct MetricTerm: Sendable, Hashable {
  /// What the metric is of.
  public enum Subject: Sendable, Hashable {
    /// A statistic of the rows that satisfy a predicate.
    case rows(SliceMetric, RowPredicate)
    /// A comparison of the groups that columns make together.
    case groups(GroupMetric, columns: [String])
  }

  /// What the metric is of.
  public var subject: Subject

  /// The decision threshold; nil for that of the evaluation.
  public var threshold: Double?

  public init(_ subject: Subject, threshold: Double? = nil) {
    self.subject = subject
    self.threshold = threshold
  }

  /// What the metric is computed from.
  public var basis: SliceMetric.Basis {
    switch subject {
    case .rows(let metric, _): metric.basis
    case .groups(let metric, _): metric.basis
    }
  }
}

/// A number computed from metrics.
public indirect enum MetricExpression: Sendable, Hashable {
  case number(Double)
  case term(MetricTerm)
  case absolute(MetricExpression)
  case negative(MetricExpression)
  case sum(MetricExpression, MetricExpression)
  case difference(MetricExpression, MetricExpression)
  case product(MetricExpression, MetricExpression)
  case quotient(MetricExpression, MetricExpression)
  case smallest([MetricExpression])
  case largest([MetricExpression])

  /// The value; undefined where a term is, for its reason.
  ///
  /// - Parameter value: The value of a term.
  public func value(_ value: (MetricTerm) -> MetricValue) -> MetricValue {
    func binary(
      _ a: MetricExpression, _ b: MetricExpression, _ operation: (Double, Double) -> Double
    ) -> MetricValue {
      switch (a.value(value), b.value(value)) {
      case (.defined(let a), .defined(let b)):
        let result = operation(a, b)
        return result.isFinite ? .defined(result) : .undefined("the expression divides by 0, or grows too large")
      case (.undefined(let reason), _), (_, .undefined(let reason)): return .undefined(reason)
      }
    }
    switch self {
    case .number(let number): return .defined(number)
    case .term(let term): return value(term)
    case .absolute(let operand): return binary(operand, .number(0)) { a, _ in abs(a) }
    case .negative(let operand): return binary(operand, .number(0)) { a, _ in -a }
    case .sum(let a, let b): return binary(a, b, +)
    case .difference(let a, let b): return binary(a, b, -)
    case .product(let a, let b): return binary(a, b, *)
    case .quotient(let a, let b): return binary(a, b, /)
    case .smallest(let operands): return extreme(operands.map { $0.value(value) }, min)
    case .largest(let operands): return extreme(operands.map { $0.value(value) }, max)
    }
  }

  private func extreme(_ values: [MetricValue], _ choose: (Double, Double) -> Double) -> MetricValue {
    if let reason = values.lazy.compactMap(\.reason).first { return .undefined(reason) }
    let numbers = values.compactMap(\.value)
    return .defined(numbers.dropFirst().reduce(numbers.first ?? 0, choose))
  }

  /// The terms, from left to right.
  public var terms: [MetricTerm] {
    switch self {
    case .number: []
    case .term(let term): [term]
    case .absolute(let operand), .negative(let operand): operand.terms
    case .sum(let a, let b), .difference(let a, let b), .product(let a, let b), .quotient(let a, let b):
      a.terms + b.terms
    case .smallest(let operands), .largest(let operands): operands.flatMap(\.terms)
    }
  }
}

/// A condition on metrics: `abs(fpr(gender = female) - fpr(overall)) <= 0.02`.
public struct MetricCondition: Sendable, Hashable {
  /// The condition as it was written.
  public var text: String

  /// What stands left of the relation.
  public var left: MetricExpression

  /// The relation.
  public var relation: Gate.Relation

  /// What stands right of the relation.
  public var right: MetricExpression

  /// The terms of both sides.
  public var terms: [MetricTerm] { left.terms + right.terms }

  /// The columns that the terms speak of, in their order, none twice.
  public var columns: [String] {
    var seen: Set<String> = []
    return terms.flatMap(\.columns).filter { seen.insert($0).inserted }
  }
}

extension MetricTerm {
  /// The columns that the term speaks of.
  public var columns: [String] {
    switch subject {
    case .rows(_, let predicate): predicate.columns
    case .groups(_, let columns): columns
    }
  }
}

extension RowPredicate {
  /// The columns that the predicate speaks of.
  public var columns: [String] {
    switch self {
    case .all: []
    case .isGroup(let column, _): [column]
    case .not(let predicate): predicate.columns
    case .and(let a, let b), .or(let a, let b): a.columns + b.columns
    }
  }

  /// The groups that the predicate names, with their columns.
  public var groups: [(column: String, group: String)] {
    switch self {
    case .all, .isGroup(_, nil): []
    case .isGroup(let column, let group?): [(column, group)]
    case .not(let predicate): predicate.groups
    case .and(let a, let b), .or(let a, let b): a.groups + b.groups
    }
  }
}
