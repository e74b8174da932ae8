import FairnessMetrics
import Foundation
import Testing

/// Statistics of labels with several classes and of numbers: by hand, by laws, and against scikit-learn, fairlearn and
/// SciPy (`Scripts/golden/labels.py`).
@Suite struct LabelEvaluationTests {
  struct GoldenLabel: Decodable, Sendable {
    struct Each: Decodable, Sendable {
      var rocAUC: Double
      var selectionRate: Double
      var pPercentRule: Double
      var demographicParityDifference: Double
      var equalizedOddsDifference: Double
    }
    struct Multiclass: Decodable, Sendable {
      var scores: [Float]
      var labels: [Int32]
      var codes: [Int32]
      var groups: Int
      var classes: Int
      var accuracy: Double
      var macroROCAUC: Double
      var groupAccuracies: [Double]
      var accuracyDifference: Double
      var each: [Each]
    }
    struct Errors: Decodable, Sendable {
      var rootMeanSquaredError: Double
      var meanAbsoluteError: Double
      var rSquared: Double
      var meanPrediction: Double
      var meanResidual: Double
    }
    struct Regression: Decodable, Sendable {
      var predictions: [Float]
      var labels: [Float]
      var codes: [Int32]
      var groups: Int
      var errors: Errors
      var groupErrors: [Errors]
      var meanPredictionDifference: Double
      var rootMeanSquaredErrorDifference: Double
      var kolmogorovSmirnovDistance: Double
    }
    struct File: Decodable { var cases: [GoldenLabel] }

    var multiclass: Multiclass?
    var regression: Regression?

    static func all() throws -> [GoldenLabel] {
      let url = try #require(Bundle.module.url(forResource: "labels", withExtension: "json", subdirectory: "Golden"))
      return try JSONDecoder().decode(File.self, from: Data(contentsOf: url)).cases
    }
  }

  private static func names(_ prefix: String, _ count: Int) -> [String] { (0..<count).map { "\(prefix)\($0)" } }

