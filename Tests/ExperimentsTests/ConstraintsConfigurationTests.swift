import Experiments
import MetricExpressions
import OrderedJSON
import Testing

/// The section `constraints`: what it reads, and what it refuses, with the exact message.
@Suite struct ConstraintsConfigurationTests {
  private func file(_ text: String) throws -> ConfigurationFile {
    try ConfigurationFile(Array(text.utf8), source: "c.json", overrides: [])
  }

  @Test func readsAndWritesItsKeys() throws {
    let configuration = try file(
      """
      {"constraints": {"require": ["p_percent_rule(sex) >= 0.8", "abs(fpr(sex = Female) - fpr(overall)) <= 2%"],
        "margin": 0.5, "folds": 3, "networks": {"epochs": 2, "hidden": [8]}}}
      """
    ).configuration
    let constraints = try #require(configuration.constraints)
    #expect(constraints.require.map(\.text).last == "abs(fpr(sex = Female) - fpr(overall)) <= 2%")
    #expect(constraints.method == .layer && constraints.margin == 0.5 && constraints.folds == 3)
    #expect(constraints.networks.epochs == 2 && constraints.networks.batchSize == nil)
    let again = try ExperimentConfiguration(JSONReader.read(Array(configuration.json.serialized().utf8), source: "j"))
    #expect(again == configuration)
    #expect(try file("{}").configuration.constraints == nil)
  }

  @Test func readsAndWritesTheKeysOfRates() throws {
    let configuration = try file(
      """
      {"constraints": {"require": ["fpr(sex = Male) <= 5%"], "method": "rates", "choose": "mixture",
        "rates": {"loss": "crossEntropy", "proxy": "sigmoid", "sharpness": 2, "iterations": 50, "snapshotEvery": 5,
          "multipliers": {"regret": "lagrangian", "update": "additive", "bound": 10, "learningRate": 0.5,
            "decay": {"schedule": "inverseTime", "rate": 1, "steps": 10}, "rows": "batch"}}}}
      """
    ).configuration
    let constraints = try #require(configuration.constraints)
    #expect(constraints.method == .rates && constraints.choose == .mixture)
    #expect(constraints.rates.sharpness == 2 && constraints.rates.multipliers.bound == 10)
    let written = try #require(configuration.json["constraints"])
    // Keys that do not apply are not written, as they would be refused when read again.
    #expect(written["networks"] == nil && written["rates"]?["multipliers"]?["minimumRadius"] == nil)
    let again = try ExperimentConfiguration(JSONReader.read(Array(configuration.json.serialized().utf8), source: "j"))
    #expect(again == configuration)
  }

  /// A game that seeks its λ has defaults of its own, where the file says nothing, and is refused what it cannot use.
  @Test func aGameThatSeeksLambdaHasItsOwnDefaults() throws {
    let text = """
      {"data": {"split": {"fractions": {"train": 0.5, "validation": 0.2, "test": 0.3}}},
        "training": {"batchSize": 64}, "adversary": {"input": "probability"},
        "constraints": {"require": ["p_percent_rule(sex) >= 0.8", "tpr(sex = Female at 0.3) >= 0.5"], "method": "game",
          "choose": "rank", "game": {"lambdaRate": 2, "interval": 3}}}
      """
    let configuration = try file(text).configuration
    let constraints = try #require(configuration.constraints)
    #expect(constraints.method == .game && constraints.choose == .rank)
    #expect(constraints.game.lambdaRate == 2 && constraints.game.interval == 3)
    #expect(configuration.training.batchSize == 64 && configuration.adversary.input == .probability)
    #expect(configuration.training.classifierBatch == .full && configuration.adversary.classWeights == .balanced)
    let again = try ExperimentConfiguration(JSONReader.read(Array(configuration.json.serialized().utf8), source: "j"))
    #expect(again == configuration)
    // What the article does stays what it is without such a target.
    let plain = try file("{}").configuration
    #expect(plain.training.classifierBatch == .last && plain.adversary.classWeights == .none)
    #expect(plain.training.onCollapse == nil && plain.training.pace == .constant)
    #expect(plain.adversary.lambdaSchedule == .constant)
  }

