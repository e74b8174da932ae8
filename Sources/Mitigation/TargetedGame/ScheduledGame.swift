import AdversarialGame
import TabularData

/// Steers a game whose λ is given: λ and the learning rates follow schedules, and a sentinel watches for collapse.
///
/// With constant schedules, and where collapse is only warned about, the game is the same as without, bit for bit.
public final class ScheduledGame: GameSteering {
  /// All that changes: a value, so that a checkpoint is a copy.
  public struct State: Sendable, Codable {
    /// λ of each attribute with which the last epoch was played.
    public internal(set) var playedLambda: [Double]

    /// The watch over the players; nil before the game.
    var collapse: CollapseGuard?
  }

  public private(set) var state: State

  private let objective: GameObjective
  private let lambdaSchedule: LambdaSchedule
  private let pace: PaceSchedule
  private let response: CollapseGuard.Response
  private let sentinel: CollapseSentinel.Settings
  private let rows: Dataset

  /// λ of each attribute with which the last epoch was played.
  public var playedLambda: [Double] { state.playedLambda }

  /// - Parameters:
  ///   - objective: λ as it is given, which the schedule multiplies.
  ///   - rows: The training rows.
  public init(
    objective: GameObjective, lambdaSchedule: LambdaSchedule = .constant, pace: PaceSchedule = .constant,
    response: CollapseGuard.Response = .warn, sentinel: CollapseSentinel.Settings = .init(), rows: Dataset
  ) {
    self.objective = objective
    self.lambdaSchedule = lambdaSchedule
    self.pace = pace
    self.response = response
    self.sentinel = sentinel
    self.rows = rows
    state = State(playedLambda: objective.lambda)
  }

  /// Goes on where the steering of another training of the same data and settings was.
  ///
  /// - Throws: `GameError.foreignState` where the state cannot be one of this game.
  public func resume(_ state: State, of trainer: GameTrainer) throws(GameError) {
    guard state.playedLambda.count == objective.lambda.count, state.collapse?.fits(trainer) != false,
      state.collapse.map({ $0.response == response }) != false
    else { throw .foreignState("the steering of its game is another") }
    self.state = state
  }

  /// Whether λ and the learning rates stay as they were given.
  public var isConstant: Bool { lambdaSchedule == .constant && pace == .constant && response == .warn }

  /// Who only warns need not wait for what is measured.
  public var looksBetweenEpochs: Bool { !isConstant }

  /// What the sentinel found, in order.
  public var incidents: [CollapseGuard.Incident] { state.collapse?.incidents ?? [] }

  public func begin(_ trainer: GameTrainer) {
    // The signs of a collapse are about two classes.
    guard trainer.gameEpochs > 0, rows.labelKind == .binary else { return }
    state.collapse = CollapseGuard(
      CollapseSentinel(start: trainer.reading(ofSplit: 0), rows: rows, settings: sentinel), response: response,
      of: trainer)
  }

  public func willPlay(_ epoch: Int, of trainer: GameTrainer) {
    let factor =
      lambdaSchedule.factor(step: epoch - 1, of: trainer.gameEpochs) * (state.collapse?.lambdaFactor ?? 1)
    var scheduled = objective
    for attribute in scheduled.lambda.indices { scheduled.lambda[attribute] *= factor }
    state.playedLambda = scheduled.lambda
    trainer.objective = scheduled
    trainer.learningRateFactor =
      pace.factor(step: epoch - 1, of: trainer.gameEpochs) * (state.collapse?.rateFactor ?? 1)
  }

  public func didPlay(_ epoch: Int, of trainer: GameTrainer) -> GameTrainer.Decision {
    // To warn, what is measured anyway is enough.
    guard looksBetweenEpochs, response == .rollBack || trainer.isMeasured(after: epoch) else { return .proceed }
    _ = state.collapse?.inspect(trainer.reading(ofSplit: 0), after: epoch, of: trainer)
    return state.collapse?.isExhausted == true ? .stop : .proceed
  }

  public func didMeasure(_ reading: GameReading, after epoch: Int, of trainer: GameTrainer) {
    guard !looksBetweenEpochs else { return }
    _ = state.collapse?.inspect(reading, after: epoch, of: trainer)
  }

  public func didFail(_ error: GameError, _ epoch: Int, of trainer: GameTrainer) throws -> GameTrainer.Decision {
    guard state.collapse?.recover(after: epoch, of: trainer) != nil else { throw error }
    return state.collapse?.isExhausted == true ? .stop : .proceed
  }
}
