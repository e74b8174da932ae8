import AdversarialGame
import FairnessMetrics
import Foundation
import LinearAlgebra
import NeuralNetworks
import TabularData
import TestSupport
import Testing

/// Row weights, group weights, missing values and several groups, against numbers worked out by hand.
@Suite struct SensitiveAttributeTests {
  /// A single full-batch step of a constant adversary at rate 1 from bias 0: the bias becomes minus its gradient.
  private func biasAfterOneStep(_ dataset: Dataset, columns: Int, balanced: Bool) throws -> [Float] {
    var settings = GameFixtures.settings
    settings.batchSize = dataset.rows
    settings.classifierEpochs = 0
    settings.adversaryEpochs = 1
    settings.gameEpochs = 0
    settings.balancesGroups = balanced
    settings.adversaryOptimizer = OptimizerSettings(.sgd(), learningRate: 1)
    let outcome = try GameFixtures.play(
      dataset, lambda: [1], adversary: ConstantAdversary(columns: columns), settings: settings)
    return try #require(outcome.adversary).values
  }

  private func dataset(groups: [String], privileged: Int?, codes: [Int32], labels: [Float]? = nil) -> Dataset {
    Dataset(
      features: .uneven(codes.count, 3), labels: labels ?? codes.indices.map { Float($0 % 2) },
      sensitive: [SensitiveColumn(name: "z", groups: groups, privileged: privileged, codes: codes)],
      sourceRows: Array(codes.indices))
  }

  @Test func balancedGroupsWeighTheSame() throws {
    // Six rows of "a" and two of "b", "b" positive: the mean of σ(0) − z is ½ − ¼, balanced it is 0.
    let binary = dataset(groups: ["a", "b"], privileged: nil, codes: [0, 0, 1, 0, 0, 1, 0, 0])
    #expect(try biasAfterOneStep(binary, columns: 1, balanced: false) == [-0.25])
    // Weights of 8/12 and 8/4 cancel up to rounding.
    let level = try biasAfterOneStep(binary, columns: 1, balanced: true)
    #expect(firstDeviation(of: level, from: [0], absolute: 1e-7) == nil)
    // Four, two and two rows: softmax(0) − z is 1/3 less the share ½, ¼, ¼; balanced it is 0.
    let three = dataset(groups: ["a", "b", "c"], privileged: nil, codes: [0, 0, 1, 2, 0, 1, 0, 2])
    let plain = try biasAfterOneStep(three, columns: 3, balanced: false)
    #expect(firstDeviation(of: plain, from: [1.0 / 6, -1.0 / 12, -1.0 / 12], absolute: 1e-7) == nil)
    let balanced = try biasAfterOneStep(three, columns: 3, balanced: true)
    #expect(firstDeviation(of: balanced, from: [0, 0, 0], absolute: 1e-7) == nil)
  }

  @Test func thePrivilegedOfTwoGroupsIsPositive() throws {
    let codes: [Int32] = [0, 0, 1, 0, 0, 1, 0, 0]
    let second = dataset(groups: ["a", "b"], privileged: 1, codes: codes)
    let first = dataset(groups: ["a", "b"], privileged: 0, codes: codes)
    #expect(try biasAfterOneStep(second, columns: 1, balanced: false) == [-0.25])
    #expect(try biasAfterOneStep(first, columns: 1, balanced: false) == [0.25])
  }

  @Test func missingValuesContributeNothing() throws {
    // Of eight rows four are known, one of them positive: (3·½ − 1·½) / 4, not / 8, which would halve λ.
    let codes: [Int32] = [0, -1, -1, 0, 0, 1, -1, -1]
    let partial = dataset(groups: ["a", "b"], privileged: nil, codes: codes)
    #expect(try biasAfterOneStep(partial, columns: 1, balanced: false) == [-0.25])
    // Balanced, "a" weighs 8/(2·3) thrice and "b" 8/(2·1): the sums cancel up to rounding.
    let balanced = try biasAfterOneStep(partial, columns: 1, balanced: true)
    #expect(firstDeviation(of: balanced, from: [0], absolute: 1e-7) == nil)
    let three = dataset(groups: ["a", "b", "c"], privileged: nil, codes: [0, -1, -1, 2, 0, 1, -1, -1])
    let bias = try biasAfterOneStep(three, columns: 3, balanced: false)
    // (4·⅓ − count) / 4, downhill.
    #expect(firstDeviation(of: bias, from: [1.0 / 6, -1.0 / 12, -1.0 / 12], absolute: 1e-7) == nil)
  }

