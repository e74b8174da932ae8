import FairnessMetrics

/// Conditions that no classifier can meet together, whatever the data.
public struct Contradiction: Error, Sendable, Hashable, CustomStringConvertible {
  /// The conditions, one or several, as they were written.
  public var conditions: [String]

  /// Why they cannot hold, as a clause.
  public var reason: String

  public var description: String {
    let quoted = conditions.map { "'\($0)'" }
    let subject =
      quoted.count < 2
      ? quoted.joined() : quoted.dropLast().joined(separator: ", ") + " and \(quoted[quoted.count - 1])"
    return "\(subject) cannot hold\(quoted.count < 2 ? "" : " together"): \(reason). Loosen or remove one."
  }
}

extension MetricCondition {
  /// Conditions among these that contradict one another, or a metric's range; nil where none are found.
  ///
  /// Found are: a condition that no value of its metrics meets (`p_percent_rule(sex) >= 80`); two that bound multiples of
  /// one expression from both sides (`fpr <= 0.1` and `2 * tnr <= 1`); and one that the bounds of single metrics by
  /// others leave no room for. Conditions about different groups also depend on one another through the data; that is
  /// decided where these are known.
  ///
  /// - Complexity: O(k log k) for k conditions.
  public static func contradiction(among conditions: [MetricCondition]) -> Contradiction? {
    var bounds: [LinearForm: Bounds] = [:]
    var forms: [Halfspace] = []
    for condition in conditions {
      guard let halfspace = Halfspace(condition) else { continue }
      if let contradiction = halfspace.outOfRange() { return contradiction }
      if halfspace.form.parts.isEmpty { continue }
      forms.append(halfspace)
      if let contradiction = bounds[halfspace.form, default: Bounds()].tighten(by: halfspace) { return contradiction }
    }
    // What single metrics are held to narrows the forms they are part of.
    var known: [LinearForm.Atom: (range: ClosedRange<Double>, conditions: [String])] = [:]
    for (form, bounds) in bounds where form.parts.count == 1 && form.parts[0].coefficient == 1 {
      let range = form.parts[0].atom.range
      let low = max(range.lowerBound, bounds.low?.bound ?? -.infinity)
      let high = min(range.upperBound, bounds.high?.bound ?? .infinity)
      known[form.parts[0].atom] = (
        low...max(low, high), [bounds.low?.text, bounds.high?.text].compactMap { $0 }
      )
    }
    for halfspace in forms where halfspace.form.parts.count > 1 {
      let range = halfspace.form.range { known[$0]?.range }
      guard halfspace.isOutside(range) else { continue }
      let others = halfspace.form.parts.flatMap { known[$0.atom]?.conditions ?? [] }
      return Contradiction(
        conditions: [halfspace.text] + others.filter { $0 != halfspace.text },
        reason: "the others leave no value that meets the first")
    }
    return nil
  }
}

extension MetricCondition {
  /// What to say of conditions that demand nothing: those that every value of their metrics meets, and those that another
  /// one implies.
  public static func idle(among conditions: [MetricCondition]) -> [String] {
    let halfspaces = conditions.map { Halfspace($0) }
    return halfspaces.enumerated().compactMap { index, found in
      guard let found else { return nil }
      if found.isMet(by: found.form.range()) { return "The condition '\(found.text)' holds whatever the model does." }
      let other = halfspaces.enumerated().first { place, other in
        // Of two that say the same, the later one is idle.
        place != index && other.map { $0.implies(found) && (place < index || !found.implies($0)) } == true
      }
      return other?.element.map { "The condition '\(found.text)' asks for no more than '\($0.text)'." }
    }
  }
}

/// A condition as a bound on a form whose first coefficient is 1 and whose constant is 0.
private struct Halfspace {
  let text: String
  let form: LinearForm
  let isUpper: Bool
  let isStrict: Bool
  let bound: Double

  init?(_ condition: MetricCondition) {
    text = condition.text
    let whole = LinearForm(.difference(condition.left, condition.right))
    let factor = whole.parts.first?.coefficient ?? 1
    var scaled = whole * (1 / factor)
    bound = -scaled.constant
    scaled.constant = 0
    form = scaled
    guard bound.isFinite, form.parts.allSatisfy({ $0.coefficient.isFinite }) else { return nil }
    let isBelow = condition.relation == .less || condition.relation == .atMost
    isUpper = isBelow == (factor > 0)
    isStrict = condition.relation == .less || condition.relation == .greater
  }

  /// What a bound may be off by from rounding alone.
  static let tolerance = 1e-12

  /// Whether no number of a range meets the bound.
  func isOutside(_ range: ClosedRange<Double>) -> Bool {
    isUpper
      ? range.lowerBound > bound + Self.tolerance || (isStrict && range.lowerBound == bound)
      : range.upperBound < bound - Self.tolerance || (isStrict && range.upperBound == bound)
  }

  /// Whether every number of a range meets the bound.
  func isMet(by range: ClosedRange<Double>) -> Bool {
    isUpper
      ? range.upperBound < bound || (!isStrict && range.upperBound == bound)
      : range.lowerBound > bound || (!isStrict && range.lowerBound == bound)
  }

  /// Whether all that meets this meets the other one.
  func implies(_ other: Halfspace) -> Bool {
    guard form == other.form, isUpper == other.isUpper else { return false }
    if bound == other.bound { return isStrict || !other.isStrict }
    return isUpper ? bound < other.bound : bound > other.bound
  }

  func outOfRange() -> Contradiction? {
    let range = form.range()
    guard isOutside(range) else { return nil }
    guard !form.parts.isEmpty else {
      return Contradiction(conditions: [text], reason: "its metrics cancel out, and what remains is false")
    }
    let isShare = form.parts.count == 1 && range == 0...1
    return Contradiction(
      conditions: [text],
      reason: isShare
        ? "the metric lies in 0...1" + (bound > 1 ? ", and 80 % is written 0.8 or 80%" : "")
        : "the left side less the right side never reaches that far")
  }
}

/// The tightest bounds on a form, and the conditions that set them.
private struct Bounds {
  var low: Halfspace?
  var high: Halfspace?

  mutating func tighten(by halfspace: Halfspace) -> Contradiction? {
    if halfspace.isUpper {
      let bound = high?.bound ?? .infinity
      if halfspace.bound < bound || (halfspace.bound == bound && halfspace.isStrict) { high = halfspace }
    } else {
      let bound = low?.bound ?? -.infinity
      if halfspace.bound > bound || (halfspace.bound == bound && halfspace.isStrict) { low = halfspace }
    }
    guard let low, let high else { return nil }
    let isEmpty =
      low.bound > high.bound + Halfspace.tolerance || (low.bound == high.bound && (low.isStrict || high.isStrict))
    guard isEmpty else { return nil }
    // In the order in which they came.
    return Contradiction(
      conditions: halfspace.isUpper ? [low.text, high.text] : [high.text, low.text],
      reason: "they bound the same from both sides")
  }
}
