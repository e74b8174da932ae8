import Foundation
import OrderedJSON
import RunRecords
import RunStore
import Testing

@Suite struct RunStoreTests {
  private static let runs = [
    SmallRun(lambda: 0, seed: 1, accuracy: 0.85, rule: 0.3, second: 10),
    SmallRun(lambda: 0, seed: 2, accuracy: 0.83, rule: 0.4, second: 20),
    SmallRun(lambda: 50, seed: 1, accuracy: 0.80, rule: 0.9, second: 30),
    SmallRun(lambda: 50, seed: 2, accuracy: nil, rule: 0.8, second: 40),
  ]

  /// Makes the folders and enters the runs as they enter themselves.
  private func enter(_ runs: [SmallRun], in output: String) throws -> [String] {
    try runs.map { run in
      let start = try run.makeFolder(in: output)
      let tracker = try StoreTracker(start)
      for number in 1...3 { try tracker.append(SmallRun.epoch(number), number: number) }
      try tracker.finish(run.summary, scores: [])
      return start.path
    }
  }

  /// Everything that the store tells about a folder.
  private func content(_ store: RunStore) throws -> String {
    var query = RunStore.Query()
    query.keys = try store.metricKeys() + store.differingKeys() + ["identity", "configuration", "data", "version"]
    let table = try store.runs(query)
    let epochs = try table.rows.map { try store.epochs(of: $0.entry.path) }
    return "\(table.keys) \(table.rows) \(epochs)"
  }

  @Test func whatWasEnteredIsFound() throws {
    try withOutput { output in
      let paths = try enter(Self.runs, in: output)
      let store = try RunStore(output: output, access: .reading)
      var query = RunStore.Query()
      query.keys = ["test.accuracy", "adversary.lambda", "adversary.hidden", "pretrained.test.sex.pPercentRule"]
      let table = try store.runs(query)
      #expect(table.rows.map(\.entry.path) == paths.reversed())
      #expect(table.rows.map(\.entry.status) == Array(repeating: .finished, count: 4))
      #expect(table.rows[0].values == [nil, .number(50), .other([32, 32]), .number(0.8)])
      #expect(table.rows[3].values == [.number(0.85), .number(0), .other([32, 32]), .number(0.3)])
      #expect(try store.differingKeys() == ["adversary.lambda"])
      #expect(try store.epochs(of: paths[0]).map(\.labelLoss) == [1, 0.5, 1 / 3])
      #expect(table.rows[0].entry.identity.configuration == table.rows[1].entry.identity.configuration)
      #expect(Set(table.rows.map(\.entry.identity.run)).count == 4)
      #expect(try store.finished(table.rows[2].entry.identity) == [paths[1]])
    }
  }

  /// A key differs where values do, and where some configuration lacks it, whatever the others have.
  @Test func aKeyThatSomeLackDiffers() throws {
    try withOutput { output in
      _ = try enter([SmallRun(lambda: 1, seed: 1, second: 1), SmallRun(lambda: 1, seed: 2, second: 2)], in: output)
      let store = try RunStore(output: output, access: .reading)
      #expect(try store.differingKeys() == [])
      _ = try enter([SmallRun(lambda: 1, seed: 1, second: 3, switches: ["cut"])], in: output)
      #expect(try store.differingKeys() == ["adversary.cut"])
      _ = try enter([SmallRun(lambda: 2, seed: 1, second: 4, switches: ["cut", "drawn"])], in: output)
      #expect(Set(try store.differingKeys()) == ["adversary.cut", "adversary.drawn", "adversary.lambda"])
    }
  }

  @Test(arguments: [
    (["test.accuracy >= 0.83"], [0, 1]), (["test.accuracy > 0.83"], [0]), (["test.accuracy != 0.83"], [0, 2]),
    (["adversary.lambda = 50"], [2, 3]), (["adversary.lambda==50", "seed < 2"], [2]), (["seed=2"], [1, 3]),
    (["name ~ mal", "test.sex.pPercentRule<=0.4"], [0, 1]), (["adversary.hidden = [32, 32]"], [0, 1, 2, 3]),
    (["adversary.hidden = [32]"], []), (["started > 1970-01-01T00:00:20Z"], [2, 3]), (["status = running"], []),
    (["name=>50K"], []), (["name!=>50K"], [0, 1, 2, 3]),
  ])
  func conditions(texts: [String], found: [Int]) throws {
    try withOutput { output in
      let paths = try enter(Self.runs, in: output)
      var query = RunStore.Query()
      query.conditions = try texts.map { try RunCondition($0) }
      query.order = "started"
      query.isDescending = false
      let rows = try RunStore(output: output, access: .reading).runs(query).rows
      #expect(rows.map(\.entry.path) == found.map { paths[$0] })
    }
  }

