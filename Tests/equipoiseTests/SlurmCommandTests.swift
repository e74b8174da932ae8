import Foundation
import Testing

/// `equipoise sweep --slurm`, without a cluster: `Scripts/cluster/slurm-check` has one.
@Suite struct SlurmCommandTests {
  private static let base = """
    {"name": "tiny", "data": {"source": {"simulated": "census", "rows": 600, "seed": 3}},
     "training": {"gameEpochs": 2, "classifierEpochs": 1, "adversaryEpochs": 1}, "evaluation": {"intervals": false}}
    """

  private func sweep(_ folder: String) throws -> String {
    let path = "\(folder)/sweep.json"
    try "{\"base\": \(Self.base), \"parameters\": {\"adversary.lambda\": [0, 50]}, \"seeds\": [1, 2]}"
      .write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func names(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  /// A folder with a program of the name `sbatch` that says something.
  private func fakeSlurm(_ folder: String, _ script: String) throws -> [String: String] {
    try FileManager.default.createDirectory(atPath: "\(folder)/bin", withIntermediateDirectories: true)
    try "#!/bin/bash\n\(script)\n".write(toFile: "\(folder)/bin/sbatch", atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/bin/sbatch")
    return ["PATH": "\(folder)/bin:/usr/bin:/bin"]
  }

  @Test func theScriptSaysWhatWasAsked() throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(
        [
          "sweep", try sweep(folder), "--slurm", "--dry-run", "--tasks", "3", "--jobs", "2", "--partition", "long",
          "--time", "1-00", "--sbatch=--account=lab", "--set", "training.batchSize=64", "--set",
          #"data.sensitive.0.keep=["White", "Black"]"#, "--output", "\(folder)/runs",
        ], environment: ["EQUIPOISE_DATA": "/data of all"])
      #expect(result.status == 0, "\(result.error)")
      let lines = result.output.split(separator: "\n").map(String.init)
      #expect(lines.first == "#!/bin/bash")
      for line in [
        "#SBATCH --job-name=equipoise-tiny", "#SBATCH --array=1-3", "#SBATCH --cpus-per-task=2",
        "#SBATCH --partition=long", "#SBATCH --time=1-00", "#SBATCH --account=lab", "#SBATCH --signal=B:TERM@60",
        "export EQUIPOISE_DATA='/data of all'",
      ] { #expect(lines.contains(line), "\(line)") }
      let command = try #require(lines.last)
      #expect(command.hasPrefix("exec ") && command.contains(" --jobs 2 ") && command.hasSuffix("/runs"))
      #expect(command.contains(#" --set training.batchSize=64 --set 'data.sensitive.0.keep=["White", "Black"]' "#))
      // Nothing was written.
      #expect(names(folder) == ["sweep.json"])
    }
  }

  /// A job that is written can be carried out as its tasks would, from any folder, and with the sweep's file gone.
  @Test func aTaskNeedsNothingButTheJobsFolder() throws {
    try Tool.withFolder { folder in
      let path = try sweep(folder)
      let written = try Tool.run(["sweep", path, "--slurm", "--no-submit", "--output", "\(folder)/runs"])
      #expect(written.status == 0, "\(written.error)")
      #expect(written.output.hasPrefix("Wrote a job of 4 tasks for 4 runs.\n"), "\(written.output)")
      let job = try #require(names("\(folder)/runs/.slurm").first.map { "\(folder)/runs/.slurm/\($0)" })
      #expect(names(job) == ["equipoise", "job.sh", "sweep.json"])
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try FileManager.default.removeItem(atPath: path)
      for _ in 0..<2 {
        let task = Process()
        task.executableURL = URL(filePath: "/bin/bash")
        task.arguments = ["\(job)/job.sh"]
        task.currentDirectoryURL = URL(filePath: "/")
        task.standardOutput = FileHandle.nullDevice
        try task.run()
        task.waitUntilExit()
        #expect(task.terminationStatus == 0)
      }
      // The tasks leave the index alone, which machines cannot share.
      #expect(names("\(folder)/runs") == [".slurm", "tiny"])
      #expect(names("\(folder)/runs/tiny").count == 4)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let table = try Tool.run(["sweep", path, "-q", "--csv", "--output", "\(folder)/runs"])
      #expect(table.output == (try String(contentsOfFile: "\(job)/summary.csv", encoding: .utf8)))
      let again = try Tool.run(["sweep", path, "--slurm", "--output", "\(folder)/runs"])
      #expect(again.output.hasPrefix("All 4 runs are done; nothing is submitted."), "\(again.output)\(again.error)")
    }
  }

  @Test func slurmsAnswerIsTold() throws {
    try Tool.withFolder { folder in
      let arguments = ["sweep", try sweep(folder), "--slurm", "--output", "\(folder)/runs"]
      var environment = try fakeSlurm(
        folder, "echo 'some warning' >&2; [ -x \"$2\" ] || [ -r \"$2\" ] && echo '12;here'")
      let submitted = try Tool.run(arguments + ["--json"], environment: environment)
      #expect(
        submitted.status == 0 && submitted.output.contains("\"job\": 12"), "\(submitted.output)\(submitted.error)")
      try FileManager.default.removeItem(atPath: "\(folder)/runs")
      environment = try fakeSlurm(folder, "echo 'sbatch: error: invalid partition specified: x' >&2; exit 1")
      let refused = try Tool.run(arguments, environment: environment)
      #expect(refused.status == 74)
      #expect(
        refused.error
          == "equipoise: sbatch: refused the job (exit status 1): sbatch: error: invalid partition specified: "
          + "x. Nothing was submitted.\n")
      #expect(names("\(folder)/runs").isEmpty)
    }
  }

  @Test(
    arguments: [
      (
        ["--slurm"], 66,
        "equipoise: sbatch: is not on the PATH. Run this where Slurm's commands are installed, or write "
          + "the job without submitting it: --no-submit.\n"
      ),
      (["--tasks", "2"], 64, "Error: --tasks goes with --slurm.\n"),
      (["--slurm", "--tasks", "0"], 64, "Error: --tasks should be at least 1, found 0.\n"),
      (["--slurm", "--partition", "a b"], 64, "Error: --partition should be one word, found 'a b'.\n"),
      (
        ["--slurm", "--sbatch=account"], 64,
        "Error: --sbatch should be an option of sbatch, such as --account=lab; found "
          + "'account'.\n"
      ),
    ] as [([String], Int32, String)])
  func refusals(options: [String], status: Int32, message: String) throws {
    try Tool.withFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/bin", withIntermediateDirectories: true)
      let result = try Tool.run(
        ["sweep", try sweep(folder), "--output", "\(folder)/runs"] + options, environment: ["PATH": "\(folder)/bin"])
      #expect(result.status == status, "\(result.error)")
      #expect(result.error.hasPrefix(message), "\(result.error)")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/runs"))
    }
  }

  #if !MPI
    /// Several processes of mpirun would each do the whole.
    @Test func aProgramWithoutMPISaysSo() throws {
      try Tool.withFolder { folder in
        let launched = ["OMPI_COMM_WORLD_SIZE": "2"]
        let run = try Tool.run(["run", "Configs/quickstart.json", "--output", folder], environment: launched)
        #expect(run.status == 64 && run.error.contains("--traits MPI"), "\(run.error)")
        let sweep = try Tool.run(["sweep", try sweep(folder), "--output", folder], environment: launched)
        #expect(sweep.status == 64 && sweep.error.contains("without mpirun"), "\(sweep.error)")
      }
    }
  #endif
}
