import AdversarialGame
import LinearAlgebra
import MetricExpressions
import Mitigation
import NeuralNetworks
import TabularData
import TestSupport
import Testing

@Suite struct LogisticRegressionTests {
  struct Case: Decodable {
    var x: [[Double]]
    var y: [Int]
    var weights: [Double]
    var c: Double
    var coefficients: [Double]
    var intercept: Double
  }

  /// Golden values from Scripts/golden/mitigation.py: scikit-learn's, by Newton's method to 1e-13.
  @Test(arguments: [false, true])
  func agreesWithScikitLearn(asDeviations: Bool) throws {
    let cases: [Case] = try goldenCases("regression", in: .module)
    #expect(cases.count == 6)
    for (number, wanted) in cases.enumerated() {
      let x = Matrix<Float>(rows: wanted.x)
      let base = asDeviations ? [Float](repeating: 0.25, count: x.columns) : nil
      var learner = try LogisticRegressionLearner(
        FeatureRows(x, base: base), settings: .init(inverseRegularization: wanted.c))
      let model = try learner.fit(labels: wanted.y.map { $0 == 1 }, weights: wanted.weights)
      #expect(
        firstDeviation(
          of: model.weights + [model.intercept], from: wanted.coefficients + [wanted.intercept], relative: 1e-6,
          absolute: 1e-6) == nil, "case \(number)")
      // From a solution of other labels it finds the same.
      _ = try learner.fit(labels: wanted.y.map { $0 == 0 }, weights: wanted.weights)
      let again = try learner.fit(labels: wanted.y.map { $0 == 1 }, weights: wanted.weights)
      #expect(firstDeviation(of: again.weights, from: model.weights, absolute: 1e-7) == nil, "case \(number)")
      // As a classifier, in single precision.
      let logits = model.classifier.logits(x)
      let expected = wanted.x.map { row in
        zip(row, wanted.coefficients).reduce(wanted.intercept) { $0 + $1.0 * $1.1 }
      }
      #expect(firstDeviation(of: logits, from: expected, relative: 1e-5, absolute: 1e-4) == nil, "case \(number)")
    }
  }

  @Test func oneLabelAndHostileNumbers() throws {
    var learner = try LogisticRegressionLearner(FeatureRows(Matrix(rows: 3, columns: 1, values: [0, 1, 2])))
    #expect(try learner.fit(labels: [true, true, true], weights: [1, 1, 1]).intercept == 20)
    #expect(try learner.fit(labels: [true, false, false], weights: [0, 1, 1]).intercept == -20)
    // Separable: what holds w down keeps it finite.
    #expect(try learner.fit(labels: [false, false, true], weights: [1, 1, 1]).weights[0].isFinite)
    var extreme = try LogisticRegressionLearner(
      FeatureRows(Matrix(rows: 2, columns: 1, values: [.infinity, 1])))
    #expect(throws: MitigationError.self) { try extreme.fit(labels: [true, false], weights: [1, 1]) }
    #expect(throws: MitigationError.self) {
      try LogisticRegressionLearner(
        FeatureRows(Matrix(rows: 1, columns: 1, values: [1])), settings: .init(inverseRegularization: 0))
    }
  }
}

/// All linear decisions of one feature: what reductions can be checked against by trying all.
private struct BestThreshold: CostSensitiveLearner {
  var features: [Float]

  func classifier(labels: [Bool], weights: [Double]) throws(MitigationError) -> Classifier {
    var (best, least) = ((weight: 0.0, intercept: -1.0), Double.infinity)
    for cut in Set(features).sorted() {
      for sign in [1.0, -1.0] {
        var cost = 0.0
        for row in features.indices {
          let isSelected = sign > 0 ? features[row] >= cut : features[row] < cut
          if isSelected != labels[row] { cost += weights[row] }
        }
        // The grid of features is of whole numbers.
        if cost < least { (best, least) = ((sign, -sign * (Double(cut) - 0.5)), cost) }
      }
    }
    return LogisticRegression(weights: [best.weight], intercept: best.intercept).classifier
  }
}

@Suite struct ReductionTests {
  /// Two groups on a grid of ten places, of which the labels depend on both.
  private static func rows(_ count: Int, seed: UInt64) -> Dataset {
    var stream = RandomStream(seed: seed)
    var (features, labels, codes) = ([Float](), [Float](), [Int32]())
    for _ in 0..<count {
      let group = Int32(stream.below(2))
      let place = min(9, max(0, Int(5 + 2 * stream.normal()) + Int(group)))
      features.append(Float(place))
      labels.append(stream.uniform() < (Double(place) + 1.5 * Double(group)) / 12 ? 1 : 0)
      codes.append(group)
    }
    return Dataset(
      features: Matrix(rows: count, columns: 1, values: features), labels: labels,
      sensitive: [SensitiveColumn(name: "group", groups: ["A", "B"], privileged: 1, codes: codes)],
      sourceRows: Array(0..<count))
  }

