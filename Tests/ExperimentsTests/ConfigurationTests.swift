import Experiments
import Foundation
import OrderedJSON
import Testing

@Suite struct ConfigurationTests {
  private static let configs = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Configs").standardizedFileURL.path

  private static let names = [
    "adult", "adult-article", "adult-game-target", "adult-hours", "adult-keras", "adult-target", "adult-tutorial",
    "compas", "compas-risk-level", "compas-target", "fpr-constraint", "louppe-toy", "quickstart", "unaware",
  ]

  private func decode(_ text: String, _ options: [String] = []) throws -> ExperimentConfiguration {
    try ConfigurationFile(
      Array(text.utf8), source: "c.json", overrides: options.map { try ConfigurationOverride(option: $0) }
    ).configuration
  }

  @Test func everyFileInConfigsIsValidAndListedHere() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.configs).filter { $0.hasSuffix(".json") }
    let others = [
      "schema", "adult-evaluation", "evaluation.schema", "sweep.schema", "comparison.schema", "adult-methods",
      "compas-methods",
    ]
    #expect(files.sorted() == (Self.names + others).map { $0 + ".json" }.sorted())
    for name in Self.names {
      let configuration = try ConfigurationFile(path: "\(Self.configs)/\(name).json").configuration
      #expect(configuration.name == name)
    }
  }

  /// After a change of keys: `equipoise config schema > Configs/schema.json`.
  @Test func schemaFileIsTheGeneratedOne() throws {
    let file = try String(contentsOfFile: "\(Self.configs)/schema.json", encoding: .utf8)
    #expect(file == ExperimentConfiguration.schema.serialized())
  }

  @Test(arguments: names)
  func resolvedConfigurationReadsBackEqual(name: String) throws {
    let configuration = try ConfigurationFile(path: "\(Self.configs)/\(name).json").configuration
    let resolved = configuration.json.serialized()
    #expect(try decode(resolved) == configuration)
    #expect(try decode(resolved).json.serialized() == resolved)
  }

  @Test(arguments: [
    #"{"data": {"source": {"csv": ["a.csv", "b.csv"], "columnNames": ["x", "y", "z"]}, "label": {"column": "y", "positive": "1"}, "sensitive": [{"column": "z", "bins": [1.5, 2]}], "types": {"x": "categorical"}, "split": {"column": "fold"}}, "adversary": {"lambda": 3.5}}"#,
    #"{"data": {"label": {"column": "y", "positive": "1"}, "sensitive": [{"column": "z"}], "split": {"files": {"train": "a.csv", "test": ["b.csv", "c.csv"], "validation": "d.csv"}}}}"#,
    #"{"classifier": {"hidden": [], "optimizer": {"name": "sgd", "momentum": 0.9, "decay": {"schedule": "inverseTime", "rate": 0.1, "steps": 5, "staircase": true}, "gradientClip": 1}}, "adversary": {"name": null, "optimizer": {"name": "adagrad", "learningRate": 0.003}}}"#,
    #"{"seed": 9007199254740991, "data": {"source": {"simulated": "census", "seed": 3}, "split": {"fractions": {"train": 0.64, "validation": 0.16, "test": 0.2}, "stratify": null, "seed": 42}}}"#,
  ])
  func everyFormReadsBackEqual(text: String) throws {
    let configuration = try decode(text)
    #expect(try decode(configuration.json.serialized()) == configuration)
  }

  @Test func emptyFileMeansTheDefaults() throws {
    #expect(try decode("{}") == ExperimentConfiguration())
  }

  @Test func commentedExampleIsTheDefaults() throws {
    let example = ExperimentConfiguration.commentedExample
    #expect(try decode(example) == ExperimentConfiguration())
    #expect(example.split(separator: "\n").allSatisfy { $0.count <= 120 })
  }

  @Test func notebookConfigurationSaysWhatTheDesignSays() throws {
    let configuration = try ConfigurationFile(path: "\(Self.configs)/adult.json").configuration
    var expected = ExperimentConfiguration()
    expected.name = "adult"
    expected.data.source = .catalog(CatalogSource(.adult, files: ["train"]))
    #expect(configuration == expected)
    #expect(configuration.adversary.lambda["race"] == 130)
    #expect(configuration.adversary.lambda["sex"] == 30)
    #expect(configuration.training.gameEpochs == 164)
  }

  @Test func defaultsFollowFromEarlierKeys() throws {
    let sgd = try decode(#"{"classifier": {"optimizer": {"name": "sgd"}}}"#).classifier.optimizer
    #expect(sgd.learningRate == 0.01)
    let compas = try decode(#"{"data": {"source": {"catalog": "compas"}}}"#)
    #expect(compas.data.label.column == "two_year_recid")
    #expect(compas.data.drop.contains("decile_score"))
    #expect(compas.adversary.lambda == .byAttribute([NamedValue("race", 130), NamedValue("sex", 30)]))
    let single = try decode(#"{"data": {"sensitive": [{"column": "sex"}]}}"#)
    #expect(single.adversary.lambda == .byAttribute([NamedValue("sex", 30)]))
    #expect(single.evaluation.slices == [["sex"]])
  }

  @Test func oneNumberIsTheWeightOfEveryAttribute() throws {
    #expect(
      try decode(#"{"adversary": {"lambda": 5}}"#).adversary.lambda
        == .byAttribute([NamedValue("race", 5), NamedValue("sex", 5)]))
  }

  @Test func overridesReachEveryPlace() throws {
    let configuration = try decode(
      #"{"adversary": {"lambda": 5}, "data": {"source": {"simulated": "census"}}}"#,
      [
        "training.batchSize=64", "classifier.activation=tanh", "classifier.hidden=[8]", "classifier.hidden.0=9",
        "data.sensitive.0.keep=null", "adversary.lambda.race=50", "classifier.optimizer.name=sgd",
        "data.source.rows=500", "classifier.optimizer.decay.schedule=exponential", "name=007x",
      ].filter { !$0.contains("decay") })
    #expect(configuration.training.batchSize == 64)
    #expect(configuration.classifier.activation == .tanh)
    #expect(configuration.classifier.hidden == [9])
    #expect(configuration.data.sensitive[0].keep == nil)
    #expect(configuration.data.sensitive[1].column == "sex")
    #expect(configuration.adversary.lambda == .byAttribute([NamedValue("race", 50), NamedValue("sex", 5)]))
    // Setting the name alone lets the learning rate follow from it.
    #expect(configuration.classifier.optimizer == OptimizerConfiguration(.sgd))
    #expect(configuration.data.source == .simulated(SimulatedSource(rows: 500)))
    #expect(configuration.name == "007x")
  }

  @Test func overrideRepairsAFileThatIsNotValidAlone() throws {
    let configuration = try decode(
      #"{"training": {"batchSize": 0}}"#, ["training.batchSize=16", "adversary.name=null"])
    #expect(configuration.training.batchSize == 16)
    #expect(configuration.adversary.name == nil)
  }

  @Test func pathsStartAtTheFolderOfTheFile() throws {
    let file = try ConfigurationFile(Array("{}".utf8), source: "studies/loans/c.json")
    #expect(file.located("a.csv") == "studies/loans/a.csv")
    #expect(file.located("/data/a.csv") == "/data/a.csv")
    #expect(try ConfigurationFile(Array("{}".utf8), source: "c.json").located("a.csv") == "a.csv")
  }
}
