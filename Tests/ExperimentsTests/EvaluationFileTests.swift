import Experiments
import FairnessEvaluation
import FairnessMetrics
import Foundation
import MetricExpressions
import OrderedJSON
import Testing

/// Evaluation files and the `evaluation` of configurations: what they mean, and what is refused.
@Suite struct EvaluationFileTests {
  private static let configs = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Configs").standardizedFileURL.path

  private func file(_ text: String) throws -> EvaluationFile {
    try EvaluationFile(Array(text.utf8), source: "spec.json")
  }

  private func experiment(_ text: String) throws -> ExperimentConfiguration {
    try ConfigurationFile(Array(text.utf8), source: "c.json").configuration
  }

  /// After a change of keys: `equipoise config schema --evaluation > Configs/evaluation.schema.json`.
  @Test func schemaFileIsTheGeneratedOne() throws {
    let text = try String(contentsOfFile: "\(Self.configs)/evaluation.schema.json", encoding: .utf8)
    #expect(text == EvaluationFile.schema.serialized())
  }

  @Test(arguments: [
    "{}",
    #"{"label": "y", "positive": ["a", "b"], "scores": ["s", "t"], "logits": true, "compare": {"cost": [1, 5]}}"#,
    #"{"decisions": ["d"], "groups": ["x", "age"], "bins": {"age": [18, 65]}, "failIf": ["fpr > 0.5"], "require": ["accuracy > 0.1"]}"#,
    #"{"scores": ["s"], "regression": true, "metrics": ["mae"], "weights": "w", "missing": ["none"]}"#,
    #"{"classes": {"high": "h", "low": "l"}, "multiValued": {"identity": "|"}, "slices": [["identity"]]}"#,
    #"{"predictedClass": {"column": "p", "classes": ["high"]}, "soft": {"gender": {"columns": ["f", "m"]}}, "words": {"rows": "r", "positive": "p", "negative": "n", "selected": "s", "rejected": "t"}}"#,
    #"{"scoreRange": [1, 10], "thresholds": [5, 7], "packs": ["nyc-ll144"], "packColumns": {"sex": "s", "race": "r"}, "worstSlices": 3, "intervals": false, "exactRows": 0}"#,
  ])
  func everyFormReadsBackEqual(text: String) throws {
    let read = try file(text)
    #expect(try file(read.json.serialized()) == read)
    #expect(try file(EvaluationFile.commentedExample) == EvaluationFile())
  }

