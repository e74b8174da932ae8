import Experiments
import OrderedJSON
import Testing

/// Bad configurations and their exact messages.
@Suite struct ConfigurationRefusalTests {
  private func message(_ text: String, _ overrides: [ConfigurationOverride] = []) -> String? {
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationFile(Array(text.utf8), source: "c.json", overrides: overrides)
    }
    #expect(error?.exitStatus == 78)
    return error?.description
  }

  @Test(arguments: [
    // Keys
    ("{\"trainig\": {}}", "c.json:1:2: the configuration has no key \"trainig\". Did you mean 'training'?"),
    (
      "{\"training\": {\n  \"batchsize\": 32}}",
      "c.json:2:3: training has no key \"batchsize\". Did you mean 'batchSize'?"
    ),
    (
      "{\"output\": {\"zzzzzz\": 1}}",
      "c.json:1:13: output has no key \"zzzzzz\". Its keys are directory, predictions, sensitiveInPredictions, report, checkpointEveryEpochs, trackers."
    ),
    ("{\"seed\": 1, \"seed\": 2}", "c.json:1:13: the key \"seed\" occurs twice, first at line 1. Keep one of them."),
    (
      "{\"output\": {\"\\u001b[31m\": 1}}",
      "c.json:1:13: output has no key \"\\u001b[31m\". Its keys are directory, predictions, sensitiveInPredictions, report, checkpointEveryEpochs, trackers."
    ),
    // Types and ranges
    ("[]", "c.json:1:1: the configuration should be an object, found an empty list."),
    ("{\"training\": 3}", "c.json:1:14: training should be an object, found 3."),
    (
      "{\"training\": {\"batchSize\": \"32\"}}",
      "c.json:1:28: training.batchSize should be a whole number in 1...16777216, found \"32\". Write the number without "
        + "quotation marks."
    ),
    (
      "{\"training\": {\"batchSize\": 0}}",
      "c.json:1:28: training.batchSize should be a whole number in 1...16777216, found 0."
    ),
    (
      "{\"training\": {\"batchSize\": 32.5}}",
      "c.json:1:28: training.batchSize should be a whole number in 1...16777216, found 32.5."
    ),
    (
      "{\"training\": {\"batchSize\": null}}",
      "c.json:1:28: training.batchSize should be a whole number in 1...16777216, found null."
    ),
    ("{\"seed\": -1}", "c.json:1:10: seed should be a whole number in 0...9007199254740991, found -1."),
    (
      "{\"training\": {\"dropLast\": \"yes\"}}",
      "c.json:1:27: training.dropLast should be true or false, found \"yes\"."
    ),
    (
      "{\"classifier\": {\"dropout\": 1}}",
      "c.json:1:28: classifier.dropout should be a number of at least 0 and less than 1, found 1."
    ),
    (
      "{\"classifier\": {\"hidden\": [32, 0]}}",
      "c.json:1:32: classifier.hidden.1 should be a whole number in 1...65536, found 0."
    ),
    (
      "{\"classifier\": {\"hidden\": 32}}",
      "c.json:1:27: classifier.hidden should be a list, each element a whole number in 1...65536, found 32."
    ),
    (
      "{\"classifier\": {\"activation\": \"rleu\"}}",
      "c.json:1:31: classifier.activation should be one of \"relu\", \"leakyRelu\", \"tanh\", \"sigmoid\", found \"rleu\". "
        + "Did you mean \"relu\"?"
    ),
    (
      "{\"classifier\": {\"optimizer\": {\"learningRate\": 1e999}}}",
      "c.json:1:47: classifier.optimizer.learningRate should be a number greater than 0, found 1e999."
    ),
    (
      "{\"classifier\": {\"optimizer\": {\"momentum\": 0.9}}}",
      "c.json:1:31: classifier.optimizer.momentum applies only where name is sgd. Remove the key."
    ),
    (
      "{\"classifier\": {\"optimizer\": {\"decay\": {\"rate\": 1}}}}",
      "c.json:1:40: classifier.optimizer.decay lacks the key 'schedule': The curve: exponential is rate^(t/steps), "
        + "inverseTime is 1/(1 + rate·t/steps), t the steps taken."
    ),
    (
      "{\"classifier\": {\"optimizer\": {\"gradientClip\": 0}}}",
      "c.json:1:47: classifier.optimizer.gradientClip should be a number greater than 0, or null, found 0."
    ),
    (
      "{\"name\": \"../evil\"}",
      "c.json:1:10: name should be a text of at most 100 letters, digits, '_', '-' and '.', not starting with '.' or "
        + "'-', found \"../evil\"."
    ),
    ("{\"adversary\": null}", "c.json:1:15: adversary should be an object, found null."),
    (
      "{\"evaluation\": {\"thresholds\": [0.5, 1.5]}}",
      "c.json:1:37: evaluation.thresholds.1 should be a number in 0...1, found 1.5."
    ),
    (
      "{\"evaluation\": {\"thresholds\": [0.5, 0.5]}}",
      "c.json:1:37: evaluation.thresholds has 0.5 twice. Keep one of them."
    ),
    // λ
    (
      "{\"adversary\": {\"lambda\": {\"rcae\": 1, \"sex\": 1}}}",
      "c.json:1:26: adversary.lambda has a weight for \"rcae\", which is no sensitive attribute. Did you mean 'race'?"
    ),
    (
      "{\"adversary\": {\"lambda\": {\"race\": 1}}}",
      "c.json:1:26: adversary.lambda has no weight for the sensitive attribute \"sex\". Add it; 0 leaves the attribute "
        + "out of the game."
    ),
    (
      "{\"adversary\": {\"lambda\": -1}}",
      "c.json:1:26: adversary.lambda should be a number of at least 0, found -1."
    ),
    (
      "{\"adversary\": {\"lambda\": {\"race\": \"130\", \"sex\": 1}}}",
      "c.json:1:35: adversary.lambda.race should be a number of at least 0, found \"130\". Write the number without "
        + "quotation marks."
    ),
    // Data
    (
      "{\"data\": {\"source\": {\"catalogue\": \"adult\"}}}",
      "c.json:1:21: data.source should be an object with the key 'simulated', or an object with the key 'catalog', or an "
        + "object with the key 'csv', found an object."
    ),
    (
      "{\"data\": {\"source\": {\"catalog\": \"adlut\"}}}",
      "c.json:1:33: data.source.catalog should be one of \"adult\", \"compas\", found \"adlut\". Did you mean \"adult\"?"
    ),
    (
      "{\"data\": {\"source\": {\"catalog\": \"adult\", \"csv\": \"a.csv\"}}}",
      "c.json:1:42: data.source has no key \"csv\". Its keys are catalog, files."
    ),
    (
      "{\"data\": {\"source\": {\"catalog\": \"adult\", \"files\": [\"trian\"]}}}",
      "c.json:1:51: data.source.files.0 names the file \"trian\", which 'adult' does not have. Its files are train, test."
    ),
    (
      "{\"data\": {\"source\": {\"csv\": \"a.csv\"}}}",
      "c.json:1:10: data lacks the key 'label', which has no default for files of your own."
    ),
    (
      "{\"data\": {\"source\": {\"csv\": \"a.csv\"}, \"label\": {\"column\": \"y\", \"positive\": \"1\"}}}",
      "c.json:1:10: data lacks the key 'sensitive', which has no default for files of your own."
    ),
    (
      "{\"data\": {\"sensitive\": []}}",
      "c.json:1:24: data.sensitive should be a list of at least 1, each element an object with the key 'column', found "
        + "an empty list. Without a sensitive attribute there is nothing to be fair about."
    ),
    (
      "{\"data\": {\"label\": {\"column\": \"income\", \"positive\": 1}}}",
      "c.json:1:53: data.label.positive should be a text that is not empty, found 1."
    ),
    (
      "{\"data\": {\"label\": {\"column\": \"income\"}}}",
      "c.json:1:20: data.label lacks the key 'positive': The cell that means 1, in quotation marks also where it is a "
        + "number; every other cell means 0."
    ),
    (
      "{\"data\": {\"sensitive\": [{\"column\": \"sex\"}, {\"column\": \"sex\"}]}}",
      "c.json:1:24: data.sensitive.1.column names \"sex\", as an earlier one does. Keep one of them."
    ),
    (
      "{\"data\": {\"sensitive\": [{\"column\": \"income\"}]}}",
      "c.json:1:24: data.sensitive.0.column is \"income\", the label's column. Name another one."
    ),
    (
      "{\"data\": {\"sensitive\": [{\"column\": \"race\", \"privileged\": \"Asian\", \"keep\": [\"White\", \"Black\"]}]}}",
      "c.json:1:58: data.sensitive.0.privileged is \"Asian\", which 'keep' leaves out. Add it to 'keep', or name one of "
        + "\"White\", \"Black\"."
    ),
    (
      "{\"data\": {\"sensitive\": [{\"column\": \"age\", \"bins\": [65, 18]}]}}",
      "c.json:1:51: data.sensitive.0.bins should be in increasing order."
    ),
    (
      "{\"data\": {\"drop\": [\"income\"]}}",
      "c.json:1:19: data.drop contains \"income\", the label's column, which is never a feature. Remove it."
    ),
    (
      "{\"data\": {\"split\": {\"fractions\": {\"train\": 0.5, \"test\": 0.4}}}}",
      "c.json:1:34: data.split.fractions should add up to 1, found 0.9."
    ),
    (
      "{\"data\": {\"split\": {\"files\": {\"train\": \"a.csv\", \"test\": \"b.csv\"}}, \"source\": {\"simulated\": \"census\"}}}",
      "c.json:1:78: data.source should be null where data.split names a file for each part. Keep one of the two."
    ),
    (
      "{\"data\": {\"source\": null}}",
      "c.json:1:10: data lacks the key 'label', which has no default for files of your own."
    ),
  ])
  func refusal(text: String, message expected: String) {
    #expect(message(text) == expected)
  }

  /// Options, and their messages.
  @Test(arguments: [
    ("training", "--set training: should be a path of keys, '=' and a value, such as training.batchSize=64."),
    ("=3", "--set =3: should be a path of keys, '=' and a value, such as training.batchSize=64."),
    (
      "training.batchsize=3",
      "--set training.batchsize=3: training has no key \"batchsize\". Did you mean 'batchSize'?"
    ),
    (
      "training.batchSize=many",
      "--set training.batchSize=many: training.batchSize should be a whole number in 1...16777216, found \"many\"."
    ),
    ("seed.x=1", "--set seed.x=1: seed has no keys or elements inside."),
    (
      "data.sensitive.2.keep=null",
      "--set data.sensitive.2.keep=null: data.sensitive has 2 elements, counted from 0; there is none at \"2\"."
    ),
    (
      "classifier.hidden=[32",
      "--set classifier.hidden=[32: the value is no JSON: the text ends where a comma or the end ] of the list should stand."
    ),
    (
      "adversary.lambda.rcae=1",
      "--set adversary.lambda.rcae=1: adversary.lambda has a weight for \"rcae\", which is no sensitive attribute. Did "
        + "you mean 'race'?"
    ),
    (
      #"constraints.require=["fpr(sex = Male) <= 0.05", "fpr(sax = Male) - fpr(overall) <= 0.05"]"#,
      #"--set constraints.require=["fpr(sex = Male) <= 0.05", "fpr(sax =…: constraints.require.1: there is no column "#
        + "'sax' to tell groups by. Did you mean 'sex'?"
    ),
    (
      "..=1",
      "--set ..=1: the configuration has no key \"\". Its keys are name, seed, data, classifier, adversary, training, "
        + "constraints, mitigation, evaluation, audit, card, output."
    ),
  ])
  func refusedOption(option: String, message expected: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationFile(
        Array("{}".utf8), source: "c.json", overrides: [ConfigurationOverride(option: option)])
    }
    #expect(error?.description == expected)
  }

  @Test func filesThatCannotBeRead() {
    for (path, message) in [
      ("/nonexistent/c.json", "/nonexistent/c.json: no such file or directory. Check the path."),
      ("/", "/: is a folder, not a file. Check the path."),
      ("/dev/zero", "/dev/zero: is longer than 4194304 bytes. Check the path."),
    ] {
      let error = #expect(throws: ConfigurationError.self) { try ConfigurationFile(path: path) }
      #expect(error?.description == message)
      #expect(error?.exitStatus == 66)
    }
  }
}
