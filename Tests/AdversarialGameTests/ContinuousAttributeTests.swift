import AdversarialGame
import FairnessMetrics
import Foundation
import LinearAlgebra
import NeuralNetworks
import TabularData
import Testing

/// Games against continuous attributes: what is left of a dependence at a large λ.
@Suite struct ContinuousAttributeTests {
  /// Louppe's toy: with label 0 `x ~ N((0, 0), [[1, −½], [−½, 1]])`, with label 1 `x ~ N((1, 1 + z), 1)`, z ~ N(0, 1).
  private static func toy(rows: Int, seed: UInt64) -> Dataset {
    var stream = RandomStream(seed: seed)
    var features: [Float] = []
    var labels: [Float] = []
    var numbers: [Float] = []
    for _ in 0..<rows {
      let z = stream.normal()
      let label = stream.below(2)
      let (a, b) = (stream.normal(), stream.normal())
      features +=
        label == 1
        ? [Float(1 + a), Float(1 + z + b)] : [Float(a), Float(-0.5 * a + 0.75.squareRoot() * b)]
      labels.append(Float(label))
      numbers.append(Float(z))
    }
    return Dataset(
      features: Matrix(rows: rows, columns: 2, values: features), labels: labels, sensitive: [],
      continuous: [ContinuousColumn(name: "z", values: numbers)], sourceRows: Array(0..<rows))
  }

  /// At independence the density that the adversary finds is that of z alone, whose entropy is `log √(2πe) = 1.419`.
  @Test func lossReachesTheEntropyInLouppesToy() throws {
    let (train, test) = (Self.toy(rows: 12_800, seed: 1), Self.toy(rows: 12_800, seed: 2))
    func play(lambda: Double) throws -> (loss: Double, correlation: Double, auc: Double) {
      let adversary = MixtureDensityAdversary(attributes: SensitiveAttribute.attributes(of: train))
      var settings = GameSettings()
      settings.batchSize = 128
      settings.classifierEpochs = 4
      settings.adversaryEpochs = 4
      settings.gameEpochs = 60
      settings.adversaryPassesPerEpoch = 1
      settings.classifierBatch = .random
      settings.classifierBatchesPerEpoch = 4
      settings.dropoutInAdversaryPass = false
      settings.evaluationInterval = 0
      settings.classifierOptimizer = OptimizerSettings(.adam(), learningRate: 0.003)
      settings.adversaryOptimizer = OptimizerSettings(.adam(), learningRate: 0.003)
      var last: EpochReport?
      let outcome = try GameFixtures.play(
        train, lambda: [lambda], adversary: adversary,
        network: Perceptron(inputs: 2, hidden: [20, 20], outputs: 1, activation: .tanh),
        objective: GameObjective(lambda: [lambda], lambdaInAdversaryLoss: false), settings: settings,
        others: [("test", test)]
      ) {
        last = $0
        return .proceed
      }
      let evaluation = outcome.final[1].evaluation
      return (
        try #require(last?.attributeLosses.first), try #require(evaluation.continuous[0].maximalCorrelation.value),
        try #require(evaluation.rocAUC.value)
      )
    }
    let plain = try play(lambda: 0)
    #expect(plain.loss < 1.38, "without pressure the prediction tells of z")
    let pivotal = try play(lambda: 50)
    #expect(abs(pivotal.loss - 1.419) < 0.02)
    #expect(pivotal.correlation < plain.correlation)
    #expect(pivotal.auc > 0.6, "the label is still told")
  }

  /// The label depends on merit and on z², so that the prediction depends on z, but is not correlated with it.
  private static func bent(rows: Int, seed: UInt64) -> Dataset {
    var stream = RandomStream(seed: seed)
    var features: [Float] = []
    var labels: [Float] = []
    var numbers: [Float] = []
    for _ in 0..<rows {
      let z = 2 * stream.uniform() - 1
      let bend = 9 * (z * z - 1.0 / 3)
      let merit = 0.25 * stream.normal()
      features += [Float(bend + 0.1 * stream.normal()), Float(4 * merit)]
      labels.append(bend + 4 * merit + 0.5 * stream.normal() > 0 ? 1 : 0)
      numbers.append(Float(z * 3.0.squareRoot()))
    }
    return Dataset(
      features: Matrix(rows: rows, columns: 2, values: features), labels: labels, sensitive: [],
      continuous: [ContinuousColumn(name: "z", values: numbers)], sourceRows: Array(0..<rows))
  }

  @Test func maximalCorrelationFallsWhereCorrelationSeesNothing() throws {
    let (train, test) = (Self.bent(rows: 8192, seed: 1), Self.bent(rows: 8192, seed: 2))
    func play(lambda: Double) throws -> (correlation: Double, maximal: Double, found: Double, auc: Double) {
      let adversary = MaximalCorrelationAdversary(attributes: SensitiveAttribute.attributes(of: train), input: .logit)
      var settings = GameSettings()
      settings.batchSize = 512
      settings.classifierEpochs = 20
      settings.adversaryEpochs = 20
      settings.gameEpochs = lambda > 0 ? 300 : 20
      settings.classifierBatch = .random
      settings.evaluationInterval = 0
      settings.classifierOptimizer = OptimizerSettings(.adam(), learningRate: 0.003)
      settings.adversaryOptimizer = OptimizerSettings(.adam(), learningRate: 0.005)
      var last: EpochReport?
      let outcome = try GameFixtures.play(
        train, lambda: [lambda], adversary: adversary,
        network: Perceptron(inputs: 2, hidden: [16], outputs: 1, activation: .tanh),
        objective: GameObjective(lambda: [lambda], lambdaInAdversaryLoss: false), settings: settings,
        others: [("test", test)]
      ) {
        last = $0
        return .proceed
      }
      let evaluation = outcome.final[1].evaluation
      return (
        try #require(evaluation.continuous[0].correlation.value),
        try #require(evaluation.continuous[0].maximalCorrelation.value),
        try #require(last?.attributeLosses.first), try #require(evaluation.rocAUC.value)
      )
    }
    let plain = try play(lambda: 0)
    let fair = try play(lambda: 30)
    #expect(abs(plain.correlation) < 0.05, "correlation sees nothing")
    #expect(plain.maximal > 0.9 && plain.found < -0.85)
    // Neither the adversary nor a fresh look at other rows finds it any more, and what is fair to use is used.
    #expect(fair.maximal < 0.1 && fair.found > -0.1 && fair.auc > 0.6)
  }
}
