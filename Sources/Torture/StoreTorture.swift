import FairnessMetrics
import OrderedJSON
import RunRecords
import RunStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes made-up runs into a store as fast as it can: `store-torture FOLDER RUNS WORKER [epochs] [folders]`.
///
/// Many of it at once show whether writers stand in one another's way; `folders` makes the run folders too, so that the
/// index can be rebuilt from them.
@main
enum StoreTorture {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count >= 4, let runs = Int(arguments[2]), let worker = Int(arguments[3]) else {
      print("usage: store-torture FOLDER RUNS WORKER [EPOCHS] [folders]")
      exit(64)
    }
    let epochs = arguments.count > 4 ? Int(arguments[4]) ?? 0 : 0
    do {
      try write(runs, by: worker, epochs: epochs, makesFolders: arguments.last == "folders", to: arguments[1])
    } catch {
      print("\(error)")
      exit(error.exitStatus)
    }
  }

  private static func write(
    _ runs: Int, by worker: Int, epochs: Int, makesFolders: Bool, to output: String
  ) throws(RecordError) {
    let store = try RunStore(output: output, access: .writing)
    for number in 0..<runs {
      let seed = number % 8
      let configuration = MadeUpRun.configuration(lambda: Double(worker * 10_000 + number / 8) / 100, seed: seed)
      let environment = MadeUpRun.environment(second: number)
      let time = UTCTime(seconds: 1_700_000_000 + number)
      let path = "made-up/\(time.folderName)-\(worker)-\(number)"
      let summary = MadeUpRun.summary(worker * 10_000 + number, seed: seed)
      let records = (0..<epochs).map { ($0 + 1, MadeUpRun.epoch($0)) }
      if makesFolders {
        try FileAccess.makeFolders("\(output)/\(path)")
        for (name, json) in [
          ("config.json", configuration.json), ("environment.json", environment.json), ("summary.json", summary.json),
        ] {
          try FileAccess.write(Array(json.serialized().utf8), to: "\(output)/\(path)/\(name)")
        }
      }
      var entry = RunEntry(
        path: path, configuration: configuration, environment: environment, status: .running, worker: .current)
      try store.begin(entry, configuration: configuration)
      // As a run does it: a part of the epochs on the way, the rest with the results.
      try store.append(Array(records.prefix(epochs / 2)), to: path)
      entry.status = .finished
      entry.seconds = summary.seconds
      entry.worker = nil
      try store.finish(
        entry, configuration: configuration, summary: summary, epochs: Array(records.dropFirst(epochs / 2)))
    }
  }
}
