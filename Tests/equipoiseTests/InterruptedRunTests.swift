import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Killed processes and full disks, in short; `Scripts/torture` does it at length.
@Suite struct InterruptedRunTests {
  @Test func aKilledSweepGoesOn() throws {
    try Tool.withFolder { folder in
      let path = "\(folder)/sweep.json"
      try """
      {"base": {"name": "killed", "data": {"source": {"simulated": "census", "rows": 1000, "seed": 3}},
                "training": {"gameEpochs": 10}, "evaluation": {"intervals": false}},
       "parameters": {"adversary.lambda": [0, 50]}, "seeds": [1, 2, 3]}
      """.write(toFile: path, atomically: true, encoding: .utf8)
      func finish(_ name: String) throws -> String {
        let result = try Tool.run(["sweep", path, "-q", "--jobs", "4", "--csv", "--output", "\(folder)/\(name)"])
        #expect(result.status == 0, "\(result.error)")
        return result.output
      }
      for milliseconds in [40, 150, 300, 500] {
        let process = try Tool.start(["sweep", path, "--jobs", "4", "--output", "\(folder)/killed"])
        usleep(UInt32(milliseconds * 1000))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      #expect(try finish("killed") == finish("whole"))
      let index = try Tool.run(["runs", "reindex", "--everything", "--output", "\(folder)/killed"])
      #expect(index.output.hasSuffix(" 0 left out as damaged.\n"), "\(index.output) \(index.error)")
      let runs = try Tool.run(["runs", "list", "--where", "status = finished", "--csv", "--output", "\(folder)/killed"])
      #expect(runs.output.split(separator: "\n").count == 7)
    }
  }

  /// A limit on the size of files stands for a disk that is full in the middle of a file.
  @Test(arguments: [4, 40, 120])
  func aDiskThatFillsUpLeavesNothing(kilobytes: Int) throws {
    try Tool.withFolder { folder in
      let command = """
        trap '' XFSZ; ulimit -f \(kilobytes); exec '\(Tool.path)' run Configs/quickstart.json -q \
        --set data.source.rows=4000 --set training.gameEpochs=5 --output '\(folder)/runs' 2> '\(folder)/error'
        """
      let process = Process()
      process.executableURL = URL(filePath: "/bin/bash")
      process.arguments = ["-c", command]
      process.currentDirectoryURL = URL(filePath: Tool.root)
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      let error = try String(contentsOfFile: "\(folder)/error", encoding: .utf8)
      #expect(process.terminationStatus == 74, "\(error)")
      #expect(error.contains("writing failed: file too large."), "\(error)")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/runs"))
    }
  }
}
