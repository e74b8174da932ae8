import Experiments
import Foundation
import LinearAlgebra
import OrderedJSON
import Serving
import Testing

/// A small run to be served, and rows for it.
struct ServedRun: Sendable {
  /// The run's folder.
  let folder: String

  /// A file of rows to be scored, with missing cells and categories that no training row has.
  let file: String

  /// The same rows as JSON objects.
  let rows: [JSON]

  /// What `equipoise predict` makes of the file.
  let predictions: Predictor.Predictions

  /// One with a plain network, one whose decision reads the group.
  static let plain = Result { try ServedRun(readsGroup: false) }
  static let reading = Result { try ServedRun(readsGroup: true) }

  private init(readsGroup: Bool) throws {
    let base = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
    var stream = RandomStream(seed: 4)
    func cells(_ count: Int, isNew: Bool) -> [[String]] {
      (0..<count).map { _ in
        let isA = stream.uniform() < 0.4
        let isPositive = stream.uniform() < 0.45
        let age = isNew && stream.uniform() < 0.1 ? "" : "\(Float(40 + 10 * stream.normal() + (isPositive ? 8 : 0)))"
        let jobs = isNew ? ["a", "b", "c \"d\"", "unheard of", ""] : ["a", "b", "c \"d\""]
        return [age, jobs[Int(stream.uniform() * Double(jobs.count))], isA ? "A" : "B", isPositive ? "yes" : "no"]
      }
    }
    func csv(_ rows: [[String]]) -> String {
      "age,job,group,label\n"
        + rows.map { $0.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",") + "\n" }.joined()
    }
    try csv(cells(600, isNew: false)).write(toFile: "\(base)/training.csv", atomically: false, encoding: .utf8)
    let new = cells(200, isNew: true)
    file = "\(base)/new.csv"
    try csv(new).write(toFile: file, atomically: false, encoding: .utf8)
    rows = new.map { cells in
      let values =
        [cells[0].isEmpty ? JSON.null : .number(JSONNumber(Double(cells[0]) ?? 0))]
        + [cells[1].isEmpty ? JSON.null : .string(cells[1]), .string(cells[2])]
      return .object(zip(["age", "job", "group"], values).map { JSON.Member($0, $1) })
    }
    let constraints =
      readsGroup
      ? #""constraints": {"require": ["p_percent_rule(group) >= 0.8"], "method": "layer", "readsSensitive": true},"#
      : ""
    let configuration = try ConfigurationFile(
      Array(
        """
        {"name": "served", "data": {"source": {"csv": "\(base)/training.csv"},
          "label": {"column": "label", "positive": "yes"}, "sensitive": [{"column": "group", "privileged": "B"}]},
         "classifier": {"hidden": [8]}, \(constraints) "adversary": {"lambda": {"group": 1}},
         "training": {"classifierEpochs": 2, "adversaryEpochs": 1, "gameEpochs": 2}, "audit": {"enabled": false},
         "evaluation": {"draws": 20}, "output": {"directory": "\(base)/runs", "report": false}}
        """.utf8), source: "served.json")
    folder = try ExperimentRunner(configuration).run().folder.path
    predictions = try Predictor(run: folder).predict(file)
  }

  func service(_ settings: ServiceSettings = ServiceSettings()) throws -> PredictionService {
    try PredictionService(run: folder, settings: settings, version: "test")
  }
}

extension PredictionService {
  /// Posts a text.
  func post(_ path: String, _ body: String) -> Answer {
    answer("POST", path) { Array(body.utf8) }
  }

  /// The samples of `/metrics`, by name and labels.
  func samples() -> [String: Double] {
    var samples: [String: Double] = [:]
    for line in answer("GET", "/metrics", body: { [] }).body.split(separator: "\n") where !line.hasPrefix("#") {
      guard let blank = line.lastIndex(of: " ") else { continue }
      samples[String(line[..<blank])] = Double(line[line.index(after: blank)...])
    }
    return samples
  }
}

extension PredictionService.Answer {
  /// The body read again.
  var json: JSON { (try? JSONReader.read(body, source: "answer").value) ?? .null }
}
