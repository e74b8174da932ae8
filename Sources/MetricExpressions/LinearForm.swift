import FairnessMetrics

/// A sum of multiples of metrics, `constant + Σ cₖ·atomₖ`: an expression as far as it is linear.
///
/// Rates that are one minus another are written by the other, so that what two expressions share is seen: `fnr` becomes
/// `1 − tpr`, `tnr` becomes `1 − fpr`, `error_rate` becomes `1 − accuracy`. What is not linear is an atom as a whole.
struct LinearForm: Hashable {
  /// What cannot be taken apart further.
  indirect enum Atom: Hashable {
    case term(MetricTerm)
    case absolute(LinearForm)
    /// `min`, `max`, products and quotients of metrics.
    case other(MetricExpression)
  }

  /// A multiple of an atom.
  struct Part: Hashable {
    var atom: Atom
    var coefficient: Double
  }

  var constant = 0.0

  /// The atoms with coefficients other than 0, in the order of `order`.
  var parts: [Part] = []

  init(constant: Double) {
    self.constant = constant
  }

  init(atom: Atom) {
    parts = [Part(atom: atom, coefficient: 1)]
  }

  init(_ expression: MetricExpression) {
    switch expression {
    case .number(let number): self.init(constant: number)
    case .term(let term): self = Self.rewritten(term)
    case .absolute(let operand):
      let inner = LinearForm(operand)
      if inner.parts.isEmpty {
        self.init(constant: abs(inner.constant))
      } else {
        // |−x| = |x|: the first coefficient is positive.
        self.init(atom: .absolute(inner.parts[0].coefficient < 0 ? inner * -1 : inner))
      }
    case .negative(let operand): self = LinearForm(operand) * -1
    case .sum(let a, let b): self = LinearForm(a) + LinearForm(b)
    case .difference(let a, let b): self = LinearForm(a) + LinearForm(b) * -1
    case .product(let a, let b):
      let (first, second) = (LinearForm(a), LinearForm(b))
      if first.parts.isEmpty {
        self = second * first.constant
      } else if second.parts.isEmpty {
        self = first * second.constant
      } else {
        self.init(atom: .other(expression))
      }
    case .quotient(let a, let b):
      let divisor = LinearForm(b)
      if divisor.parts.isEmpty && divisor.constant != 0 {
        self = LinearForm(a) * (1 / divisor.constant)
      } else {
        self.init(atom: .other(expression))
      }
    case .smallest(let operands), .largest(let operands):
      self = operands.count == 1 ? LinearForm(operands[0]) : LinearForm(atom: .other(expression))
    }
  }

  private static func rewritten(_ term: MetricTerm) -> LinearForm {
    guard case .rows(let metric, let predicate) = term.subject else { return LinearForm(atom: .term(term)) }
    let counterpart: SliceMetric
    switch metric {
    case .falseNegativeRate: counterpart = .truePositiveRate
    case .trueNegativeRate: counterpart = .falsePositiveRate
    case .errorRate: counterpart = .accuracy
    default: return LinearForm(atom: .term(term))
    }
    let other = MetricTerm(.rows(counterpart, predicate), threshold: term.threshold)
    return LinearForm(constant: 1) + LinearForm(atom: .term(other)) * -1
  }

  static func + (a: LinearForm, b: LinearForm) -> LinearForm {
    var coefficients: [Atom: Double] = [:]
    for part in a.parts + b.parts { coefficients[part.atom, default: 0] += part.coefficient }
    var sum = LinearForm(constant: a.constant + b.constant)
    sum.parts = coefficients.filter { $0.value != 0 }.map { Part(atom: $0.key, coefficient: $0.value) }
      .sorted { $0.atom.order < $1.atom.order }
    return sum
  }

  static func * (form: LinearForm, factor: Double) -> LinearForm {
    if factor == 0 { return LinearForm(constant: 0) }
    var product = form
    product.constant *= factor
    for index in product.parts.indices { product.parts[index].coefficient *= factor }
    return product
  }

  /// The numbers that the form can be, with each atom anywhere in its range: wider than the truth where atoms depend on
  /// one another, never narrower.
  ///
  /// - Parameter known: A narrower range that is known of an atom.
  func range(_ known: (Atom) -> ClosedRange<Double>? = { _ in nil }) -> ClosedRange<Double> {
    var (low, high) = (constant, constant)
    for part in parts {
      let range = known(part.atom) ?? part.atom.range
      let ends = [part.coefficient * range.lowerBound, part.coefficient * range.upperBound]
      low += min(ends[0], ends[1])
      high += max(ends[0], ends[1])
    }
    return low...high
  }
}

extension LinearForm.Atom {
  /// A text that orders atoms, whatever the order of their hashes.
  var order: String {
    switch self {
    case .term(let term): "\(term)"
    case .absolute(let form): "abs \(form.constant) " + form.parts.map { "\($0.coefficient) \($0.atom.order)" }.joined()
    case .other(let expression): "\(expression)"
    }
  }

  /// The numbers that the atom can be.
  var range: ClosedRange<Double> {
    switch self {
    case .term(let term): return term.range
    case .absolute(let form):
      let inner = form.range()
      if inner.contains(0) { return 0...max(-inner.lowerBound, inner.upperBound) }
      let ends = [abs(inner.lowerBound), abs(inner.upperBound)]
      return min(ends[0], ends[1])...max(ends[0], ends[1])
    case .other(.smallest(let operands)):
      let ranges = operands.map { LinearForm($0).range() }
      return (ranges.map(\.lowerBound).min() ?? -.infinity)...(ranges.map(\.upperBound).min() ?? .infinity)
    case .other(.largest(let operands)):
      let ranges = operands.map { LinearForm($0).range() }
      return (ranges.map(\.lowerBound).max() ?? -.infinity)...(ranges.map(\.upperBound).max() ?? .infinity)
    case .other: return -.infinity...(.infinity)
    }
  }
}
