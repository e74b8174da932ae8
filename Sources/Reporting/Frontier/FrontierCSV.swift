import FairnessMetrics
import RunRecords

extension FrontierRecord {
  /// The points as a table: a line for each, the statistics on the judged and on the test rows with their intervals over
  /// the seeds. What does not exist is an empty cell.
  public var csv: String {
    let names = ["accuracy", "rocAUC", "selectionRate", "metric"]
    var header = ["value", "pareto", "knee", "cheapestFeasible", "runs"]
    for rows in ["judged", "test"] {
      for name in names { header += ["", "Low", "High"].map { "\(rows)_\(name)\($0)" } }
    }
    let lines = points.enumerated().map { index, point -> [String] in
      let cells = [
        "\(point.value)", point.isPareto ? "1" : "0", knee.index == index ? "1" : "0",
        cheapestFeasible.index == index ? "1" : "0", String(point.judged.accuracy.count),
      ]
      return cells + Self.cells(point.judged) + Self.cells(point.test)
    }
    return ([header] + lines).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  private static func cells(_ measurement: Measurement?) -> [String] {
    guard let measurement else { return [String](repeating: "", count: 12) }
    return [measurement.accuracy, measurement.rocAUC, measurement.selectionRate, measurement.metric].flatMap { value in
      [value.mean.value, value.interval?.low, value.interval?.high].map { $0.map { "\($0)" } ?? "" }
    }
  }
}
