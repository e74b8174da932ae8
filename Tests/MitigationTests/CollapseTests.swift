import AdversarialGame
import FairnessMetrics
import Mitigation
import NeuralNetworks
import TabularData
import Testing

/// The sentinel: which readings are signs of a collapse, and what becomes of a game that collapses.
@Suite struct CollapseTests {
  private static func reading(
    rate: Double? = 0.2, deviation: Double = 0.2, auc: Double = 0.85, label: Double = 0.35, groups: [Double] = [0.6],
    norm: Double? = 1
  ) -> GameReading {
    var split = example
    split.evaluation = ClassifierEvaluation(
      rows: 100, threshold: 0.5, accuracy: .defined(0.8), rocAUC: .defined(auc),
      selectionRate: rate.map { .defined($0) } ?? .undefined("no rows"), attributes: [])
    return GameReading(
      evaluation: split, labelLoss: label, attributeLosses: groups, scoreDeviation: deviation, gradientNorm: norm)
  }

  /// The evaluation of a split, to be filled in.
  private static let example: SplitEvaluation = {
    var settings = GameSettings()
    settings.classifierEpochs = 0
    settings.gameEpochs = 0
    guard
      let trainer = try? GameTrainer(
        network: Perceptron(inputs: 2, hidden: [], outputs: 1), adversary: nil, objective: GameObjective(lambda: []),
        splits: [("validation", dataset)], settings: settings, seed: 1), let outcome = try? trainer.train()
    else { preconditionFailure("a training of no epochs cannot fail") }
    return outcome.final[0]
  }()

  /// A quarter of the labels positive, H(Y) = 0.562; groups of the same size, H(Z) = 0.693.
  private static func sentinel(start: GameReading = reading()) -> CollapseSentinel {
    CollapseSentinel(start: start, labels: [75, 25], groups: [[50, 50]])
  }

  /// A reading, the sign, and whether it counts at once.
  @Test(
    arguments: [
      (reading(), nil, false),
      // Under 5 % of the rarer label's quarter, 0.0125.
      (reading(rate: 0.012), .constantDecisions(selected: false, minority: 0.012), false),
      (reading(rate: 0.013), nil, false),
      (reading(rate: 1), .constantDecisions(selected: true, minority: 0), false),
      (reading(deviation: 0.009), .constantScores(deviation: 0.009), false),
      (reading(auc: 0.55, label: 0.57, groups: [0.7]), .nothingLeft, false),
      // Losses alone rise so high in games that end well.
      (reading(auc: 0.8, label: 0.68, groups: [0.7]), nil, false),
      (reading(label: 2.3), .diverged(ratio: 2.3 / 0.5623351446188083), true),
      (reading(label: .nan), .notFinite, true), (reading(groups: [.infinity]), .notFinite, true),
      (reading(norm: .nan), .notFinite, true), (reading(norm: 0), .gradientVanished, false),
      (reading(rate: nil), nil, false),
    ] as [(GameReading, CollapseSign?, Bool)])
  func signs(reading: GameReading, sign: CollapseSign?, isCertain: Bool) {
    var sentinel = Self.sentinel()
    let verdict = sentinel.inspect(reading)
    guard let sign else {
      #expect(verdict == .healthy)
      return
    }
    #expect(verdict == (isCertain ? .collapsed([sign]) : .suspicious([sign])))
    // Three in a row count, and a healthy one in between begins the count anew.
    #expect(sentinel.inspect(reading) == (isCertain ? .collapsed([sign]) : .suspicious([sign])))
    if !isCertain {
      #expect(sentinel.inspect(Self.reading()) == .healthy)
      #expect(sentinel.inspect(reading) == .suspicious([sign]))
      #expect(sentinel.inspect(reading) == .suspicious([sign]))
      #expect(sentinel.inspect(reading) == .collapsed([sign]))
    }
  }

  @Test func gradientsAreComparedWithWhatTheyWere() {
    var sentinel = Self.sentinel()
    #expect(sentinel.inspect(Self.reading(norm: 5000)) == .healthy, "nothing to compare with yet")
    for norm in [1.0, 2, 3, 4, 2] { #expect(sentinel.inspect(Self.reading(norm: norm)) == .healthy) }
    #expect(sentinel.inspect(Self.reading(norm: 3500)) == .suspicious([.gradientExploded(ratio: 3500.0 / 3)]))
    #expect(sentinel.inspect(Self.reading(norm: 2500)) == .healthy)
  }

  /// A classifier that hardly ever selected a row before the game has not collapsed when it does so in it.
  @Test func whatWasSoBeforeIsNoCollapse() {
    var sentinel = Self.sentinel(start: Self.reading(rate: 0.004, deviation: 0.02, auc: 0.55))
    #expect(
      sentinel.inspect(Self.reading(rate: 0.003, deviation: 0.005, auc: 0.5, label: 0.6, groups: [0.7])) == .healthy)
    #expect(sentinel.inspect(Self.reading(rate: 0.001)) != .healthy)
    #expect(sentinel.inspect(Self.reading(deviation: 0.001)) != .healthy)
  }

