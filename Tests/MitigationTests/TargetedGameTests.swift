import AdversarialGame
import FairnessMetrics
import LinearAlgebra
import MetricExpressions
import Mitigation
import NeuralNetworks
import TabularData
import Testing

/// A game that is told its target, on rows whose label depends on a proxy of one of two attributes.
@Suite struct TargetedGameTests {
  /// The label depends on a proxy of `group` and on merit; `other` is a coin.
  private static func dataset(rows: Int, seed: UInt64) -> Dataset {
    var stream = RandomStream(seed: seed)
    var (values, labels, codes, others): ([Float], [Float], [Int32], [Int32]) = ([], [], [], [])
    for _ in 0..<rows {
      let group = stream.below(2)
      let proxy = stream.normal() + (group == 1 ? 0.8 : -0.8)
      let merit = stream.normal()
      codes.append(Int32(group))
      others.append(Int32(stream.below(2)))
      values += [Float(proxy), Float(merit)]
      labels.append(proxy + 1.5 * merit + stream.normal() > 0 ? 1 : 0)
    }
    return Dataset(
      features: Matrix(rows: rows, columns: 2, values: values), labels: labels,
      sensitive: [
        SensitiveColumn(name: "group", groups: ["b", "a"], privileged: 1, codes: codes),
        SensitiveColumn(name: "other", groups: ["x", "y"], privileged: 1, codes: others),
      ], sourceRows: Array(0..<rows))
  }

  private static let training = dataset(rows: 1500, seed: 5)
  private static let validation = dataset(rows: 1500, seed: 6)
  private static let test = dataset(rows: 4000, seed: 7)

  private static func constraints(_ conditions: [String], of rows: Dataset) throws -> RateConstraintRows {
    let columns = rows.sensitive.map {
      SliceColumn(GroupColumn(name: $0.name, groups: $0.groups, codes: $0.codes))
    }
    let reduction = ConstraintReduction(columns: columns, rows: rows.rows)
    return try RateConstraintRows(
      conditions.flatMap { try reduction.constraints(MetricCondition($0)) }, of: rows, split: "validation")
  }

  private static func steering(
    _ conditions: [String], _ change: (inout TargetedGameSettings) -> Void = { _ in }
  ) throws -> TargetedGame {
    var settings = TargetedGameSettings()
    settings.lambdaRate = 4
    change(&settings)
    return try TargetedGame(
      constraints(conditions, of: validation), trainingConstraints: constraints(conditions, of: training),
      training: training, validation: (1, validation), settings: settings)
  }

  private static func trainer(_ steering: TargetedGame, epochs: Int = 120) throws -> GameTrainer {
    var settings = GameSettings()
    settings.batchSize = 100
    settings.classifierEpochs = 15
    settings.adversaryEpochs = 5
    settings.gameEpochs = epochs
    settings.classifierBatch = .full
    settings.evaluationInterval = 0
    settings.classifierOptimizer = OptimizerSettings(.adam(), learningRate: 0.01)
    settings.adversaryOptimizer = OptimizerSettings(.adam(), learningRate: 0.005)
    return try GameTrainer(
      network: Perceptron(inputs: 2, hidden: [8], outputs: 1),
      adversary: PredictionAdversary(
        attributes: SensitiveAttribute.attributes(of: training.sensitive), hidden: [8], input: .logit),
      objective: steering.objective,
      splits: [("train", training), ("validation", validation), ("test", test)], settings: settings, seed: 5)
  }

  private static let rule = "p_percent_rule(group) >= 0.8"

  @Test func reachesTheTargetWithTheLambdaThatItNeeds() throws {
    let steering = try Self.steering([Self.rule])
    let trainer = try Self.trainer(steering)
    let outcome = try trainer.train(steering: steering)
    let before = try #require(outcome.pretrained[2].evaluation.attributes[0].pPercentRule.value)
    #expect(before < 0.6)
    // Only the attribute that the condition speaks of is played against.
    #expect(steering.lambda[0] > 0 && steering.lambda[1] == 0)
    #expect(steering.state.iterates.count == 121 && steering.incidents.isEmpty)

    let choice = try #require(steering.records.choice(by: .bestFeasible))
    #expect(choice.feasibility == .feasible)
    let chosen = steering.state.iterates[choice.members[0].iterate]
    // With the margin: the violation and a standard error.
    #expect(zip(chosen.violations, chosen.standardErrors).allSatisfy { $0 + $1 <= 0 })
    #expect(chosen.trainingViolations.allSatisfy { $0 <= 0 })
    let (splits, scores) = trainer.evaluate(chosen.players)
    #expect(try #require(splits[2].evaluation.attributes[0].pPercentRule.value) > 0.77)
    #expect(1 - (try #require(splits[1].evaluation.accuracy.value)) == chosen.errorRate)
    let loss = try #require(outcome.pretrained[2].evaluation.accuracy.value)
    #expect(try #require(splits[2].evaluation.accuracy.value) > loss - 0.1)
    #expect(trainer.classifier(chosen.players.classifier).probabilities(Self.test.features) == scores[2])
  }