  /// By trying: the linear programme over all decisions of one feature.
  @Test(arguments: RateParity.allCases)
  func theLotteryIsTheBestOfAll(criterion: RateParity) throws {
    let data = Self.rows(600, seed: 21)
    let constraints = try criterion.constraints(on: data, atMost: 0.02)
    #expect(constraints.count == 4 * criterion.rates.count)
    let outcome = try ExponentiatedGradient(multiplierBound: 50, iterations: 80, gap: 1e-4).train(
      BestThreshold(features: data.features.values), on: data, constraints: constraints)
    #expect(try #require(outcome.dualityGap) < 1e-3)
    #expect((outcome.violations.max() ?? 1) < 1e-3, "\(outcome.violations)")

    // All decisions, with their errors and violations.
    let rows = try RateConstraintRows(constraints, of: data, split: "training")
    var (errors, violations) = ([Double](), [[Double]]())
    for cut in 0...10 {
      for sign in [1.0, -1.0] {
        let selected = data.features.values.map { (sign > 0) == (Double($0) >= Double(cut)) ? 1.0 : 0 }
        errors.append(Double(zip(selected, data.labels).count { $0.0 != Double($0.1) }) / 600)
        violations.append(rows.violations(selections: [selected]))
      }
    }
    let program = LinearProgram(
      minimizing: errors,
      upperBounds: (0..<constraints.count).map { index in .init(violations.map { $0[index] }, 0) },
      equalities: [.init([Double](repeating: 1, count: errors.count), 1)])
    guard case .optimal(_, let best) = program.solved() else {
      Issue.record("no lottery is feasible")
      return
    }
    #expect(abs(outcome.error - best) < 2e-3, "\(outcome.error), the best \(best)")
    // The lottery does what the outcome says.
    let chances = outcome.classifier.selectionChances(data.features)
    let error = zip(chances, data.labels).reduce(0) { $0 + ($1.1 == 1 ? 1 - $1.0 : $1.0) } / 600
    #expect(abs(error - outcome.error) < 1e-9)
    for (found, wanted) in zip(rows.violations(selections: [chances]), outcome.violations) {
      #expect(abs(found - wanted) < 1e-9)
    }
  }

  @Test func regressionAndPerceptronLearn() throws {
    let data = PlantedTask.dataset(rows: 1500, seed: 9)
    let constraints = try RateParity.demographicParity.constraints(on: data, atMost: 0.01)
    let reduction = ExponentiatedGradient(multiplierBound: 50, iterations: 20)
    let regression = try reduction.train(
      LogisticRegressionLearner(data.featureRows), on: data, constraints: constraints)
    #expect((regression.violations.max() ?? 1) < 0.02, "\(regression.violations)")
    #expect(regression.error < 0.35)
    #expect(regression.trainings > 1)
    let again = try reduction.train(
      LogisticRegressionLearner(data.featureRows), on: data, constraints: constraints)
    #expect(again.classifier == regression.classifier)

    let network = Perceptron(inputs: 2, hidden: [6], outputs: 1)
    let settings = ClassifierTrainingSettings(epochs: 6, batchSize: 100, optimizer: .init(learningRate: 0.02))
    let learner = try PerceptronLearner(network, features: data.featureRows, settings: settings, seed: 2)
    let perceptron = try ExponentiatedGradient(multiplierBound: 20, iterations: 6).train(
      learner, on: data, constraints: constraints)
    #expect((perceptron.violations.max() ?? 1) < 0.04, "\(perceptron.violations)")
    #expect(perceptron.classifier.members.allSatisfy { $0.classifier.network == network || $0.probability < 0.5 })
  }

  @Test func gridSearchIsSymmetricAndKeepsTheBest() throws {
    let data = Self.rows(600, seed: 5)
    let learner = BestThreshold(features: data.features.values)
    let constraints = try RateParity.demographicParity.constraints(on: data, atMost: 0.01)
    let search = ReductionGridSearch(size: 10, limit: 0.5)
    let (best, points) = try search.train(learner, on: data, constraints: constraints)
    // One number: the last group's constraints follow from the first's.
    #expect(points.count == 11)
    #expect(points[0].multipliers == [0, 0.5, 0, 0])
    #expect(points[5].multipliers == [0, 0, 0, 0])
    #expect(points[10].multipliers == [0.5, 0, 0, 0])
    let losses = points.map { 0.5 * $0.error + 0.5 * ($0.violations.max() ?? 0) }
    #expect(abs(0.5 * best.error + 0.5 * (best.violations.max() ?? 0) - (losses.min() ?? 0)) < 1e-12)
    #expect(best.classifier.deterministic != nil)
    #expect(best.dualityGap == nil)
    let odds = try RateParity.equalizedOdds.constraints(on: data, atMost: 0.01)
    #expect(try search.train(learner, on: data, constraints: odds).points.count == 13)
  }

  @Test func refusals() throws {
    let data = Self.rows(100, seed: 5)
    let learner = BestThreshold(features: data.features.values)
    let constraints = try RateParity.demographicParity.constraints(on: data, atMost: 0.01)
    #expect(throws: MitigationError.self) { try RateParity.equalizedOdds.constraints(on: data, atMost: 1.5) }
    #expect(throws: MitigationError.settings("a reduction needs at least one constraint. Give one.")) {
      try ExponentiatedGradient().train(learner, on: data, constraints: [])
    }
    #expect(throws: MitigationError.self) {
      try ExponentiatedGradient(multiplierBound: 0).train(learner, on: data, constraints: constraints)
    }
    #expect(throws: MitigationError.self) {
      try ReductionGridSearch(size: 0).train(learner, on: data, constraints: constraints)
    }
    let elsewhere = LinearConstraint(
      [RateTerm(1, .init(.selectionRate, threshold: 0.3))], atMost: 0.1, of: "selection_rate(overall at 0.3) <= 0.1")
    #expect(throws: MitigationError.self) {
      try ExponentiatedGradient().train(learner, on: data, constraints: constraints + [elsewhere])
    }
  }
}
