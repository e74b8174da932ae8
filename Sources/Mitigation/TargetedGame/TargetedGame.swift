import AdversarialGame
import FairnessMetrics
import MetricExpressions
import TabularData

/// Steers a game towards a target: λ of each attribute rises and falls until the constraints hold on validation rows.
///
/// From the pretrained players on, every `interval` epochs the violations are measured, and λ of the attributes that a
/// constraint speaks of moves by dual ascent (`LambdaController`). A constraint must hold on the validation rows with a
/// margin for noise, and on the training rows as it is: these flatter the players, but are many. The classifier plays on
/// `L_y − Σⱼ λⱼ·H(Y)/H(Zⱼ)·L_z,ⱼ`: losses in units of what there is to know, so that λ means the same on every data set. λ
/// stays out of the adversary's own loss, for it must learn while λ is still 0. The players are kept at each look, the
/// best are chosen afterwards (`IterateRecords`), and a sentinel puts the last sound ones back where the game collapses.
public final class TargetedGame: GameSteering {
  /// All that changes: a value, so that a checkpoint is a copy.
  public struct State: Sendable, Codable {
    /// Where the search of λ stands.
    public var controller: LambdaController

    /// λ with which the last epoch was played.
    public var playedLambda: [Double]

    /// The watch over the players; nil before the game.
    public var collapse: CollapseGuard?

    /// The players that were kept, in order; the first are those before the game.
    public var iterates: [TargetedIterate] = []

    /// How the passes before the game go on.
    var pretraining = Pretraining()
  }

  public private(set) var state: State

  /// The passes that the classifier played before the game beyond those it was given.
  public var addedPasses: Int { state.pretraining.addedPasses }

  /// Why the classifier before the game is no measure of what the constraints cost; nil where it is one.
  public var doubtAboutStart: String? { state.pretraining.doubt }

  private let trainingConstraints: RateConstraintRows
  private let constraints: RateConstraintRows
  private let validation: (index: Int, rows: Dataset)
  private let settings: TargetedGameSettings
  /// H(Y)/H(Z) for each attribute; 0 where there is nothing to know.
  private let scales: [Double]
  /// The attributes that each constraint moves λ of.
  private let attributesOfConstraints: [[Int]]

  /// - Parameters:
  ///   - constraints: The constraints on the validation rows.
  ///   - trainingConstraints: The same constraints on the training rows.
  ///   - training: The training rows, whose entropies losses are compared with; the first split of the trainer.
  ///   - validation: The validation rows, and their place among the splits of the trainer.
  /// - Throws: `MitigationError.settings` where no constraint speaks of an attribute, or a setting cannot be followed.
  public init(
    _ constraints: RateConstraintRows, trainingConstraints: RateConstraintRows, training: Dataset,
    validation: (index: Int, rows: Dataset),
    settings: TargetedGameSettings = .init()
  ) throws(MitigationError) {
    try settings.check()
    precondition(
      constraints.constraints == trainingConstraints.constraints,
      "TargetedGame: other constraints on training rows than on validation rows")
    self.constraints = constraints
    self.trainingConstraints = trainingConstraints
    self.validation = validation
    self.settings = settings
    let labels = LossScale.labelWeights(of: training)
    scales = training.sensitive.map { column in
      LossScale.coefficient(
        lambda: 1, labels: labels, groups: LossScale.groupWeights(of: column, balanced: settings.balancesGroups)) ?? 0
    }
    let names = training.sensitive.map(\.name)
    attributesOfConstraints = constraints.constraints.map { constraint in
      let columns = Set(constraint.terms.flatMap { $0.rate.rows.columns })
      return names.indices.filter { columns.contains(names[$0]) }
    }
    guard attributesOfConstraints.contains(where: { !$0.isEmpty }) else {
      throw .settings(
        "no condition speaks of a sensitive attribute, so that no lambda could help to meet it. Name groups in one, such "
          + "as p_percent_rule(\(names.first ?? "sex")) >= 0.8.")
    }
    let controller = LambdaController(
      lambda: names.map { _ in settings.initialLambda }, rate: settings.lambdaRate, bound: settings.lambdaBound,
      margin: settings.margin)
    state = State(controller: controller, playedLambda: controller.lambda)
  }

  /// Goes on where the steering of another training of the same data and settings was.
  ///
  /// - Throws: `GameError.foreignState` where the state cannot be one of this game.
  public func resume(_ state: State, of trainer: GameTrainer) throws(GameError) {
    let (attributes, conditions) = (scales.count, attributesOfConstraints.count)
    let fits = state.iterates.allSatisfy { iterate in
      trainer.accepts(iterate.players) && iterate.lambda.count == attributes
        && [iterate.violations, iterate.standardErrors, iterate.trainingViolations].allSatisfy {
          $0.count == conditions
        }
    }
    guard fits, state.controller.lambda.count == attributes, state.playedLambda.count == attributes,
      state.controller.bound == settings.lambdaBound,
      (0...Pretraining.mostAddedPasses).contains(state.pretraining.addedPasses), state.collapse?.fits(trainer) != false,
      state.collapse.map({ $0.response == settings.response }) != false
    else { throw .foreignState("the steering of its game is another") }
    self.state = state
  }

  /// λ of each attribute as it is now, in units of H(Y)/H(Z).
  public var lambda: [Double] { state.controller.lambda }

  /// λ with which the last epoch was played.
  public var playedLambda: [Double] { state.playedLambda }

