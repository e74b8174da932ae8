import Autograd
import LinearAlgebra
import Mitigation
import NeuralNetworks
import TabularData
import TestSupport
import Testing

@Suite struct PenaltyTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var penalty: String
    var logits: [Double]
    var labels: [Double]
    var codes: [Int]
    var groups: Int
    var counterfactualLogits: [Double]
    var value: Double
    var gradient: [Double]

    var testDescription: String { "\(penalty), \(groups) groups" }

    func view<Scalar: EngineScalar>(_ logits: Tensor<Scalar>) -> PenaltyView<Scalar> {
      func column(_ values: [Double]) -> Tensor<Scalar> { .constant(Matrix(rows: values.map { [$0] })) }
      return PenaltyView(
        logits: logits, labels: column(labels),
        membership: .constant(Matrix(rows: codes.map { code in (0..<groups).map { $0 == code ? 1 : 0 } })),
        counterfactualLogits: column(counterfactualLogits))
    }
  }

  static let cases: [Case] = (try? goldenCases("penalties", in: .module)) ?? []

  static let penalties: [String: Penalty] = [
    "demographicParityGap": .demographicParityGap, "equalOpportunityGap": .equalOpportunityGap,
    "equalizedOddsGap": .equalizedOddsGap, "meanDiscrepancy.gaussian": .meanDiscrepancy(.gaussian(length: 0.1)),
    "meanDiscrepancy.laplacian": .meanDiscrepancy(.laplacian(length: 0.3), rows: .negative),
    "independence": .independence(width: 1), "mutualInformation": .mutualInformation,
    "absoluteCorrelation": .absoluteCorrelation, "counterfactual.absolute": .counterfactualPairing(.absolute),
    "counterfactual.squared": .counterfactualPairing(.squared),
  ]

  @Test func goldenCasesExist() { #expect(Self.cases.count == 20) }

  /// Golden values from Scripts/golden/mitigation.py: PyTorch's, in double precision.
  @Test(arguments: cases)
  func valuesAndGradients(_ golden: Case) throws {
    let penalty = try #require(Self.penalties[golden.penalty])
    try penalty.check()
    let logits = Tensor<Double>.constant(Matrix(rows: golden.logits.map { [$0] }))
    let value = penalty(golden.view(logits))
    let program = Program(values: [value], gradients: [.init(of: value, withRespectTo: [logits])])
    program.run()
    #expect(
      firstDeviation(of: [program.scalar(of: value)], from: [golden.value], relative: 1e-10, absolute: 1e-12) == nil)
    #expect(
      firstDeviation(
        of: program.tensorGradients(0)[0].values, from: golden.gradient, relative: 1e-9, absolute: 1e-11) == nil)
  }

  @Test(arguments: cases)
  func gradientsAreThoseOfDifferences(_ golden: Case) throws {
    let penalty = try #require(Self.penalties[golden.penalty])
    let mismatch = gradientMismatch(at: [Matrix(rows: golden.logits.map { [$0] })]) { inputs in
      penalty(golden.view(inputs[0]))
    }
    #expect(mismatch == nil)
  }

  /// A group without rows in the batch is left out; with one group left there is nothing to compare.
  @Test(arguments: penalties.keys.sorted())
  func groupsWithoutRows(name: String) throws {
    let penalty = try #require(Self.penalties[name])
    func value(_ codes: [Int], groups: Int) -> (Float, [Float]) {
      let logits = Tensor<Float>.constant(Matrix(rows: [[0.5], [-0.3], [1.2], [0.1], [40], [-40]]))
      let view = PenaltyView(
        logits: logits, labels: .constant(Matrix(rows: [[0], [1], [0], [1], [1], [0]])),
        membership: .constant(Matrix(rows: codes.map { code in (0..<groups).map { $0 == code ? 1 : 0 } })),
        counterfactualLogits: logits)
      let result = penalty(view)
      let program = Program(values: [result], gradients: [.init(of: result, withRespectTo: [logits])])
      program.run()
      return (program.scalar(of: result), program.tensorGradients(0)[0].values)
    }
    for codes in [[0, 0, 0, 0, 0, 0], [-1, -1, -1, -1, -1, -1], [-1, -1, 1, -1, -1, -1]] {
      let (found, gradient) = value(codes, groups: 3)
      #expect(abs(found) < 1e-6 && gradient.allSatisfy { abs($0) < 1e-4 }, "\(codes): \(found), \(gradient)")
    }
    // The rows of unknown group do not count.
    let (some, gradient) = value([0, 0, 1, 1, -1, -1], groups: 2)
    #expect(some.isFinite && some >= 0)
    if !penalty.needsCounterfactuals { #expect(gradient.suffix(2).allSatisfy { $0 == 0 }, "\(gradient)") }
    #expect(value([0, 1, 0, 1, 0, 1], groups: 2).1.allSatisfy { $0.isFinite })
  }

  /// Two ways: a batch that the planner divides into blocks of rows, and the same in one piece.
  @Test(arguments: penalties.keys.sorted())
  func blocksOfRowsChangeNothing(name: String) throws {
    let penalty = try #require(Self.penalties[name])
    let count = 203
    let logits = Tensor<Double>.constant(.uneven(count, 1))
    let view = PenaltyView(
      logits: logits, labels: .constant(Matrix(rows: (0..<count).map { [Double($0 % 5 / 3)] })),
      membership: .constant(Matrix(rows: (0..<count).map { row in (0..<3).map { $0 == row % 4 ? 1 : 0 } })),
      counterfactualLogits: .constant(.uneven(count, 1, seed: 2)))
    let value = penalty(view)
    let results = [16, 1000].map { rows -> (Double, Matrix<Double>) in
      let program = Program(
        values: [value], gradients: [.init(of: value, withRespectTo: [logits])], variant: nil, blockRows: rows)
      program.run()
      return (program.scalar(of: value), program.tensorGradients(0)[0])
    }
    #expect(abs(results[0].0 - results[1].0) < 1e-12)
    #expect(largestDifference(results[0].1, results[1].1) < 1e-12)
    #expect(results[0].0 > 0)
  }

  @Test func widthsMustBePositive() {
    for penalty in [
      Penalty.independence(width: 0), .meanDiscrepancy(.gaussian(length: -1)),
      .meanDiscrepancy(.laplacian(length: .nan)),
    ] {
      #expect(throws: MitigationError.self) { try penalty.check() }
    }
    #expect(throws: MitigationError.settings("the kernel's width is 0.0; it must be above 0, and finite.")) {
      try Penalty.independence(width: 0).check()
    }
  }
}

