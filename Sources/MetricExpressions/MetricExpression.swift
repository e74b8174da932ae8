import FairnessMetrics

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

  /// The value of an expression without metrics; nil where there are some, or the value does not exist.
  public var constant: Double? {
    terms.isEmpty ? value { _ in .undefined("") }.value : nil
  }
}
