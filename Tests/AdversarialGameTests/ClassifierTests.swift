import AdversarialGame
import Autograd
import LinearAlgebra
import NeuralNetworks
import TabularData
import TestSupport
import Testing

@Suite struct ClassifierTests {
  /// Adult's shape: 93 features, three hidden layers, and more rows than the scorer takes at once.
  @Test func aScoreDoesNotDependOnTheRowsAround() {
    var stream = RandomStream(seed: 3)
    let classifier = Classifier(
      network: Perceptron(inputs: 93, hidden: [32, 32, 32], outputs: 1, dropout: 0.2), using: &stream)
    let features = Matrix<Float>(rows: 1300, columns: 93, values: (0..<1300 * 93).map { _ in Float(stream.normal()) })
    let whole = classifier.probabilities(features)
    #expect(whole.count == 1300 && whole.allSatisfy { $0 > 0 && $0 < 1 })
    var order = Array(0..<1300)
    stream.shuffle(&order)
    for count in [1, 2, 17, 511, 512, 513, 1300] {
      let rows = Array(order[..<count])
      let part = classifier.probabilities(features.gatheringRows(rows))
      #expect(part.map(\.bitPattern) == rows.map { whole[$0].bitPattern }, "\(count) rows")
    }
    #expect(classifier.probabilities(Matrix(rows: 0, columns: 93, values: [])).isEmpty)
  }

  /// Whatever was asked before, and however many rows: those of an earlier call leave nothing behind, and few rows get
  /// the bits that they have among many, whichever kernels multiply the layers.
  @Test(arguments: [false, true], [[32, 16], [33, 7], [16], [], [300, 64], [64, 64, 8]])
  func aPlannedClassifierPredictsTheSame(isSparse: Bool, hidden: [Int]) {
    for (label, outputs) in [(LabelKind.binary, 1), (.categorical(classes: ["a", "b", "c"]), 3)] {
      var stream = RandomStream(seed: 4)
      let classifier = Classifier(
        network: Perceptron(inputs: 20, hidden: hidden, outputs: outputs), label: label, using: &stream)
      let base: [Float]? = isSparse ? (0..<20).map { Float($0) / 8 } : nil
      let features = Matrix<Float>(
        rows: 700, columns: 20,
        values: (0..<700 * 20).map { place in
          stream.uniform() < 0.7 ? Float(place % 20) / 8 : Float(stream.normal())
        })
      let whole = classifier.predictions(features, base: base)
      let planned = PlannedClassifier(classifier, base: base)
      for rows in [300..<428, 0..<1, 5..<5, 1..<2, 427..<430, 16..<32, 31..<48, 0..<129, 0..<700, 699..<700] {
        let part = planned.predictions(features.gatheringRows(Array(rows)))
        let expected = whole[rows.lowerBound * outputs..<rows.upperBound * outputs]
        #expect(part.map(\.bitPattern) == expected.map(\.bitPattern), "\(rows)")
      }
    }
  }

  /// A row of infinities must not spoil its neighbours.
  @Test func aWildRowStaysAlone() {
    var stream = RandomStream(seed: 3)
    let classifier = Classifier(network: Perceptron(inputs: 5, hidden: [8], outputs: 1), using: &stream)
    var features = Matrix<Float>.uneven(40, 5)
    let tame = classifier.logits(features)
    for column in 0..<5 { features[17, column] = column == 2 ? .nan : .infinity }
    let wild = classifier.logits(features)
    for row in 0..<40 where row != 17 { #expect(wild[row] == tame[row]) }
    #expect(!wild[17].isFinite)
  }

  @Test func probabilitiesAreTheEvaluators() throws {
    let train = GameFixtures.dataset(rows: 600)
    let test = GameFixtures.dataset(rows: 77, seed: 2)
    let outcome = try GameFixtures.play(train, lambda: [20], others: [("test", test)])
    #expect(outcome.classifier.probabilities(train.features) == outcome.finalScores[0])
    #expect(outcome.classifier.probabilities(test.features) == outcome.finalScores[1])
    let selected = outcome.finalScores[1].count { $0 >= 0.5 }
    #expect(outcome.final[1].evaluation.selectionRate == .defined(Double(selected) / 77))
  }

  /// Without a hidden layer the rows themselves are what an adversary reads beside the logits.
  @Test func anAdversaryOfTheLastLayerChangesNoScore() throws {
    let dense = GameFixtures.dataset(rows: 600, features: 20)
    let base = (0..<20).map { Float($0) / 8 }
    // Most cells are those of the base row, so that rows are read as deviations from it.
    let values = dense.features.values.enumerated().map { $0 * 7 % 10 < 7 ? base[$0 % 20] : $1 }
    let train = Dataset(
      features: Matrix(rows: 600, columns: 20, values: values), baseRow: base, labels: dense.labels,
      sensitive: dense.sensitive, sourceRows: dense.sourceRows)
    let adversary = HiddenLayerAdversary(
      attributes: SensitiveAttribute.attributes(of: train.sensitive), width: 20, hidden: [8])
    for hidden in [[], [7]] {
      let network = Perceptron(inputs: 20, hidden: hidden, outputs: 1)
      let outcome = try GameFixtures.play(
        train, lambda: [1], adversary: hidden.isEmpty ? adversary : nil, network: network)
      #expect(outcome.classifier.probabilities(train.features, base: base) == outcome.finalScores[0])
      let planned = PlannedClassifier(outcome.classifier, base: base)
      #expect(planned.predictions(train.features.gatheringRows([3])) == [outcome.finalScores[0][3]])
    }
  }

  /// The scorer against the same network written out in double precision.
  @Test func logitsAreTheNetworks() {
    var stream = RandomStream(seed: 5)
    let network = Perceptron(inputs: 6, hidden: [7, 5], outputs: 1)
    let classifier = Classifier(network: network, using: &stream)
    let features = Matrix<Float>.uneven(30, 6)
    let parameters = classifier.parameters.converted(to: Double.self)
    var value = Matrix<Double>(rows: 30, columns: 6, values: features.values.map { Double($0) })
    for layer in 0..<3 {
      value = naiveProduct(value, parameters["layers.\(layer).weight"])
      let bias = parameters["layers.\(layer).bias"]
      for row in 0..<value.rows {
        for column in 0..<value.columns {
          let sum = value[row, column] + bias[0, column]
          value[row, column] = layer < 2 ? max(sum, 0) : sum
        }
      }
    }
    // Three sums of at most eight terms below 1.
    #expect(firstDeviation(of: classifier.logits(features), from: value.values, relative: 1e-6, absolute: 1e-6) == nil)
  }

  @Test func parametersOfAnotherNetworkTrap() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 1)
      let other: Parameters<Float> = Perceptron(inputs: 3, hidden: [4], outputs: 1).initialParameters(using: &stream)
      _ = Classifier(network: Perceptron(inputs: 3, hidden: [5], outputs: 1), parameters: other)
    }
  }
}
