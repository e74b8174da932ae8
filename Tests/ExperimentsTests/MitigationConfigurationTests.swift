import Experiments
import Foundation
import Testing

@Suite struct MitigationConfigurationTests {
  private static let methods = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Configs/methods").standardizedFileURL.path

  private func read(_ text: String) throws -> ExperimentConfiguration {
    try ConfigurationFile(Array(text.utf8), source: "c.json").configuration
  }

  /// Every method has a configuration, named as its file, which reads back equal when it is spelled out.
  @Test func everyMethodHasAConfiguration() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.methods).sorted()
    #expect(files.count > 20)
    var names: Set<String> = []
    for file in files {
      let configuration = try ConfigurationFile(path: "\(Self.methods)/\(file)").configuration
      #expect(configuration.name + ".json" == file)
      let resolved = configuration.json.serialized()
      let again = try ConfigurationFile(Array(resolved.utf8), source: file).configuration
      #expect(again == configuration, "\(file)")
      if let name = configuration.adversary.name { names.insert(name.rawValue) }
      names.formUnion(configuration.mitigation.map(\.name.rawValue))
      names.formUnion(configuration.mitigation.flatMap(\.penalties).map(\.penalty.rawValue))
    }
    let known =
      AdversaryConfiguration.Name.allCases.map(\.rawValue) + MitigationConfiguration.Name.allCases.map(\.rawValue)
      + MitigationConfiguration.Term.Name.allCases.map(\.rawValue)
    #expect(Set(known).subtracting(names).isEmpty)
  }

  @Test(arguments: ["adult-methods", "compas-methods"]) func comparisonsInConfigsAreValid(name: String) throws {
    let plan = try ComparisonPlan(path: "\(Self.methods)/../\(name).json")
    #expect(plan.file.name == name && plan.file.methods.count == 24)
  }

  @Test func defaultsByTheKindOfAdversary() throws {
    let plain = try read("{}")
    #expect(plain.adversary.turns == .passes && plain.training.gameEpochs == 164 && !plain.adversary.diagnostics)
    let projection = try read(#"{"adversary": {"name": "projection"}}"#)
    #expect(projection.adversary.turns == .batches && projection.training.gameEpochs == 20)
    #expect(!projection.adversary.lambdaInAdversaryLoss && projection.adversary.diagnostics)
    #expect(projection.adversary.lambda["sex"] == 1)
    let aif = try read(#"{"adversary": {"name": "aif360", "hidden": [4]}}"#)
    #expect(aif.adversary.input == .sharpened && aif.adversary.criterion == .equalizedOdds)
    #expect(aif.adversary.hidden == [4] && aif.adversary.lambda["race"] == 0.1)
    let penalty = try read(
      #"{"mitigation": [{"name": "penalties", "penalties": [{"penalty": "mutualInformation"}]}]}"#)
    #expect(penalty.adversary.name == nil)
    #expect(try read(#"{"mitigation": [{"name": "reweighing"}]}"#).adversary.name == .prediction)
  }

  @Test(arguments: [
    (
      #"{"mitigation": [{"name": "thresholds"}, {"name": "reweighing"}]}"#,
      "c.json:1:16: mitigation cannot be followed: 'reweighing' stands after 'thresholds', but is done before it. List the "
        + "steps in the order in which they are done."
    ),
    (
      #"{"adversary": {"name": "prediction"}, "mitigation": [{"name": "gridSearch"}]}"#,
      "c.json:1:53: mitigation cannot be followed: 'adversary' and 'gridSearch' are both ways of training, of which there "
        + "is one. Keep one of them."
    ),
    (
      #"{"adversary": {"name": null}, "mitigation": [{"name": "adversary"}]}"#,
      "c.json:1:45: mitigation has the step 'adversary', but adversary.name is null. Name one."
    ),
    (
      #"{"mitigation": [{"name": "reweighing"}], "constraints": {"require": ["p_percent_rule(sex) >= 0.8"]}}"#,
      "c.json:1:16: mitigation and constraints both say how parity is reached. Remove one of them."
    ),
    (
      #"{"mitigation": [{"name": "reweighing", "alpha": 1}]}"#,
      "c.json:1:40: mitigation.0.alpha applies only where name is correlationRemover. Remove the key."
    ),
    (
      #"{"mitigation": [{"name": "penalties"}]}"#,
      "c.json:1:17: mitigation.0 lacks the key 'penalties', without which penalties does nothing."
    ),
    (
      #"{"mitigation": [{"name": "penalties", "penalties": [{"penalty": "meanDiscrepancy", "length": 0}]}]}"#,
      "c.json:1:94: mitigation.0.penalties.0.length should be a number greater than 0, found 0."
    ),
    (
      #"{"mitigation": [{"name": "thresholds"}], "evaluation": {"thresholds": [0]}}"#,
      "c.json:1:16: mitigation decides by thresholds of its own, for which the first of evaluation.thresholds must be above "
        + "0."
    ),
    (
      #"{"adversary": {"name": "laftr", "input": "logit"}}"#,
      "c.json:1:42: adversary.input is about the prediction, but laftr sees the last hidden layer. Remove the key."
    ),
    (
      #"{"adversary": {"name": "projection"}, "training": {"classifierBatch": "full"}}"#,
      "c.json:1:71: training.classifierBatch means nothing where both players step on every mini-batch (adversary.turns). "
        + "Remove it, or set adversary.turns to \"passes\"."
    ),
    (
      #"{"adversary": {"name": "projection", "lambdaInAdversaryLoss": true}}"#,
      "c.json:1:63: adversary.lambdaInAdversaryLoss is true, but with projection lambda is alpha, which is not in the "
        + "adversary's loss. Set it to false."
    ),
  ])
  func refusals(text: String, message: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try read(text) }
    #expect(error.description == message)
  }
}
