import AdversarialGame
import NeuralNetworks
import TabularData
import Testing

/// What whoever steers a game can see and do.
@Suite struct GameSteeringTests {
  /// Does what closures say.
  private final class Steering: GameSteering {
    var before: (Int, GameTrainer) -> Void = { _, _ in }
    var after: (Int, GameTrainer) -> GameTrainer.Decision = { _, _ in .proceed }
    var failure: ((GameError, GameTrainer) -> GameTrainer.Decision)?
    var calls: [String] = []

    func begin(_ trainer: GameTrainer) { calls.append("begin") }
    func willPlay(_ epoch: Int, of trainer: GameTrainer) {
      calls.append("will \(epoch)")
      before(epoch, trainer)
    }
    func didPlay(_ epoch: Int, of trainer: GameTrainer) -> GameTrainer.Decision {
      calls.append("did \(epoch)")
      return after(epoch, trainer)
    }
    func didFail(_ error: GameError, _ epoch: Int, of trainer: GameTrainer) throws -> GameTrainer.Decision {
      calls.append("failed \(epoch)")
      guard let failure else { throw error }
      return failure(error, trainer)
    }
  }

  private static let dataset = GameFixtures.dataset(rows: 100, attributes: 2)
  private static let test = GameFixtures.dataset(rows: 53, attributes: 2, seed: 2)

  private func play(_ steering: Steering?, settings: GameSettings = GameFixtures.settings) throws -> GameTrainer.Outcome
  {
    try trainer(settings).train(steering: steering)
  }

  private func trainer(_ settings: GameSettings = GameFixtures.settings) throws -> GameTrainer {
    try GameTrainer(
      network: GameFixtures.network, adversary: GameFixtures.adversary(for: Self.dataset),
      objective: GameObjective(lambda: [20, 5]), splits: [("train", Self.dataset), ("test", Self.test)],
      settings: settings, seed: 7)
  }

  /// Who looks, keeps the players and puts them back at once, and sets what is set already, changes no bit.
  @Test func lookingChangesNothing() throws {
    let alone = try play(nil)
    let steering = Steering()
    steering.before = { _, trainer in
      trainer.objective = GameObjective(lambda: [20, 5])
      trainer.learningRateFactor = 1
    }
    steering.after = { _, trainer in
      let snapshot = trainer.snapshot()
      let scores = trainer.scores(ofSplit: 1)
      #expect(trainer.reading(ofSplit: 1).evaluation.name == "test")
      let (splits, all) = trainer.evaluate(snapshot.players)
      #expect(all[1] == scores && splits.count == 2)
      trainer.restore(snapshot)
      return .proceed
    }
    let watched = try play(steering)
    #expect(watched.classifierBits == alone.classifierBits && watched.adversaryBits == alone.adversaryBits)
    #expect(watched.final == alone.final && watched.finalScores == alone.finalScores)
    #expect(steering.calls == ["begin"] + (1...4).flatMap { ["will \($0)", "did \($0)"] })
  }

  /// λ that changes on the way counts from then on: first 20, then 0, is not 20 throughout.
  @Test func lambdaAndRatesChangeOnTheWay() throws {
    let alone = try play(nil)
    let steering = Steering()
    steering.before = { epoch, trainer in if epoch == 3 { trainer.objective.lambda = [0, 0] } }
    let other = try play(steering)
    #expect(other.classifierBits != alone.classifierBits)
    steering.before = { epoch, trainer in trainer.learningRateFactor = epoch == 3 ? 0.5 : 1 }
    let slower = try play(steering)
    #expect(slower.classifierBits != alone.classifierBits && slower.classifierBits != other.classifierBits)
    // At half the rate throughout it is the game with half the rates in its settings.
    steering.before = { _, trainer in trainer.learningRateFactor = 0.5 }
    var settings = GameFixtures.settings
    settings.classifierEpochs = 0
    settings.adversaryEpochs = 0
    let half = try play(steering, settings: settings)
    settings.classifierOptimizer.learningRate *= 0.5
    settings.adversaryOptimizer.learningRate *= 0.5
    #expect(try half.classifierBits == play(nil, settings: settings).classifierBits)
  }

  /// Players of an earlier epoch, put back at the end, are the result; their optimizers come back with them.
  @Test func playersComeBack() throws {
    let steering = Steering()
    var kept: GameSnapshot?
    steering.after = { epoch, trainer in
      if epoch == 2 { kept = trainer.snapshot() }
      if epoch == 4, let kept {
        #expect(trainer.snapshot() != kept)
        trainer.restore(kept)
        #expect(trainer.snapshot() == kept)
      }
      return .proceed
    }
    let outcome = try play(steering)
    let players = try #require(kept).players
    #expect(outcome.classifier.parameters == players.classifier && outcome.adversary == players.adversary)
    #expect(outcome.classifier.probabilities(Self.test.features) == outcome.finalScores[1])
    // The classifier took its first steps before the game and two in it.
    #expect(try #require(kept).classifierOptimizer.step == 2 * 6 + 2)
  }

  @Test func steeringEndsTheGame() throws {
    let steering = Steering()
    steering.after = { epoch, _ in epoch == 2 ? .stop : .proceed }
    var epochs: [Int] = []
    let outcome = try trainer().train(steering: steering) { report in
      if report.phase == .game { epochs.append(report.epoch) }
      return .proceed
    }
    #expect(epochs == [1, 2])
    #expect(!outcome.wasStopped, "whoever steers has not interrupted anything")
    var settings = GameFixtures.settings
    settings.gameEpochs = 2
    #expect(try outcome.classifierBits == play(nil, settings: settings).classifierBits)
  }

  /// A loss that breaks can be recovered from; without a remedy the error stands.
  @Test func aBrokenLossCanBeRecoveredFrom() throws {
    var settings = GameFixtures.settings
    settings.gameEpochs = 6
    settings.classifierOptimizer = OptimizerSettings(.sgd(), learningRate: 0.01)
    var sound: GameSnapshot?
    let steering = Steering()
    steering.before = { epoch, trainer in trainer.learningRateFactor = epoch == 3 ? 1e36 : 1 }
    steering.after = { _, trainer in
      if trainer.reading(ofSplit: 0).labelLoss.isFinite { sound = sound ?? trainer.snapshot() }
      return .proceed
    }
    #expect(throws: GameError.self) { try play(steering, settings: settings) }
    steering.failure = { _, trainer in
      if let sound { trainer.restore(sound) }
      return .proceed
    }
    sound = nil
    steering.calls = []
    let outcome = try play(steering, settings: settings)
    #expect(steering.calls.contains { $0.hasPrefix("failed") })
    #expect(!outcome.finalScores.joined().contains { !$0.isFinite })
    #expect(outcome.final[1].evaluation.rocAUC.value != nil)
  }

  @Test func readingsAreThoseOfReports() throws {
    let steering = Steering()
    var readings: [GameReading] = []
    steering.after = { _, trainer in
      readings.append(trainer.reading(ofSplit: 0))
      return .proceed
    }
    var reports: [EpochReport] = []
    _ = try trainer().train(steering: steering) { report in
      if report.phase == .game { reports.append(report) }
      return .proceed
    }
    #expect(readings.map(\.labelLoss) == reports.map(\.labelLoss))
    #expect(readings.map(\.attributeLosses) == reports.map(\.attributeLosses))
    #expect(readings.map(\.evaluation) == reports.map { $0.splits[0] })
    #expect(readings.allSatisfy { ($0.gradientNorm ?? 0) > 0 && (0...0.5).contains($0.scoreDeviation) })
  }
}
