import AdversarialGame
import Mitigation

/// Whoever steers a game, as a run's records see it.
protocol WatchedGame: GameSteering {
  /// λ of each attribute with which the last epoch was played; nil where it never changes.
  var changingLambda: [Double]? { get }

  /// The collapses that were found, in order.
  var incidents: [CollapseGuard.Incident] { get }

  /// The passes before the game beyond those that were planned.
  var addedPasses: Int { get }

  /// What a checkpoint keeps of it.
  var steeringState: SteeringState { get }

  /// Goes on from a state.
  ///
  /// - Throws: `GameError.foreignState` where it cannot be one of this game.
  func resume(_ state: SteeringState, of trainer: GameTrainer) throws(GameError)
}

extension ScheduledGame: WatchedGame {
  var changingLambda: [Double]? { isConstant ? nil : playedLambda }
  var addedPasses: Int { 0 }
  var steeringState: SteeringState { .scheduled(state) }

  func resume(_ state: SteeringState, of trainer: GameTrainer) throws(GameError) {
    guard case .scheduled(let state) = state else { throw .foreignState("its game was steered otherwise") }
    try resume(state, of: trainer)
  }
}

extension TargetedGame: WatchedGame {
  var changingLambda: [Double]? { playedLambda }
  var steeringState: SteeringState { .targeted(state) }

  func resume(_ state: SteeringState, of trainer: GameTrainer) throws(GameError) {
    guard case .targeted(let state) = state else { throw .foreignState("its game was steered otherwise") }
    try resume(state, of: trainer)
  }
}