  @Test(arguments: [
    (
      #"{"constraints": {"require": ["tpr >= 0.5"], "choose": "rank"}}"#,
      "constraints.choose applies only where method is not layer. Remove the key.", [String]()
    ),
    (
      #"{"constraints": {"require": ["tpr >= 0.5"], "method": "rates", "readsSensitive": true}}"#,
      "constraints.readsSensitive applies only where method is layer", []
    ),
    (
      #"{"constraints": {"require": ["tpr >= 0.5"], "method": "rates", "rates": {"proxy": "hing"}}}"#,
      "Did you mean \"hinge\"?", []
    ),
    (
      #"""
      {"constraints": {"require": ["tpr >= 0.5"], "method": "rates",
        "rates": {"multipliers": {"regret": "lagrangian"}}}}
      """#, "constraints.rates.multipliers.bound is null, but multiplicative updates need a bound on the sum.", []
    ),
    (
      #"""
      {"constraints": {"require": ["tpr >= 0.5"], "method": "rates",
        "rates": {"multipliers": {"rows": "validation"}}}}
      """#, "constraints.rates.multipliers.rows is validation, but data.split makes no validation rows.", []
    ),
    (
      #"{"constraints": {"require": ["tpr >= 0.5"], "method": "rates"}, "evaluation": {"thresholds": [1]}}"#,
      "constraints.method is rates, which trains decisions at a threshold inside 0...1", []
    ),
    (
      #"{"constraints": {}}"#, "lacks the key 'require'", []
    ),
    (#"{"constraints": {"require": []}}"#, "should be a list of at least 1", []),
    (
      #"{"constraints": {"require": ["p_percent_rule(sx) >= 0.8"]}}"#,
      "c.json:1:30: constraints.require.0: there is no column 'sx' to tell groups by. Did you mean 'sex'?",
      ["  p_percent_rule(sx) >= 0.8", "                 ^"]
    ),
    (
      #"{"constraints": {"require": ["fpr(race = Whit) <= 0.1"]}}"#,
      "c.json:1:30: constraints.require.0: the column 'race' has no group 'Whit'. Did you mean 'White'?",
      ["  fpr(race = Whit) <= 0.1", "             ^"]
    ),
    (
      #"{"constraints": {"require": ["tpr >= 0.5", "p_percent_rul(sex) >= 0.8"]}}"#,
      "Did you mean 'p_percent_rule'?", ["  p_percent_rul(sex) >= 0.8", "  ^"]
    ),
    (
      #"{"constraints": {"require": ["roc_auc(overall) >= 0.8"]}}"#, "is no mean of decisions over fixed rows",
      ["  roc_auc(overall) >= 0.8", "  ^"]
    ),
    (
      #"{"constraints": {"require": ["tpr >= 0.5", "tpr <= 0.4"]}}"#,
      "constraints.require cannot be met: 'tpr >= 0.5' and 'tpr <= 0.4' cannot hold together: they bound the same from "
        + "both sides. Loosen or remove one.", []
    ),
    (
      #"{"constraints": {"require": ["p_percent_rule(sex) >= 80"]}}"#, "80 % is written 0.8 or 80%", []
    ),
    (
      #"{"constraints": {"require": ["tpr(overall at 0.3) >= 0.5"]}}"#, "Leave out 'at'.", []
    ),
    (
      #"{"constraints": {"require": ["tpr >= 0.5"], "method": "layr"}}"#, "found \"layr\"", []
    ),
    (
      #"{"constraints": {"require": ["tpr(sex = Male) >= 0.5"], "method": "game"}}"#,
      "data.split leaves no validation rows, by which constraints.method game seeks lambda and chooses the iterate. "
        + #"Give 'validation' a share of the training rows, such as {"fractions": {"train": 0.55, "validation": 0.15, "#
        + #""test": 0.3}}."#, []
    ),
    (
      #"{"constraints": {"require": ["tpr >= 0.5"], "choose": "last"}}"#,
      "constraints.choose applies only where method is not layer. Remove the key.", []
    ),
    (
      #"{"constraints": {"require": ["tpr >= 0.5"], "game": {}}}"#,
      "constraints.game applies only where method is game. Remove the key.", []
    ),
    (
      #"{"constraints": {"require": ["tpr >= 0.5"], "method": "game", "game": {"lambdaBound": 2, "initialLambda": 3}}}"#,
      "constraints.game.initialLambda is 3.0, above lambdaBound, 2.0. Lower it.", []
    ),
    (
      #"{"constraints": {"require": ["tpr >= 0.5"]}, "evaluation": {"thresholds": [0.3]}}"#,
      "constraints.method is layer, whose decisions are at 0.5, but evaluation.thresholds begins with 0.3. Begin it "
        + "with 0.5.", []
    ),
  ])
  func refusals(text: String, expected: String, detail: [String]) {
    let error = #expect(throws: ConfigurationError.self) { try file(text) }
    #expect(error?.exitStatus == 78)
    #expect(error?.description.contains(expected) == true, "\(error.map { "\($0)" } ?? "")")
    if !detail.isEmpty { #expect(error?.detail == detail) }
  }
}
