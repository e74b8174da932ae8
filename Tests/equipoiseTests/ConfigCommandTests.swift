import Foundation
import Testing

/// The built tool, run as a process.
@Suite struct ConfigCommandTests {
  @Test(arguments: [
    (["config", "check", "Configs/adult.json"], 0, "Configs/adult.json: valid, experiment 'adult'.\n", ""),
    (
      ["config", "check", "Configs/adult.json", "--set", "trainig.batchSize=1"], 78, "",
      "equipoise: --set trainig.batchSize=1: the configuration has no key \"trainig\". Did you mean 'training'?\n"
    ),
    (
      ["config", "check", "Configs/adult.json", "--seed=-1"], 78, "",
      "equipoise: --seed -1: seed should be a whole number in 0...9007199254740991, found -1.\n"
    ),
    (
      ["config", "check", "missing.json"], 66, "",
      "equipoise: missing.json: no such file or directory. Check the path.\n"
    ),
    (
      ["config", "check", "Configs/adult.json", "Configs/adult-evaluation.json"], 0,
      "Configs/adult.json: valid, experiment 'adult'.\nConfigs/adult-evaluation.json: valid, an evaluation file.\n", ""
    ),
    (
      ["config", "check", "missing.json", "LICENSE", "Configs/unaware.json"], 66,
      "Configs/unaware.json: valid, experiment 'unaware'.\n",
      "equipoise: missing.json: no such file or directory. Check the path.\n"
        + "equipoise: LICENSE:2:34: 'Apache' is not a JSON value. Put text in quotation marks; the words of JSON are true, "
        + "false and null.\n"
    ),
    (
      ["config", "check", "Configs/adult-evaluation.json", "--seed", "1"], 64, "",
      "equipoise: --seed 1: goes with configurations of experiments, and Configs/adult-evaluation.json is an evaluation "
        + "file.\n"
    ),
    (
      ["config", "check", "Configs/adult.json", "--set", "evaluation.failIf=[\"fpr <\"]"], 78, "",
      "equipoise: --set evaluation.failIf=[\"fpr <\"]: evaluation.failIf.0: found the end where a number or a metric "
        + "should stand.\n  fpr <\n       ^\n"
    ),
  ])
  func check(arguments: [String], status: Int32, output: String, error: String) throws {
    let result = try Tool.run(arguments)
    #expect(result.status == status)
    #expect(result.output == output)
    #expect(result.error == error)
  }

  @Test func usageErrorsHaveTheirStatus() throws {
    #expect(try Tool.run(["confg"]).status == 64)
    #expect(try Tool.run(["config", "check"]).status == 64)
    #expect(try Tool.run(["config", "check", "Configs/adult.json", "--sed", "1"]).status == 64)
  }

  @Test func schemaAndResolvedConfiguration() throws {
    let schema = try String(contentsOfFile: "\(Tool.root)/Configs/schema.json", encoding: .utf8)
    #expect(try Tool.run(["config", "schema"]).output == schema)
    let resolved = try Tool.run(["config", "check", "Configs/adult.json", "--json", "--seed", "3", "--output", "out"])
      .output
    #expect(resolved.contains("\"seed\": 3"))
    #expect(resolved.contains("\"directory\": \"out\""))
    let evaluation = try String(contentsOfFile: "\(Tool.root)/Configs/evaluation.schema.json", encoding: .utf8)
    #expect(try Tool.run(["config", "schema", "--evaluation"]).output == evaluation)
    #expect(try Tool.run(["config", "example", "--evaluation"]).output.hasPrefix("// An evaluation file"))
    #expect(try Tool.run(["config", "example"]).output.hasPrefix("// An Equipoise configuration."))
  }
}
