import AdversarialGame
import Foundation
import LinearAlgebra
import NeuralNetworks
import TabularData
import Testing

/// A training that goes on from the state of an epoch ends as it would have without the interruption, to the last bit.
@Suite struct GameStateTests {
  private static let training = GameFixtures.dataset(rows: 77, missing: 7, seed: 3)
  private static let test = GameFixtures.dataset(rows: 40, seed: 4)

  private static func trainer(_ settings: GameSettings, lambda: [Double]? = [1.5], seed: UInt64 = 11) throws
    -> GameTrainer
  {
    try GameTrainer(
      network: GameFixtures.network,
      adversary: lambda.map { _ in
        PredictionAdversary(
          attributes: SensitiveAttribute.attributes(of: training.sensitive), hidden: [8], dropout: 0.3)
      }, objective: GameObjective(lambda: lambda ?? []), splits: [("train", training), ("test", test)],
      settings: settings, seed: seed)
  }

  /// Everything that an outcome tells, bit for bit.
  private static func expectEqual(_ one: GameTrainer.Outcome, _ other: GameTrainer.Outcome, _ comment: String) {
    #expect(one.classifierBits == other.classifierBits && one.adversaryBits == other.adversaryBits, "\(comment)")
    #expect(one.pretrained == other.pretrained && one.final == other.final, "\(comment)")
    #expect(one.pretrainedScores == other.pretrainedScores && one.finalScores == other.finalScores, "\(comment)")
    #expect(one.wasStopped == other.wasStopped, "\(comment)")
  }

  /// From every epoch of every phase, whatever is random in the steps, with and without an adversary, measured beside
  /// the training or within it.
  @Test(
    arguments: [
      GameSettings.ClassifierBatch.last, .random, .all, .full,
    ], [true, false])
  func goesOnFromAnyEpoch(batch: GameSettings.ClassifierBatch, inParallel: Bool) throws {
    for (lambda, window, interval) in [
      ([1.5], nil, 1), (nil, nil, 1), ([0.5], ShuffleWindow(blockRows: 8, blocks: 3), 1), ([1.0], nil, 3),
      ([2], nil, 0),
    ] as [([Double]?, ShuffleWindow?, Int)] {
      var settings = GameFixtures.settings
      settings.classifierBatch = batch
      settings.evaluatesInParallel = inParallel
      settings.shuffleWindow = window
      settings.evaluationInterval = interval
      settings.dropLast = false
      settings.classifierOptimizer = OptimizerSettings(
        .adam(), learningRate: 0.01, schedule: .exponential(factor: 0.5, steps: 7, staircase: false))
      settings.adversaryOptimizer = OptimizerSettings(.sgd(momentum: 0.9), learningRate: 0.05)
      var plain: [EpochReport] = []
      let expected = try Self.trainer(settings, lambda: lambda).train { report in
        plain.append(report)
        return .proceed
      }
      var states: [(state: GameState, reported: Int)] = []
      var reports: [EpochReport] = []
      let watched = try Self.trainer(settings, lambda: lambda).train { report in
        reports.append(report)
        return .proceed
      } isStateDue: { _, epoch in
        epoch % 2 == 1 || epoch == 2
      } onState: {
        states.append(($0, reports.count))
      }
      // Keeping states changes nothing.
      Self.expectEqual(watched, expected, "\(batch)")
      #expect(reports == plain)
      #expect(states.count == (lambda == nil ? 5 : 7))
      for (state, reported) in states {
        // By way of a coder, as a checkpoint would.
        let kept = try JSONDecoder().decode(GameState.self, from: try JSONEncoder().encode(state))
        let trainer = try Self.trainer(settings, lambda: lambda)
        try trainer.resume(kept)
        var rest: [EpochReport] = []
        let outcome = try trainer.train { report in
          rest.append(report)
          return .proceed
        }
        Self.expectEqual(outcome, expected, "\(batch) \(state.phase) \(state.epoch)")
        #expect(Array(reports.prefix(reported)) + rest == plain, "\(batch) \(state.phase) \(state.epoch)")
      }
    }
  }

