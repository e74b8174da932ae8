import FairnessMetrics
import LinearAlgebra
import TabularData

/// What a model does around its networks: to the features before, and with the scores after.
///
/// Both read sensitive columns, at prediction too.
public struct ScoreProcessing: Sendable, Hashable, Codable {
  /// Decisions by group thresholds, written into the scores.
  public struct Decision: Sendable, Hashable, Codable {
    public var thresholds: GroupThresholds

    /// The threshold in 0...1 at which a score of the model is a decision; above 0, or nobody could be turned down.
    public var threshold: Double

    /// Names the hash of a row by which a lottery between thresholds is drawn.
    public var seed: UInt64

    public init(_ thresholds: GroupThresholds, threshold: Double, seed: UInt64) {
      precondition(threshold > 0 && threshold <= 1, "ScoreProcessing: decisions at \(threshold)")
      self.thresholds = thresholds
      self.threshold = threshold
      self.seed = seed
    }
  }

  /// What the features go through, in order.
  public var removers: [CorrelationRemover]

  /// Who decides; nil for the model's threshold.
  public var decision: Decision?

  public init(removers: [CorrelationRemover] = [], decision: Decision? = nil) {
    self.removers = removers
    self.decision = decision
  }

  /// Whether there is nothing to do.
  public var isEmpty: Bool { removers.isEmpty && decision == nil }

  /// The sensitive columns that are read, none twice.
  public var readColumns: [String] {
    var names: [String] = []
    for name in removers.flatMap({ $0.attributes.map(\.name) }) + (decision?.thresholds.attributes ?? [])
    where !names.contains(name) { names.append(name) }
    return names
  }

  /// The features that the networks see.
  ///
  /// - Throws: `MitigationError.rows` where a column is not there, or has a group that was not fitted.
  public func features(
    _ features: Matrix<Float>, sensitive: [SensitiveColumn]
  ) throws(MitigationError) -> Matrix<Float> {
    guard !removers.isEmpty else { return features }
    var rows = Dataset(
      features: features, labels: [Float](repeating: 0, count: features.rows), sensitive: sensitive,
      sourceRows: Array(0..<features.rows))
    for remover in removers { rows = try remover.transformed(rows) }
    return rows.features
  }

  /// The base row of the features that the networks see, d values, where that of the encoded ones is given.
  ///
  /// Removers leave no value that most rows share. Zero is as good a base as any: with one, a row's score does not depend
  /// on the rows beside it, as it does in the last bit where rows are multiplied as a dense matrix.
  package func base(_ encoded: [Float]?, features: Int) -> [Float]? {
    removers.isEmpty ? encoded : [Float](repeating: 0, count: features)
  }

  /// The scores with the decisions in them: a row that is selected has at least the threshold, any other less.
  ///
  /// On each side of a group's own threshold t the order of the scores s is kept: `θ·s/t` below it and
  /// `θ + (1 − θ)·(s − t)/(1 − t)` from it on, θ being the model's threshold.
  ///
  /// - Parameters:
  ///   - scores: The networks' scores, n of them, in 0...1.
  ///   - features: The rows as they were encoded, by which lotteries are drawn.
  /// - Throws: `MitigationError.rows` where a column is not there.
  public func scores(
    _ scores: [Float], features: Matrix<Float>, sensitive: [SensitiveColumn]
  ) throws(MitigationError) -> [Float] {
    guard let decision else { return scores }
    let groups = try decision.thresholds.groups(of: sensitive)
    precondition(groups.count == scores.count, "ScoreProcessing: \(scores.count) scores of \(groups.count) rows")
    let width = features.columns
    return scores.indices.map { row in
      let cut: GroupThresholds.Cut
      if let group = groups[row] {
        cut =
          group.members.count == 1
          ? group.members[0].cut
          : group.cut(
            at: StochasticClassifier.uniform(
              features.values[row * width..<(row + 1) * width], seed: decision.seed, purpose: "thresholds"))
      } else {
        cut = decision.thresholds.fallback
      }
      return Self.score(scores[row], cut, threshold: decision.threshold)
    }
  }

  private static func score(_ score: Float, _ cut: GroupThresholds.Cut, threshold: Double) -> Float {
    guard !score.isNaN else { return score }
    // The least score that is selected.
    var least = Float(threshold)
    if !DecisionRule<Float>(threshold: threshold).selects(least) { least = least.nextUp }
    let (s, own) = (Double(score), cut.threshold)
    if cut.selects(score) {
      let share = own < 1 ? (s - own) / (1 - own) : 1
      return min(1, max(least, Float(threshold + (1 - threshold) * share)))
    }
    return max(0, min(least.nextDown, Float(threshold * (own > 0 ? s / own : 0))))
  }
}

extension GroupThresholds {
  /// The group of each row; nil where an attribute is missing, or the group did not occur.
  func groups(of sensitive: [SensitiveColumn]) throws(MitigationError) -> [Group?] {
    let codes = try GroupPartition(attributes: attributes, groups: groups.map(\.values))
      .codes(of: sensitive, for: "group thresholds")
    return codes.map { $0 < 0 ? nil : groups[Int($0)] }
  }
}

extension GroupThresholds.Group {
  /// The rule that a number in 0..<1 draws.
  func cut(at place: Double) -> GroupThresholds.Cut {
    var left = place
    for member in members {
      left -= member.probability
      if left < 0 { return member.cut }
    }
    // Rounding of the sum; a member without a chance is none.
    return (members.last { $0.probability > 0 } ?? members[0]).cut
  }
}

extension GroupThresholds.Cut {
  /// The threshold in 0...1 that scores are held against.
  fileprivate var threshold: Double {
    switch self {
    case .all: 0
    case .none: 1
    case .from(let threshold): min(1, max(0, threshold))
    }
  }
}
