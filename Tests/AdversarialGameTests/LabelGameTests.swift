import AdversarialGame
import Autograd
import Foundation
import LinearAlgebra
import NeuralNetworks
import TabularData
import TestSupport
import Testing

/// The game for labels with several classes and for numbers: losses and first epochs against PyTorch
/// (`Scripts/golden/labels.py`), gradients against central differences, and planted tables on which λ must tell.
@Suite struct LabelGameTests {
  struct GoldenEpoch: Decodable, Sendable {
    var classifier: [GoldenLayer]
    var adversary: [GoldenLayer]
  }

  struct GoldenLabel: Decodable, Sendable, CustomTestStringConvertible {
    var kind: String
    var adversaryInput: String
    var lambdas: [Double]
    var classifier: [GoldenLayer]
    var adversary: [GoldenLayer]
    var inputs: [[Double]]
    var rowWeights: [Double]
    var labels: [Double]
    var moments: [Double]
    var sensitive: [[Double]]
    var outputs: [[Double]]
    var labelLoss: Double
    var classifierLoss: Double
    var classifierGradients: [GoldenLayer]
    var epochs: [GoldenEpoch]

    var testDescription: String { "\(kind), \(adversaryInput)" }

    var label: LabelKind {
      kind == "categorical"
        ? .categorical(classes: ["a", "b", "c"]) : .continuous(mean: moments[0], deviation: moments[1])
    }
    var network: Perceptron { Perceptron(inputs: 4, hidden: [5, 3], outputs: label.outputs) }

    func adversaryPlayer() throws -> PredictionAdversary {
      PredictionAdversary(
        attributes: GameLossTests.binaryAttributes(2), hidden: [4, 3],
        input: try #require(PredictionAdversary.Input(rawValue: adversaryInput)), predictions: label.outputs)
    }

    /// The labels as the loss compares with them, written out apart from the library's own.
    var targets: Matrix<Double> {
      Matrix(
        rows: labels.map { value in
          kind == "categorical" ? (0..<3).map { Double($0) == value ? 1 : 0 } : [(value - moments[0]) / moments[1]]
        })
    }
  }

  static let cases: [GoldenLabel] = (try? goldenCases("labels", in: .module)) ?? []

  @Test func goldenCasesExist() {
    #expect(Self.cases.count == 4)
  }

  @Test(arguments: cases)
  func lossAndGradientAsInPyTorch(_ golden: GoldenLabel) throws {
    let adversary = try golden.adversaryPlayer()
    let own = ParameterStorage<Double>(Parameters(golden: golden.classifier))
    let opponent = ParameterStorage<Double>(Parameters(golden: golden.adversary))
    let objective = GameObjective(lambda: golden.lambdas)
    let x = Tensor<Double>.constant(Matrix(rows: golden.inputs))
    let representation = golden.network.representation(x, own.tensors, mode: .inference)
    let outputs = golden.network.outputs(representation: representation, own.tensors)
    let view = AdversaryView(
      logits: outputs, representation: representation, labels: .constant(golden.targets),
      targets: .constant(Matrix(rows: golden.sensitive)), attributes: GameLossTests.binaryAttributes(2),
      label: golden.label, mode: .inference)
    let losses = adversary.losses(
      outputs: adversary.outputs(for: view, opponent.tensors), for: view, opponent.tensors)
    let labelLoss = golden.label.loss(
      outputs: outputs, targets: .constant(golden.targets),
      weights: .constant(Matrix(rows: golden.rowWeights.map { [$0] })))
    let combined = labelLoss - (losses * .constant(Matrix(rows: [objective.classifierCoefficients]))).sum()
    let program = Program(
      values: [outputs, labelLoss, combined], gradients: [.init(of: combined, withRespectTo: own)])
    program.run()
    func close(_ values: [Double], _ expected: [Double]) -> String? {
      firstDeviation(of: values, from: expected, relative: 1e-13, absolute: 1e-13)
    }
    #expect(close(program.value(of: outputs).values, golden.outputs.flatMap(\.self)) == nil)
    #expect(close([program.scalar(of: labelLoss)], [golden.labelLoss]) == nil)
    #expect(close([program.scalar(of: combined)], [golden.classifierLoss]) == nil)
    #expect(close(program.gradient(0), golden.classifierGradients.flatMap(\.values)) == nil)
  }