  /// Every rule by which the classifier makes one direction of two gradients, in either order of moves, with adversaries
  /// of both kinds and of every criterion, on one attribute and on two: whatever they carry from step to step is kept.
  @Test(
    arguments: [
      ClassifierUpdate.combined, .projected(.allParameters), .projected(.eachTensor),
      .projected(.eachTensorByInnerSums),
    ], GameTurns.allCases)
  func goesOnWithEveryRule(update: ClassifierUpdate, turns: GameTurns) throws {
    for (attributes, criterion) in [
      (1, GameCriterion.demographicParity), (2, .equalizedOdds), (2, .equalOpportunity),
    ] {
      let training = GameFixtures.dataset(rows: 77, attributes: attributes, missing: 7, seed: 3)
      let known = SensitiveAttribute.attributes(of: training.sensitive)
      let adversaries: [any Adversary] = [
        PredictionAdversary(
          attributes: known, hidden: [8], dropout: 0.3, input: .sharpened,
          labels: criterion == .equalizedOdds ? .crossed : .unseen),
        HiddenLayerAdversary(
          attributes: known, width: 8, hidden: [4], loss: .absolute, seesLabels: criterion == .equalizedOdds),
      ]
      for adversary in adversaries {
        var settings = GameFixtures.settings
        settings.update = update
        settings.turns = turns
        settings.criterion = criterion
        settings.balancesGroups = true
        settings.diagnosesGradients = true
        settings.classifierBatch = .random
        settings.classifierBatchesPerEpoch = 3
        settings.classifierOptimizer = OptimizerSettings(
          .adagrad(), learningRate: 0.05, schedule: .inverseTime(factor: 0.1, steps: 5, staircase: false),
          gradientClip: 0.5)
        settings.adversaryOptimizer = OptimizerSettings(.adam(), learningRate: 0.02)
        func make() throws -> GameTrainer {
          try GameTrainer(
            network: GameFixtures.network, adversary: adversary,
            objective: GameObjective(lambda: known.map { _ in 1.5 }, reduction: .sum, lambdaInAdversaryLoss: false),
            splits: [("train", training)], settings: settings, seed: 5)
        }
        var plain: [EpochReport] = []
        var states: [GameState] = []
        let expected = try make().train {
          plain.append($0)
          return .proceed
        } isStateDue: { _, _ in
          true
        } onState: {
          states.append($0)
        }
        #expect(states.count == 8 && plain.last?.diagnostics != nil)
        for (index, state) in states.enumerated() {
          let trainer = try make()
          try trainer.resume(try JSONDecoder().decode(GameState.self, from: try JSONEncoder().encode(state)))
          var rest: [EpochReport] = []
          let outcome = try trainer.train {
            rest.append($0)
            return .proceed
          }
          let place = "\(update) \(turns) \(criterion) \(type(of: adversary)) \(state.phase) \(state.epoch)"
          Self.expectEqual(outcome, expected, place)
          #expect(rest == Array(plain.dropFirst(index + 1)), "\(place)")
        }
      }
    }
  }

  /// A state that goes on is that of the same training: nothing of it is left out by accident.
  @Test func theStateOfAResumedTrainingIsTheSame() throws {
    func states(from start: GameState?) throws -> [GameState] {
      let trainer = try Self.trainer(GameFixtures.settings)
      if let start { try trainer.resume(start) }
      var states: [GameState] = []
      _ = try trainer.train(isStateDue: { _, _ in true }, onState: { states.append($0) })
      return states
    }
    let all = try states(from: nil)
    #expect(all.count == 8)
    for (index, state) in all.enumerated() {
      #expect(try states(from: state) == Array(all.dropFirst(index + 1)))
    }
  }

  @Test func foreignStatesAreRefused() throws {
    var state: GameState?
    _ = try Self.trainer(GameFixtures.settings).train(isStateDue: { $0 == .game && $1 == 2 }, onState: { state = $0 })
    let sound = try #require(state)
    func refusal(
      _ change: (inout GameState) -> Void = { _ in }, _ settings: GameSettings = GameFixtures.settings,
      lambda: [Double]? = [1.5]
    ) throws -> String? {
      var state = sound
      change(&state)
      let trainer = try Self.trainer(settings, lambda: lambda)
      do throws(GameError) {
        try trainer.resume(state)
        return nil
      } catch {
        return "\(error)"
      }
    }
    #expect(try refusal() == nil)
    #expect(
      try refusal { $0.epoch = 9 }
        == "the state is not one of this training: it is after epoch 9 of phase 'game', which has 4.")
    #expect(try refusal { $0.epoch = 0 } != nil)
    #expect(try refusal { $0.order[0] = 500 } != nil)
    #expect(try refusal { $0.order[0] = $0.order[1] } != nil)
    #expect(try refusal { $0.order.removeLast() } != nil)
    #expect(try refusal { $0.classifierNoise.removeLast() } != nil)
    #expect(try refusal { $0.adversaryNoise = nil } != nil)
    #expect(try refusal { $0.pretrained = nil } != nil)
    #expect(try refusal { $0.lambda = [] } != nil)
    #expect(try refusal { $0.learningRateFactor = .nan } != nil)
    #expect(try refusal { $0.snapshot.classifierOptimizer.first.removeLast() } != nil)
    #expect(try refusal { $0.snapshot.adversaryOptimizer = nil } != nil)
    #expect(try refusal(lambda: nil) != nil)
    var other = GameFixtures.settings
    other.dropoutInAdversaryPass = false
    #expect(try refusal({ _ in }, other) != nil)
  }
}