@Suite struct PenalizedTrainingTests {
  private static let penalties: [(Penalty, Double)] = [
    (.demographicParityGap, 3), (.equalizedOddsGap, 3), (.meanDiscrepancy(.gaussian(length: 0.3)), 3),
    (.independence(width: 1), 100), (.mutualInformation, 10), (.absoluteCorrelation, 2),
  ]

  private static func gap(_ data: Dataset, _ training: PenalizedTraining) throws -> Float {
    let scores = try training.train(on: data, seed: 4).probabilities(data.features, base: data.baseRow)
    func mean(_ group: Int32) -> Float {
      let rows = (0..<data.rows).filter { data.sensitive[0].codes[$0] == group }
      return rows.reduce(0) { $0 + scores[$1] } / Float(rows.count)
    }
    return abs(mean(0) - mean(1))
  }

  /// The gap of mean predictions falls with each penalty, to less than half.
  @Test func penaltiesLowerTheGap() throws {
    let data = PlantedTask.dataset(rows: 1200, seed: 3)
    let network = Perceptron(inputs: 2, hidden: [8], outputs: 1)
    var settings = ClassifierTrainingSettings(epochs: 25, batchSize: 150, optimizer: .init(learningRate: 0.02))
    let plain = try Self.gap(data, PenalizedTraining(network: network, terms: [], settings: settings))
    #expect(plain > 0.1, "\(plain)")
    for (penalty, weight) in Self.penalties {
      let found = try Self.gap(
        data, PenalizedTraining(network: network, terms: [.init(penalty, weight: weight)], settings: settings))
      #expect(found < 0.6 * plain, "\(penalty): \(found), without \(plain)")
    }
    // A weight of 0 is plain training, bit for bit.
    settings.epochs = 2
    let none = PenalizedTraining(network: network, terms: [], settings: settings)
    let zero = PenalizedTraining(network: network, terms: [.init(.absoluteCorrelation, weight: 0)], settings: settings)
    #expect(try none.train(on: data, seed: 1).parameters == zero.train(on: data, seed: 1).parameters)
  }

  @Test func pairsOfCounterfactualsAreLearntAlike() throws {
    let data = PlantedTask.dataset(rows: 600, seed: 3)
    var twins = data.features
    for row in 0..<600 { twins.values[2 * row] += data.sensitive[0].codes[row] == 0 ? -1 : 1 }
    let network = Perceptron(inputs: 2, hidden: [], outputs: 1)
    let settings = ClassifierTrainingSettings(epochs: 30, batchSize: 100, optimizer: .init(learningRate: 0.02))
    func weight(_ strength: Double) throws -> Float {
      let terms = [PenalizedTraining.Term(.counterfactualPairing(), weight: strength)]
      let training = PenalizedTraining(network: network, terms: terms, settings: settings)
      return try training.train(on: data, counterfactuals: FeatureRows(twins), seed: 4).parameters.values[0]
    }
    // The twins differ in the first feature alone.
    #expect(try abs(weight(2)) < 0.1)
    #expect(try weight(0) > 0.8)
    #expect(throws: MitigationError.self) {
      try PenalizedTraining(network: network, terms: [.init(.counterfactualPairing(), weight: 1)]).train(
        on: data, seed: 1)
    }
  }

  @Test func settingsThatCannotBeFollowed() throws {
    let data = PlantedTask.dataset(rows: 50, seed: 3)
    let network = Perceptron(inputs: 2, hidden: [], outputs: 1)
    for training in [
      PenalizedTraining(network: network, terms: [.init(.mutualInformation, weight: -1)]),
      PenalizedTraining(network: network, terms: [.init(.independence(width: 0), weight: 1)]),
      PenalizedTraining(network: network, terms: [], attributes: ["none"]),
      PenalizedTraining(network: network, terms: [], settings: .init(epochs: 0)),
      PenalizedTraining(network: Perceptron(inputs: 3, hidden: [], outputs: 1), terms: []),
    ] {
      #expect(throws: MitigationError.self) { try training.train(on: data, seed: 1) }
    }
  }
}
