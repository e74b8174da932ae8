import Experiments
import Foundation
import Testing

/// The keys of adversaries and of continuous attributes: what they default to, and what is refused.
@Suite struct AdversaryConfigurationTests {
  private func read(_ text: String) throws -> ExperimentConfiguration {
    try ConfigurationFile(Array(text.utf8), source: "c.json").configuration
  }

  private static let age = #""sensitive": [{"column": "age", "kind": "continuous"}, {"column": "sex"}]"#

  @Test func continuousAttributes() throws {
    let configuration = try read(#"{"data": {\#(Self.age)}, "adversary": {"name": "mixtureDensity"}}"#)
    #expect(configuration.data.groupNames == ["sex"] && configuration.data.continuousNames == ["age"])
    #expect(configuration.adversary.hidden == [20, 20] && configuration.adversary.components == 5)
    #expect(configuration.adversary.lambda["age"] == 1 && configuration.adversary.turns == .passes)
    #expect(configuration.evaluation.slices == [["sex"]], "numbers make no slices")
    let again = try read(configuration.json.serialized())
    #expect(again == configuration)
  }

  @Test func defaultsByTheKindOfAdversary() throws {
    let correlation = try read(#"{"adversary": {"name": "maximalCorrelation"}}"#)
    #expect(correlation.training.batchSize == 512 && correlation.adversary.activation == .tanh)
    #expect(try read(#"{"adversary": {"name": "broad", "temperature": 0.2}}"#).adversary.turns == .batches)
    let laftr = try read(#"{"adversary": {"name": "laftr", "reconstruction": 0.5}}"#)
    #expect(laftr.adversary.reconstruction == 0.5)
    let crossed = try read(
      #"{"adversary": {"crosses": [["race", "sex"]], "lambda": {"race": 0, "sex": 0, "race,sex": 9}}}"#)
    #expect(crossed.adversary.lambda["race,sex"] == 9 && crossed.data.sensitiveNames == ["race", "sex"])
    #expect(try read(#"{"adversary": {"crosses": [["race", "sex"]]}}"#).adversary.lambda["race,sex"] == 30)
  }

  @Test(arguments: [
    (
      #"{"data": {"sensitive": [{"column": "age", "kind": "continuous", "bins": [30]}]}}"#,
      "data.sensitive.0.bins applies only where kind is categorical. Remove the key."
    ),
    (
      #"{"data": {"sensitive": [{"column": "age", "kind": "numeric"}]}}"#,
      #"data.sensitive.0.kind should be one of "categorical", "continuous", found "numeric"."#
    ),
    (
      #"{"data": {\#(age)}, "adversary": {"name": "broad"}}"#,
      #"adversary.name is 'broad', whose weights are about groups, but "age" is continuous. Cut it into groups by bins, or "#
        + "name another adversary."
    ),
    (
      #"{"data": {\#(age)}, "constraints": {"require": ["p_percent_rule(age) >= 0.8"], "method": "game"}}"#,
      "constraints.require.0: there is no column 'age' to tell groups by. The columns are 'sex'."
    ),
    (
      #"{"adversary": {"name": "broad", "temperature": 0}}"#,
      "adversary.temperature should be a number of at least 0.01, found 0."
    ),
    (
      #"{"adversary": {"temperature": 1}}"#,
      "adversary.temperature applies only where name is broad or road. Remove the key."
    ),
    (
      #"{"adversary": {"name": "mixtureDensity", "components": 0}}"#,
      "adversary.components should be a whole number in 1...100, found 0."
    ),
    (
      #"{"adversary": {"name": "maximalCorrelation", "input": "sharpened"}}"#,
      "adversary.input is 'sharpened', which only makes a decision clearer, and maximalCorrelation reads all of the "
        + "prediction. Choose probability or logit."
    ),
    (
      #"{"adversary": {"name": "reweighting", "criterion": "equalizedOdds"}}"#,
      "adversary.criterion is about the sensitive attributes, which reweighting does not know. Remove the key."
    ),
    (
      #"{"adversary": {"name": "reweighting", "lambda": {"race": 1, "sex": 2}}}"#,
      "adversary.lambda differs by attribute, but reweighting knows none of them. Give one number."
    ),
    (
      #"{"adversary": {"name": "reweighting", "hidden": [8]}}"#,
      "adversary.hidden is about hidden layers, but reweighting is linear in features and label. Remove the key."
    ),
    (
      #"{"adversary": {"name": "reweighting", "input": "logit"}}"#,
      "adversary.input is about the prediction, but reweighting sees the features and the label. Remove the key."
    ),
    (
      #"{"adversary": {"crosses": [["race", "sexx"]]}}"#,
      #"adversary.crosses.0 has "sexx", which is no sensitive attribute with groups. Did you mean 'sex'?"#
    ),
    (
      #"{"adversary": {"crosses": [["race", "sex"], ["race", "sex"]]}}"#,
      "adversary.crosses has a list twice. Keep one of them."
    ),
    (
      #"{"mitigation": [{"name": "penalties", "penalties": [{"penalty": "counterfactualPairing", "attribute": "race"}]}],"#
        + #" "data": {"sensitive": [{"column": "race", "bins": [1]}]}}"#,
      #"mitigation sets "race" to its other group, but it has not two that are values of the column. Keep two, or name "#
        + "another attribute."
    ),
    (
      #"{"mitigation": [{"name": "penalties", "penalties": [{"penalty": "counterfactualPairing", "attribute": "age"}]}]}"#,
      #"mitigation sets "age" otherwise, which is no sensitive attribute with groups. The attributes are race, sex."#
    ),
    (
      #"{"mitigation": [{"name": "penalties", "penalties": [{"penalty": "counterfactualPairing"}]}],"#
        + #" "data": {"source": {"catalog": "compas"}}}"#,
      "mitigation has the penalty counterfactualPairing, but only simulated people have counterfactuals. Choose "
        + #"{"simulated": "census"} for data.source, or another penalty."#
    ),
    (
      #"{"mitigation": [{"name": "penalties", "penalties": [{"penalty": "independence", "width": 0}]}]}"#,
      "mitigation.0.penalties.0.width should be a number greater than 0, found 0."
    ),
  ])
  func refusals(text: String, message: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try read(text) }
    #expect(error?.description.hasSuffix(": " + message) == true, "\(error?.description ?? "none")")
  }
}
