import ArgumentParser
import Experiments
import OrderedJSON
import Reporting
import RunRecords

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The options by which a sweep goes to a cluster.
struct SlurmOptions: ParsableArguments {
  /// The most tasks of an array where nobody says how many.
  private static let usualTasks = 16

  @Flag(
    help: ArgumentHelp(
      "Submit the sweep to Slurm as a job array.",
      discussion: "The folder of the runs, and the rows, must be on a file system that all nodes share."))
  var slurm = false

  @Option(
    help: ArgumentHelp(
      "How many tasks the array has. Default: as many as there is work for, at most \(usualTasks).", valueName: "count")
  )
  var tasks: Int?

  @Option(help: ArgumentHelp("The partition. Default: the cluster's.", valueName: "name"))
  var partition: String?

  @Option(
    help: ArgumentHelp(
      "The time limit of a task, such as 30 (minutes), 2:00:00 or 1-00. Default: the partition's.", valueName: "limit"))
  var time: String?

  @Option(
    name: .customLong("sbatch"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A further option of sbatch, such as --account=lab; may be repeated.", valueName: "option"))
  var more: [String] = []

  @Flag(help: "Write the job's folder, and do not submit it.")
  var noSubmit = false

  @Option(help: .hidden, completion: .directory)
  var worker: String?

  @Option(help: .hidden, completion: .directory)
  var baseFolder: String?

  func validate() throws {
    if !slurm {
      for (name, isGiven) in [
        ("tasks", tasks != nil), ("partition", partition != nil), ("time", time != nil), ("sbatch", !more.isEmpty),
        ("no-submit", noSubmit),
      ] where isGiven { throw ValidationError("--\(name) goes with --slurm.") }
    }
    if let tasks, tasks < 1 { throw ValidationError("--tasks should be at least 1, found \(tasks).") }
    for (name, value) in [("partition", partition), ("time", time)] {
      if let value, value.isEmpty || value.contains(where: { $0.isWhitespace }) {
        throw ValidationError("--\(name) should be one word, found '\(value)'.")
      }
    }
    for option in more where !option.hasPrefix("-") || option.contains(where: \.isNewline) {
      throw ValidationError("--sbatch should be an option of sbatch, such as --account=lab; found '\(option)'.")
    }
  }

  /// Writes the job of a sweep and submits it, or prints its script.
  ///
  /// - Parameters:
  ///   - jobs: The runs that a task does at the same time.
  ///   - isDry: Whether the script is printed, and nothing else happens.
  func submit(_ sweep: SweepFile, _ overrides: OverrideOptions, jobs: Int, isDry: Bool, json: Bool) throws {
    let progress = try SweepRunner(sweep, jobs: jobs).progress()
    let output = try sweep.baseConfiguration.output.directory
    let open = progress.map { $0.runs - $0.done } ?? Int.max
    let again = "equipoise sweep with the same file and --output, without --slurm"
    func tell(job: Int?, folder: String?, tasks: Int) {
      func count(_ number: Int?) -> JSON { number.map { .number(JSONNumber($0)) } ?? .null }
      Console.write(
        JSON.object([
          .init("job", count(job)), .init("folder", folder.map(JSON.string) ?? .null), .init("tasks", count(tasks)),
          .init("runs", count(progress?.runs)), .init("done", count(progress?.done)),
        ]).serialized())
    }
    if open == 0, let progress {
      if json { return tell(job: nil, folder: nil, tasks: 0) }
      return Console.write("All \(progress.runs) runs are done; nothing is submitted. For the table: \(again).\n")
    }
    let useful = open == .max ? Self.usualTasks : (open + jobs - 1) / jobs
    let request = SlurmJob.Request(
      tasks: tasks ?? min(Self.usualTasks, useful), jobs: jobs, partition: partition, time: time, options: more)
    let job = try SlurmJob(
      sweep, request, settings: overrides.settings, output: output,
      data: ProcessInfo.processInfo.environment["EQUIPOISE_DATA"], time: Int(Date().timeIntervalSince1970))
    if isDry { return Console.write(job.script) }
    let sbatch = noSubmit ? nil : try SlurmJob.sbatch()
    try job.write()
    let number = try sbatch.map { try job.submit(with: $0) }
    if json { return tell(job: number.flatMap { Int($0) }, folder: job.folder, tasks: request.tasks) }
    let runs =
      progress.map { "\($0.runs) runs\($0.done > 0 ? ", of which \($0.done) are done" : "")" } ?? "rungs of halving"
    let folder = TerminalText.neutralized(job.folder)
    let tasks = "\(request.tasks) \(request.tasks == 1 ? "task" : "tasks")"
    if let number {
      Console.write(
        """
        Submitted job \(number): \(tasks) for \(runs).
          Folder:  \(folder)
          Watch:   squeue --job \(number)
          Results: summary.txt there once all is done; at any time \(again).

        """)
    } else {
      Console.write(
        """
        Wrote a job of \(tasks) for \(runs).
          Folder:  \(folder)
          Submit:  sbatch \(TerminalText.neutralized(job.scriptPath))

        """)
    }
  }
}