  /// The two numbers that are recorded of an iterate, counted anew.
  @Test func iteratesAreMeasuredOnValidationRows() throws {
    let steering = try Self.steering([Self.rule])
    let trainer = try Self.trainer(steering, epochs: 5)
    _ = try trainer.train(steering: steering)
    for iterate in steering.state.iterates {
      let scores = trainer.evaluate(iterate.players).scores[1]
      let selected = scores.map { $0 >= 0.5 }
      var (count, total) = ([0.0, 0.0], [0.0, 0.0])
      for (row, code) in Self.validation.sensitive[0].codes.enumerated() {
        total[Int(code)] += 1
        if selected[row] { count[Int(code)] += 1 }
      }
      let rates = zip(count, total).map { $0 / $1 }
      let expected = max(0.8 * rates[1] - rates[0], 0.8 * rates[0] - rates[1])
      #expect(abs(try #require(iterate.violations.max()) - expected) < 1e-12)
      let errors = zip(selected, Self.validation.labels).count { $0 != ($1 > 0.5) }
      #expect(abs(iterate.errorRate - Double(errors) / 1500) < 1e-12)
    }
  }

  @Test func equalSeedsGiveEqualSearches() throws {
    func run() throws -> ([TargetedIterate], [UInt32]) {
      let steering = try Self.steering([Self.rule])
      let outcome = try Self.trainer(steering, epochs: 12).train(steering: steering)
      return (steering.state.iterates, outcome.classifier.parameters.values.map(\.bitPattern))
    }
    let (first, second) = (try run(), try run())
    #expect(first.1 == second.1)
    #expect(first.0.map(\.lambda) == second.0.map(\.lambda) && first.0.map(\.players) == second.0.map(\.players))
  }

  /// A target that holds already needs no λ; the classifier then plays on L_y alone.
  @Test func aTargetThatHoldsNeedsNoLambda() throws {
    let steering = try Self.steering(["p_percent_rule(group) >= 0.1"]) { $0.interval = 5 }
    _ = try Self.trainer(steering, epochs: 12).train(steering: steering)
    #expect(steering.lambda == [0, 0])
    #expect(steering.state.iterates.map(\.epoch) == [0, 5, 10, 12])
  }

  /// λ that leaps to absurd sizes makes the game collapse; the players come back, and no collapsed one can be chosen.
  @Test func aCollapseIsUndoneAndNeverChosen() throws {
    let steering = try Self.steering(["demographic_parity_difference(group) <= 0.001"]) {
      // Beyond what single precision holds.
      $0.lambdaRate = 1e41
      $0.lambdaBound = 1e39
    }
    let trainer = try Self.trainer(steering, epochs: 60)
    _ = try trainer.train(steering: steering)
    #expect(!steering.incidents.isEmpty && steering.incidents.allSatisfy { $0.restoredEpoch != nil })
    for rule in SelectionRule.allCases {
      let choice = try #require(steering.records.choice(by: rule))
      for member in choice.members {
        let chosen = steering.state.iterates[member.iterate]
        #expect(chosen.isSound)
        let rate = try #require(trainer.evaluate(chosen.players).splits[1].evaluation.selectionRate.value)
        #expect((0.02...0.98).contains(rate))
      }
    }
  }

  @Test(arguments: [
    ([rule], 0.0, 1.0, "'lambdaBound' is 0.0; it must be finite and above 0."),
    ([rule], .infinity, 1, "'lambdaBound' is inf; it must be finite and above 0."),
    ([rule], 10, .nan, "'initialLambda' is nan; it must lie in 0...10.0."),
    (["accuracy >= 0.7"], 10, 1, "no condition speaks of a sensitive attribute"),
  ])
  func refusals(conditions: [String], bound: Double, initial: Double, message: String) {
    let error = #expect(throws: MitigationError.self) {
      _ = try Self.steering(conditions) {
        $0.lambdaBound = bound
        $0.initialLambda = initial
      }
    }
    #expect(error?.description.contains(message) == true, "\(error.map { "\($0)" } ?? "")")
  }
}
