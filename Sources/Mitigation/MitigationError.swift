/// What stops a mitigation, or keeps it from starting.
public enum MitigationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A rate in a constraint is about no rows of a data set.
  case noRows(condition: String, rate: String, split: String)

  /// Conditions that no decisions on the training rows can meet together, not even at random and with the groups at hand.
  case contradiction(conditions: [String], smallestViolation: Double)

  /// A threshold at which decisions cannot be trained.
  case threshold(condition: String, value: Double)

  /// The loss became NaN or infinite.
  case lossNotFinite(iteration: Int, value: String)

  /// Settings that no training can follow.
  case settings(String)

  /// Rows that a method cannot work with.
  ///
  /// - Parameters:
  ///   - method: The method's name.
  ///   - problem: What was found, and what to do.
  case rows(method: String, problem: String)

  public var description: String {
    switch self {
    case .noRows(let condition, let rate, let split):
      """
      '\(condition)' needs \(rate), but no \(split) row counts towards it. Check the group's name, or take the group \
      out of the condition.
      """
    case .contradiction(let conditions, let violation):
      """
      \(conditions.map { "'\($0)'" }.joined(separator: ", ")) cannot \(conditions.count == 1 ? "hold" : "hold together") \
      on the training rows: the nearest that any decisions come is a violation of \
      \((violation * 1e4).rounded() / 1e4). Loosen or remove one.
      """
    case .threshold(let condition, let value):
      "'\(condition)' asks for the threshold \(value), at which nothing can be trained. Choose one inside 0...1."
    case .lossNotFinite(let iteration, let value):
      """
      the loss is \(value) at iteration \(iteration). Lower the learning rate of the classifier or of the multipliers, \
      bound the multipliers, or look for extreme values among features and row weights.
      """
    case .settings(let message): message
    case .rows(let method, let problem): "\(method): \(problem)"
    }
  }
}
