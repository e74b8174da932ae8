import Benchmark
import FairnessMetrics
import LinearAlgebra

/// Metrics of 100,000 scores.
func metrics() -> BenchmarkSuite {
  BenchmarkSuite(name: "metrics") { suite in
    let rows = 100_000
    var stream = RandomStream(seed: 1)
    let scores = (0..<rows).map { _ in Float(stream.uniform()) }
    let labels = scores.map { stream.uniform() < 0.2 + 0.6 * Double($0) }
    let sex = GroupColumn(name: "sex", groups: ["f", "m"], codes: (0..<rows).map { _ in Int32(stream.below(2)) })
    let race = GroupColumn(
      name: "race", groups: ["a", "b", "c", "d", "e"], codes: (0..<rows).map { _ in Int32(stream.below(5)) })

    suite.benchmark("evaluation by two attributes, as after each epoch") {
      _ = ClassifierEvaluation(scores: scores, labels: labels, attributes: [sex, race], threshold: 0.5)
    }
    suite.benchmark("ROC AUC") { _ = rocAUC(scores: scores, labels: labels) }
    let columns = [SliceColumn(sex), SliceColumn(race)]
    suite.benchmark("all slices and intersections, one threshold") {
      var slices = SliceAccumulator(columns: ["sex", "race"], thresholds: [0.5])
      slices.add(scores: scores, labels: labels, columns: columns)
      _ = slices.slices(crossing: ["sex", "race"])
    }
    suite.benchmark("all slices and intersections, ten thresholds, histogram") {
      var slices = SliceAccumulator(
        columns: ["sex", "race"], thresholds: (0..<10).map { Double($0) / 10 }, histogramBins: 1024)
      slices.add(scores: scores, labels: labels, columns: columns)
      _ = slices.slices(crossing: ["sex", "race"])
    }
  }
}
