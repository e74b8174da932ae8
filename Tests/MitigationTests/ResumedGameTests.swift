import AdversarialGame
import FairnessMetrics
import Foundation
import LinearAlgebra
import MetricExpressions
import Mitigation
import NeuralNetworks
import TabularData
import Testing

/// Games whose steering is kept in checkpoints, with rollbacks on the way.
@Suite struct ResumedGameTests {
  private static let training = PlantedTask.dataset(rows: 300, seed: 5)
  private static let validation = PlantedTask.dataset(rows: 300, seed: 6)

  private static func constraints(of rows: Dataset) throws -> RateConstraintRows {
    let columns = rows.sensitive.map { SliceColumn(GroupColumn(name: $0.name, groups: $0.groups, codes: $0.codes)) }
    let reduction = ConstraintReduction(columns: columns, rows: rows.rows)
    let condition = try MetricCondition("p_percent_rule(\(rows.sensitive[0].name)) >= 0.9")
    return try RateConstraintRows(try reduction.constraints(condition), of: rows, split: "validation")
  }

  private static func trainer(_ objective: GameObjective) throws -> GameTrainer {
    var settings = GameSettings()
    settings.batchSize = 50
    settings.classifierEpochs = 4
    settings.adversaryEpochs = 2
    settings.gameEpochs = 30
    settings.classifierBatch = .all
    settings.evaluationInterval = 4
    settings.classifierOptimizer = OptimizerSettings(.adam(), learningRate: 0.05)
    settings.adversaryOptimizer = OptimizerSettings(.adam(), learningRate: 0.01)
    return try GameTrainer(
      network: Perceptron(inputs: training.featureCount, hidden: [6], outputs: 1, dropout: 0.1),
      adversary: PredictionAdversary(
        attributes: SensitiveAttribute.attributes(of: training.sensitive), hidden: [6], input: .logit),
      objective: objective, splits: [("train", training), ("validation", validation)], settings: settings, seed: 5)
  }

  /// Plays a game; with a state, from there.
  private static func play<Steering: GameSteering, State: Codable>(
    _ steering: Steering, _ objective: GameObjective, from start: (GameState, State)?,
    resume: (Steering, State, GameTrainer) throws -> Void, state: (Steering) -> State
  ) throws -> (bits: [UInt32], kept: [(GameState, State)], end: Data) {
    let trainer = try trainer(objective)
    if let start {
      // By way of a coder, as a checkpoint would.
      let kept = try JSONDecoder.exact.decode(State.self, from: try JSONEncoder.exact.encode(start.1))
      try resume(steering, kept, trainer)
      try trainer.resume(start.0, addedPasses: (steering as? TargetedGame)?.addedPasses ?? 0)
    }
    var kept: [(GameState, State)] = []
    let outcome = try trainer.train(
      steering: steering, isStateDue: { _, epoch in epoch % 3 == 1 },
      onState: { kept.append(($0, state(steering))) })
    return (
      outcome.classifier.parameters.values.map(\.bitPattern), kept, try JSONEncoder.exact.encode(state(steering))
    )
  }

  @Test func aTargetedGameGoesOnFromAnyState() throws {
    func make() throws -> TargetedGame {
      var settings = TargetedGameSettings()
      // A λ that grows so fast that the game collapses, and is rolled back.
      settings.lambdaRate = 60
      settings.sentinel.patience = 1
      return try TargetedGame(
        Self.constraints(of: Self.validation), trainingConstraints: Self.constraints(of: Self.training),
        training: Self.training, validation: (1, Self.validation), settings: settings)
    }
    func play(from start: (GameState, TargetedGame.State)?) throws -> (
      bits: [UInt32], kept: [(GameState, TargetedGame.State)], end: Data
    ) {
      let game = try make()
      return try Self.play(game, game.objective, from: start) {
        try $0.resume($1, of: $2)
      } state: {
        $0.state
      }
    }
    let whole = try play(from: nil)
    let incidents = try #require(whole.kept.last?.1.collapse?.incidents.count)
    #expect(incidents > 0, "the game should be rolled back on the way")
    for start in whole.kept {
      let rest = try play(from: start)
      #expect(rest.bits == whole.bits && rest.end == whole.end, "\(start.0.phase) \(start.0.epoch)")
    }
  }

  @Test(arguments: [CollapseGuard.Response.warn, .rollBack])
  func aScheduledGameGoesOnFromAnyState(response: CollapseGuard.Response) throws {
    let objective = GameObjective(lambda: Self.training.sensitive.map { _ in 40 }, reduction: .sum)
    for schedule in [LambdaSchedule.constant, .ramp] {
      func play(from start: (GameState, ScheduledGame.State)?) throws -> (
        bits: [UInt32], kept: [(GameState, ScheduledGame.State)], end: Data
      ) {
        let game = ScheduledGame(
          objective: objective, lambdaSchedule: schedule, pace: schedule == .ramp ? .cosine : .constant,
          response: response, rows: Self.training)
        return try Self.play(game, objective, from: start) {
          try $0.resume($1, of: $2)
        } state: {
          $0.state
        }
      }
      let whole = try play(from: nil)
      for start in whole.kept {
        let rest = try play(from: start)
        #expect(rest.bits == whole.bits && rest.end == whole.end, "\(start.0.phase) \(start.0.epoch)")
      }
    }
  }
}

extension JSONEncoder {
  /// Numbers that are not finite as texts, and keys in order, so that equal states are equal bytes.
  fileprivate static var exact: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    encoder.outputFormatting = .sortedKeys
    return encoder
  }
}

extension JSONDecoder {
  fileprivate static var exact: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}
