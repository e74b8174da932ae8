import AdversarialGame
import Foundation
import LinearAlgebra
import Mitigation
import TabularData

/// Runs the methods that are not the game on rows that Scripts/crosscheck/mitigation.py writes, and prints what they
/// come to on the test rows as JSON, for a comparison with fairlearn on the same rows.
@main
enum Crosscheck {
  static func main() throws {
    guard CommandLine.arguments.count == 2 else {
      FileHandle.standardError.write(Data("usage: equipoise-crosscheck FOLDER\n".utf8))
      exit(64)
    }
    let folder = URL(fileURLWithPath: CommandLine.arguments[1])
    let (train, test) = (try Rows(folder, "train"), try Rows(folder, "test"))
    var report: [String: Report] = [:]

    var plain = try LogisticRegressionLearner(train.dataset.featureRows)
    let labels = train.dataset.labels.map { $0 > 0.5 }
    let regression = try plain.fit(labels: labels, weights: [Double](repeating: 1, count: labels.count)).classifier
    report["regression"] = test.report(regression.probabilities(test.dataset.features).map { $0 >= 0.5 ? 1 : 0 })

    let weights = try Reweighing().weights(for: train.dataset).weights
    let reweighed = try plain.fit(labels: labels, weights: weights.map(Double.init)).classifier
    report["reweighing"] = test.report(reweighed.probabilities(test.dataset.features).map { $0 >= 0.5 ? 1 : 0 })

    for (name, parity) in [("demographicParity", RateParity.demographicParity), ("equalizedOdds", .equalizedOdds)] {
      let start = Date()
      let outcome = try ExponentiatedGradient(multiplierBound: 50).train(
        LogisticRegressionLearner(train.dataset.featureRows), on: train.dataset,
        constraints: parity.constraints(on: train.dataset, atMost: 0.02))
      var found = test.report(outcome.classifier.selectionChances(test.dataset.features))
      found.seconds = Date().timeIntervalSince(start)
      found.trainings = outcome.trainings
      report["exponentiatedGradient.\(name)"] = found
    }
    let grid = try ReductionGridSearch(size: 21).train(
      LogisticRegressionLearner(train.dataset.featureRows), on: train.dataset,
      constraints: RateParity.demographicParity.constraints(on: train.dataset, atMost: 0.02))
    report["gridSearch.demographicParity"] = test.report(
      grid.best.classifier.selectionChances(test.dataset.features))

    for criterion in ThresholdCriterion.allCases {
      for isRandomized in [true, false] {
        let fit = try ThresholdOptimizer(criterion, isRandomized: isRandomized)
          .fit(scores: train.scores, dataset: train.dataset)
        let name = "thresholds.\(criterion.rawValue)\(isRandomized ? "" : ".single")"
        report[name] = test.report(
          try fit.thresholds.chances(test.scores, sensitive: test.dataset.sensitive))
        report[name]?.fittedGap = fit.gap
        report[name]?.fittedAccuracy = fit.accuracy
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }
}

/// What decisions do on the test rows, in expectation.
private struct Report: Encodable {
  var accuracy: Double
  var demographicParityDifference: Double
  var equalizedOddsDifference: Double
  var seconds: Double?
  var trainings: Int?
  var fittedGap: Double?
  var fittedAccuracy: Double?
}

/// Rows of one split: features, labels, groups, and the scores of a model for thresholds.
private struct Rows {
  let dataset: Dataset
  let scores: [Float]

  init(_ folder: URL, _ split: String) throws {
    func numbers(_ name: String) throws -> [Float] {
      let data = try Data(contentsOf: folder.appendingPathComponent("\(split)-\(name).f32"))
      return data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }
    let labels = try numbers("labels")
    let features = try numbers("features")
    let columns = features.count / labels.count
    scores = try numbers("scores")
    dataset = Dataset(
      features: Matrix(rows: labels.count, columns: columns, values: features),
      baseRow: Self.mostFrequent(features, columns: columns), labels: labels,
      sensitive: [
        SensitiveColumn(
          name: "sex", groups: ["Female", "Male"], privileged: 1, codes: try numbers("groups").map { Int32($0) })
      ], sourceRows: Array(labels.indices))
  }

  private static func mostFrequent(_ values: [Float], columns: Int) -> [Float] {
    (0..<columns).map { column in
      var counts: [Float: Int] = [:]
      for place in stride(from: column, to: values.count, by: columns) { counts[values[place], default: 0] += 1 }
      return counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? 0
    }
  }

  func report(_ chances: [Double]) -> Report {
    func mean(_ group: Int32, _ label: Float?) -> Double {
      let rows = chances.indices.filter {
        dataset.sensitive[0].codes[$0] == group && (label == nil || dataset.labels[$0] == label)
      }
      return rows.reduce(0) { $0 + chances[$1] } / Double(rows.count)
    }
    let right = zip(chances, dataset.labels).reduce(0) { $0 + ($1.1 > 0.5 ? $1.0 : 1 - $1.0) }
    return Report(
      accuracy: right / Double(chances.count), demographicParityDifference: abs(mean(0, nil) - mean(1, nil)),
      equalizedOddsDifference: max(abs(mean(0, 0) - mean(1, 0)), abs(mean(0, 1) - mean(1, 1))))
  }
}