  @Test func keysMeanWhatTheOptionsMean() throws {
    let read = try file(
      #"""
      // Comments are allowed.
      {"label": "y", "positive": ["high"], "scores": ["s"], "groups": ["sex", "age"], "bins": {"age": [18, 65]},
       "slices": [["sex"], ["sex", "age"]], "thresholds": [0.3, 0.5], "metrics": ["fpr", "rocAUC"],
       "require": ["p_percent_rule(sex) >= 0.8"], "failIf": ["accuracy < 0.5"], "missing": ["none"], "worstSlices": 2}
      """#
    ).specification
    var expected = EvaluationSpecification()
    expected.label = "y"
    expected.positive = ["high"]
    expected.predictions = .scores(["s"])
    expected.groups = [GroupSource("sex"), GroupSource("age", .bins(try #require(NumericBins(edges: [18, 65]))))]
    expected.slices = [["sex"], ["sex", "age"]]
    expected.thresholds = [0.3, 0.5]
    expected.metrics = ["fpr", "auc"].compactMap { MetricName($0) }
    expected.gates = [
      try .init("p_percent_rule(sex) >= 0.8", failsIfMet: false), try .init("accuracy < 0.5", failsIfMet: true),
    ]
    expected.missingMarkers = ["?", "none"]
    expected.worstSlices = .init(depth: 2)
    #expect(read == expected)
  }

  @Test func filesAreToldApart() throws {
    func isEvaluation(_ text: String) -> Bool { EvaluationFile.isMeant(by: Array(text.utf8)) }
    #expect(isEvaluation(#"{"label": "y", "seed": 3}"#))
    #expect(!isEvaluation(#"{"seed": 3, "training": {}}"#))
    #expect(!isEvaluation("{}"))
    #expect(!isEvaluation("{"))
    for name in try FileManager.default.contentsOfDirectory(atPath: Self.configs)
    where name.hasSuffix(".json") && !name.contains("schema") {
      let bytes = try ConfigurationFile.bytes("\(Self.configs)/\(name)")
      #expect(EvaluationFile.isMeant(by: bytes) == (name == "adult-evaluation.json"), "\(name)")
    }
    _ = try EvaluationFile(path: "\(Self.configs)/adult-evaluation.json").specification.resolved()
  }

  @Test(arguments: [
    ("{\"lable\": \"y\"}", "spec.json:1:2: the evaluation has no key \"lable\". Did you mean 'label'?"),
    ("{\"thresholds\": [\"x\"]}", "spec.json:1:17: thresholds.0 should be a number, found \"x\"."),
    ("{\"label\": 1}", "spec.json:1:11: label should be a text that is not empty, found 1."),
    (
      "{\"scores\": [\"a\"], \"decisions\": [\"b\"]}",
      "spec.json:1:1: the evaluation has both scores and decisions, which exclude each other. Keep one of them."
    ),
    ("{\"require\": [\"fqr < 1\"]}", "spec.json:1:14: require.0: there is no metric 'fqr'. Did you mean 'fpr'?"),
    ("{\"bins\": {\"age\": [5, 1]}}", "spec.json:1:18: bins.age should be ascending numbers to cut at."),
    ("{\"metrics\": [\"fpr\", \"fqr\"]}", "spec.json:1:21: metrics.1 names no metric: \"fqr\". Did you mean 'fpr'?"),
    ("{\"logits\": true, \"scoreRange\": [0, 9]}", "spec.json:1:12: logits excludes scoreRange. Keep one of them."),
    ("{\"decisions\": [\"d\"], \"regression\": true}", "spec.json:1:36: regression needs scores that are numbers."),
    (
      "{\"compare\": \"fpt\"}",
      "spec.json:1:13: compare should be one of \"fpr\", \"selection\", or an object with the key 'cost', or null, found "
        + "\"fpt\"."
    ),
    (
      "{\"words\": {\"rows\": \"r\"}}",
      "spec.json:1:11: words lacks the key 'positive': What those with a positive label do "
        + "or are."
    ),
    ("[]", "spec.json:1:1: the evaluation should be an object, found an empty list."),
    ("{", "spec.json:1:2: the text ends where a key in quotation marks should stand."),
  ])
  func refusal(text: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) { try file(text) }
    #expect(error?.description == message)
    #expect(error?.exitStatus == 78)
  }

  // MARK: - In a configuration

  @Test func slicesFollowFromAttributesAndGroups() throws {
    #expect(try experiment("{}").evaluation.slices == [["race"], ["sex"], ["race", "sex"]])
    let binned = try experiment(#"{"evaluation": {"bins": {"age": [25, 60]}}}"#)
    #expect(
      binned.evaluation.slices
        == [["race"], ["sex"], ["race", "sex"], ["age"], ["age", "race"], ["age", "sex"]])
    #expect(try experiment(#"{"evaluation": {"slices": [["education"]]}}"#).evaluation.slices == [["education"]])
  }

  @Test(arguments: [
    (
      "{\"evaluation\": {\"require\": [\"fpr(sex = F) < 0.1 +\"]}}",
      "c.json:1:29: evaluation.require.0: found the end where a number or a metric should stand."
    ),
    (
      "{\"evaluation\": {\"require\": [\"mae < 1\"]}}",
      "c.json:1:16: evaluation: the gate 'mae < 1': a metric in it needs predicted numbers (--regression)."
    ),
    (
      "{\"evaluation\": {\"slices\": [[\"income\"]]}}",
      "c.json:1:16: evaluation: the column 'income' is to be both the label and groups. Give each column one part."
    ),
    (
      "{\"evaluation\": {\"label\": \"income\"}}",
      "c.json:1:17: evaluation has no key \"label\". Its keys are groups, bins, multiValued, soft, slices, thresholds, "
        + "metrics, require, failIf, packs, packColumns, worstSlices, compare, intervals, confidence, draws, seed, "
        + "minimumRows, words, everyEpochs."
    ),
    (
      "{\"evaluation\": {\"confidence\": 95}}",
      "c.json:1:31: evaluation.confidence should be a number between 0 and 1, found 95."
    ),
    // A sensitive column is held against the columns of the rows before λ is held against it.
    (
      "{\"data\": {\"sensitive\": [{\"column\": \"rcae\"}]}, \"adversary\": {\"lambda\": {\"race\": 1}}}",
      "c.json:1:24: data.sensitive.0.column is \"rcae\", which the rows do not have. Did you mean \"race\"?"
    ),
    (
      "{\"data\": {\"source\": {\"csv\": \"a.csv\"}, \"label\": {\"column\": \"y\", \"positive\": \"1\"}, \"sensitive\": "
        + "[{\"column\": \"rcae\"}]}, \"adversary\": {\"lambda\": {\"race\": 1}}}",
      "c.json:1:142: adversary.lambda has a weight for \"race\", which is no sensitive attribute. Did you mean 'rcae'? Or "
        + "is it data.sensitive that is misspelt?"
    ),
    (
      "{\"data\": {\"filters\": [{\"column\": \"age\", \"between\": [65, 18]}]}}",
      "c.json:1:52: data.filters.0.between should name the lower end first."
    ),
  ])
  func refusedConfiguration(text: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) { try experiment(text) }
    #expect(error?.description == message)
  }

  @Test func conditionsShowTheirFault() {
    let error = #expect(throws: ConfigurationError.self) {
      try experiment("{\"evaluation\": {\"require\": [\"fpr(sex = F) < 0.1 +\"]}}")
    }
    #expect(error?.detail == ["  fpr(sex = F) < 0.1 +", "                      ^"])
  }

  @Test func resolvedConfigurationShowsTheCataloguesPreparation() throws {
    let compas = try experiment(#"{"data": {"source": {"catalog": "compas"}, "drop": ["age"]}}"#)
    #expect(compas.data.drop.first == "age")
    #expect(compas.data.drop.contains("decile_score"))
    #expect(compas.data.filters.count == 4)
    let text = compas.json.serialized(.compact)
    #expect(text.contains(#"{"column":"days_b_screening_arrest","between":[-30,30]}"#))
    #expect(text.contains(#"{"column":"score_text","notAmong":["N/A"]}"#))
    #expect(try experiment(compas.json.serialized()) == compas)
    // The usual label's companions may be another experiment's label.
    let other = try experiment(
      #"{"data": {"source": {"catalog": "compas"}, "label": {"column": "is_recid", "positive": "1"}}}"#)
    #expect(!other.data.drop.contains("is_recid"))
    #expect(try experiment(#"{"data": {"source": {"catalog": "compas"}, "filters": []}}"#).data.filters.isEmpty)
  }
}
