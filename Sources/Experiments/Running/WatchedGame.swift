import AdversarialGame
import Mitigation

/// Whoever steers a game, as a run's records see it.
protocol WatchedGame: GameSteering {
  /// λ of each attribute with which the last epoch was played; nil where it never changes.
  var changingLambda: [Double]? { get }

  /// The collapses that were found, in order.
  var incidents: [CollapseGuard.Incident] { get }
}

extension ScheduledGame: WatchedGame {
  var changingLambda: [Double]? { isConstant ? nil : playedLambda }
}

extension TargetedGame: WatchedGame {
  var changingLambda: [Double]? { playedLambda }
}
