import ArgumentParser
import Experiments
import FairnessEvaluation
import OrderedJSON
import Reporting

/// `equipoise config`: checks configurations and tells what may stand in them.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Check configurations and files of evaluations, sweeps and comparisons, or print schema or example.",
    subcommands: [Check.self, Schema.self, Example.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Check configurations and evaluation files without running them.",
      discussion: """
        Prints a line for each file, or with --json the resolved file with every default spelled out. A file is an \
        evaluation file where its $schema is evaluation.schema.json, or where more of its keys are an evaluation's; it \
        is a sweep's where it has a base and parameters, and a comparison's where it has methods.
        """)

    @Argument(help: "The files.", completion: .file(extensions: ["json"]))
    var files: [String]

    @OptionGroup var overrides: OverrideOptions

    @Flag(help: "Take the files for evaluation files.")
    var evaluation = false

    @Flag(help: "Print the resolved files, every default spelled out; several as a list.")
    var json = false

    func run() throws {
      try exitingOnFailure {
        let overrides = try overrides.list()
        var resolved: [JSON] = []
        var failure: (any ExitStatusError)?
        // All files are checked, and every fault is told; the first gives the exit status.
        for path in files {
          do {
            let (value, line) = try check(path, overrides)
            if json { resolved.append(value) } else { Console.write("\(TerminalText.neutralized(path)): \(line)\n") }
          } catch let error as any ExitStatusError {
            if files.count > 1 { note(error) }
            failure = failure ?? error
          }
        }
        if let failure {
          if files.count > 1 { throw ExitCode(failure.exitStatus) }
          throw failure
        }
        if json { Console.write((files.count > 1 ? .array(resolved) : resolved[0]).serialized()) }
      }
    }

    private func check(_ path: String, _ overrides: [ConfigurationOverride]) throws -> (JSON, String) {
      let bytes = try ConfigurationFile.bytes(path)
      if !evaluation, SweepFile.isMeant(by: bytes) {
        let file = try SweepFile(path: path, overrides: overrides)
        // Every run is checked, as the sweep itself does before its first.
        let plan = try file.plan()
        for notice in file.notices(of: plan) { Console.note("Note: \(TerminalText.neutralized("\(path): \(notice)"))") }
        return (file.json, "valid, a sweep of \(file.size(of: plan)).")
      }
      if !evaluation, ComparisonFile.isMeant(by: bytes) {
        try refuse(overrides, path, "a comparison file")
        // Every configuration is read, with every value of its knob.
        let plan = try ComparisonPlan(path: path)
        let (methods, seeds) = (plan.file.methods.count, plan.file.seeds.count)
        return (
          plan.file.json,
          "valid, a comparison of \(methods) method\(methods == 1 ? "" : "s") at \(plan.pointCount) points, with "
            + "\(seeds) seed\(seeds == 1 ? "" : "s")."
        )
      }
      guard evaluation || EvaluationFile.isMeant(by: bytes) else {
        let file = try ConfigurationFile(bytes, source: path, overrides: overrides)
        for notice in file.notices { Console.note("Note: \(TerminalText.neutralized("\(path): \(notice)"))") }
        return (file.configuration.json, "valid, experiment '\(file.configuration.name)'.")
      }
      try refuse(overrides, path, "an evaluation file")
      let file = try EvaluationFile(bytes, source: path)
      do throws(EvaluationError) {
        _ = try file.specification.resolved()
      } catch {
        throw ConfigurationError(at: JSONPlace(source: path), "\(error)", detail: error.detail)
      }
      return (file.json, "valid, an evaluation file.")
    }

    /// Refuses values of the command line for a file that has none of their keys.
    private func refuse(_ overrides: [ConfigurationOverride], _ path: String, _ kind: String) throws {
      guard let override = overrides.first else { return }
      throw ConfigurationError(
        .usage, at: JSONPlace(source: override.origin),
        "goes with configurations of experiments, and \(path) is \(kind).")
    }
  }

  struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "schema", abstract: "Print the JSON Schema of configurations, for editors.")

    @Flag(help: "Print that of evaluation files instead.")
    var evaluation = false

    @Flag(help: "Print that of sweep files instead.")
    var sweep = false

    @Flag(help: "Print that of comparison files instead.")
    var comparison = false

    func validate() throws {
      if [evaluation, sweep, comparison].count(where: { $0 }) > 1 {
        throw ValidationError("--evaluation, --sweep and --comparison exclude one another.")
      }
    }

    func run() {
      let schema =
        evaluation
        ? EvaluationFile.schema
        : sweep ? SweepFile.schema : comparison ? ComparisonFile.schema : ExperimentConfiguration.schema
      Console.write(schema.serialized())
    }
  }

  struct Example: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "example",
      abstract: "Print a configuration of the default kinds: every key, its default and a comment.",
      discussion: """
        Comments are allowed in configurations, so that the example can be run as it is printed. The keys of other \
        adversaries, optimizers, methods and labels stand in 'equipoise config schema'.
        """)

    @Flag(help: "Print an evaluation file instead.")
    var evaluation = false

    @Flag(help: "Print a sweep file instead.")
    var sweep = false

    @Flag(help: "Print it without the comments.")
    var json = false

    func validate() throws {
      if evaluation && sweep { throw ValidationError("--evaluation and --sweep exclude each other.") }
    }

    func run() {
      if sweep {
        Console.write(json ? SweepFile.example.serialized() : SweepFile.commentedExample)
      } else if evaluation {
        Console.write(json ? EvaluationFile().json.serialized() : EvaluationFile.commentedExample)
      } else {
        Console.write(
          json ? ExperimentConfiguration().json.serialized() : ExperimentConfiguration.commentedExample)
      }
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
      overrides.append(.seed(seed, origin: "--seed \(seed)"))
    }
    if let output {
      overrides.append(ConfigurationOverride("output.directory", .string(output), origin: "--output"))
    }
    return overrides
  }
}
