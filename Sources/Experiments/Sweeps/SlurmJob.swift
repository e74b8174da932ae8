import OrderedJSON
import RunRecords

/// A sweep as an array job of Slurm: tasks that carry out the same sweep over the same folder, each run by one of them.
///
/// A job has a folder of its own, `.slurm/<name>-<time>` in the folder of the runs, with all that its tasks need besides
/// the data: the sweep with its base written out, the program, and the script. So neither an edit of the sweep nor a new
/// build changes tasks that are still waiting. The tasks know nothing of one another: each takes the runs that nobody
/// has claimed (`RunClaim`), and the claim of one that is killed goes back with its process.
public struct SlurmJob: Sendable {
  /// What the scheduler is told.
  public struct Request: Sendable, Equatable {
    /// The tasks of the array.
    public var tasks: Int
    /// The runs that a task does at the same time, a processor each.
    public var jobs: Int
    /// The partition; nil for the cluster's default.
    public var partition: String?
    /// The time limit of a task, as sbatch takes it; nil for the partition's.
    public var time: String?
    /// Further options of sbatch, such as `--account=lab`.
    public var options: [String]

    public init(
      tasks: Int, jobs: Int, partition: String? = nil, time: String? = nil, options: [String] = []
    ) {
      self.tasks = tasks
      self.jobs = jobs
      self.partition = partition
      self.time = time
      self.options = options
    }
  }

  /// The seconds before the time limit at which a task is told to keep its states and end.
  static let warningSeconds = 60

  /// The job's folder.
  public let folder: String

  /// The script that sbatch takes.
  public let script: String

  private let sweep: JSON
  private let program: String

  /// - Parameters:
  ///   - file: The sweep.
  ///   - settings: What the command line puts in the place of the base's values, as `--set` takes it.
  ///   - output: The folder of the runs.
  ///   - data: The folder that `EQUIPOISE_DATA` names; nil where it is not set.
  ///   - time: Seconds since 1970-01-01 00:00 UTC.
  /// - Throws: `RecordError` where a path cannot stand in a script of Slurm.
  public init(
    _ file: SweepFile, _ request: Request, settings: [String], output: String, data: String?, time: Int
  ) throws(RecordError) {
    guard let program = ChildProcess.ownPath else {
      throw RecordError(.noInput, at: CommandLine.arguments[0], "the path of this program cannot be told.")
    }
    self.program = program
    let name: String
    do {
      name = try file.baseConfiguration.name
    } catch {
      throw RecordError(.badData, at: file.path, error.message)
    }
    let output = FileAccess.wholePath(output)
    guard !output.contains(where: { "%\\\"".contains($0) || $0.isNewline }) else {
      throw RecordError(
        .cannotCreate, at: output,
        "has one of the characters % \\ \" in its path, which Slurm reads otherwise. Name another folder with --output."
      )
    }
    folder = "\(output)/.slurm/\(name)-\(UTCTime(seconds: time).folderName)"
    sweep = file.snapshot
    var lines = [
      "#!/bin/bash",
      "# Made by equipoise sweep --slurm. Submitted again, with sbatch, it does what is left.",
      "#SBATCH --job-name=equipoise-\(name)",
      "#SBATCH --array=1-\(request.tasks)",
      "#SBATCH --ntasks=1",
      "#SBATCH --cpus-per-task=\(request.jobs)",
      "#SBATCH --output=\"\(folder)/task-%a.log\"",
      "#SBATCH --open-mode=append",
      "#SBATCH --requeue",
      "#SBATCH --signal=B:TERM@\(Self.warningSeconds)",
    ]
    if let partition = request.partition { lines.append("#SBATCH --partition=\(partition)") }
    if let time = request.time { lines.append("#SBATCH --time=\(time)") }
    lines += request.options.map { "#SBATCH \($0)" }
    lines.append("")
    if let data { lines.append("export EQUIPOISE_DATA=\(Self.quoted(FileAccess.wholePath(data)))") }
    let words =
      ["\(folder)/equipoise", "sweep", "\(folder)/sweep.json", "--quiet", "--jobs", String(request.jobs)]
      + ["--worker", folder, "--base-folder", FileAccess.wholePath(file.baseFolder)]
      + settings.flatMap { ["--set", $0] } + ["--output", output]
    lines.append("exec " + words.map(Self.quoted).joined(separator: " "))
    script = lines.joined(separator: "\n") + "\n"
  }

  /// The path of the script.
  public var scriptPath: String { "\(folder)/job.sh" }

  /// The program that takes the script.
  ///
  /// - Throws: `RecordError` where there is none.
  public static func sbatch() throws(RecordError) -> String {
    guard let path = ChildProcess.find("sbatch") else {
      throw RecordError(
        .noInput, at: "sbatch",
        "is not on the PATH. Run this where Slurm's commands are installed, or write the job without submitting it: "
          + "--no-submit.")
    }
    return path
  }

  /// Writes the job's folder.
  ///
  /// - Throws: `RecordError`; nothing of the folder is left then.
  public func write() throws(RecordError) {
    let made = try FileAccess.makeFolders(folder)
    do throws(RecordError) {
      guard made.last == folder else {
        throw RecordError(.cannotCreate, at: folder, "exists already. Wait a second, and submit again.")
      }
      try FileAccess.linkProgram(program, to: "\(folder)/equipoise")
      try FileAccess.write(sweep.serialized().utf8, to: "\(folder)/sweep.json")
      try FileAccess.write(script.utf8, to: scriptPath)
    } catch {
      if made.last == folder { FileAccess.remove(folder) }
      FileAccess.removeEmpty(made)
      throw error
    }
  }

  /// Hands the script to Slurm.
  ///
  /// - Parameter sbatch: The path of the program that takes it.
  /// - Returns: The number that Slurm gave the job.
  /// - Throws: `RecordError` with Slurm's own words where it refuses; the job's folder goes then.
  public func submit(with sbatch: String) throws(RecordError) -> String {
    let outcome = try ChildProcess.run(sbatch, ["--parsable", scriptPath])
    let words = outcome.text.split(whereSeparator: \.isNewline).map(String.init)
    // `12` or `12;cluster`, after whatever warnings there are.
    guard outcome.status == 0, let number = words.last?.split(separator: ";").first, Int(number) != nil else {
      FileAccess.remove(folder)
      // `.slurm`, and the folder of the runs where nothing else is in it.
      let jobs = String(folder[..<(folder.lastIndex(of: "/") ?? folder.endIndex)])
      FileAccess.removeEmpty([String(jobs[..<(jobs.lastIndex(of: "/") ?? jobs.endIndex)]), jobs])
      throw RecordError(
        .inputOutput, at: "sbatch",
        "refused the job (exit status \(outcome.status)): \(words.joined(separator: " ")). Nothing was submitted.")
    }
    return String(number)
  }

  /// Writes what a sweep came to beside its job: the same from every task that sees the end.
  public static func write(summary: String, csv: [UInt8], to folder: String) throws(RecordError) {
    try FileAccess.write(csv, to: "\(folder)/summary.csv")
    try FileAccess.write(summary.utf8, to: "\(folder)/summary.txt")
  }

  // MARK: - Words

  /// A word of the shell's language.
  static func quoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "/._-+=:,@%".utf8.contains(byte)
      }
    }
    if plain && !word.isEmpty { return word }
    return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