  /// Whole epochs of the trainer: the adversary's pass on all rows, then the classifier's step, both by plain descent.
  @Test(arguments: cases)
  func firstEpochsAsInPyTorch(_ golden: GoldenLabel) throws {
    let rows = golden.labels.count
    let numbers: [Float] = golden.inputs.flatMap { $0 }.map { Float($0) }
    let sensitive = (0..<2).map { (index: Int) -> SensitiveColumn in
      let codes: [Int32] = golden.sensitive.map { Int32($0[index]) }
      return SensitiveColumn(name: "\(index)", groups: ["a", "b"], privileged: nil, codes: codes)
    }
    let labels: [Float] = golden.labels.map { Float($0) }
    let dataset = Dataset(
      features: Matrix<Float>(rows: rows, columns: 4, values: numbers), labels: labels, labelKind: golden.label,
      sensitive: sensitive, weights: golden.rowWeights.map { Float($0) }, sourceRows: Array(0..<rows))
    for (count, epoch) in golden.epochs.enumerated() {
      var settings = GameSettings()
      settings.batchSize = rows
      settings.classifierEpochs = 0
      settings.adversaryEpochs = 0
      settings.gameEpochs = count + 1
      settings.adversaryPassesPerEpoch = 1
      settings.classifierBatch = .full
      settings.classifierOptimizer = OptimizerSettings(.sgd(), learningRate: 0.05)
      settings.adversaryOptimizer = OptimizerSettings(.sgd(), learningRate: 0.05)
      let trainer = try GameTrainer(
        network: golden.network, adversary: try golden.adversaryPlayer(),
        objective: GameObjective(lambda: golden.lambdas), splits: [("train", dataset)], settings: settings, seed: 3)
      var start = trainer.snapshot()
      start.players = GamePlayers(
        classifier: Parameters(golden: golden.classifier), adversary: Parameters(golden: golden.adversary))
      trainer.restore(start)
      let outcome = try trainer.train()
      func check(_ found: [Float]?, _ expected: [GoldenLayer], _ player: String) throws {
        let found = try #require(found).map { Double($0) }
        let deviation = firstDeviation(of: found, from: expected.flatMap(\.values), relative: 1e-5, absolute: 1e-5)
        #expect(deviation == nil, "\(player) after \(count + 1) epochs")
      }
      try check(outcome.classifier.parameters.values, epoch.classifier, "classifier")
      try check(outcome.adversary?.values, epoch.adversary, "adversary")
    }
  }

  struct GradientCase: CustomTestStringConvertible, Sendable {
    var label: LabelKind
    var input: PredictionAdversary.Input
    var testDescription: String { "\(label.outputs) outputs, \(input)" }
  }

  static let gradientCases: [GradientCase] =
    [.categorical(classes: ["a", "b", "c"]), .categorical(classes: ["a", "b"]), .continuous(mean: 3, deviation: 2)]
    .flatMap { label in [.probability, .logit].map { GradientCase(label: label, input: $0) } }

  /// `L_y − Σⱼ dⱼ·L_z,ⱼ` with respect to the features and all of the classifier's weights.
  @Test(arguments: gradientCases)
  func gradientsOfTheClassifiersLoss(_ example: GradientCase) {
    let (rows, k) = (5, example.label.outputs)
    let attributes = GameLossTests.binaryAttributes(2)
    let network = Perceptron(inputs: 3, hidden: [4], outputs: k, activation: .tanh)
    let adversary = PredictionAdversary(
      attributes: attributes, hidden: [4], activation: .tanh, input: example.input, predictions: k)
    var stream = RandomStream(seed: 21)
    let first: Parameters<Double> = network.initialParameters(using: &stream)
    let names = first.entries.map(\.name)
    let points = first.entries.enumerated().map { Matrix<Double>.uneven($1.rows, $1.columns, seed: 2 + $0) }
    let opponent = ParameterStorage(adversary.initialParameters(using: &stream).converted(to: Double.self))
    let labels = Matrix<Double>(
      rows: (0..<rows).map { row in
        k == 1 ? [Double(row) - 1.7] : (0..<k).map { $0 == row % k ? 1 : 0 }
      })
    #expect(
      gradientMismatch(at: [.uneven(rows, 3)] + points) { tensors in
        let own = ParameterTensors(Dictionary(uniqueKeysWithValues: zip(names, tensors[1...])))
        let representation = network.representation(tensors[0], own, mode: .inference)
        let logits = network.outputs(representation: representation, own)
        let view = AdversaryView(
          logits: logits, representation: representation, labels: .constant(labels),
          targets: .constant(Matrix(rows: [[1, 0], [0, 0], [1, 1], [0, 1], [1, 0]])), attributes: attributes,
          label: example.label, mode: .inference)
        let losses = adversary.losses(
          outputs: adversary.outputs(for: view, opponent.tensors), for: view, opponent.tensors)
        return example.label.loss(
          outputs: logits, targets: .constant(labels), weights: .constant(.unevenPositive(rows, 1, seed: 6)))
          - (losses * .constant(Matrix(rows: [[1.5, 1]]))).sum()
      } == nil)
  }

