import FairnessMetrics
import LinearAlgebra
import MetricExpressions
import Mitigation
import NeuralNetworks
import TabularData
import Testing

@Suite struct CrossFittingTests {
  private static func rows(_ texts: [String], _ data: Dataset) throws -> RateConstraintRows {
    let columns = data.sensitive.map {
      SliceColumn(GroupColumn(name: $0.name, groups: $0.groups, codes: $0.codes))
    }
    let reduction = ConstraintReduction(columns: columns, rows: data.rows)
    return try RateConstraintRows(
      texts.flatMap { try reduction.constraints(MetricCondition($0)) }, of: data, split: "training")
  }

  private static func settings() -> CrossFitting.Settings {
    var settings = CrossFitting.Settings()
    settings.folds = 3
    settings.hidden = [8]
    settings.epochs = 6
    settings.batchSize = 32
    settings.optimizer = OptimizerSettings(.adam(), learningRate: 0.01)
    return settings
  }

  /// The whole way, on rows whose groups can be guessed from a feature: the target holds on rows that nobody trained on.
  @Test(arguments: [("p_percent_rule(group) >= 0.95", 0.03), ("equalized_odds_difference(group) <= 0.1", 0.04)])
  func targetsHoldOnNewRows(text: String, noise: Double) throws {
    let data = PlantedTask.dataset(rows: 4000, seed: 21)
    let other = PlantedTask.dataset(rows: 8000, seed: 22)
    let (rows, otherRows) = (try Self.rows([text], data), try Self.rows([text], other))
    let fitting = try CrossFitting(data, cells: rows, settings: Self.settings(), seed: 3)
    let fit = try PlugInFit(rows, probabilities: fitting.outOfFold, labels: data.labels)
    #expect(fit.feasibility == .feasible)

    func outcome(_ decision: PlugInDecision) -> (violation: Double, accuracy: Double) {
      let classifier = PlugInClassifier(predictor: fitting.predictor, decision: decision)
      let scores = classifier.scores(other.features)
      let correct = zip(scores, other.labels).count { ($0 >= 0.5) == ($1 > 0.5) }
      return (otherRows.violations(probabilities: scores).max() ?? 0, Double(correct) / Double(other.rows))
    }
    let (corrected, plain) = (outcome(fit.decision), outcome(.unconstrained(cells: 4)))
    #expect(plain.violation > noise + 0.02, "\(plain)")
    #expect(corrected.violation < noise, "\(corrected)")
    #expect(plain.accuracy > 0.8 && corrected.accuracy > plain.accuracy - 0.06, "\(plain), \(corrected)")
    #expect(abs(corrected.accuracy - fit.accuracy) < 0.03)
  }

  @Test func equalSeedsGiveEqualBitsWhateverTheThreads() throws {
    let data = PlantedTask.dataset(rows: 400, seed: 21)
    let rows = try Self.rows(["p_percent_rule(group) >= 0.85"], data)
    var settings = Self.settings()
    settings.dropout = 0.1
    let parallel = try CrossFitting(data, cells: rows, settings: settings, seed: 3)
    settings.isParallel = false
    let serial = try CrossFitting(data, cells: rows, settings: settings, seed: 3)
    #expect(parallel.predictor == serial.predictor)
    #expect(parallel.outOfFold == serial.outOfFold)
    for row in 0..<400 {
      let sum = parallel.outOfFold.values[row * 4..<(row + 1) * 4].reduce(0, +)
      #expect(abs(sum - 1) < 1e-5)
    }
  }

  /// A pair predicts the rows it has not seen: with labels at random, predictions out of fold know nothing of them.
  @Test func predictionsOutOfFoldKnowNothingOfTheirRows() throws {
    var data = PlantedTask.dataset(rows: 120, seed: 30)
    var stream = RandomStream(seed: 1)
    data.labels = (0..<120).map { _ in stream.uniform() < 0.5 ? 0 : 1 }
    let rows = try Self.rows([], data)
    var settings = Self.settings()
    settings.hidden = [64, 64]
    settings.epochs = 120
    settings.batchSize = 16
    let fitting = try CrossFitting(data, cells: rows, settings: settings, seed: 3)
    func area(_ probabilities: Matrix<Float>) -> Double? {
      rocAUC(
        scores: (0..<120).map { probabilities[$0, 1] + probabilities[$0, 3] }, labels: data.labels.map { $0 > 0.5 }
      ).value
    }
    let outside = try #require(area(fitting.outOfFold))
    let inside = try #require(area(fitting.predictor.probabilities(data.features)))
    // Three standard errors of the area with 60 rows of either label.
    #expect(abs(outside - 0.5) < 0.16, "\(outside)")
    #expect(inside > 0.66 && inside > outside + 0.1, "\(inside), out of fold \(outside)")
  }

  @Test func tooFewRowsAreRefused() throws {
    let data = PlantedTask.dataset(rows: 40, seed: 21)
    let rows = try Self.rows([], data)
    #expect(throws: MitigationError.self) { try CrossFitting(data, cells: rows, settings: Self.settings(), seed: 1) }
    var settings = Self.settings()
    settings.folds = 1
    #expect(throws: MitigationError.self) { try CrossFitting(data, cells: rows, settings: settings, seed: 1) }
  }
}
