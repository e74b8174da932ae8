import Autograd
import LinearAlgebra
import NeuralNetworks
import TabularData

/// A training at the end of an epoch: all that the rest of it follows from, as a checkpoint keeps it.
///
/// A training that goes on from its state ends, to the last bit, as it would have without an interruption. The state of
/// whoever steers the game belongs to it, and is kept by them.
public struct GameState: Sendable, Hashable, Codable {
  /// The phase under way.
  public var phase: TrainingPhase

  /// The epochs of the phase that are done, at least 1.
  public var epoch: Int

  /// Both players, with what their optimizers carry from step to step.
  public var snapshot: GameSnapshot

  /// The players before the game; nil while it has not begun.
  public var pretrained: GamePlayers?

  /// λ of each attribute, and what the learning rates are multiplied by.
  public var lambda: [Double]
  public var learningRateFactor: Double

  /// The streams of the orders and of the choice among batches.
  public var classifierOrder: RandomStream
  public var passOrder: RandomStream
  public var batchChoice: RandomStream

  /// The sources of dropout's bits, 64 words each: one for each part of a batch, and for the adversary's pass, nil where
  /// dropout is off in it.
  public var classifierNoise: [UInt32]
  public var adversaryNoise: [UInt32]?
  public var passNoise: [UInt32]?

  /// The rows in the order of the last pass, which the next shuffle begins with; empty where it begins with the rows as
  /// they lie.
  public var order: [Int32]

  /// Whether the adversary has taken a step.
  public var isAdversaryTrained: Bool

  /// The Euclidean norm of the classifier's last gradient; nil before its first step.
  public var gradientNorm: Double?
}

extension GameTrainer {
  /// The training at the end of an epoch.
  ///
  /// All ranks of a team ask for it at the same time.
  func state(after epoch: Int, of phase: TrainingPhase) -> GameState {
    collectNoise()
    return GameState(
      phase: phase, epoch: epoch, snapshot: snapshot(), pretrained: pretrainedPlayers, lambda: objective.lambda,
      learningRateFactor: learningRateFactor, classifierOrder: classifierOrder, passOrder: passOrder,
      batchChoice: batchChoice, classifierNoise: noise.classifier.flatMap(\.state),
      adversaryNoise: noise.adversary?.flatMap(\.state),
      passNoise: noise.pass?.state, order: settings.shuffleWindow == nil ? batches.order : [],
      isAdversaryTrained: isAdversaryTrained, gradientNorm: gradientNorm)
  }

  /// Puts a training where another one of the same data, settings and seed was; `train` goes on from there.
  ///
  /// - Parameter addedPasses: The passes before the game that whoever steers it has asked for beyond those planned.
  /// - Throws: `GameError.foreignState` where the state cannot be one of this training.
  public func resume(_ state: GameState, addedPasses: Int = 0) throws(GameError) {
    try check(state, addedPasses: addedPasses)
    objective.lambda = state.lambda
    learningRateFactor = state.learningRateFactor
    restore(state.snapshot)
    pretrainedPlayers = state.pretrained
    classifierOrder = state.classifierOrder
    passOrder = state.passOrder
    batchChoice = state.batchChoice
    for (part, source) in noise.classifier.enumerated() {
      source.state = Array(state.classifierNoise[part * 64..<(part + 1) * 64])
    }
    for (part, source) in (noise.adversary ?? []).enumerated() {
      if let bits = state.adversaryNoise { source.state = Array(bits[part * 64..<(part + 1) * 64]) }
    }
    if let bits = state.passNoise { noise.pass?.state = bits }
    if settings.shuffleWindow == nil { batches.restore(order: state.order) }
    isAdversaryTrained = state.isAdversaryTrained
    lastGradientNorm = state.gradientNorm
    position = (state.phase, state.epoch)
  }

  private func check(_ state: GameState, addedPasses: Int) throws(GameError) {
    func require(_ isMet: Bool, _ fault: String) throws(GameError) {
      if !isMet { throw .foreignState(fault) }
    }
    let planned = [
      .classifier: settings.classifierEpochs + addedPasses, .adversary: adversary == nil ? 0 : settings.adversaryEpochs,
      .game: settings.gameEpochs,
    ][state.phase, default: 0]
    try require(
      (1...max(1, planned)).contains(state.epoch) && planned > 0,
      "it is after epoch \(state.epoch) of phase '\(state.phase.rawValue)', which has \(planned)")
    try require(accepts(state.snapshot), "its networks have other layers")
    try require(
      (state.pretrained != nil) == (state.phase == .game), "its networks before the game are not as they must be")
    if let pretrained = state.pretrained { try require(accepts(pretrained), "its networks have other layers") }
    try require(
      state.lambda.count == objective.lambda.count && state.lambda.allSatisfy(\.isFinite),
      "it has \(state.lambda.count) values of λ for \(objective.lambda.count)")
    try require(
      state.learningRateFactor > 0 && state.learningRateFactor.isFinite,
      "its learning rates are multiplied by \(state.learningRateFactor)")
    try require(
      state.classifierNoise.count == noise.classifier.count * 64
        && state.adversaryNoise.map(\.count) == noise.adversary.map { $0.count * 64 }
        && state.passNoise.map(\.count) == noise.pass.map { _ in 64 },
      "its random streams are not as they must be")
    let rows = settings.shuffleWindow == nil ? batches.order.count : 0
    try require(
      state.order.count == rows && BatchSchedule.isOrder(state.order),
      "it puts \(state.order.count) rows in order, not \(rows)")
  }

  /// Brings to all ranks the sources that each of them alone has drawn from.
  private func collectNoise() {
    guard let team, team.size > 1 else { return }
    for sources in [noise.classifier, noise.adversary ?? []] {
      for (part, source) in sources.enumerated() {
        let owner = BatchParts.owner(of: part, among: team.size)
        var words = source.state
        words.withUnsafeMutableBufferPointer { words in
          guard let start = words.baseAddress else { return }
          team.gather(start, ranges: (0..<team.size).map { $0 == owner ? 0..<64 : 0..<0 })
        }
        source.state = words
      }
    }
  }

  /// Whether players are of this game.
  public func accepts(_ players: GamePlayers) -> Bool {
    players.classifier.entries == classifier.storage.parameters.entries
      && players.adversary?.entries == adversary?.storage.parameters.entries
  }

  /// Whether players and the states of their optimizers are of this game.
  public func accepts(_ snapshot: GameSnapshot) -> Bool {
    func accepts(_ state: Optimizer<Float>.State?, _ parameters: Int?) -> Bool {
      state.map(\.first.count) == parameters && state.map(\.second.count) == parameters && (state?.step ?? 0) >= 0
    }
    return self.accepts(snapshot.players) && accepts(snapshot.classifierOptimizer, classifier.storage.count)
      && accepts(snapshot.adversaryOptimizer, adversary?.storage.count)
  }
}