  // MARK: - Planted tables

  /// A proxy of the group and merit, on both of which the label depends.
  private static func planted(rows: Int, seed: UInt64, isNumber: Bool) -> Dataset {
    var stream = RandomStream(seed: seed)
    var (values, labels, codes): ([Float], [Float], [Int32]) = ([], [], [])
    for _ in 0..<rows {
      let group = stream.below(2)
      let proxy = stream.normal() + (group == 1 ? 1.2 : -1.2)
      let merit = stream.normal()
      let due = 1.5 * proxy + 1.5 * merit + stream.normal()
      codes.append(Int32(group))
      values += [Float(proxy), Float(merit)]
      labels.append(isNumber ? Float(40 + 6 * due) : due < -1 ? 0 : due < 1 ? 1 : 2)
    }
    var kind = LabelKind.categorical(classes: ["low", "middle", "high"])
    if isNumber {
      let mean = labels.reduce(0) { $0 + Double($1) } / Double(rows)
      let squares = labels.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
      kind = .continuous(mean: mean, deviation: (squares / Double(rows)).squareRoot())
    }
    return Dataset(
      features: Matrix(rows: rows, columns: 2, values: values), labels: labels, labelKind: kind,
      sensitive: [SensitiveColumn(name: "group", groups: ["b", "a"], privileged: 1, codes: codes)],
      sourceRows: Array(0..<rows))
  }

  private static func play(
    lambda: Double, isNumber: Bool, adversary: (Dataset) -> any Adversary
  ) throws -> GameTrainer.Outcome {
    let train = planted(rows: 3000, seed: 5, isNumber: isNumber)
    var settings = GameSettings()
    settings.batchSize = 128
    settings.classifierEpochs = 4
    settings.adversaryEpochs = 3
    settings.gameEpochs = 60
    settings.classifierBatch = .full
    settings.evaluationInterval = 0
    settings.classifierOptimizer = OptimizerSettings(.adam(), learningRate: 0.01)
    settings.adversaryOptimizer = OptimizerSettings(.adam(), learningRate: 0.003)
    var test = planted(rows: 2000, seed: 6, isNumber: isNumber)
    test.labelKind = train.labelKind
    return try GameFixtures.play(
      train, lambda: [lambda], adversary: adversary(train),
      network: Perceptron(inputs: 2, hidden: [16], outputs: train.labelKind.outputs, activation: .tanh),
      objective: GameObjective(lambda: [lambda], lambdaInAdversaryLoss: false), settings: settings,
      others: [("test", test)])
  }

  @Test func classesGiveLessAwayAtALargeLambda() throws {
    func play(_ lambda: Double) throws -> (auc: Double, gap: Double, accuracy: Double) {
      let outcome = try Self.play(lambda: lambda, isNumber: false) {
        PredictionAdversary(attributes: SensitiveAttribute.attributes(of: $0), hidden: [16], predictions: 3)
      }
      let evaluation = outcome.final[1].evaluation
      let classes = try #require(evaluation.classes)
      return (
        try #require(evaluation.attributes[0].adversaryAUC?.value),
        try #require(classes.attributes[0].demographicParityDifference.value.value),
        try #require(evaluation.accuracy.value)
      )
    }
    let (plain, fair) = (try play(0), try play(6))
    #expect(plain.auc > 0.8 && plain.gap > 0.5 && plain.accuracy > 0.7)
    #expect(fair.auc < plain.auc - 0.15, "\(fair.auc) after \(plain.auc)")
    #expect(fair.gap < plain.gap * 0.7, "\(fair.gap) after \(plain.gap)")
    #expect(fair.accuracy > 0.41, "the label is still learned: the commonest of three classes has less")
  }

