import FairnessMetrics
import Wording

/// Reduces conditions to linear inequalities between rates, for training.
///
/// An expression that is the largest of several linear ones is at most b exactly when all of them are: `abs(x) ≤ e` is
/// `x ≤ e` and `−x ≤ e`; a difference between groups is the largest over ordered pairs of them; `p_percent_rule(a) ≥ t`
/// is `t·selection_rate(h) − selection_rate(g) ≤ 0` for each ordered pair g, h. In the same way a smallest one is
/// at least b. What is neither, such as ROC AUC or precision, is refused; gates and the choice of an iterate
/// take any condition.
public struct ConstraintReduction: Sendable {
  /// The groups that some columns make, each with its predicate.
  private let columns: [SliceColumn]
  private let crossed: CrossedCells
  private let vocabulary: GroupVocabulary

  /// The most inequalities that one condition may make.
  public static let limit = 4096

  /// - Parameters:
  ///   - columns: The columns of the training rows; groups, and crosses of them, without rows make no inequalities.
  ///   - rows: The number of rows.
  public init(columns: [SliceColumn], rows: Int) {
    self.columns = columns
    crossed = CrossedCells(columns, rows: rows)
    vocabulary = GroupVocabulary(columns)
  }

  /// The inequalities of a condition; none where it always holds.
  ///
  /// `<` counts as `≤`, and `>` as `≥`: training knows no difference.
  ///
  /// - Throws: `ExpressionError`, pointing at the name that is unknown or at the metric that cannot be trained on.
  public func constraints(_ condition: MetricCondition) throws(ExpressionError) -> [LinearConstraint] {
    try vocabulary.check(condition)
    let context = Context(condition: condition, groups: groups)
    let pieces = try context.pieces()
    var seen: Set<LinearConstraint> = []
    return pieces.compactMap { piece -> LinearConstraint? in
      if piece.terms.isEmpty && piece.constant <= 0 { return nil }
      // Subtracted from 0, so that there is no −0 to be shown.
      let constraint = LinearConstraint(piece.terms, atMost: 0 - piece.constant, of: condition.text)
      return seen.insert(constraint).inserted ? constraint : nil
    }
  }

  /// The groups that columns make and that have rows, as predicates.
  private func groups(_ names: [String]) -> [RowPredicate] {
    let indices = names.compactMap { name in columns.firstIndex { $0.name == name } }
    return crossed.slices(crossing: indices).filter { !$0.slice.isMissing }.map { slice, _ in
      slice.terms.reduce(RowPredicate.all) { $0.and(.isGroup(column: $1.column, group: $1.group)) }
    }
  }
}

/// A linear expression in rates: `constant + Σ cₖ·rateₖ`.
private struct Piece {
  var constant = 0.0
  var terms: [RateTerm] = []

  static func + (a: Piece, b: Piece) -> Piece {
    var sum = a
    sum.constant += b.constant
    for term in b.terms {
      if let index = sum.terms.firstIndex(where: { $0.rate == term.rate }) {
        sum.terms[index].coefficient += term.coefficient
      } else {
        sum.terms.append(term)
      }
    }
    sum.terms.removeAll { $0.coefficient == 0 }
    return sum
  }

  static func * (piece: Piece, factor: Double) -> Piece {
    if factor == 0 { return Piece() }
    return Piece(
      constant: piece.constant * factor, terms: piece.terms.map { RateTerm($0.coefficient * factor, $0.rate) })
  }
}

/// Which extreme of its pieces an expression is.
private enum Extreme {
  case largest
  case smallest

  var opposite: Extreme { self == .largest ? .smallest : .largest }
}

/// The reduction of one condition.
private struct Context {
  let condition: MetricCondition
  let groups: ([String]) -> [RowPredicate]