  @Test func sortingPutsMissingValuesLast() throws {
    try withOutput { output in
      let paths = try enter(Self.runs, in: output)
      let store = try RunStore(output: output, access: .reading)
      var query = RunStore.Query()
      query.order = "test.accuracy"
      #expect(try store.runs(query).rows.map(\.entry.path) == [0, 1, 2, 3].map { paths[$0] })
      query.isDescending = false
      #expect(try store.runs(query).rows.map(\.entry.path) == [2, 1, 0, 3].map { paths[$0] })
      query.limit = 2
      #expect(try store.runs(query).rows.count == 2)
    }
  }

  @Test(arguments: [
    ("acuracy > 1", "--where: no run has a value 'acuracy'"), ("test.acuracy > 1", "Did you mean 'test.accuracy'?"),
    ("test.accuracy", "should be a key, a comparison and a value"), ("> 3", "has no key"), ("seed =", "has no value"),
    ("seed ! 3", "'!' is no comparison"), ("seed !== 3", "'!==' is no comparison"),
    ("test.accuracy => 0.8", "'=>' is no comparison"), ("seed != \"1\"", "compares numbers with a text"),
    ("test.accuracy > 0,8", "compares numbers with a text"),
  ])
  func questionsThatMakeNoSense(text: String, message: String) throws {
    try withOutput { output in
      _ = try enter(Array(Self.runs.prefix(1)), in: output)
      let store = try RunStore(output: output, access: .reading)
      let error = #expect(throws: RunQueryError.self) {
        var query = RunStore.Query()
        query.conditions = [try RunCondition(text)]
        _ = try store.runs(query)
      }
      #expect(error?.description.contains(message) == true, "\(error as Any)")
    }
  }

  @Test func reindexingGivesTheSameStore() throws {
    try withOutput { output in
      let paths = try enter(Self.runs, in: output)
      let before = try content(RunStore(output: output, access: .reading))
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: "\(output)/index.sqlite\(suffix)")
      }
      let store = try RunStore(output: output, access: .writing)
      #expect(try store.reindex() == .init(read: 4))
      #expect(try content(store) == before)
      #expect(try store.reindex() == .init(unchanged: 4))
      // A folder that goes takes its entry along; a damaged one is told.
      try FileManager.default.removeItem(atPath: "\(output)/\(paths[0])")
      try "{".write(toFile: "\(output)/\(paths[1])/summary.json", atomically: true, encoding: .utf8)
      let again = try store.reindex()
      #expect(again.removed == 1 && again.unchanged == 2 && again.damaged.count == 1)
      #expect(again.damaged[0].contains("\(paths[1])/summary.json:1:"))
      // What was known of it is no longer told.
      #expect(try Set(store.runs(.init()).rows.map(\.entry.path)) == Set(paths[2...]))
      #expect(try store.lacksRuns())
      #expect(try store.reindex(everything: true).read == 2)
      // A folder without a summary is a run that did not end.
      let open = try SmallRun(lambda: 1, seed: 9, second: 99).makeFolder(in: output, finished: false)
      #expect(try store.reindex().read == 1)
      var query = RunStore.Query()
      query.conditions = [try RunCondition("status = unfinished")]
      #expect(try store.runs(query).rows.map(\.entry.path) == [open.path])
    }
  }

  /// The lock on its configuration tells whether a run is under way, whatever the store has been told of its process.
  @Test func aRunThatNobodyHoldsIsUnfinished() throws {
    try withOutput { output in
      let start = try SmallRun(lambda: 1, seed: 9).makeFolder(in: output, finished: false)
      var lock = try FileLock.onExisting(start.folder.file("config.json"))
      let tracker = try StoreTracker(start)
      let store = try RunStore(output: output, access: .writing)
      func statuses() throws -> [RunEntry.Status] { try store.runs(RunStore.Query()).rows.map(\.entry.status) }
      #expect(try statuses() == [.running])
      #expect(try store.reindex().unchanged == 1)
      // No process has this number: it is beyond the largest that systems give; and none at all is known where the
      // process keeps its index in memory.
      var entry = try #require(try store.runs(RunStore.Query()).rows.first).entry
      for process in [0x7fff_fff0, 0x7fff_ffff_ffff, nil] {
        entry.worker = process.map { RunEntry.Worker(host: FileAccess.hostName, process: $0) }
        try store.begin(entry, configuration: ResolvedConfiguration(start.configuration))
        #expect(try statuses() == [.running])
      }
      withExtendedLifetime(lock) { lock = nil }
      #expect(try statuses() == [.unfinished])
      entry.worker = .current
      try store.begin(entry, configuration: ResolvedConfiguration(start.configuration))
      #expect(try statuses() == [.unfinished])
      tracker.abandon()
      #expect(try statuses().isEmpty)
      #expect(try store.lacksRuns())
    }
  }

  @Test func runsAreNamedByParts() throws {
    try withOutput { output in
      let paths = try enter(Array(Self.runs.prefix(2)), in: output)
      let store = try RunStore(output: output, access: .reading)
      let ending = String(paths[0].suffix(6))
      for name in [paths[0], "\(output)/\(paths[0])", "\(output)/\(paths[0])/", ending] {
        #expect(try store.resolve(name) == paths[0])
      }
      for name in ["small/1970", "nothing", "", "/", "small", "19700101"] {
        #expect(throws: RunQueryError.self, "\(name)") { try store.resolve(name) }
      }
      // The folder need not be there any more, nor the path be the shortest.
      #expect(try store.resolve("\(output)/./\(paths[1])") == paths[1])
      #expect(try store.resolve("\(output)/elsewhere/../\(paths[1])") == paths[1])
      // A copy is another run, and no name of this one.
      try withOutput { elsewhere in
        let copy = "\(elsewhere)/\(paths[0])"
        try FileManager.default.createDirectory(atPath: "\(elsewhere)/small", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(output)/\(paths[0])", toPath: copy)
        #expect(throws: RunQueryError.self) { try store.resolve(copy) }
        // A link to the folder of the runs leads to them.
        try FileManager.default.createSymbolicLink(atPath: "\(elsewhere)/link", withDestinationPath: output)
        #expect(try store.resolve("\(elsewhere)/link/\(paths[0])") == paths[0])
        // And one from there.
        try FileManager.default.moveItem(atPath: "\(output)/small", toPath: "\(elsewhere)/moved")
        try FileManager.default.createSymbolicLink(atPath: "\(output)/small", withDestinationPath: "\(elsewhere)/moved")
        #expect(try store.resolve("\(output)/./\(paths[0])") == paths[0])
      }
    }
  }

  /// Whatever the order, the newest of the runs of one configuration and seed is left, those first that came to an end.
  @Test func theNewestRunIsLeft() throws {
    try withOutput { output in
      let runs = [
        SmallRun(lambda: 1, seed: 1, accuracy: 0.5, second: 1), SmallRun(lambda: 1, seed: 1, accuracy: 0.7, second: 2),
        SmallRun(lambda: 1, seed: 2, accuracy: 0.9, second: 3), SmallRun(lambda: 2, seed: 1, accuracy: 0.6, second: 4),
      ]
      let paths = try enter(runs, in: output)
      let store = try RunStore(output: output, access: .writing)
      let open = try SmallRun(lambda: 1, seed: 1, second: 9).makeFolder(in: output, finished: false)
      #expect(try store.reindex().read == 1)
      for isDescending in [true, false] {
        var query = RunStore.Query()
        query.order = "test.accuracy"
        query.isDescending = isDescending
        var table = try store.runs(query)
        #expect(table.rows.contains { $0.entry.path == open.path })
        table.leaveNewest()
        #expect(Set(table.rows.map(\.entry.path)) == Set(paths[1...]))
      }
    }
  }

  /// A run that was done twice tells nothing of other seeds.
  @Test func equalSeedsCountOnce() throws {
    func run(_ seed: Int, _ accuracy: Double) -> RunComparison.Observation {
      .init(configuration: "one", parameters: [], seed: seed, metrics: [accuracy])
    }
    let comparison = RunComparison(
      keys: [], metrics: ["test.accuracy"], observations: [run(7, 0.5), run(8, 0.7), run(7, 0.5), run(7, 0.5)])
    #expect(
      comparison == RunComparison(keys: [], metrics: ["test.accuracy"], observations: [run(7, 0.5), run(8, 0.7)]))
    #expect(comparison.groups[0].seeds == [7, 8])
    #expect(comparison.groups[0].spreads[0]?.runs == 2)
  }
}
