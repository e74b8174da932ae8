import Experiments
import OrderedJSON
import Testing

/// Labels with several classes and numbers in a configuration: what is read, and what is refused with place and remedy.
@Suite struct LabelConfigurationTests {
  private static func text(_ label: String, _ more: String = "", data: String = "") -> String {
    """
    {"data": {"source": {"csv": "a.csv"}, "label": \(label), "sensitive": [{"column": "z"}]\(data)}\(more)}
    """
  }

  private static let grade = #"{"column": "grade", "kind": "categorical"}"#
  private static let hours = #"{"column": "hours", "kind": "continuous"}"#

  private func decode(_ text: String) throws -> ExperimentConfiguration {
    try ConfigurationFile(Array(text.utf8), source: "c.json").configuration
  }

  @Test(arguments: [grade, hours])
  func readsBackEqual(label: String) throws {
    let configuration = try decode(Self.text(label))
    #expect(configuration.data.label.kind == (label == Self.grade ? .categorical : .continuous))
    #expect(configuration.data.label.positive.isEmpty)
    let resolved = configuration.json.serialized()
    #expect(try decode(resolved) == configuration)
    #expect(try decode(resolved).json.serialized() == resolved)
    #expect(configuration.json["data"]?["label"]?["kind"] != nil)
  }

  /// The resolved configuration of a binary label is the one of versions that knew no other.
  @Test func binaryLabelsAreWrittenAsEver() throws {
    let plain = try decode(Self.text(#"{"column": "y", "positive": "1"}"#))
    #expect(plain == (try decode(Self.text(#"{"column": "y", "kind": "binary", "positive": "1"}"#))))
    #expect(plain.json["data"]?["label"] == ["column": "y", "positive": "1"])
  }

  @Test func aNumberIsNotStratified() throws {
    let configuration = try decode(Self.text(Self.hours))
    #expect(configuration.json["data"]?["split"]?["stratify"] == .null)
    #expect(try decode(Self.text(Self.grade)).json["data"]?["split"]?["stratify"] == "label")
    let column = try decode(
      Self.text(Self.hours, data: #", "split": {"fractions": {"train": 0.5, "test": 0.5}, "stratify": "z"}"#))
    #expect(column.json["data"]?["split"]?["stratify"] == "z")
  }

  private static let refused: [(text: String, expected: String)] = [
    (text(#"{"column": "y"}"#), "data.label lacks the key 'positive':"),
    (text(#"{"column": "y", "kind": "ordinal", "positive": "1"}"#), "data.label.kind should be one of"),
    (
      text(#"{"column": "y", "kind": "categorical", "positive": "1"}"#),
      "data.label.positive applies only where kind is binary. Remove the key."
    ),
    (
      text(#"{"column": "y", "kind": "continuous", "positive": "1"}"#),
      "data.label.positive applies only where kind is binary. Remove the key."
    ),
    (
      text(hours, data: #", "split": {"fractions": {"train": 0.5, "test": 0.5}, "stratify": "label"}"#),
      "data.split.stratify is 'label', but data.label is continuous. Name a column with few values, or set it to null."
    ),
    (
      text(hours, #", "evaluation": {"thresholds": [0.3]}"#),
      "evaluation.thresholds are for decisions between two classes, but data.label is continuous: nothing is decided. "
        + "Remove the key."
    ),
    (
      text(grade, #", "evaluation": {"thresholds": [0.3]}"#),
      "evaluation.thresholds are for decisions between two classes, but data.label is categorical: the class with the "
        + "largest probability is decided. Remove the key."
    ),
    (
      text(grade, #", "evaluation": {"require": ["p_percent_rule(z) >= 0.8"]}"#),
      "evaluation.require has conditions about a positive class, but data.label is categorical. Remove the key, and judge"
    ),
    (
      text(grade, #", "evaluation": {"failIf": ["accuracy < 0.5"]}"#),
      "evaluation.failIf has conditions about a positive class, but data.label is categorical."
    ),
    (text(hours, #", "evaluation": {"require": ["p_percent_rule(z) >= 0.8"]}"#), "evaluation: "),
    (
      text(grade, #", "evaluation": {"packs": ["four-fifths"]}"#),
      "evaluation.packs is about decisions between two classes, but data.label is categorical. Remove the key."
    ),
    (
      text(hours, #", "evaluation": {"worstSlices": 2}"#),
      "evaluation.worstSlices is about decisions between two classes, but data.label is continuous. Remove the key."
    ),
    (
      text(hours, #", "constraints": {"require": ["p_percent_rule(z) >= 0.8"], "method": "layer"}"#),
      "constraints bounds rates of a label of 0 and 1, but data.label is continuous. Remove it, or make the label binary."
    ),
    (
      text(grade, #", "mitigation": [{"step": "reweighing"}]"#),
      "mitigation has steps for a label of 0 and 1, but data.label is categorical. Remove it: the adversary plays for such "
        + "a label too."
    ),
    (
      text(grade, #", "adversary": {"name": "aif360"}"#),
      "adversary.name is 'aif360', which plays for a label of 0 and 1, but data.label is categorical. Name one of "
        + "prediction, projection, gradientReversal, laftr, mixtureDensity, maximalCorrelation."
    ),
    (
      text(hours, #", "adversary": {"name": "reweighting"}"#),
      "adversary.name is 'reweighting', which plays for a label of 0 and 1, but data.label is continuous."
    ),
    (
      text(hours, #", "adversary": {"criterion": "equalizedOdds"}"#),
      "adversary.criterion is 'equalizedOdds', which needs a label of 0 and 1, but data.label is continuous. Set it to "
        + "demographicParity."
    ),
    (
      text(hours, #", "adversary": {"input": "sharpened"}"#),
      "adversary.input is 'sharpened', which only makes a decision between two classes clearer, but data.label is "
        + "continuous. Choose probability or logit."
    ),
    (
      text(grade, #", "training": {"onCollapse": "rollBack"}"#),
      "training.onCollapse is rollBack, but the signs of a collapse are about a label of 0 and 1, and data.label is "
        + "categorical. Remove the key."
    ),
  ]

  @Test(arguments: refused)
  func refusals(text: String, expected: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try decode(text) }
    #expect(error?.exitStatus == 78)
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "no error")")
    #expect(error?.description.hasPrefix("c.json:") == true || expected == "evaluation: ")
  }
}