  /// Pieces that all are at most 0 exactly where the condition holds.
  func pieces() throws(ExpressionError) -> [Piece] {
    let isUpper = condition.relation == .less || condition.relation == .atMost
    let whole = LinearForm(.difference(condition.left, condition.right))
    if let ratio = try ratioPieces(whole, isUpper: isUpper) { return ratio }
    let (low, high) = isUpper ? (condition.left, condition.right) : (condition.right, condition.left)
    return try pieces(.difference(low, high), .largest)
  }

  /// The pieces of a condition on one ratio, `c·(a/b) + k ≤ 0` with b ≥ 0, multiplied out; nil for others.
  private func ratioPieces(_ form: LinearForm, isUpper: Bool) throws(ExpressionError) -> [Piece]? {
    guard form.parts.count == 1, let part = form.parts.first else { return nil }
    let bound = -form.constant / part.coefficient
    let boundsAbove = isUpper == (part.coefficient > 0)
    switch part.atom {
    case .term(let term):
      guard case .groups(let metric, let columns) = term.subject else { return nil }
      let rates: [LinearRate]
      switch metric {
      case .pPercentRule: rates = [.selectionRate]
      case .equalizedOddsRatio: rates = [.truePositiveRate, .falsePositiveRate]
      default: return nil
      }
      guard !boundsAbove else {
        throw condition.error(
          at: .term(term), "'\(term)' can be trained only towards more: write >=, or use it in a gate.")
      }
      // A ratio is never below 0.
      if bound <= 0 { return [] }
      var pieces: [Piece] = []
      for rate in rates {
        pieces += pairs(rate, columns, term.threshold).map { $0 * bound + $1 * -1 }
      }
      return pieces
    case .other(.quotient(let a, let b)):
      guard LinearForm(b).range().lowerBound >= 0 else {
        throw ExpressionError(
          condition.text, column: 0,
          "the ratio's divisor may be negative, so the condition cannot be trained on. Divide by one rate.")
      }
      let product = MetricExpression.product(.number(bound), b)
      return try pieces(boundsAbove ? .difference(a, product) : .difference(product, a), .largest)
    default: return nil
    }
  }

  private func pieces(_ expression: MetricExpression, _ extreme: Extreme) throws(ExpressionError) -> [Piece] {
    switch expression {
    case .number(let number): return [Piece(constant: number)]
    case .term(let term): return try pieces(term, extreme)
    case .negative(let operand): return try pieces(operand, extreme.opposite).map { $0 * -1 }
    case .sum(let a, let b): return try sums(pieces(a, extreme), pieces(b, extreme))
    case .difference(let a, let b):
      return try sums(pieces(a, extreme), pieces(b, extreme.opposite).map { $0 * -1 })
    case .absolute(let operand):
      guard extreme == .largest else { throw wrongSide("abs(…)", of: operand, "at most") }
      return try pieces(operand, .largest) + pieces(operand, .smallest).map { $0 * -1 }
    case .largest(let operands):
      guard extreme == .largest else { throw wrongSide("max(…)", of: operands.first, "at most") }
      return try union(operands, extreme)
    case .smallest(let operands):
      guard extreme == .smallest else { throw wrongSide("min(…)", of: operands.first, "at least") }
      return try union(operands, extreme)
    case .product(let a, let b):
      if let factor = a.constant { return try multiple(b, factor, extreme) }
      if let factor = b.constant { return try multiple(a, factor, extreme) }
      throw notLinear("the product of two metrics", expression)
    case .quotient(let a, let b):
      if let divisor = b.constant, divisor != 0 { return try multiple(a, 1 / divisor, extreme) }
      throw notLinear("a ratio inside a sum", expression)
    }
  }

  private func multiple(
    _ expression: MetricExpression, _ factor: Double, _ extreme: Extreme
  ) throws(ExpressionError) -> [Piece] {
    try pieces(expression, factor < 0 ? extreme.opposite : extreme).map { $0 * factor }
  }

  private func union(_ operands: [MetricExpression], _ extreme: Extreme) throws(ExpressionError) -> [Piece] {
    var union: [Piece] = []
    for operand in operands { union += try pieces(operand, extreme) }
    return union
  }