  @Test func classesAsInScikitLearnAndFairlearn() throws {
    let cases = try GoldenLabel.all().compactMap(\.multiclass)
    #expect(cases.count == 2)
    for golden in cases {
      let evaluation = ClassifierEvaluation(
        classScores: golden.scores, labels: golden.labels, classes: Self.names("c", golden.classes),
        attributes: [GroupColumn(name: "z", groups: Self.names("g", golden.groups), codes: golden.codes)])
      let classes = try #require(evaluation.classes)
      expect(evaluation.accuracy, near: golden.accuracy)
      expect(evaluation.rocAUC, near: golden.macroROCAUC)
      expect(classes.macroROCAUC, near: golden.macroROCAUC)
      let attribute = classes.attributes[0]
      for (group, expected) in zip(attribute.groups, golden.groupAccuracies) { expect(group.accuracy, near: expected) }
      expect(attribute.accuracyDifference, near: golden.accuracyDifference)
      for (each, expected) in zip(classes.classes, golden.each) {
        expect(each.rocAUC, near: expected.rocAUC)
        expect(each.selectionRate, near: expected.selectionRate)
        expect(each.attributes[0].pPercentRule, near: expected.pPercentRule)
        expect(each.attributes[0].demographicParityDifference, near: expected.demographicParityDifference)
        expect(each.attributes[0].equalizedOddsDifference, near: expected.equalizedOddsDifference)
      }
      let smallest = try #require(golden.each.map(\.pPercentRule).enumerated().min { $0.element < $1.element })
      expect(attribute.pPercentRule.value, near: smallest.element)
      #expect(
        attribute.pPercentRule.className == "c\(smallest.offset)" && attribute.pPercentRule.undefinedClasses.isEmpty)
      expect(
        attribute.demographicParityDifference.value, near: golden.each.map(\.demographicParityDifference).max() ?? 0)
      expect(attribute.equalizedOddsDifference.value, near: golden.each.map(\.equalizedOddsDifference).max() ?? 0)
      // The statistics that stand where those of two classes do are the same.
      #expect(evaluation.attributes[0].pPercentRule == attribute.pPercentRule.value)
      #expect(evaluation.selectionRate.reason == "the label has \(golden.classes) classes and no positive one")
    }
  }

  @Test func errorsAsInScikitLearnAndSciPy() throws {
    let cases = try GoldenLabel.all().compactMap(\.regression)
    #expect(cases.count == 2)
    for golden in cases {
      let evaluation = ClassifierEvaluation(
        predictions: golden.predictions, labels: golden.labels,
        attributes: [GroupColumn(name: "z", groups: Self.names("g", golden.groups), codes: golden.codes)])
      let regression = try #require(evaluation.regression)
      func check(_ errors: RegressionEvaluation.Errors, _ expected: GoldenLabel.Errors) {
        expect(errors.rootMeanSquaredError, near: expected.rootMeanSquaredError)
        expect(errors.meanAbsoluteError, near: expected.meanAbsoluteError)
        expect(errors.rSquared, near: expected.rSquared)
        expect(errors.meanPrediction, near: expected.meanPrediction)
        expect(errors.meanResidual, near: expected.meanResidual, relative: 1e-11)
      }
      check(regression.errors, golden.errors)
      let attribute = regression.attributes[0]
      for (group, expected) in zip(attribute.groups, golden.groupErrors) { check(group.errors, expected) }
      expect(attribute.meanPredictionDifference, near: golden.meanPredictionDifference, relative: 1e-11)
      expect(attribute.rootMeanSquaredErrorDifference, near: golden.rootMeanSquaredErrorDifference, relative: 1e-11)
      expect(attribute.kolmogorovSmirnovDistance, near: golden.kolmogorovSmirnovDistance)
      #expect(attribute.farthestGroups.count == 2)
      #expect(evaluation.accuracy.reason == "the label is a number and has no classes")
    }
  }

  /// Six rows that can be checked by eye: three classes, one of them never decided.
  @Test func classesByHand() throws {
    let scores: [Float] = [
      0.8, 0.2, 0,  // a, right
      0.5, 0.5, 0,  // the first of equal ones: a, wrong
      0.3, 0.7, 0,  // b, right
      0.6, 0.4, 0,  // a, right
      0.2, 0.5, 0.3,  // b, wrong
      0.1, 0.9, 0,  // b, right
    ]
    let evaluation = ClassifierEvaluation(
      classScores: scores, labels: [0, 1, 1, 0, 2, 1], classes: ["a", "b", "c"],
      attributes: [GroupColumn(name: "z", groups: ["f", "m", "none"], codes: [0, 0, 0, 1, 1, -1])])
    let classes = try #require(evaluation.classes)
    expect(evaluation.accuracy, near: 4.0 / 6)
    #expect(classes.classes.map(\.rows) == [2, 3, 1])
    expect(classes.classes[0].selectionRate, near: 0.5)
    expect(classes.classes[2].selectionRate, near: 0)
    let attribute = classes.attributes[0]
    #expect(attribute.groups.map(\.rows) == [3, 2, 0])
    expect(attribute.groups[0].accuracy, near: 2.0 / 3)
    #expect(attribute.groups[2].accuracy.reason == "there are no rows")
    expect(attribute.accuracyDifference, near: 2.0 / 3 - 0.5)
    // a is given to 2/3 and 1/2, b to 1/3 and 1/2, c to nobody.
    expect(attribute.pPercentRule.value, near: 2.0 / 3)
    #expect(attribute.pPercentRule.className == "b" && attribute.pPercentRule.undefinedClasses == ["c"])
    // The group m has no row of b, f none of c: where a rate is lacking the class is left out and named.
    #expect(attribute.equalizedOddsDifference.undefinedClasses == ["b", "c"])
    #expect(evaluation.attributes[0].missingRows == 1)
  }

  @Test func twoClassesAsBinary() throws {
    // With two classes and scores that add up to 1, class 1 against the rest is the binary classifier at 0.5.
    let positive: [Float] = [0.9, 0.4, 0.7, 0.2, 0.55, 0.1, 0.8]
    let labels: [Int32] = [1, 0, 0, 0, 1, 1, 1]
    let column = GroupColumn(name: "z", groups: ["f", "m"], codes: [0, 1, 0, 1, 1, 0, 1])
    let classes = ClassifierEvaluation(
      classScores: positive.flatMap { [1 - $0, $0] }, labels: labels, classes: ["no", "yes"], attributes: [column])
    let binary = ClassifierEvaluation(
      scores: positive, labels: labels.map { $0 == 1 }, attributes: [column], threshold: 0.5)
    #expect(classes.accuracy == binary.accuracy)
    #expect(classes.classes?.classes[1].rocAUC == binary.rocAUC)
    #expect(classes.classes?.classes[1].attributes == binary.attributes)
    expect(
      classes.attributes[0].demographicParityDifference,
      near: try #require(binary.attributes[0].demographicParityDifference.value))
  }

  @Test func whatDoesNotExistSaysWhy() throws {
    let column = GroupColumn(name: "z", groups: ["f", "m"], codes: [0, 1])
    let noScore = ClassifierEvaluation(
      classScores: [0.5, .nan, 0.5, 0.5], labels: [0, 1], classes: ["a", "b"], attributes: [column])
    #expect(noScore.accuracy.reason == "a score is not a number")
    #expect(noScore.classes?.classes[0].selectionRate.reason == "a score is not a number")
    #expect(noScore.attributes[0].pPercentRule.value == nil)
    let oneClass = ClassifierEvaluation(
      classScores: [0.5, 0.5, 0.4, 0.6], labels: [0, 0], classes: ["a", "b"], attributes: [column])
    #expect(oneClass.rocAUC.reason == "of class 'a', no row has a negative label")
    let empty = ClassifierEvaluation(classScores: [], labels: [], classes: ["a", "b"], attributes: [])
    #expect(empty.accuracy.reason == "there are no rows")

    func errors(_ predictions: [Float], _ labels: [Float]) throws -> RegressionEvaluation {
      try #require(ClassifierEvaluation(predictions: predictions, labels: labels, attributes: [column]).regression)
    }
    let constant = try errors([1, 2], [3, 3])
    #expect(constant.errors.rSquared.reason == "all labels are equal")
    #expect(constant.attributes[0].groups[0].errors.rSquared.reason == "all labels are equal", "a single row")
    expect(constant.errors.meanResidual, near: 1.5)
    expect(constant.attributes[0].kolmogorovSmirnovDistance, near: 1)
    #expect(constant.attributes[0].farthestGroups == ["f", "m"], "those with the smaller predictions first")
    let broken = try errors([.infinity, 2], [3, 4])
    #expect(broken.errors.rootMeanSquaredError.value == nil && broken.errors.rSquared.value == nil)
    #expect(broken.errors.meanPrediction.value == nil)
    let nothing = try errors([.nan, 2], [3, 4])
    #expect(nothing.attributes[0].kolmogorovSmirnovDistance.reason == "a score is not a number")
  }

  @Test func distancesOfDistributions() {
    func distance(_ numbers: [Float], _ codes: [Int32], _ groups: [String] = ["f", "m", "x"]) -> (
      distance: MetricValue, groups: [String]
    ) {
      largestKolmogorovSmirnovDistance(numbers, by: GroupColumn(name: "z", groups: groups, codes: codes))
    }
    let same = distance([1, 2, 1, 2], [0, 0, 1, 1])
    #expect(same.distance == .defined(0) && same.groups.isEmpty)
    let apart = distance([5, 6, 1, 2, 9], [0, 0, 1, 1, -1])
    #expect(apart.distance == .defined(1) && apart.groups == ["m", "f"])
    // F_f jumps at 1 and 3, F_m at 2 and 3: at most 1/2 apart. Order and increasing maps do not matter.
    #expect(distance([1, 3, 2, 3], [0, 0, 1, 1]).distance == .defined(0.5))
    #expect(distance([3, 27, 8, 27].reversed(), [1, 1, 0, 0]).distance == .defined(0.5))
    #expect(distance([1, 2], [0, 0]).distance.reason == "fewer than two groups have rows")
    #expect(distance([-0.0, 0], [0, 1]).distance == .defined(0), "both zeros are one number")
  }

  @Test func theStrongestClassAgainstAContinuousAttribute() throws {
    let values = (0..<80).map { Float($0 % 10) }
    // The second class's score is the attribute itself, the first's has nothing to do with it.
    let scores = values.indices.flatMap { [Float(($0 * 7) % 3) / 10, values[$0] / 10] }
    let evaluation = ContinuousEvaluation(name: "age", classScores: scores, classes: 2, values: values)
    expect(evaluation.correlation, near: 1)
    #expect(try #require(evaluation.maximalCorrelation.value) > 0.99)
  }

  /// A row that weighs 2 counts as two rows, one that weighs 0 as none, for labels of every kind.
  @Test func weightsAreRowsGivenSeveralTimes() throws {
    let count = 240
    let weights = (0..<count).map { Double($0 * 7 % 4) }
    let repeated = weights.indices.flatMap { Array(repeating: $0, count: Int(weights[$0])) }
    func number(_ row: Int, _ factor: Int) -> Float { Float(row * factor % 97) / 97 }
    func attribute(_ rows: [Int]) -> GroupColumn {
      GroupColumn(name: "g", groups: ["a", "b", "c"], codes: rows.map { Int32($0 * 5 % 4) - 1 })
    }
    func binary(_ rows: [Int], _ weights: [Double]?) -> ClassifierEvaluation {
      ClassifierEvaluation(
        scores: rows.map { number($0, 31) }, labels: rows.map { $0 * 3 % 5 < 2 }, attributes: [attribute(rows)],
        threshold: 0.4, weights: weights)
    }
    func classes(_ rows: [Int], _ weights: [Double]?) -> ClassifierEvaluation {
      ClassifierEvaluation(
        classScores: rows.flatMap { [number($0, 31), number($0, 17), number($0, 53)] },
        labels: rows.map { Int32($0 * 3 % 7 % 3) }, classes: ["x", "y", "z"], attributes: [attribute(rows)],
        weights: weights)
    }
    func numbers(_ rows: [Int], _ weights: [Double]?) -> ClassifierEvaluation {
      ClassifierEvaluation(
        predictions: rows.map { number($0, 31) }, labels: rows.map { number($0, 13) }, attributes: [attribute(rows)],
        weights: weights)
    }
    for evaluate in [binary, classes, numbers] {
      let (weighted, whole) = (evaluate(Array(0..<count), weights), evaluate(repeated, nil))
      func near(_ a: MetricValue, _ b: MetricValue, _ name: String) {
        #expect(a.reason == b.reason, "\(name)")
        if let a = a.value, let b = b.value { #expect(abs(a - b) < 1e-12, "\(name): \(a), \(b)") }
      }
      #expect(weighted.rows == count)
      near(weighted.accuracy, whole.accuracy, "accuracy")
      near(weighted.rocAUC, whole.rocAUC, "rocAUC")
      near(weighted.selectionRate, whole.selectionRate, "selectionRate")
      for (a, b) in zip(weighted.attributes, whole.attributes) {
        near(a.pPercentRule, b.pPercentRule, "pPercentRule")
        near(a.demographicParityDifference, b.demographicParityDifference, "demographicParityDifference")
        near(a.equalizedOddsDifference, b.equalizedOddsDifference, "equalizedOddsDifference")
        for (a, b) in zip(a.groups, b.groups) { near(a.selectionRate, b.selectionRate, a.name) }
      }
      for (a, b) in zip(weighted.classes?.classes ?? [], whole.classes?.classes ?? []) {
        near(a.rocAUC, b.rocAUC, a.name)
        near(a.selectionRate, b.selectionRate, a.name)
      }
      if let a = weighted.classes?.attributes[0], let b = whole.classes?.attributes[0] {
        near(a.accuracyDifference, b.accuracyDifference, "accuracyDifference")
        near(a.pPercentRule.value, b.pPercentRule.value, "pPercentRule")
      }
      if let a = weighted.regression, let b = whole.regression {
        near(a.errors.rootMeanSquaredError, b.errors.rootMeanSquaredError, "rootMeanSquaredError")
        near(a.errors.rSquared, b.errors.rSquared, "rSquared")
        near(a.attributes[0].meanResidualDifference, b.attributes[0].meanResidualDifference, "meanResidualDifference")
        near(
          a.attributes[0].kolmogorovSmirnovDistance, b.attributes[0].kolmogorovSmirnovDistance,
          "kolmogorovSmirnovDistance")
        #expect(a.attributes[0].farthestGroups == b.attributes[0].farthestGroups)
      }
    }
  }
}
