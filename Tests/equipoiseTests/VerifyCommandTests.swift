import Foundation
import Testing

@Suite struct VerifyCommandTests {
  private func run(in folder: String, _ more: [String] = []) throws -> String {
    let options = [
      "run", "Configs/quickstart.json", "-q", "--set", "data.source.rows=1000", "--set", "training.gameEpochs=3",
      "--output", folder,
    ]
    let result = try Tool.run(options + more)
    try #require(result.status == 0, "\(result.error)")
    let parent = "\(folder)/quickstart"
    return "\(parent)/\(try #require(try FileManager.default.contentsOfDirectory(atPath: parent).first))"
  }

  @Test func aRunTrainedAgainIsEqual() throws {
    try Tool.withFolder { folder in
      let run = try run(in: folder)
      // What a report leaves whose process is killed in the middle is no record.
      try Data("<html>".utf8).write(to: URL(fileURLWithPath: "\(run)/report.html.123.tmp"))
      let result = try Tool.run(["verify", run, "-q"])
      #expect(result.status == 0, "\(result.error)")
      #expect(result.output.contains("  model/weights.safetensors   equal, "))
      #expect(result.output.contains("\nEqual to the byte, trained again in "))
      #expect(result.output.split(separator: "\n").count == 8, "\(result.output)")
    }
  }

  @Test func whatDiffersIsTold() throws {
    try Tool.withFolder { folder in
      let run = try run(in: folder)
      // One digit of one prediction, one bit of one weight, and another machine.
      let predictions = "\(run)/predictions.csv"
      var lines = try String(contentsOfFile: predictions, encoding: .utf8).components(separatedBy: "\n")
      var cells = lines[5].components(separatedBy: ",")
      cells[3] = cells[3].hasPrefix("0.9") ? "0.1" : "0.95"
      lines[5] = cells.joined(separator: ",")
      try lines.joined(separator: "\n").write(toFile: predictions, atomically: true, encoding: .utf8)
      let weights = URL(filePath: "\(run)/model/weights.safetensors")
      var bytes = try Data(contentsOf: weights)
      bytes[bytes.count - 4] ^= 1
      try bytes.write(to: weights)
      let environment = "\(run)/environment.json"
      let text = try String(contentsOfFile: environment, encoding: .utf8)
      try text.replacing(/"kernels": "\w+"/, with: "\"kernels\": \"abacus\"")
        .write(toFile: environment, atomically: true, encoding: .utf8)
      let result = try Tool.run(["verify", run, "-q"])
      #expect(result.status == 1)
      #expect(result.output.contains("  predictions.csv             DIFFERS from line 6 on: "), "\(result.output)")
      #expect(result.output.contains("  model/weights.safetensors   DIFFERS from byte \(bytes.count - 4) on, 1 of "))
      #expect(result.output.contains("  epochs.jsonl                equal, "))
      #expect(result.output.contains("\nWhat was not the same:\n  Kernels: abacus then, "))
      let json = try Tool.run(["verify", run, "-q", "--json"])
      #expect(json.status == 1 && json.output.contains("\"equal\": false"))
    }
  }

  /// What was made of a run later is no record of its training; a record that is gone is missed.
  @Test func whatWasMadeOfARunLater() throws {
    try Tool.withFolder { folder in
      let run = try run(in: folder)
      #expect(try Tool.run(["export", run]).status == 0)
      #expect(try Tool.run(["report", run, "--card", "\(run)/card"]).status == 0)
      try "{}".write(toFile: "\(run)/audit.json", atomically: true, encoding: .utf8)
      let result = try Tool.run(["verify", run, "-q"])
      #expect(result.status == 0, "\(result.output)")
      #expect(result.output.contains("\nNo records of the training, and not compared: audit.json, card, export\n"))
      try FileManager.default.removeItem(atPath: "\(run)/scores.json")
      let without = try Tool.run(["verify", run, "-q"])
      #expect(without.status == 1 && without.output.contains("  scores.json                 was not written then\n"))
    }
  }

  /// Relative paths of a configuration start at its folder, from wherever the run is trained again.
  @Test func verifiedFromAnotherFolder() throws {
    try Tool.withFolder { folder in
      let rows = try Tool.run(["data", "simulate", "--rows", "900", "--output", "\(folder)/rows.csv"])
      try #require(rows.status == 0, "\(rows.error)")
      let configuration = """
        {"name": "here", "data": {"source": {"csv": "rows.csv"}, "label": {"column": "income", "positive": ">50K"},
          "sensitive": [{"column": "sex", "privileged": "Male"}]}, "training": {"gameEpochs": 1}}
        """
      try configuration.write(toFile: "\(folder)/here.json", atomically: true, encoding: .utf8)
      let trained = try Tool.run(["run", "here.json", "-q", "--output", "runs"], folder: folder)
      try #require(trained.status == 0, "\(trained.error)")
      let parent = "\(folder)/runs/here"
      let run = "\(parent)/\(try #require(try FileManager.default.contentsOfDirectory(atPath: parent).first))"
      let result = try Tool.run(["verify", run, "-q"])
      #expect(result.status == 0, "\(result.error)\(result.output)")
    }
  }

  @Test func aRunThatDidNotEnd() throws {
    try Tool.withFolder { folder in
      let run = try run(in: folder)
      try FileManager.default.removeItem(atPath: "\(run)/summary.json")
      let result = try Tool.run(["verify", run])
      #expect(result.status == 66)
      #expect(result.error == "equipoise: \(run): has no summary.json: the run did not come to its end.\n")
    }
  }

  @Test func lineage() throws {
    try Tool.withFolder { folder in
      let run = try run(in: folder)
      let chart = try Tool.run(["runs", "lineage", run])
      #expect(chart.status == 0 && chart.output.hasPrefix("flowchart LR\n"))
      for line in [
        "  data0 -->|read| run\n", "  run -->|fitted on the training rows| encoder\n",
        "  model -->|evaluated| evaluation\n", "  evaluation -->|summed up| summary\n",
      ] {
        #expect(chart.output.contains(line), "\(chart.output)")
      }
      let json = try Tool.run(["runs", "lineage", run, "--json"])
      #expect(json.output.contains("\"kind\": \"encoder\""))
      // The hash of a file is that of sha256sum.
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/sha256sum")
      process.arguments = ["\(run)/evaluation.json"]
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let hash = String(decoding: output.fileHandleForReading.readDataToEndOfFile().prefix(64), as: UTF8.self)
      #expect(json.output.contains("\"sha256\": \"\(hash)\""))
    }
  }

  /// A run goes on without its followers, and says so once.
  @Test func anIndexThatCannotBeWritten() throws {
    try Tool.withFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/index.sqlite", withIntermediateDirectories: true)
      try "".write(toFile: "\(folder)/mlruns", atomically: true, encoding: .utf8)
      let result = try Tool.run([
        "run", "Configs/quickstart.json", "--set", "data.source.rows=1000", "--set", "training.gameEpochs=3",
        "--set", "output.trackers=[\"mlflow\",\"dvclive\"]", "--output", folder,
      ])
      #expect(result.status == 0, "\(result.error)")
      let notes = result.error.split(separator: "\n").filter { $0.hasPrefix("Note: This run is missing from ") }
      #expect(notes.count == 2, "\(result.error)")
      let parent = "\(folder)/quickstart"
      let run = "\(parent)/\(try #require(try FileManager.default.contentsOfDirectory(atPath: parent).first))"
      #expect(FileManager.default.fileExists(atPath: "\(run)/summary.json"))
      #expect(FileManager.default.fileExists(atPath: "\(run)/dvclive/metrics.json"))
    }
  }
}