  /// The extreme of a sum is the sum of extremes: every piece of one with every piece of the other.
  private func sums(_ a: [Piece], _ b: [Piece]) throws(ExpressionError) -> [Piece] {
    guard a.count * b.count <= ConstraintReduction.limit else {
      throw ExpressionError(
        condition.text, column: 0,
        "the condition makes more than \(ConstraintReduction.limit) inequalities between groups. Compare fewer groups, "
          + "or write it as several conditions.")
    }
    return a.flatMap { first in b.map { first + $0 } }
  }

  // MARK: - Metrics

  private func pieces(_ term: MetricTerm, _ extreme: Extreme) throws(ExpressionError) -> [Piece] {
    switch term.subject {
    case .rows(let metric, let predicate):
      func piece(_ rate: LinearRate, _ coefficient: Double = 1) -> Piece {
        Piece(terms: [RateTerm(coefficient, .init(rate, rows: predicate, threshold: term.threshold))])
      }
      if let rate = LinearRate(rawValue: metric.rawValue) { return [piece(rate)] }
      if metric == .balancedAccuracy { return [piece(.truePositiveRate, 0.5) + piece(.trueNegativeRate, 0.5)] }
      throw untrainable(term)
    case .groups(let metric, let columns):
      func gaps(_ rate: LinearRate) -> [Piece] { pairs(rate, columns, term.threshold).map { $0 + $1 * -1 } }
      let all: [Piece]
      switch metric {
      case .demographicParityDifference: all = gaps(.selectionRate)
      case .equalOpportunityDifference: all = gaps(.truePositiveRate)
      case .falsePositiveRateDifference: all = gaps(.falsePositiveRate)
      case .falseNegativeRateDifference: all = gaps(.falseNegativeRate)
      case .accuracyEqualityDifference: all = gaps(.accuracy)
      case .equalizedOddsDifference: all = gaps(.truePositiveRate) + gaps(.falsePositiveRate)
      case .averageOddsDifference:
        all = try sums(gaps(.truePositiveRate), gaps(.falsePositiveRate)).map { $0 * 0.5 }
      case .pPercentRule, .equalizedOddsRatio: throw notLinear("a ratio inside a sum", .term(term))
      default: throw untrainable(term)
      }
      guard extreme == .largest else {
        throw condition.error(
          at: .term(term), "'\(term)' can be trained only towards less: write <=, or use it in a gate.")
      }
      return all
    }
  }

  /// A rate of each ordered pair of different groups.
  private func pairs(_ rate: LinearRate, _ columns: [String], _ threshold: Double?) -> [(Piece, Piece)] {
    let pieces = groups(columns).map { Piece(terms: [RateTerm(1, .init(rate, rows: $0, threshold: threshold))]) }
    return pieces.indices.flatMap { i in
      pieces.indices.filter { $0 != i }.map { (pieces[i], pieces[$0]) }
    }
  }

  // MARK: - Refusals

  private func untrainable(_ term: MetricTerm) -> ExpressionError {
    condition.error(
      at: .term(term),
      "'\(term)' is no mean of decisions over fixed rows, so training cannot push on it. Use it in a gate or to choose "
        + "the iterate; rates to train on are \(Excerpt.list(LinearRate.allCases.map { MetricName.snakeCase($0.rawValue) }))."
    )
  }

  private func notLinear(_ what: String, _ expression: MetricExpression) -> ExpressionError {
    let message = "\(what) is not linear in the decisions, so training cannot push on it. Use it in a gate."
    guard let term = expression.terms.first else { return ExpressionError(condition.text, column: 0, message) }
    return condition.error(at: .term(term), message)
  }

  private func wrongSide(_ what: String, of operand: MetricExpression?, _ side: String) -> ExpressionError {
    let message = "\(what) can be trained only to be \(side) a bound. Turn the relation round, or use it in a gate."
    guard let term = operand?.terms.first else { return ExpressionError(condition.text, column: 0, message) }
    return condition.error(at: .term(term), message)
  }
}
