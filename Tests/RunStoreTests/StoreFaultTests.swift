import Foundation
import RunRecords
import RunStore
import Testing

/// Damaged, foreign and contested databases.
@Suite struct StoreFaultTests {
  private func entered(_ count: Int, in output: String) throws {
    for number in 0..<count {
      let run = SmallRun(lambda: Double(number), seed: 1, accuracy: 0.5, second: number)
      let tracker = try StoreTracker(run.makeFolder(in: output))
      try tracker.finish(run.summary, scores: [])
    }
  }

  private func count(_ output: String) throws -> Int {
    try RunStore(output: output, access: .reading).runs(RunStore.Query()).rows.count
  }

  @Test func aDamagedIndexIsToldAndMadeAgain() throws {
    try withOutput { output in
      try entered(5, in: output)
      let path = "\(output)/index.sqlite"
      try? FileManager.default.removeItem(atPath: path + "-wal")
      // The first page is lost.
      var bytes = try Data(contentsOf: URL(filePath: path))
      bytes.replaceSubrange(0..<100, with: Data(repeating: 7, count: 100))
      try bytes.write(to: URL(filePath: path))
      let error = #expect(throws: RecordError.self) { try count(output) }
      #expect(error?.exitStatus == 65)
      #expect(error?.message.hasSuffix("Make it again with: equipoise runs reindex") == true, "\(error as Any)")
      #expect(try RunStore.repaired(output: output).reindex().read == 5)
      #expect(try count(output) == 5)
    }
  }

  @Test func aTornIndexIsMadeAgain() throws {
    try withOutput { output in
      try entered(20, in: output)
      let path = "\(output)/index.sqlite"
      let bytes = try Data(contentsOf: URL(filePath: path))
      try bytes.prefix(bytes.count / 2 + 100).write(to: URL(filePath: path))
      try? FileManager.default.removeItem(atPath: path + "-wal")
      #expect(try RunStore.repaired(output: output).reindex(everything: true).read == 20)
      #expect(try count(output) == 20)
    }
  }

  @Test func otherFilesAreLeftAlone() throws {
    try withOutput { output in
      let path = "\(output)/index.sqlite"
      // A text is no database; it is told, and goes only when the index is asked to be made again.
      try "not a database, but long enough to have a header of a hundred bytes, as one of SQLite has it; more of it"
        .write(toFile: path, atomically: true, encoding: .utf8)
      let error = #expect(throws: RecordError.self) { try RunStore(output: output, access: .writing) }
      #expect(error?.kind == .badData)
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      #expect(throws: RecordError.self) { try RunStore(output: output, access: .writing) }
      #expect(throws: RecordError.self) { try RunStore.repaired(output: output) }
    }
    try withOutput { output in
      let error = #expect(throws: RecordError.self) { try RunStore(output: output, access: .reading) }
      #expect(error?.kind == .noInput)
    }
  }

  /// A run that fails takes the index along that it made; one that others are in stays.
  @Test func aRunThatFailsLeavesNothing() throws {
    try withOutput { output in
      let folder = "\(output)/runs"
      let first = try SmallRun(lambda: 1, seed: 1).makeFolder(in: folder, finished: false)
      try StoreTracker(first).abandon()
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/index.sqlite"))
      try entered(1, in: folder)
      let second = try SmallRun(lambda: 2, seed: 1).makeFolder(in: folder, finished: false)
      try StoreTracker(second).abandon()
      #expect(try count(folder) == 1)
    }
  }

  /// Sixteen writers at once, each with a connection of its own; none is refused, and nothing is lost.
  @Test func manyWriters() async throws {
    let output = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: output) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<16 {
        group.addTask {
          for number in 0..<25 {
            let run = SmallRun(lambda: Double(worker), seed: number, accuracy: 0.5, second: number)
            let store = try RunStore(output: output, access: .writing)
            var entry = RunEntry(
              path: "small/\(worker)-\(number)", configuration: run.configuration, environment: run.environment,
              status: .running, worker: .current)
            try store.begin(entry, configuration: run.configuration)
            try store.append([(1, SmallRun.epoch(1))], to: entry.path)
            entry.status = .finished
            try store.finish(
              entry, configuration: run.configuration, summary: run.summary, epochs: [(2, SmallRun.epoch(2))])
          }
        }
      }
      try await group.waitForAll()
    }
    let store = try RunStore(output: output, access: .reading)
    var query = RunStore.Query()
    query.keys = ["test.accuracy", "adversary.lambda"]
    let rows = try store.runs(query).rows
    #expect(rows.count == 400)
    #expect(rows.allSatisfy { $0.entry.status == .finished && $0.values[0] == .number(0.5) })
    #expect(Set(rows.compactMap { $0.values[1] }).count == 16)
    #expect(try store.epochs(of: "small/3-7").map(\.number) == [1, 2])
  }
}
