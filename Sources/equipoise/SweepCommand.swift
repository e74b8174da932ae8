import ArgumentParser
import Experiments
import OrderedJSON
import Reporting
import RunRecords
import RunStore
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `equipoise sweep`: many runs of one experiment, and what they came to.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Train and compare many configurations of one experiment.",
    discussion: """
      The file names a configuration, the values that its keys take, and seeds. Runs go on side by side. A run that came \
      to its end before is not done again, so that a sweep may be interrupted, repeated and extended. A run that fails \
      does not keep the others from their end; its error stands in the table, and gives the exit status. Several of \
      these commands may work on one folder, on one machine or on many that share it: each run is done by one of them.
      """)

  @Argument(help: "The sweep's file.", completion: .file(extensions: ["json"]))
  var file: String

  @OptionGroup var overrides: OverrideOptions

  @Option(help: "How many runs go on at the same time. Default: one for each processor; with --slurm 1 a task.")
  var jobs: Int?

  @Flag(help: "Only tell which runs there would be; with --slurm, print the job's script.")
  var dryRun = false

  @OptionGroup(title: "Slurm") var cluster: SlurmOptions

  @OptionGroup var format: TableFormatOptions

  @Option(
    help: "Draw the first objective over the others into this file.", completion: .file(extensions: ["svg"]))
  var svg: String?

  @Flag(name: .shortAndLong, help: "Show no progress and no notes.")
  var quiet = false

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs should be at least 1, found \(jobs).") }
    if LaunchedTeam.isPresent {
      throw ValidationError("A sweep distributes its runs by itself. Start it without mpirun, or with --slurm.")
    }
    if overrides.seed != nil { throw ValidationError("The sweep's file names the seeds. Remove --seed.") }
  }

  func run() throws {
    try exitingOnFailure {
      let sweep = try SweepFile(path: file, overrides: try overrides.list(), baseFolder: cluster.baseFolder)
      if cluster.slurm {
        return try cluster.submit(sweep, overrides, jobs: jobs ?? 1, isDry: dryRun, json: format.json)
      }
      if dryRun { return try list(sweep) }
      if let svg { try FrontierFolder.checkFile(svg) }
      Interruption.listen()
      let display = Mutex((display: ProgressDisplay.standard(quiet: quiet), title: ""))
      let result = try SweepRunner(
        sweep, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount, isWorker: cluster.worker != nil,
        isCancelled: { Interruption.isRequested }
      ).run { event in
        display.withLock { state in
          switch event {
          case .notice(let text): state.display.note(text)
          case .rung(let title, let runs, let done):
            state.title = title
            state.display.begin()
            if done > 0 { state.display.note("\(title): \(done) of \(runs) runs were done before.") }
          case .ended(let number, let total, let best):
            state.display.update(state.title, completed: number, total: total, detail: best)
          }
        }
      }
      display.withLock { $0.display.finish() }
      if let folder = cluster.worker {
        try SlurmJob.write(
          summary: ComparisonText(result.comparison, isUnicode: true).text, csv: format.csv(of: result.comparison),
          to: folder)
      }
      if format.json {
        let members = result.comparison.json.members ?? []
        Console.write(JSON.object(members + [.init("runs", .array(result.runs.map(Self.json)))]).serialized())
      } else {
        format.show(result.comparison)
        if !format.csv { Console.write(Self.tally(result.runs)) }
      }
      let plot = try svg.flatMap { _ in
        result.comparison.plot(title: "\(try sweep.baseConfiguration.name): sweep over seeds")
      }
      if let svg, let plot { try FrontierFolder.writeFile(plot.svg, to: svg) }
      if let failure = result.failure { throw failure }
      if let svg, plot == nil {
        throw RecordError(
          .badData, at: svg, "there is nothing to draw: no configuration has values for two objectives.")
      }
    }
  }

  /// Tells which runs there would be.
  private func list(_ sweep: SweepFile) throws {
    let plan = try sweep.plan()
    for notice in sweep.notices(of: plan) { Console.note("Note: \(TerminalText.neutralized(notice))") }
    if format.json {
      return Console.write(
        JSON.object([
          .init(
            "runs",
            .array(plan.runs.map { ["parameters": Self.json($0.point), "seed": .number(JSONNumber($0.seed))] })),
          .init("rungs", sweep.rungs.map { .array($0.map { .number(JSONNumber($0)) }) } ?? .null),
        ]).serialized())
    }
    if format.csv {
      let keys = sweep.sweep.parameters.map(\.name)
      Console.write(CSVText.header(keys + ["seed"]))
      return Console.write(
        CSVText.lines(
          plan.runs.map { run in
            run.point.values.map { $0.value.text ?? $0.value.serialized(.line) } + [String(run.seed)]
          }))
    }
    for run in plan.runs {
      Console.write(
        TerminalText.neutralized((run.point.values.isEmpty ? "" : run.point.text + ", ") + "seed=\(run.seed)") + "\n")
    }
    let size = sweep.size(of: plan)
    Console.write("\(size.prefix(1).uppercased())\(size.dropFirst()).\n")
  }

  private static func tally(_ runs: [SweepRunner.Run]) -> String {
    func count(_ origin: SweepRunner.Run.Origin) -> Int { runs.count { $0.origin == origin } }
    return "\n\(runs.count) runs: \(count(.trained)) trained, \(count(.found)) done before, \(count(.failed)) failed.\n"
  }

  private static func json(_ point: SweepPoint) -> JSON { .object(point.values.map { .init($0.key, $0.value) }) }

  private static func json(_ run: SweepRunner.Run) -> JSON {
    [
      "parameters": json(run.point),
      "seed": .number(JSONNumber(run.seed)), "origin": .string(run.origin.rawValue),
      "folder": run.folder.map(JSON.string) ?? .null,
      "failure": run.observation.failure.map(JSON.string) ?? .null,
    ]
  }
}
