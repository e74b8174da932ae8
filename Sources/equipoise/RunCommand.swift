import AdversarialGame
import ArgumentParser
import Experiments
import FairnessEvaluation
import FairnessMetrics
import Mitigation
import OrderedJSON
import ReportPages
import Reporting
import RunRecords
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `equipoise run`: trains and evaluates one experiment.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Train and evaluate one experiment.",
    discussion: """
      Writes the records to a folder of their own under the configuration's output folder, and prints what the run came \
      to. Progress goes to standard error. Gates of the configuration (evaluation.require, evaluation.failIf) and its \
      constraints set the exit status: 0 all passed and the constraints are feasible or nearly so, 1 a gate failed or the \
      constraints are infeasible, 3 the data cannot tell of a gate. Ctrl-C and kill end the run after the epoch under \
      way, with its state kept for --resume; a second time ends it at once. Built with the trait MPI, several of these \
      processes started by mpirun share one run.
      """)

  @Argument(help: "The configuration.", completion: .file(extensions: ["json"]))
  var config: String

  @OptionGroup var overrides: OverrideOptions

  @Option(
    help: ArgumentHelp(
      "Run with each of these seeds, side by side.", discussion: "Such as 1...8 or 1,2,5.", valueName: "seeds"),
    transform: SeedList.init(parsing:))
  var seeds: SeedList?

  @Option(help: "How many runs go on at the same time, with --seeds. Default: one for each processor.")
  var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "The memory that a run may take up.",
      discussion: "Such as 512MiB or 1.5GiB. Rows that exceed it are encoded once into a cache on the disk.",
      valueName: "size"))
  var memory: String?

  @Option(help: "The folder of rows that exceed --memory. Default: the user's cache.", completion: .directory)
  var cache: String?

  @Flag(
    help: ArgumentHelp(
      "Go on with the newest unfinished run of this configuration and seed, if there is one.",
      discussion: "It ends with the records that it would have had without the interruption."))
  var resume = false

  @Flag(help: "Print the result as JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "Show no progress and no notes; the summary has the notes.")
  var quiet = false

  func validate() throws {
    if seeds != nil && overrides.seed != nil { throw ValidationError("Give --seed or --seeds, not both.") }
    if let jobs {
      if seeds == nil { throw ValidationError("--jobs goes with --seeds.") }
      if jobs < 1 { throw ValidationError("--jobs should be at least 1, found \(jobs).") }
    }
  }

  func run() throws {
    if let seeds {
      guard !LaunchedTeam.isPresent else {
        throw ValidationError("Several seeds need no mpirun: --jobs does them side by side. Or give one seed.")
      }
      return try run(seeds)
    }
    var verdict: Verdict?
    try exitingOnFailure {
      Interruption.listen()
      let team = try LaunchedTeam.join()
      defer { team?.leave() }
      func read() throws -> ConfigurationFile { try ConfigurationFile(path: config, overrides: try allOverrides()) }
      let file = try team?.together(read) ?? read()
      var display = ProgressDisplay.standard(quiet: quiet || (team?.rank ?? 0) > 0)
      // An error message starts on a line of its own.
      defer { display.finish() }
      let result = try ExperimentRunner(
        file, resumption: resume ? .newest : .never, team: team,
        isCancelled: { Interruption.isRequested }
      ).run { event in
        switch event {
        case .stage: display.begin()
        case .notice(let text): display.note(text)
        case .progress(let stage, let share): display.update(stage, share: share)
        case .epoch(let report, _, _):
          display.update(
            report.phase.rawValue, completed: report.epoch, total: report.plannedEpochs, detail: Self.detail(report))
        case .iterate(let iterate, let total):
          display.update("iterations", completed: iterate.iteration, total: total, detail: Self.detail(iterate))
        }
      }
      display.finish()
      let presentation = RunPresentation(result, report: try writeReport(of: result, file))
      Console.write(json ? presentation.json.serialized() : presentation.text(isUnicode: Console.isUnicode))
      verdict = result.verdict
    }
    try endWithStatus(of: verdict)
  }

  /// Makes the run's report from its records, where the configuration asks for one; its path.
  private func writeReport(of result: ExperimentRunner.Result, _ file: ConfigurationFile) throws -> String? {
    guard file.configuration.output.report else { return nil }
    let path = result.folder.file("report.html")
    try FileAccess.write(ReportPage(RunReport(folder: result.folder.path)).html.utf8, to: path)
    return path
  }

  private func allOverrides() throws(ConfigurationError) -> [ConfigurationOverride] {
    var list = try overrides.list()
    if let memory {
      list.append(ConfigurationOverride("data.memory", .string(memory), origin: "--memory \(memory)"))
    }
    if let cache { list.append(ConfigurationOverride("data.cache", .string(cache), origin: "--cache")) }
    return list
  }

  /// Runs with each seed; the runs that fail are told at the end, and give the exit status; so do gates, those of all
  /// runs together.
  private func run(_ seeds: SeedList) throws {
    var verdict: Verdict?
    try exitingOnFailure {
      var files: [(seed: Int, file: ConfigurationFile)] = []
      for seed in seeds.seeds {
        let override = ConfigurationOverride.seed(seed, origin: "--seeds \(seed)")
        files.append((seed, try ConfigurationFile(path: config, overrides: try allOverrides() + [override])))
      }
      Interruption.listen()
      let total = files.count
      let display = Mutex(ProgressDisplay.standard(quiet: quiet))
      // The notes of each run stand in its summary; what the configuration says without effect is the same for all.
      display.withLock { display in
        for notice in files.first?.file.notices ?? [] { display.note(notice) }
      }
      let outcomes = SeedRuns(
        files, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount,
        resumption: resume ? .newest : .never, isCancelled: { Interruption.isRequested }
      ).run { ended in
        display.withLock { $0.update("runs", completed: ended, total: total) }
      }
      display.withLock { $0.finish() }
      var results: [ExperimentRunner.Result] = []
      var failure: (any Error)?
      for outcome in outcomes {
        switch outcome.result {
        case .success(let result):
          results.append(result)
          if let file = files.first(where: { $0.seed == outcome.seed })?.file { _ = try writeReport(of: result, file) }
        case .failure(let error):
          if failure != nil || total > 1 {
            Console.note("equipoise: seed \(outcome.seed): \(TerminalText.neutralized("\(error)"))")
          }
          failure = failure ?? error
        }
      }
      if json {
        Console.write(JSON.array(results.map { RunPresentation($0).json }).serialized())
      } else if !results.isEmpty {
        let folders = results.map { "  \(TerminalText.neutralized($0.folder.path))\n" }.joined()
        let summaries = results.map(\.summary)
        let constraints = SeedConstraintsText(summaries).text
        Console.write(
          SeedTable(summaries, isUnicode: Console.isUnicode).text + (constraints.isEmpty ? "" : "\n" + constraints)
            + Self.gates(results) + "\nRecords:\n" + folders)
      }
      if let failure { throw failure }
      verdict =
        results.contains { $0.summary.constraints?.status == .infeasible }
        ? .fail : results.flatMap(\.evaluation.gates).verdict
    }
    try endWithStatus(of: verdict)
  }

  /// How many of the seeds pass each gate.
  private static func gates(_ results: [ExperimentRunner.Result]) -> String {
    guard let gates = results.first?.evaluation.gates, !gates.isEmpty else { return "" }
    let lines = gates.indices.map { index in
      let found = results.map { $0.evaluation.gates[index].verdict }
      let (passed, failed) = (found.count { $0 == .pass }, found.count { $0 == .fail })
      return
        "  \(gates[index].failsIfMet ? "fail if" : "require") \(TerminalText.neutralized(gates[index].condition)): "
        + "\(passed) pass, \(failed) fail, \(found.count - passed - failed) with insufficient evidence\n"
    }
    return "\nGates, of \(results.count) seeds:\n" + lines.joined()
  }

  /// The objective and the largest violation of an iterate, on the rows by which it may be chosen.
  private static func detail(_ iterate: RateConstrainedIterate) -> String {
    let measurement = iterate.validation ?? iterate.training
    return
      "loss \(TerminalText.fixed(measurement.loss, 4)), error rate \(TerminalText.fixed(measurement.errorRate, 4)), "
      + "max. constraint violation \(TerminalText.fixed(measurement.largestViolation, 4))"
  }

  /// The error and the distances between groups of predicted numbers.
  private static func detail(_ regression: RegressionEvaluation) -> String {
    guard let share = regression.errors.rSquared.value else { return "" }
    let distances = regression.attributes.compactMap { attribute in
      attribute.kolmogorovSmirnovDistance.value.map {
        "\(TerminalText.neutralized(attribute.name)) \(TerminalText.fixed($0, 2))"
      }
    }
    return "R2 \(TerminalText.fixed(share, 3))"
      + (distances.isEmpty ? "" : ", distance of groups \(distances.joined(separator: " "))")
  }

  /// What of an epoch is worth a word: the accuracy and the p%-rules on the rows that were not trained on.
  private static func detail(_ report: EpochReport) -> String {
    if let regression = report.splits.last?.evaluation.regression { return detail(regression) }
    guard let evaluation = report.splits.last?.evaluation, let accuracy = evaluation.accuracy.value else { return "" }
    let rules = evaluation.attributes.compactMap { attribute in
      attribute.pPercentRule.value.map {
        "\(TerminalText.neutralized(attribute.name)) \(TerminalText.fixed($0 * 100, 0)) %"
      }
    }
    return "accuracy \(TerminalText.fixed(accuracy * 100, 1)) %"
      + (rules.isEmpty ? "" : ", p%-rule \(rules.joined(separator: " "))")
  }
}
