import AdversarialGame
import Autograd
import Foundation
import LinearAlgebra
import NeuralNetworks
import TabularData
import TestSupport
import Testing

/// Mixture density, maximal correlation, reweighting, local weights and LAFTR's decoder: their losses and gradients
/// against torch (`Scripts/golden/plug_ins.py`) and central differences, and what missing rows and states mean to them.
@Suite struct AdversariesByPaperTests {
  struct GoldenCase: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var view: [String: [[Double]]]
    var parameters: [String: [[Double]]]
    var loss: Double
    var pressure: Double
    var gradient: [String: [[Double]]]
    var pressureOnClassifier: [String: [[Double]]]

    var testDescription: String { name }
  }

  static let cases: [GoldenCase] = (try? goldenCases("plug-ins", in: .module)) ?? []

  @Test func goldenCasesExist() {
    #expect(Self.cases.map(\.name).count == 6)
  }

  private static let number = SensitiveAttribute.attributes(
    of: [], continuous: [ContinuousColumn(name: "age", values: [])])
  private static let group = SensitiveAttribute.attributes(of: [
    SensitiveColumn(name: "sex", groups: ["a", "b"], privileged: nil, codes: [])
  ])

  private func adversary(_ name: String) -> any Adversary {
    let base = PredictionAdversary(attributes: Self.group, hidden: [4])
    return switch name {
    case "mixtureDensity": MixtureDensityAdversary(attributes: Self.number, components: 2, hidden: [4])
    case "maximalCorrelation":
      MaximalCorrelationAdversary(attributes: Self.number, hidden: [3], input: .logit)
    case "reweighting": ReweightingAdversary(attributes: Self.group, features: 4)
    case "broad": LocallyWeightedAdversary(base, attributes: Self.group, temperature: 0.3, width: 3)
    case "road":
      LocallyWeightedAdversary(
        base, attributes: Self.group, temperature: 0.3, width: 3, weighting: .network(hidden: [3]))
    default:
      HiddenLayerAdversary(
        attributes: Self.group, width: 3, hidden: [2], decoder: (features: 4, hidden: [2], reconstruction: 0.7))
    }
  }

  private struct Terms {
    var loss: Tensor<Double>
    var pressure: Tensor<Double>
  }

  /// Loss and pressure of a case; of the decoder, the loss that both players share.
  private func terms(
    _ adversary: some Adversary, _ view: AdversaryView<Double>, _ weights: ParameterTensors<Double>
  ) -> Terms {
    if let shared = adversary.sharedLoss(for: view, weights) { return Terms(loss: shared, pressure: shared) }
    let outputs = adversary.outputs(for: view, weights)
    let losses = adversary.losses(outputs: outputs, for: view, weights)
    return Terms(
      loss: losses.sum(), pressure: (adversary.pressures(outputs: outputs, for: view, weights) ?? losses).sum())
  }

  @Test(arguments: cases)
  func asInTorch(_ golden: GoldenCase) throws {
    func constant(_ name: String) throws -> Tensor<Double> {
      .constant(Matrix(rows: try #require(golden.view[name])))
    }
    let isAboutNumbers = golden.name == "mixtureDensity" || golden.name == "maximalCorrelation"
    // Leaves with a gradient: inputs that are set once.
    let seen = try ["logits", "representation"].map { name in
      (name, Matrix<Double>(rows: try #require(golden.view[name])))
    }
    let inputs = seen.map { Tensor<Double>.input(rows: $0.1.rows, columns: $0.1.columns) }
    let view = AdversaryView<Double>(
      logits: inputs[0], representation: inputs[1], labels: try constant("labels"),
      targets: try constant(isAboutNumbers ? "number" : "group"), targetWeights: try constant("weights"),
      features: try constant("features"), attributes: isAboutNumbers ? Self.number : Self.group, mode: .inference)
    let names = golden.parameters.keys.sorted()
    let leaves = names.map { name -> (Tensor<Double>, Matrix<Double>) in
      let matrix = Matrix<Double>(rows: golden.parameters[name] ?? [])
      return (.input(rows: matrix.rows, columns: matrix.columns), matrix)
    }
    // The decoder's case has no weights of the guess, which its shared loss does not read.
    let weights = ParameterTensors(Dictionary(uniqueKeysWithValues: zip(names, leaves.map(\.0))))
    let terms = terms(adversary(golden.name), view, weights)
    let program = Program(
      values: [terms.loss, terms.pressure],
      gradients: [
        .init(of: terms.loss, withRespectTo: leaves.map(\.0)), .init(of: terms.pressure, withRespectTo: inputs),
      ])
    for (leaf, matrix) in leaves { program.set(leaf, to: matrix) }
    for (input, (_, matrix)) in zip(inputs, seen) { program.set(input, to: matrix) }
    program.run()
    // Double precision on both sides; ROAD's means have 1e-6 of a row added.
    let tolerance = golden.name == "road" || golden.name == "broad" ? 2e-6 : 1e-11
    #expect(abs(program.scalar(of: terms.loss) - golden.loss) < tolerance)
    #expect(abs(program.scalar(of: terms.pressure) - golden.pressure) < tolerance)
    for (index, name) in names.enumerated() {
      #expect(
        firstDeviation(
          of: program.tensorGradients(0)[index].values, from: try #require(golden.gradient[name]).flatMap(\.self),
          absolute: tolerance) == nil, "\(name)")
    }
    for (index, (name, _)) in seen.enumerated() {
      #expect(
        firstDeviation(
          of: program.tensorGradients(1)[index].values,
          from: try #require(golden.pressureOnClassifier[name]).flatMap(\.self), absolute: tolerance) == nil, "\(name)")
    }
  }

  // MARK: - All kinds of attributes at once

  private static let mixed = SensitiveAttribute.attributes(
    of: [
      SensitiveColumn(name: "race", groups: ["a", "b", "c"], privileged: nil, codes: []),
      SensitiveColumn(name: "sex", groups: ["a", "b"], privileged: 0, codes: []),
    ], continuous: [ContinuousColumn(name: "age", values: [])])

  /// An adversary and whether missing rows are of no account to it.
  private static func adversaries(_ attributes: [SensitiveAttribute]) -> [(any Adversary, ignoresMissing: Bool)] {
    let grouped = attributes.filter { $0.kind != .continuous }
    let base = PredictionAdversary(attributes: grouped, hidden: [3], activation: .tanh)
    var found: [(any Adversary, ignoresMissing: Bool)] = [
      (PredictionAdversary(attributes: attributes, hidden: [3], activation: .tanh), true),
      (HiddenLayerAdversary(attributes: attributes, width: 3, hidden: [3], activation: .tanh, loss: .absolute), true),
      (MixtureDensityAdversary(attributes: attributes, components: 2, hidden: [3], activation: .tanh), true),
      (
        MixtureDensityAdversary(
          attributes: attributes, components: 1, hidden: [], activation: .tanh, input: .logit, seesLabels: true), true
      ),
      (MaximalCorrelationAdversary(attributes: attributes, hidden: [3]), true),
      (MaximalCorrelationAdversary(attributes: attributes, hidden: [3], input: .logit, seesLabels: true), true),
      (ReweightingAdversary(attributes: attributes, features: 3), false),
    ]
    if grouped.count == attributes.count {
      found.append((LocallyWeightedAdversary(base, attributes: attributes, temperature: 0.5, width: 3), true))
    }
    return found
  }

  private static let targets: [[Double]] = [
    [1, 0, 0, 1, 0.3], [0, 1, 0, 0, -1.2], [0, 0, 1, 1, 0.8], [0, 1, 0, 1, 2.1], [1, 0, 0, 0, -0.4],
  ]

  private func view(
    _ logits: Tensor<Double>, _ representation: Tensor<Double>, _ features: Tensor<Double>,
    _ attributes: [SensitiveAttribute], weights: Matrix<Double>
  ) -> AdversaryView<Double> {
    let columns = attributes.last?.columns.upperBound ?? 0
    return AdversaryView(
      logits: logits, representation: representation, labels: .constant(Matrix(rows: [[1], [0], [0], [1], [1]])),
      targets: .constant(Matrix(rows: Self.targets.map { Array($0[..<columns]) })), targetWeights: .constant(weights),
      features: features, rowWeights: .constant(.unevenPositive(5, 1, seed: 3)), attributes: attributes,
      mode: .inference)
  }

  @Test func gradientsOfAllKindsOfAttributes() {
    for (index, (adversary, _)) in Self.adversaries(Self.mixed).enumerated() {
      #expect(mismatch(adversary, Self.mixed) == nil, "adversary \(index)")
    }
  }

  private func mismatch(_ adversary: some Adversary, _ attributes: [SensitiveAttribute]) -> String? {
    var stream = RandomStream(seed: 5)
    let entries = adversary.initialParameters(using: &stream).entries
    let points = entries.enumerated().map { Matrix<Double>.uneven($1.rows, $1.columns, seed: 12 + $0) }
    return gradientMismatch(at: [.uneven(5, 1), .uneven(5, 3, seed: 4)] + points) { tensors in
      let weights = ParameterTensors(Dictionary(uniqueKeysWithValues: zip(entries.map(\.name), tensors[2...])))
      let view = view(
        tensors[0], tensors[1], .constant(.uneven(5, 3, seed: 9)), attributes,
        weights: .unevenPositive(5, attributes.count, seed: 8))
      return adversary.losses(outputs: adversary.outputs(for: view, weights), for: view, weights)
    }
  }

  /// Of the row whose attributes are all missing, neither prediction nor layer has a part in loss or pressure.
  @Test func missingRowsAreMasked() {
    let grouped = Array(Self.mixed[..<2])
    for attributes in [Self.mixed, grouped] {
      var weights = Matrix<Double>(rows: 5, columns: attributes.count, repeating: 1.25)
      for index in attributes.indices { weights[2, index] = 0 }
      for (index, (adversary, ignoresMissing)) in Self.adversaries(attributes).enumerated() {
        let gradient = gradientOfLogits(adversary, attributes, weights)
        #expect((gradient[2] == 0) == ignoresMissing, "adversary \(index)")
        #expect(gradient[0] != 0 && gradient[4] != 0, "adversary \(index)")
      }
    }
  }

  private func gradientOfLogits(
    _ adversary: some Adversary, _ attributes: [SensitiveAttribute], _ rowWeights: Matrix<Double>
  ) -> [Double] {
    var stream = RandomStream(seed: 5)
    let storage = ParameterStorage(adversary.initialParameters(using: &stream).converted(to: Double.self))
    let logits = Tensor<Double>.input(rows: 5, columns: 1)
    let representation = Tensor<Double>.constant(.uneven(5, 3, seed: 4)) * logits
    let view = view(logits, representation, .constant(.uneven(5, 3, seed: 9)), attributes, weights: rowWeights)
    let outputs = adversary.outputs(for: view, storage.tensors)
    let losses =
      adversary.pressures(outputs: outputs, for: view, storage.tensors)
      ?? adversary.losses(outputs: outputs, for: view, storage.tensors)
    let program = Program(values: [losses], gradients: [.init(of: losses.sum(), withRespectTo: [logits])])
    program.set(logits, to: .uneven(5, 1))
    program.run()
    return program.tensorGradients(0)[0].values
  }

  /// A high temperature makes all weights 1, and a low one not.
  @Test func localWeightsByTemperature() throws {
    let attributes = Array(Self.mixed[..<2])
    let base = PredictionAdversary(attributes: attributes, hidden: [3], activation: .tanh)
    let ones = Matrix<Double>(rows: 5, columns: 2, repeating: 1)
    let plain = gradientOfLogits(base, attributes, ones)
    func local(_ temperature: Double) -> [Double] {
      gradientOfLogits(
        LocallyWeightedAdversary(base, attributes: attributes, temperature: temperature, width: 3), attributes, ones)
    }
    #expect(firstDeviation(of: local(1e7), from: plain, absolute: 1e-6) == nil)
    #expect(firstDeviation(of: local(0.1), from: plain, absolute: 1e-5) != nil)
  }

  // MARK: - In the game

  private static func dataset(missing: Int = 0) -> Dataset {
    var dataset = GameFixtures.dataset(rows: 100, attributes: 2, missing: missing)
    var stream = RandomStream(seed: 9)
    dataset.continuous = [
      ContinuousColumn(
        name: "age", values: (0..<100).map { missing > 0 && $0 % missing == 1 ? .nan : Float(stream.normal()) })
    ]
    return dataset
  }

  /// What a state keeps is all that the rest of the game follows from.
  @Test func statesOfEveryAdversary() throws {
    let dataset = Self.dataset(missing: 7)
    let attributes = SensitiveAttribute.attributes(of: dataset)
    for (index, (adversary, _)) in Self.inTheGame(attributes).enumerated() {
      var settings = GameFixtures.settings
      settings.turns = index % 2 == 0 ? .passes : .batches
      func trainer() throws -> GameTrainer {
        try GameTrainer(
          network: GameFixtures.network, adversary: adversary,
          objective: GameObjective(lambda: [1, 2, 0.5], lambdaInAdversaryLoss: false), splits: [("train", dataset)],
          settings: settings, seed: 5)
      }
      var state: GameState?
      let whole = try trainer().train(
        isStateDue: { phase, epoch in phase == .game && epoch == 2 }, onState: { state = $0 })
      let resumed = try trainer()
      try resumed.resume(try #require(state))
      let outcome = try resumed.train()
      #expect(outcome.classifierBits == whole.classifierBits, "adversary \(index)")
      #expect(outcome.adversaryBits == whole.adversaryBits, "adversary \(index)")
    }
  }

  private static func inTheGame(_ attributes: [SensitiveAttribute]) -> [(any Adversary, ignoresMissing: Bool)] {
    adversaries(attributes).filter { !($0.0 is HiddenLayerAdversary) } + [
      (
        HiddenLayerAdversary(
          attributes: attributes, width: 8, hidden: [4], decoder: (features: 3, hidden: [4], reconstruction: 0.5)), true
      )
    ]
  }

  @Test func reweightingDoesNotMissAnAttribute() throws {
    func play(_ dataset: Dataset) throws -> GameTrainer.Outcome {
      let adversary = ReweightingAdversary(attributes: SensitiveAttribute.attributes(of: dataset), features: 3)
      return try GameFixtures.play(dataset, lambda: [1, 1, 1], adversary: adversary)
    }
    var hidden = Self.dataset()
    for row in stride(from: 0, to: hidden.rows, by: 4) { hidden.sensitive[0].codes[row] = -1 }
    let (known, missing) = (try play(Self.dataset()), try play(hidden))
    #expect(known.classifierBits == missing.classifierBits)
    let alone = try GameFixtures.play(Self.dataset(), lambda: nil)
    #expect(known.classifierBits != alone.classifierBits)
  }

  @Test func evaluationOfAContinuousAttribute() throws {
    let dataset = Self.dataset(missing: 5)
    let attributes = SensitiveAttribute.attributes(of: dataset)
    var reports: [EpochReport] = []
    _ = try GameFixtures.play(
      dataset, lambda: [1, 1, 1], adversary: MixtureDensityAdversary(attributes: attributes)
    ) {
      reports.append($0)
      return .proceed
    }
    let last = try #require(reports.last)
    #expect(last.attributeLosses.count == 3)
    let evaluation = last.splits[0].evaluation
    #expect(evaluation.attributes.count == 2 && evaluation.continuous.count == 1)
    #expect(evaluation.continuous[0].name == "age" && evaluation.continuous[0].missingRows == 20)
    #expect(evaluation.continuous[0].correlation.value != nil)
  }

  /// A decoder that both players train gives the features back better than their mean does.
  @Test func decoderLearns() throws {
    let dataset = GameFixtures.dataset(rows: 400)
    let attributes = SensitiveAttribute.attributes(of: dataset)
    let network = Perceptron(inputs: 3, hidden: [8], outputs: 1, activation: .tanh)
    let adversary = HiddenLayerAdversary(
      attributes: attributes, width: 8, hidden: [8], activation: .tanh,
      decoder: (features: 3, hidden: [], reconstruction: 1))
    var settings = GameFixtures.settings
    settings.turns = .batches
    settings.gameEpochs = 60
    settings.evaluationInterval = 0
    settings.classifierOptimizer = OptimizerSettings(.adam(), learningRate: 0.01)
    settings.adversaryOptimizer = settings.classifierOptimizer
    let outcome = try GameFixtures.play(
      dataset, lambda: [0], adversary: adversary, network: network, settings: settings)
    let classifier = ParameterStorage(outcome.classifier.parameters)
    let opponent = ParameterStorage(try #require(outcome.adversary))
    let features = Tensor<Float>.constant(dataset.features)
    let hidden = network.representation(features, classifier.tensors, mode: .inference)
    let decoder = try #require(adversary.decoder)
    let error = squaredError(
      predictions: decoder(hidden, opponent.tensors.scoped("decoder"), mode: .inference), targets: features)
    let program = Program(values: [error])
    program.run()
    // The features' variance is a little above 1.
    #expect(program.scalar(of: error) < 0.15)
  }
}