  @Test(arguments: ["prediction", "maximalCorrelation", "mixtureDensity"])
  func numbersGiveLessAwayAtALargeLambda(_ name: String) throws {
    func play(_ lambda: Double) throws -> (auc: Double, distance: Double, gap: Double, share: Double) {
      let outcome = try Self.play(lambda: lambda, isNumber: true) { train in
        let attributes = SensitiveAttribute.attributes(of: train)
        return switch name {
        case "maximalCorrelation": MaximalCorrelationAdversary(attributes: attributes)
        case "mixtureDensity": MixtureDensityAdversary(attributes: attributes)
        default: PredictionAdversary(attributes: attributes, hidden: [16])
        }
      }
      let evaluation = outcome.final[1].evaluation
      let regression = try #require(evaluation.regression)
      // The numbers are those of the label's unit, not of its standardised form.
      let predictions = outcome.finalScores[1]
      let mean = predictions.reduce(0, +) / Float(predictions.count)
      #expect(abs(Double(mean) - (try #require(regression.errors.meanPrediction.value))) < 0.01 && mean > 30)
      return (
        try #require(evaluation.attributes[0].adversaryAUC?.value),
        try #require(regression.attributes[0].kolmogorovSmirnovDistance.value),
        try #require(regression.attributes[0].meanPredictionDifference.value),
        try #require(regression.errors.rSquared.value)
      )
    }
    let (plain, fair) = (try play(0), try play(name == "maximalCorrelation" ? 3 : 6))
    #expect(plain.distance > 0.5 && plain.share > 0.8)
    #expect(fair.auc < plain.auc - 0.15, "\(fair.auc) after \(plain.auc)")
    #expect(fair.distance < plain.distance / 2, "\(fair.distance) after \(plain.distance)")
    #expect(fair.gap < plain.gap / 2, "\(fair.gap) after \(plain.gap)")
    #expect(fair.share > 0.15, "the label is still learned: \(fair.share)")
  }

  /// λ = 0 is plain training, bit for bit, and a training that goes on from its state ends as it would have.
  @Test(arguments: [false, true])
  func lambdaZeroAndResumption(isNumber: Bool) throws {
    let dataset = Self.planted(rows: 90, seed: 5, isNumber: isNumber)
    let k = dataset.labelKind.outputs
    let network = Perceptron(inputs: 2, hidden: [5], outputs: k, dropout: 0.2)
    let adversary = PredictionAdversary(
      attributes: SensitiveAttribute.attributes(of: dataset), hidden: [4], predictions: k)
    let plain = try GameFixtures.play(dataset, lambda: nil, network: network)
    let idle = try GameFixtures.play(dataset, lambda: [0], adversary: adversary, network: network)
    #expect(plain.classifierBits == idle.classifierBits)

    func trainer() throws -> GameTrainer {
      try GameTrainer(
        network: network, adversary: adversary, objective: GameObjective(lambda: [2]), splits: [("train", dataset)],
        settings: GameFixtures.settings, seed: 7)
    }
    var kept: GameState?
    let whole = try trainer().train(isStateDue: { $0 == .game && $1 == 2 }, onState: { kept = $0 })
    let second = try trainer()
    try second.resume(try #require(kept))
    let resumed = try second.train()
    #expect(whole.classifierBits == resumed.classifierBits && whole.finalScores == resumed.finalScores)
    #expect(whole.final == resumed.final)
  }

  @Test func predictionsOfEachKind() {
    let features = Matrix<Float>(rows: [[1, 0], [0, 1], [-2, 3]])
    var stream = RandomStream(seed: 4)
    let classes = Classifier(
      network: Perceptron(inputs: 2, hidden: [3], outputs: 3), label: .categorical(classes: ["a", "b", "c"]),
      using: &stream)
    let probabilities = classes.predictions(features)
    #expect(probabilities.count == 9 && probabilities.allSatisfy { $0 > 0 && $0 < 1 })
    for row in 0..<3 { #expect(abs(probabilities[3 * row..<3 * row + 3].reduce(0, +) - 1) < 1e-6) }
    let number = Classifier(
      network: Perceptron(inputs: 2, hidden: [3], outputs: 1), label: .continuous(mean: 40, deviation: 12),
      using: &stream)
    let logits = number.logits(features)
    #expect(zip(number.predictions(features), logits).allSatisfy { abs($0 - (40 + 12 * $1)) < 1e-4 })
    // Logits far apart are no NaN.
    var far: [Float] = [1000, -1000, 0]
    LabelKind.categorical(classes: ["a", "b", "c"]).predict(&far)
    #expect(far == [1, 0, 0])
  }
}
