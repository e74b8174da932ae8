import AdversarialGame
import FairnessMetrics
import LinearAlgebra

/// Several classifiers, one of which is drawn anew for each decision.
///
/// A mixture of iterates can meet constraints that no single one meets. Its rates are known exactly, without drawing: the
/// chance that a row is selected is `Σₜ pₜ·ŷₜ`, and rates of fixed rows are means of these chances.
public struct StochasticClassifier: Sendable, Hashable {
  /// A classifier and the chance that it decides.
  public struct Member: Sendable, Hashable {
    /// The classifier.
    public var classifier: Classifier

    /// The chance that it decides, in 0...1.
    public var probability: Double

    public init(_ classifier: Classifier, probability: Double) {
      self.classifier = classifier
      self.probability = probability
    }
  }

  /// The members; their probabilities sum to 1.
  public let members: [Member]

  /// - Precondition: There is a member; probabilities are at least 0, and sum to 1 but for rounding.
  public init(_ members: [Member]) {
    let sum = members.reduce(0) { $0 + $1.probability }
    precondition(
      !members.isEmpty && members.allSatisfy { $0.probability >= 0 } && abs(sum - 1) < 1e-6,
      "StochasticClassifier: \(members.count) members with probabilities that sum to \(sum)")
    self.members = members.map { Member($0.classifier, probability: $0.probability / sum) }
  }

  /// The single classifier, where there is no chance in it.
  public var deterministic: Classifier? { members.count == 1 ? members[0].classifier : nil }

  /// The member with the largest probability, the first of several: what a deterministic export takes.
  public var mostProbable: Classifier {
    members.dropFirst().reduce(members[0]) { $1.probability > $0.probability ? $1 : $0 }.classifier
  }

  /// The chance that each row is selected, n of them, in 0...1.
  ///
  /// - Parameters:
  ///   - features: The rows, `[n, d]`.
  ///   - base: The base row of the training, see `Classifier.logits`.
  ///   - threshold: The decision threshold.
  public func selectionChances(_ features: Matrix<Float>, base: [Float]? = nil, threshold: Double = 0.5) -> [Double] {
    let rule = DecisionRule<Float>(threshold: threshold)
    var chances = [Double](repeating: 0, count: features.rows)
    for member in members {
      for (row, probability) in member.classifier.probabilities(features, base: base).enumerated()
      where rule.selects(probability) {
        chances[row] += member.probability
      }
    }
    return chances.map { min(1, $0) }
  }

  /// Decides, drawing a member for each row.
  public func decisions(
    _ features: Matrix<Float>, base: [Float]? = nil, threshold: Double = 0.5, using stream: inout RandomStream
  ) -> [Bool] {
    let rule = DecisionRule<Float>(threshold: threshold)
    let decisions = members.map { $0.classifier.probabilities(features, base: base).map { rule.selects($0) } }
    return (0..<features.rows).map { row in
      var left = stream.uniform()
      for (member, decisions) in zip(members, decisions) {
        left -= member.probability
        if left < 0 { return decisions[row] }
      }
      return decisions.last?[row] ?? false
    }
  }
}
