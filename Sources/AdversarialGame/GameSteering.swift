import Autograd
import LinearAlgebra
import NeuralNetworks

/// Whoever steers a game between its epochs: changes λ or the learning rates, looks at the players, keeps them, and puts
/// earlier ones back.
///
/// The trainer is the game under way. What may be done with it here: `objective` and `learningRateFactor` can be set,
/// `reading(ofSplit:)` and `scores(ofSplit:)` tell how the players stand, `snapshot()` and `restore(_:)` keep them and put
/// them back. All calls come on the thread of the training.
public protocol GameSteering: AnyObject {
  /// Whether the players must be as they are after an epoch when `didPlay` is called. Whoever only watches says no: then
  /// an epoch may be measured while the next one is played, and `didMeasure` tells how the players stood.
  var looksBetweenEpochs: Bool { get }

  /// Whether the classifier, which has played all its passes, is a start for a game; where not, it plays another one, and
  /// is asked about again. Must be true some time.
  ///
  /// - Parameter passes: The passes that it has played.
  func isPretrained(after passes: Int, _ trainer: GameTrainer) -> Bool

  /// The game is about to begin; both players are pretrained.
  func begin(_ trainer: GameTrainer)

  /// An epoch of the game is about to be played; epochs count from 1.
  func willPlay(_ epoch: Int, of trainer: GameTrainer)

  /// An epoch has been played; it is measured and reported after this call.
  func didPlay(_ epoch: Int, of trainer: GameTrainer) throws -> GameTrainer.Decision

  /// An epoch has been measured, how the players stood on the training rows; it is reported after this call.
  func didMeasure(_ reading: GameReading, after epoch: Int, of trainer: GameTrainer)

  /// A loss became NaN or infinite in an epoch. Throw, or put back players that are sound.
  func didFail(_ error: GameError, _ epoch: Int, of trainer: GameTrainer) throws -> GameTrainer.Decision
}

extension GameSteering {
  public var looksBetweenEpochs: Bool { true }
  public func didMeasure(_ reading: GameReading, after epoch: Int, of trainer: GameTrainer) {}
  public func isPretrained(after passes: Int, _ trainer: GameTrainer) -> Bool { true }
  public func begin(_ trainer: GameTrainer) {}
  public func willPlay(_ epoch: Int, of trainer: GameTrainer) {}
  public func didPlay(_ epoch: Int, of trainer: GameTrainer) throws -> GameTrainer.Decision { .proceed }
  public func didFail(_ error: GameError, _ epoch: Int, of trainer: GameTrainer) throws -> GameTrainer.Decision {
    throw error
  }
}

/// The weights of both players at one moment. A value: keeping the best is an assignment.
public struct GamePlayers: Sendable, Hashable, Codable {
  /// The classifier's weights.
  public var classifier: Parameters<Float>

  /// The adversary's; nil where none plays.
  public var adversary: Parameters<Float>?

  public init(classifier: Parameters<Float>, adversary: Parameters<Float>?) {
    self.classifier = classifier
    self.adversary = adversary
  }
}

/// Both players at one moment, with what their optimizers carry from step to step.
///
/// Not the random streams: players that are put back go on with new numbers, and do not repeat what went wrong.
public struct GameSnapshot: Sendable, Hashable, Codable {
  public var players: GamePlayers
  public var classifierOptimizer: Optimizer<Float>.State
  public var adversaryOptimizer: Optimizer<Float>.State?
}

/// How the players stand on one split, in the numbers by which a game is steered and watched.
public struct GameReading: Sendable, Hashable {
  /// The classifier's metrics.
  public var evaluation: SplitEvaluation

  /// The classifier's mean binary cross-entropy, in nats.
  public var labelLoss: Double

  /// The adversary's mean loss for each attribute, in nats and without weights; empty where it is not trained.
  public var attributeLosses: [Double]

  /// The standard deviation of the predictions, in 0...0.5.
  public var scoreDeviation: Double

  /// The Euclidean norm of the classifier's last gradient; nil before its first step.
  public var gradientNorm: Double?

  public init(
    evaluation: SplitEvaluation, labelLoss: Double, attributeLosses: [Double], scoreDeviation: Double,
    gradientNorm: Double?
  ) {
    self.evaluation = evaluation
    self.labelLoss = labelLoss
    self.attributeLosses = attributeLosses
    self.scoreDeviation = scoreDeviation
    self.gradientNorm = gradientNorm
  }
}

extension GameTrainer {
  /// The number of epochs that the game was planned for.
  public var gameEpochs: Int { settings.gameEpochs }

  /// Whether the epoch of the game is one after which all splits are measured and reported.
  public func isMeasured(after epoch: Int) -> Bool {
    epoch == settings.gameEpochs || settings.evaluationInterval > 0 && epoch % settings.evaluationInterval == 0
  }

  /// The steps of a pass over the training rows.
  public var stepsPerPass: Int { batches.batchCount }

  /// How the players stand on a split, by its place among those given. What is measured here is not measured again for
  /// the report of the epoch.
  public func reading(ofSplit index: Int) -> GameReading {
    reading(measurement(ofSplit: index), ofSplit: index, gradientNorm: gradientNorm)
  }

  /// What is steered by, of a split's last measurement.
  func reading(
    _ measurement: GameEvaluator.Measurement, ofSplit index: Int, gradientNorm: Double?
  ) -> GameReading {
    GameReading(
      evaluation: measurement.split, labelLoss: measurement.labelLoss, attributeLosses: measurement.attributeLosses,
      scoreDeviation: evaluators[index].scoreDeviation(), gradientNorm: gradientNorm)
  }

  /// The predictions for the rows of a split, `[n, k]`: in 0...1, or numbers in the unit of the label.
  public func scores(ofSplit index: Int) -> [Float] {
    _ = measurement(ofSplit: index)
    return evaluators[index].probabilities
  }

  /// Both players as they are.
  public func snapshot() -> GameSnapshot {
    GameSnapshot(
      players: GamePlayers(classifier: classifier.storage.parameters, adversary: adversary?.storage.parameters),
      classifierOptimizer: classifier.optimizer.state, adversaryOptimizer: adversary?.optimizer.state)
  }

  /// Puts players back.
  ///
  /// - Precondition: They are of this game.
  public func restore(_ snapshot: GameSnapshot) {
    put(snapshot.players)
    classifier.optimizer.state = snapshot.classifierOptimizer
    if let state = snapshot.adversaryOptimizer { adversary?.optimizer.state = state }
  }

  /// How some players of this game do on every split, and their predictions for it. Leaves the game as it was.
  ///
  /// - Precondition: They are of this game.
  public func evaluate(_ players: GamePlayers) -> (splits: [SplitEvaluation], scores: [[Float]]) {
    let present = snapshot().players
    put(players)
    defer { put(present) }
    return (measure().map(\.split), evaluators.map(\.probabilities))
  }

  /// A classifier of this game with given weights.
  public func classifier(_ parameters: Parameters<Float>) -> Classifier {
    Classifier(network: classifier.network, label: rows.label, parameters: parameters)
  }

  private func put(_ players: GamePlayers) {
    classifier.storage.parameters = players.classifier
    if let parameters = players.adversary { adversary?.storage.parameters = parameters }
    playersMoved()
  }
}
