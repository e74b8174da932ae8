import AdversarialGame

/// The players of a targeted game after some epoch, and how they stand on the validation rows.
public struct TargetedIterate: Sendable, Codable {
  /// The epoch of the game; 0 for the players before it.
  public var epoch: Int

  public var players: GamePlayers

  /// λ of each attribute with which the epoch was played, in units of H(Y)/H(Z).
  public var lambda: [Double]

  /// The share of validation rows that are decided wrongly.
  public var errorRate: Double

  /// The share of validation rows that are selected.
  public var selectionRate: Double

  /// By how much each constraint is violated on the validation rows, and the standard errors of that.
  public var violations: [Double]
  public var standardErrors: [Double]

  /// The same on the training rows.
  public var trainingViolations: [Double]

  /// Whether the classifier shows no sign of collapse. Others are never chosen.
  public var isSound: Bool
}

extension IterateRecords {
  /// The records of a game's iterates: each constraint on validation rows, tightened by a margin for noise, and then each
  /// on training rows as it is.
  ///
  /// - Parameter margin: In standard errors.
  public init(_ iterates: [TargetedIterate], margin: Double) {
    self.init(
      objectives: iterates.map { $0.isSound ? $0.errorRate : .nan },
      violations: iterates.map { iterate in
        zip(iterate.violations, iterate.standardErrors).map { $0 + margin * $1 } + iterate.trainingViolations
      })
    self = withoutConstantPredictors(selectionRates: iterates.map(\.selectionRate))
  }
}
