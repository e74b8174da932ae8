import Experiments
import Foundation
import OrderedJSON
import RunRecords
import Testing

/// What the explorer of a page is given: all that it shows, and nothing of what is left out.
@Suite struct RunExplorerTests {
  /// Makes a run on simulated rows.
  ///
  /// - Parameter rest: Further members of the configuration.
  private static func withRun(sensitive: String, _ rest: String, _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let configuration = try ConfigurationFile(
      Array(
        """
        {"name": "explorer", "data": {"source": {"simulated": "census", "rows": 800, "seed": 5},
          "label": {"column": "income", "positive": ">50K"}, "drop": ["fnlwgt"],
          "sensitive": [\(sensitive)], "includeSensitiveInFeatures": true},
         "classifier": {"hidden": [8], "optimizer": {"learningRate": 0.01}}, "adversary": {"name": null}, \(rest)
         "evaluation": {"draws": 20}, "output": {"directory": "\(folder)", "report": false}}
        """.utf8), source: "explorer.json")
    try body(try ExperimentRunner(configuration).run().folder.path)
  }

  private static let sex = #"{"column": "sex", "privileged": "Male"}"#
  private static let plain = #""training": {"classifierEpochs": 4},"#

  /// A continuous attribute is a column of numbers: left out, no row's number is there, nor the model that reads it.
  @Test(arguments: [(#"{"column": "age", "kind": "continuous"}"#, "age"), (sex, "sex")])
  func sensitiveColumnsAreLeftOut(sensitive: String, name: String) throws {
    try Self.withRun(sensitive: sensitive, Self.plain) { run in
      func names(_ json: JSON) -> [String] { (json["columns"]?.elements ?? []).compactMap { $0["name"]?.text } }
      let whole = try RunExplorer(run: run).json()
      #expect(names(whole).contains(name) && whole["model"]?.members != nil && whole["withoutModel"] == .null)
      var options = RunExplorer.Options()
      options.includesSensitive = false
      let json = try RunExplorer(run: run, options: options).json()
      #expect(names(json) == names(whole).filter { $0 != name })
      #expect(json["hidden"] == [.string(name)] && json["groups"] == [] && json["flips"] == [])
      #expect(json["model"] == .null && json["withoutModel"] == "leftOut")
    }
  }

  /// The decisions are those of the run, whoever makes them; a page without a model says of which kind it is.
  @Test(
    arguments: [
      (plain, nil, []),
      (
        plain + #" "mitigation": [{"name": "thresholds", "criterion": "demographicParity", "randomized": true}],"#,
        "readsSensitive", ["sex"]
      ),
      (plain + #" "mitigation": [{"name": "correlationRemover"}],"#, "readsSensitive", ["sex"]),
    ] as [(String, String?, [String])])
  func decisionsAreThoseOfTheRun(rest: String, reason: String?, reads: [String]) throws {
    try Self.withRun(sensitive: Self.sex, rest) { run in
      let json = try RunExplorer(run: run).json()
      let path = "\(run)/predictions.csv"
      let file = try PredictionsFile(csv: Array(Data(contentsOf: URL(filePath: path))), at: path)
      let test = file.splits.indices.filter { file.splits[$0].rawValue == json["split"]?.text }
      #expect(json["decisions"]?.elements?.compactMap(\.integer) == test.map { file.decisions[$0] ? 1 : 0 })
      #expect(json["threshold"]?.double == 0.5)
      #expect(json["decisionsBefore"]?.elements?.count == json["before"]?.elements?.count)
      #expect((json["model"] == .null) == (reason != nil) && json["withoutModel"]?.text == reason)
      #expect(json["reads"]?.elements?.compactMap(\.text) == reads)
    }
  }
}
