import FairnessMetrics
import LinearAlgebra
import TabularData

/// Decisions by a threshold for each group, or by a lottery between some.
///
/// The sensitive attributes are read for every decision. That may not be lawful where decisions about people must not
/// depend on the group; `PlugInClassifier` decides without them.
public struct GroupThresholds: Sendable, Hashable, Codable {
  /// A rule for scores.
  public enum Cut: Sendable, Hashable, Codable {
    /// Every row is selected.
    case all
    /// No row is selected.
    case none
    /// Rows with at least this score are selected.
    case from(Double)

    /// Whether a row of this score is selected; a NaN never is.
    public func selects(_ score: Float) -> Bool {
      switch self {
      case .all: !score.isNaN
      case .none: false
      case .from(let threshold): DecisionRule<Float>(threshold: threshold).selects(score)
      }
    }
  }

  /// A rule and the chance that it decides.
  public struct Member: Sendable, Hashable, Codable {
    public var cut: Cut

    /// In 0...1.
    public var probability: Double

    public init(_ cut: Cut, probability: Double = 1) {
      self.cut = cut
      self.probability = probability
    }
  }

  /// A group and how it is decided on.
  public struct Group: Sendable, Hashable, Codable {
    /// For each attribute the name of its group.
    public var values: [String]

    /// The rules; their probabilities sum to 1.
    public var members: [Member]

    public init(_ values: [String], _ members: [Member]) {
      self.values = values
      self.members = members
    }
  }

  /// The attributes.
  public let attributes: [String]

  /// The groups.
  public let groups: [Group]

  /// What decides on rows whose attributes are missing, or of a group that did not occur.
  public let fallback: Cut

  /// - Precondition: Each group has a value for each attribute, and probabilities of at least 0 that sum to 1.
  public init(attributes: [String], groups: [Group], fallback: Cut = .from(0.5)) {
    for group in groups {
      let sum = group.members.reduce(0) { $0 + $1.probability }
      precondition(
        group.values.count == attributes.count && group.members.allSatisfy { $0.probability >= 0 }
          && abs(sum - 1) < 1e-9,
        "GroupThresholds: \(group.values) has \(group.members.count) rules with probabilities that sum to \(sum)")
    }
    self.attributes = attributes
    self.groups = groups
    self.fallback = fallback
  }

  /// Whether chance decides on some rows.
  public var isRandomized: Bool { groups.contains { $0.members.count > 1 } }

  /// The chance that each row is selected, n of them, in 0...1: exact, without drawing.
  ///
  /// - Parameters:
  ///   - scores: The scores, n of them.
  ///   - sensitive: The rows' sensitive columns.
  /// - Throws: `MitigationError.rows` where an attribute is not there.
  public func chances(_ scores: [Float], sensitive: [SensitiveColumn]) throws(MitigationError) -> [Double] {
    let codes = try codes(scores, sensitive)
    return zip(scores, codes).map { score, code in
      if code < 0 { return fallback.selects(score) ? 1 : 0 }
      return min(1, groups[Int(code)].members.reduce(0) { $0 + ($1.cut.selects(score) ? $1.probability : 0) })
    }
  }

  /// The decisions, drawing for each row where chance decides.
  ///
  /// - Parameters: As for `chances`; `stream` has the random bits, one draw for each row.
  public func decisions(
    _ scores: [Float], sensitive: [SensitiveColumn], using stream: inout RandomStream
  ) throws(MitigationError) -> [Bool] {
    try chances(scores, sensitive: sensitive).map { stream.uniform() < $0 }
  }

  private func codes(_ scores: [Float], _ sensitive: [SensitiveColumn]) throws(MitigationError) -> [Int32] {
    let codes = try GroupPartition(attributes: attributes, groups: groups.map(\.values))
      .codes(of: sensitive, for: "group thresholds")
    precondition(codes.count == scores.count, "GroupThresholds: \(scores.count) scores of \(codes.count) rows")
    return codes
  }
}