  /// The gradient that a training step follows is the slope of the loss that is reported, also where half of z is
  /// missing: were one a mean over all rows and the other over the known ones, they would differ by a factor of two.
  @Test(arguments: [2, 3]) func trainingAndReportedLossAgree(groups: Int) throws {
    let names = ["a", "b", "c"].prefix(groups)
    let codes = (0..<40).map { Int32($0 % 2 == 0 ? -1 : ($0 / 2) % 7 % groups) }
    let data = dataset(
      groups: Array(names), privileged: nil, codes: codes, labels: codes.indices.map { $0 % 3 == 0 ? 1 : 0 })
    let columns = groups == 2 ? 1 : groups
    let slope = [Float](repeating: 0.75, count: columns)
    let offset = (0..<columns).map { 0.25 - 0.5 * Float($0) }
    var settings = GameFixtures.settings
    settings.batchSize = data.rows
    settings.classifierEpochs = 0
    settings.adversaryEpochs = 1
    settings.gameEpochs = 0
    settings.adversaryOptimizer = OptimizerSettings(.sgd(), learningRate: 1)
    let trained = try #require(
      GameFixtures.play(
        data, lambda: [1], adversary: LabelAdversary(slope: slope, offset: offset), settings: settings
      ).adversary)["offset"].values
    let width: Float = 1 / 64
    for column in 0..<columns {
      func loss(_ change: Float) throws -> Double {
        var moved = offset
        moved[column] += change
        return try measure(data, slope: slope, offset: moved).loss
      }
      let expected = try (loss(width) - loss(-width)) / Double(2 * width)
      // The third derivative of the loss is below ⅛, so the difference is off by at most width² / 48 < 1e-5; the loss is
      // rounded to some 1e-7, which the division by 1/32 makes 4e-6.
      let step = Double(offset[column] - trained[column])
      #expect(abs(step - expected) < 2e-5, "column \(column): \(step), not \(expected)")
      #expect(abs(expected) > 1e-3)
    }
  }

  /// Losses and AUC of an adversary that does not learn: `label · slope + offset`.
  private func measure(
    _ dataset: Dataset, slope: [Float], offset: [Float]
  ) throws -> (loss: Double, auc: MetricValue) {
    var settings = GameFixtures.settings
    settings.classifierEpochs = 0
    settings.adversaryEpochs = 1
    settings.gameEpochs = 0
    settings.batchSize = dataset.rows
    settings.adversaryOptimizer = OptimizerSettings(.sgd(), learningRate: 0)
    var loss: Double?
    let outcome = try GameFixtures.play(
      dataset, lambda: [1], adversary: LabelAdversary(slope: slope, offset: offset), settings: settings
    ) {
      loss = $0.adversaryLoss
      return .proceed
    }
    return (try #require(loss), try #require(outcome.final[0].evaluation.attributes[0].adversaryAUC))
  }

  @Test func threeGroups() throws {
    // Labels 1 for the rows 0, 1, 3; group "a" in rows 0, 1, 2, "b" in 3, 4, "c" in 5; row 6 is missing.
    let data = dataset(
      groups: ["a", "b", "c"], privileged: nil, codes: [0, 0, 0, 1, 1, 2, -1], labels: [1, 1, 0, 1, 0, 0, 1])
    let (loss, auc) = try measure(data, slope: [2, 0, -1], offset: [0, 0.5, 0])
    // Logits are (2, ½, −1) where the label is 1, and (0, ½, 0) where it is 0.
    let one = log(exp(2.0) + exp(0.5) + exp(-1.0))
    let zero = log(2 + exp(0.5))
    let sum: Double = 2 * (one - 2) + zero + (one - 0.5) + (zero - 0.5) + zero
    let expected = sum / 6
    #expect(abs(loss - expected) < 1e-6, "\(loss), not \(expected)")
    // "a" against the rest: scores 2, 2, 0 | 2, 0, 0. Of nine pairs, 4 are won and 4 + … tie: rows with 2 beat two of
    // three and tie with one, the row with 0 loses one and ties with two: (2·(2 + ½) + 1) / 9 = 6/9.
    // "b": all scores equal, ½. "c": score 0 for label 0, −1 for label 1; row 5 (0) against −1, −1, 0, −1, 0: (3 + 1)/5.
    let mean = (6.0 / 9 + 0.5 + 4.0 / 5) / 3
    let value = try #require(auc.value)
    #expect(abs(value - mean) < 1e-12)
  }

  @Test func twoGroupsWithMissingRows() throws {
    // "b" is positive; known rows 0, 1, 3, 4 have labels 1, 0, 1, 0 and groups b, a, a, b.
    let data = dataset(
      groups: ["a", "b"], privileged: nil, codes: [1, 0, -1, 0, 1, -1], labels: [1, 0, 1, 1, 0, 0])
    let (loss, auc) = try measure(data, slope: [2], offset: [-0.5])
    // Logits 1.5 where the label is 1, −0.5 where it is 0.
    let softplus = { (x: Double) in log(1 + exp(x)) }
    let expected = [-1.5, -0.5, 1.5, 0.5].map(softplus).reduce(0, +) / 4
    #expect(abs(loss - expected) < 1e-6)
    // Positives 1.5, −0.5 against negatives −0.5, 1.5: one win, two ties, one loss.
    #expect(auc == .defined(0.5))
  }

  @Test func aGroupThatIsAbsentHasNoAUC() throws {
    let data = dataset(groups: ["a", "b", "c"], privileged: nil, codes: [0, 0, 1, 1, 0])
    let (_, auc) = try measure(data, slope: [2, 0, -1], offset: [0, 0.5, 0])
    #expect(auc.value == nil && auc.reason?.isEmpty == false)
  }

  /// More rows than the scorer's chunk of 512, with a remainder: what fills the last chunk must not count.
  @Test func lossesOfManyRowsAreTheirMean() throws {
    let few = dataset(groups: ["a", "b", "c"], privileged: nil, codes: [0, 0, 0, 1, 1, 2, -1])
    let codes = (0..<150).flatMap { _ in few.sensitive[0].codes }
    let labels = (0..<150).flatMap { _ in few.labels }
    let many = dataset(groups: ["a", "b", "c"], privileged: nil, codes: codes, labels: labels)
    let small = try measure(few, slope: [2, 0, -1], offset: [0, 0.5, 0])
    let large = try measure(many, slope: [2, 0, -1], offset: [0, 0.5, 0])
    #expect(abs(small.loss - large.loss) < 1e-6)
    let (smallAUC, largeAUC) = (try #require(small.auc.value), try #require(large.auc.value))
    #expect(abs(smallAUC - largeAUC) < 1e-12)
  }

  /// A weight of 2 is the row twice, for full batches of the classifier alone; the mean divides by n, not by the weights.
  @Test func aWeightOfTwoIsTheRowTwice() throws {
    let rows = 7
    let doubled = [2, 5]
    var weighted = GameFixtures.dataset(rows: rows)
    let indices = Array(0..<rows) + doubled
    let repeated = Dataset(
      features: weighted.features.gatheringRows(indices), labels: indices.map { weighted.labels[$0] },
      sensitive: [], sourceRows: indices)
    weighted.sensitive = []
    let share = Float(rows) / Float(rows + doubled.count)
    weighted.weights = (0..<rows).map { doubled.contains($0) ? 2 * share : share }
    func train(_ dataset: Dataset) throws -> [Float] {
      var settings = GameFixtures.settings
      settings.batchSize = dataset.rows
      settings.classifierEpochs = 20
      settings.gameEpochs = 5
      settings.classifierBatch = .full
      settings.classifierOptimizer = OptimizerSettings(.sgd(momentum: 0.5), learningRate: 0.5)
      return try GameFixtures.play(
        dataset, lambda: nil, network: Perceptron(inputs: 3, hidden: [6], outputs: 1, activation: .tanh),
        settings: settings
      ).classifier.parameters.values
    }
    let plain = { (dataset: Dataset) -> Dataset in
      var copy = dataset
      copy.weights = nil
      return copy
    }
    let expected = try train(repeated).map { Double($0) }
    // Twenty-five steps, each with some hundred roundings of numbers near 1.
    #expect(firstDeviation(of: try train(weighted), from: expected, relative: 1e-5, absolute: 1e-5) == nil)
    #expect(firstDeviation(of: try train(plain(weighted)), from: expected, absolute: 1e-2) != nil)
  }
}
