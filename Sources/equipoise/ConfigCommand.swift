import ArgumentParser
import Experiments
import OrderedJSON
import Reporting

/// `equipoise config`: checks configurations and tells what may stand in them.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Check a configuration, or print the schema or an example.",
    subcommands: [Check.self, Schema.self, Example.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a configuration without running it.",
      discussion: "Prints one line, or with --json the resolved configuration with every default spelled out.")

    @Argument(help: "The configuration.", completion: .file(extensions: ["json"]))
    var config: String

    @OptionGroup var overrides: OverrideOptions

    @Flag(help: "Print the resolved configuration, every default spelled out.")
    var json = false

    func run() throws {
      try exitingOnFailure {
        let file = try ConfigurationFile(path: config, overrides: try overrides.list())
        if json {
          Console.write(file.configuration.json.serialized())
        } else {
          Console.write("\(TerminalText.neutralized(config)): valid, experiment '\(file.configuration.name)'.\n")
        }
      }
    }
  }

  struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the JSON Schema of configurations, for editors.")

    func run() {
      Console.write(ExperimentConfiguration.schema.serialized())
    }
  }

  struct Example: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a configuration with every key, its default and a comment.",
      discussion: "Comments are allowed in configurations, so that the example can be run as it is printed.")

    @Flag(help: "Print it without the comments.")
    var json = false

    func run() {
      Console.write(
        json ? ExperimentConfiguration().json.serialized() : ExperimentConfiguration.commentedExample)
    }
  }
}

/// The options that take the place of keys in a configuration.
struct OverrideOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Put a value in the place of one in the configuration; may be repeated.",
      discussion: "Such as training.batchSize=64, adversary.lambda.race=50, data.sensitive.0.keep=null.",
      valueName: "key.path=value"))
  var settings: [String] = []

  @Option(parsing: .unconditional, help: "The seed, in the place of the configuration's.")
  var seed: Int?

  @Option(help: "The folder of the runs, in the place of the configuration's.", completion: .directory)
  var output: String?

  /// The overrides, those with an option of their own last.
  func list() throws(ConfigurationError) -> [ConfigurationOverride] {
    var overrides: [ConfigurationOverride] = []
    for setting in settings { overrides.append(try ConfigurationOverride(option: setting)) }
    if let seed {
      overrides.append(ConfigurationOverride("seed", .number(JSONNumber(seed)), origin: "--seed \(seed)"))
    }
    if let output {
      overrides.append(ConfigurationOverride("output.directory", .string(output), origin: "--output"))
    }
    return overrides
  }
}
