import Foundation
import Testing

@Suite struct RunCommandTests {
  /// The quickstart, cut to a second.
  private let small = [
    "Configs/quickstart.json", "-q", "--set", "data.source.rows=2000", "--set", "training.gameEpochs=20",
  ]

  private func files(in folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
  }

  @Test func runTwiceGivesEqualBytes() throws {
    try Tool.withFolder { folder in
      var runs: [String] = []
      for name in ["a", "b"] {
        let result = try Tool.run(["run"] + small + ["--output", "\(folder)/\(name)"])
        #expect(result.status == 0)
        #expect(result.error.isEmpty)
        #expect(result.output.hasPrefix("On "))
        #expect(result.output.contains("\nThe p%-rule went from "))
        let parent = "\(folder)/\(name)/quickstart"
        runs.append("\(parent)/\(try #require(try files(in: parent).first))")
      }
      let names = try files(in: runs[0])
      #expect(
        names == [
          "config.json", "environment.json", "epochs.jsonl", "evaluation.json", "model", "model/model.json",
          "model/weights.safetensors",
          "predictions.csv", "report.html", "scores.json", "summary.json",
        ])
      #expect(try files(in: runs[1]) == names)
      for name in [
        "epochs.jsonl", "evaluation.json", "model/model.json", "model/weights.safetensors", "predictions.csv",
        "scores.json",
      ] {
        #expect(
          FileManager.default.contentsEqual(atPath: "\(runs[0])/\(name)", andPath: "\(runs[1])/\(name)"), "\(name)")
      }
      // The summary up to the times, which come last.
      let summaries = try runs.map { run in
        try String(contentsOfFile: "\(run)/summary.json", encoding: .utf8).components(separatedBy: "\"timing\"")[0]
      }
      #expect(summaries[0] == summaries[1])
      #expect(summaries[0].count > 1000)
    }
  }

  /// A bad option, its exit status, and the end of its message.
  @Test(arguments: [
    ("data.label.positive=nope", 65, "label 'income' never has the positive value 'nope'. It has '<=50K', '>50K'.\n"),
    (
      "data.source={\"csv\":\"missing.csv\"}", 66,
      "does not exist. Check the path; a relative one starts at the current folder.\n"
    ),
    ("classifier.optimizer.learningRate=1e30", 65, "or look for extreme values among features and row weights.\n"),
    ("data.source.rows=12", 65, "\n"),
    ("training.batchSize=0", 78, "should be a whole number in 1...16777216, found 0.\n"),
    ("training.batchSize", 64, "should be a path of keys, '=' and a value, such as training.batchSize=64.\n"),
    ("evaluation.slices=[[\"edukation\"]]", 65, "has no column 'edukation'. Did you mean 'education'?\n"),
    (
      "evaluation.bins={\"education\":[3]}", 65,
      "Correct the cell, or declare '10th' as missing.\n"
    ),
    (
      "evaluation.require=[\"fpr(sex = Femail) < 0.1\"]", 65,
      "the column 'sex' has no group 'Femail'. Did you mean 'Female'?\n"
    ),
  ])
  func failureLeavesNothing(option: String, status: Int32, ending: String) throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(["run"] + small + ["--output", "\(folder)/runs", "--set", option])
      #expect(result.status == status)
      #expect(result.error.hasPrefix("equipoise: "))
      #expect(result.error.hasSuffix(ending), "\(result.error)")
      #expect(result.error.split(separator: "\n").count == 1)
      #expect(result.output.isEmpty)
      #expect(try files(in: folder).isEmpty)
    }
  }

  @Test func simulatedRowsCanBeScored() throws {
    try Tool.withFolder { folder in
      #expect(try Tool.run(["run"] + small + ["--output", folder]).status == 0)
      let run = "\(folder)/quickstart/\(try #require(try files(in: "\(folder)/quickstart").first))"
      let rows = "\(folder)/rows.csv"
      #expect(try Tool.run(["data", "simulate", "--rows", "50", "--seed", "9", "--output", rows]).status == 0)
      #expect(
        try String(contentsOfFile: rows, encoding: .utf8)
          == Tool.run(["data", "simulate", "--rows", "50", "--seed", "9"]).output)
      let scores = try Tool.run(["predict", run, rows, "-q"])
      #expect(scores.status == 0)
      let lines = scores.output.split(separator: "\n")
      #expect(lines.count == 51)
      #expect(lines.first == "row,score,decision")
      #expect(lines.last?.hasPrefix("49,0.") == true)
      #expect(try Tool.run(["data", "describe", rows]).output.hasPrefix("\(rows): 50 rows, 15 columns\n"))
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self")))
  func outputThatCannotBeMade() throws {
    for (output, message) in [
      (
        "/proc",
        "equipoise: /proc: the folder cannot be made: no such file or directory. Name another output folder with --output.\n"
      ),
      ("LICENSE", "equipoise: LICENSE: is a file, not a folder. Name another output folder with --output.\n"),
    ] {
      let result = try Tool.run(["run"] + small + ["--output", output])
      #expect(result.status == 73)
      #expect(result.error == message)
    }
  }

  /// Rows beyond the memory: encoded once, trained on from the file, equal bytes from the fresh and the used cache.
  @Test func rowsBeyondTheMemory() throws {
    try Tool.withFolder { folder in
      let options =
        small + [
          "--set", "data.source.rows=120000", "--set", "training.batchSize=512", "--set", "training.gameEpochs=1",
          "--set", "training.classifierEpochs=1", "--set", "training.adversaryEpochs=1",
          "--cache", "\(folder)/cache",
        ]
      func run(_ name: String, _ more: [String]) throws -> String {
        let result = try Tool.run(["run"] + options + more + ["--output", "\(folder)/\(name)"])
        #expect(result.status == 0, "\(result.error)")
        return "\(folder)/\(name)/quickstart/\(try #require(try files(in: "\(folder)/\(name)/quickstart").first))"
      }
      let first = try run("a", ["--memory", "64MiB"])
      let second = try run("b", ["--memory", "64MiB"])
      let keys = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/cache")
      #expect(keys.count == 1 && keys[0].count == 64)
      for name in ["epochs.jsonl", "model/model.json", "model/weights.safetensors", "predictions.csv"] {
        #expect(FileManager.default.contentsEqual(atPath: "\(first)/\(name)", andPath: "\(second)/\(name)"), "\(name)")
      }
      func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
      #expect(try text("\(first)/environment.json").contains("\"cacheKey\": \"\(keys[0])\""))
      #expect(try text("\(first)/config.json").contains("\"memory\": \"64MiB\""))
      // A budget that holds the rows changes nothing.
      let plenty = try run("c", ["--memory", "8GiB"])
      let unlimited = try run("d", [])
      #expect(try text("\(plenty)/environment.json").contains("\"mode\": \"resident\""))
      #expect(
        FileManager.default.contentsEqual(atPath: "\(plenty)/predictions.csv", andPath: "\(unlimited)/predictions.csv"))
      #expect(
        !FileManager.default.contentsEqual(atPath: "\(first)/predictions.csv", andPath: "\(unlimited)/predictions.csv"))
      // The same rows in the same splits all the same.
      let columns = try [first, unlimited].map { run in
        try text("\(run)/predictions.csv").split(separator: "\n").map { $0.split(separator: ",").prefix(3) }
      }
      #expect(columns[0] == columns[1])
    }
  }

  @Test(arguments: [
    (
      ["--memory", "1XB"], 78,
      "data.memory should be an amount of memory of 64 MiB or more, such as \"1GiB\", \"512M\" or "
        + "\"1.5GB\", found \"1XB\".\n"
    ),
    (["--memory", "64M", "--set", "data.source.rows=500000"], 65, "Give more memory, or use fewer rows.\n"),
    (
      ["--memory", "64M", "--set", "data.source.rows=120000", "--set", "training.classifierBatch=full"], 65,
      "Choose last, random or all, or give more memory.\n"
    ),
    (["--memory", "64M", "--set", "data.source.rows=120000", "--cache", "LICENSE"], 73, "with --cache.\n"),
  ])
  func memoryThatWillNotDo(options: [String], status: Int32, ending: String) throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(
        ["run"] + small + ["--output", "\(folder)/runs", "--cache", "\(folder)/cache"] + options)
      #expect(result.status == status)
      #expect(result.error.hasPrefix("equipoise: ") && result.error.hasSuffix(ending), "\(result.error)")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/runs"))
    }
  }
}