  /// What the players minimise with λ as it is now: what the game is to begin with.
  public var objective: GameObjective {
    GameObjective(lambda: zip(lambda, scales).map { $0 * $1 }, reduction: .sum, lambdaInAdversaryLoss: false)
  }

  /// What the sentinel found, in order.
  public var incidents: [CollapseGuard.Incident] { state.collapse?.incidents ?? [] }

  /// The numbers to choose an iterate by.
  public var records: IterateRecords { IterateRecords(state.iterates, margin: settings.margin) }

  // MARK: - Steering

  /// On few rows the passes that were planned are few steps, which may leave a classifier that selects hardly anyone: no
  /// start for a game, and nothing to compare its end with. The passes go on while nearly all decisions on the validation
  /// rows are alike, and up to a number of steps for as long as the loss on them falls.
  public func isPretrained(after passes: Int, _ trainer: GameTrainer) -> Bool {
    let reading = trainer.reading(ofSplit: validation.index)
    let selected = reading.evaluation.evaluation.selectionRate.value ?? 0
    let isConstant = Degeneracy.isNearlyConstant(selectionRate: selected)
    let isFalling = state.pretraining.isFalling(reading.labelLoss)
    let isEarly = passes * trainer.stepsPerPass < Pretraining.fewSteps
    if isConstant || (isEarly && isFalling), reading.labelLoss.isFinite, addedPasses < Pretraining.mostAddedPasses {
      state.pretraining.addedPasses += 1
      return false
    }
    if isConstant {
      state.pretraining.doubt =
        "After \(passes) passes the classifier before the game still decides nearly all validation rows alike (it selects "
        + "\((selected * 1000).rounded() / 10) % of them), so that accuracy before and after says nothing about the price. "
        + "Raise the classifier's learning rate or training.classifierEpochs."
    }
    return true
  }

  /// How the passes before the game go on.
  struct Pretraining: Sendable, Codable {
    private var leastLoss = Double.infinity
    private var passesSinceLeast = 0
    var addedPasses = 0
    var doubt: String?

    static let fewSteps = 50
    static let patience = 5
    static let mostAddedPasses = 200

    /// Whether the loss has fallen within the last passes; takes that of one more pass.
    mutating func isFalling(_ loss: Double) -> Bool {
      if loss < leastLoss {
        leastLoss = loss
        passesSinceLeast = 0
      } else {
        passesSinceLeast += 1
      }
      return passesSinceLeast < Self.patience
    }
  }

  public func begin(_ trainer: GameTrainer) {
    let reading = trainer.reading(ofSplit: validation.index)
    state.collapse = CollapseGuard(
      CollapseSentinel(start: reading, rows: validation.rows, settings: settings.sentinel), response: settings.response,
      of: trainer)
    keep(trainer, epoch: 0, reading, isSound: true)
    ascend()
  }

  public func willPlay(_ epoch: Int, of trainer: GameTrainer) {
    state.playedLambda = lambda
    trainer.objective = objective
    trainer.learningRateFactor =
      settings.pace.factor(step: epoch - 1, of: trainer.gameEpochs) * (state.collapse?.rateFactor ?? 1)
  }

  public func didPlay(_ epoch: Int, of trainer: GameTrainer) -> GameTrainer.Decision {
    guard epoch % settings.interval == 0 || epoch == trainer.gameEpochs else { return .proceed }
    let reading = trainer.reading(ofSplit: validation.index)
    let found = state.collapse?.inspect(reading, after: epoch, of: trainer)
    if let incident = found?.incident, incident.restoredEpoch != nil { return backOff() }
    keep(trainer, epoch: epoch, reading, isSound: found?.isSound ?? true)
    // Of players with signs of collapse the violations mean nothing: who selects nobody treats all alike.
    if found?.isSound != false { ascend() }
    return .proceed
  }

  public func didFail(_ error: GameError, _ epoch: Int, of trainer: GameTrainer) throws -> GameTrainer.Decision {
    guard state.collapse?.recover(after: epoch, of: trainer) != nil else { throw error }
    return backOff()
  }

  private func backOff() -> GameTrainer.Decision {
    state.controller.backOff(to: state.collapse?.lastReduction ?? 0.5)
    return state.collapse?.isExhausted == true ? .stop : .proceed
  }

  private func keep(_ trainer: GameTrainer, epoch: Int, _ reading: GameReading, isSound: Bool) {
    let selections = constraints.selections(probabilities: trainer.scores(ofSplit: validation.index))
    state.iterates.append(
      TargetedIterate(
        epoch: epoch, players: trainer.snapshot().players, lambda: playedLambda,
        errorRate: reading.evaluation.evaluation.accuracy.value.map { 1 - $0 } ?? .nan,
        selectionRate: reading.evaluation.evaluation.selectionRate.value ?? 0,
        violations: constraints.violations(selections: selections),
        standardErrors: constraints.standardErrors(selections: selections),
        trainingViolations: trainingConstraints.violations(probabilities: trainer.scores(ofSplit: 0)),
        isSound: isSound))
  }

  /// Moves λ by the violations of the players that were kept last.
  private func ascend() {
    guard let last = state.iterates.last else { return }
    state.controller.observe(
      attributesOfConstraints.enumerated().flatMap { constraint, attributes in
        attributes.flatMap { attribute in
          [
            LambdaController.Observation(
              attribute: attribute, violation: last.violations[constraint],
              standardError: last.standardErrors[constraint]),
            LambdaController.Observation(attribute: attribute, violation: last.trainingViolations[constraint]),
          ]
        }
      })
  }
}
