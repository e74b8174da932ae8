import AdversarialGame
import TabularData

/// Steers a game whose λ is given: λ and the learning rates follow schedules, and a sentinel watches for collapse.
///
/// With constant schedules, and where collapse is only warned about, the game is the same as without, bit for bit.
public final class ScheduledGame: GameSteering {
  private let objective: GameObjective
  private let lambdaSchedule: LambdaSchedule
  private let pace: PaceSchedule
  private let response: CollapseGuard.Response
  private let sentinel: CollapseSentinel.Settings
  private let rows: Dataset
  private var collapse: CollapseGuard?

  /// λ of each attribute with which the last epoch was played.
  public private(set) var playedLambda: [Double]

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
    playedLambda = objective.lambda
  }

  /// Whether λ and the learning rates stay as they were given.
  public var isConstant: Bool { lambdaSchedule == .constant && pace == .constant && response == .warn }

  /// Who only warns need not wait for what is measured.
  public var looksBetweenEpochs: Bool { !isConstant }

  /// What the sentinel found, in order.
  public var incidents: [CollapseGuard.Incident] { collapse?.incidents ?? [] }

  public func begin(_ trainer: GameTrainer) {
    guard trainer.gameEpochs > 0 else { return }
    collapse = CollapseGuard(
      CollapseSentinel(start: trainer.reading(ofSplit: 0), rows: rows, settings: sentinel), response: response,
      of: trainer)
  }

  public func willPlay(_ epoch: Int, of trainer: GameTrainer) {
    let factor =
      lambdaSchedule.factor(step: epoch - 1, of: trainer.gameEpochs) * (collapse?.lambdaFactor ?? 1)
    var scheduled = objective
    for attribute in scheduled.lambda.indices { scheduled.lambda[attribute] *= factor }
    playedLambda = scheduled.lambda
    trainer.objective = scheduled
    trainer.learningRateFactor = pace.factor(step: epoch - 1, of: trainer.gameEpochs) * (collapse?.rateFactor ?? 1)
  }

  public func didPlay(_ epoch: Int, of trainer: GameTrainer) -> GameTrainer.Decision {
    // To warn, what is measured anyway is enough.
    guard looksBetweenEpochs, response == .rollBack || trainer.isMeasured(after: epoch) else { return .proceed }
    _ = collapse?.inspect(trainer.reading(ofSplit: 0), after: epoch, of: trainer)
    return collapse?.isExhausted == true ? .stop : .proceed
  }

  public func didMeasure(_ reading: GameReading, after epoch: Int, of trainer: GameTrainer) {
    guard !looksBetweenEpochs else { return }
    _ = collapse?.inspect(reading, after: epoch, of: trainer)
  }

  public func didFail(_ error: GameError, _ epoch: Int, of trainer: GameTrainer) throws -> GameTrainer.Decision {
    guard collapse?.recover(after: epoch, of: trainer) != nil else { throw error }
    return collapse?.isExhausted == true ? .stop : .proceed
  }
}