  @Test func signsReadAsClauses() {
    #expect("\(CollapseSign.constantDecisions(selected: false, minority: 0))" == "no row is selected")
    #expect(
      "\(CollapseSign.constantDecisions(selected: true, minority: 0.0042))"
        == "all but 0.42 % of the rows are selected")
    #expect("\(CollapseSign.diverged(ratio: 19.46))" == "the label loss is 19 times that of a constant prediction")
    #expect(
      "\(CollapseSign.constantScores(deviation: 0.0012345))"
        == "the scores hardly differ (standard deviation 0.0012)")
  }

  // MARK: - Games

  private static let dataset = PlantedTask.dataset(rows: 600, seed: 3)

  private func play(
    lambda: Double, _ steering: ScheduledGame?, epochs: Int = 40, rate: Double = 0.02
  ) throws -> GameTrainer.Outcome {
    var settings = GameSettings()
    settings.batchSize = 100
    settings.classifierEpochs = 15
    settings.adversaryEpochs = 5
    settings.gameEpochs = epochs
    settings.classifierBatch = .full
    settings.evaluationInterval = 1
    settings.classifierOptimizer = OptimizerSettings(.adam(), learningRate: rate)
    settings.adversaryOptimizer = OptimizerSettings(.adam(), learningRate: 0.005)
    let trainer = try GameTrainer(
      network: Perceptron(inputs: 2, hidden: [8], outputs: 1),
      adversary: PredictionAdversary(
        attributes: SensitiveAttribute.attributes(of: Self.dataset.sensitive), hidden: [8], input: .logit),
      objective: GameObjective(lambda: [lambda], lambdaInAdversaryLoss: false), splits: [("train", Self.dataset)],
      settings: settings, seed: 5)
    return try trainer.train(steering: steering)
  }

  private func steering(
    lambda: Double, _ response: CollapseGuard.Response, schedule: LambdaSchedule = .constant,
    pace: PaceSchedule = .constant
  ) -> ScheduledGame {
    ScheduledGame(
      objective: GameObjective(lambda: [lambda], lambdaInAdversaryLoss: false), lambdaSchedule: schedule, pace: pace,
      response: response, rows: Self.dataset)
  }

  private func bits(_ outcome: GameTrainer.Outcome) -> [UInt32] {
    outcome.classifier.parameters.values.map(\.bitPattern)
  }

  /// A planted collapse: with λ far too large the classifier has nothing but the adversary in mind. It is found, and where
  /// that is asked for undone.
  @Test func aCollapseIsFoundAndUndone() throws {
    let warned = steering(lambda: 1e6, .warn)
    let collapsed = try play(lambda: 1e6, warned)
    #expect(!warned.incidents.isEmpty)
    #expect(warned.incidents.allSatisfy { $0.restoredEpoch == nil })
    #expect(try bits(collapsed) == bits(play(lambda: 1e6, nil)), "a warning changes nothing")

    let guarded = steering(lambda: 1e6, .rollBack)
    let rescued = try play(lambda: 1e6, guarded)
    #expect(!guarded.incidents.isEmpty)
    #expect(guarded.incidents.allSatisfy { $0.restoredEpoch != nil })
    let evaluation = rescued.final[0].evaluation
    // Under such a λ nobody stays accurate; but the scores still rank, and both decisions are made.
    #expect(try #require(evaluation.rocAUC.value) > 0.75)
    #expect((0.05...0.95).contains(try #require(evaluation.selectionRate.value)))
    #expect(guarded.incidents[0].description.contains("lambda and the learning rates were lowered"))
  }

  /// A loss that breaks within an epoch is undone as well.
  @Test func aBrokenLossIsUndone() throws {
    let guarded = steering(lambda: 3e38, .rollBack)
    let outcome = try play(lambda: 3e38, guarded)
    #expect(!guarded.incidents.isEmpty)
    #expect(!outcome.finalScores[0].contains { !$0.isFinite })
    #expect(outcome.final[0].evaluation.rocAUC.value != nil)
  }

  /// A healthy game that is watched is the same, bit for bit, whatever would be done about a collapse.
  @Test(arguments: CollapseGuard.Response.allCases)
  func aHealthyGameIsLeftAlone(response: CollapseGuard.Response) throws {
    let watched = steering(lambda: 1, response)
    #expect(try bits(play(lambda: 1, watched, rate: 0.002)) == bits(play(lambda: 1, nil, rate: 0.002)))
    #expect(watched.incidents.isEmpty)
  }

  @Test func schedulesSteer() throws {
    let alone = try bits(play(lambda: 1, nil, epochs: 9, rate: 0.002))
    for schedule in [LambdaSchedule.ramp, .squareRoot] {
      let steering = steering(lambda: 1, .warn, schedule: schedule)
      #expect(try bits(play(lambda: 1, steering, epochs: 9, rate: 0.002)) != alone)
      #expect(abs(steering.playedLambda[0] - schedule.factor(step: 8, of: 9)) < 1e-12)
    }
    let slowing = steering(lambda: 1, .warn, pace: .inverseTime)
    #expect(try bits(play(lambda: 1, slowing, epochs: 9, rate: 0.002)) != alone)
    #expect(PaceSchedule.inverseTime.factor(step: 3, of: 9) == 0.25)
    #expect(PaceSchedule.cosine.factor(step: 0, of: 9) == 1 && PaceSchedule.cosine.factor(step: 8, of: 9) > 0)
  }
}
