import FairnessMetrics
import Foundation
import OrderedJSON
import RunRecords
import Testing

@Suite struct RunFolderTests {
  private let root: String

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  private func withRoot(_ body: (String) throws -> Void) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    try body(root)
  }

  @Test func folderIsNamedAfterTimeAndConfiguration() throws {
    try withRoot { root in
      // 1,700,000,000 seconds after 1970 were reached on 2023-11-14 at 22:13:20 UTC.
      let configuration: JSON = ["seed": 7]
      let first = try RunFolder.create(
        in: "\(root)/a/b", name: "adult", configuration: configuration, time: 1_700_000_000)
      let hex = RunFolder.fingerprint(of: configuration)
      #expect(first.path == "\(root)/a/b/adult/20231114-221320-\(hex)")
      #expect(hex.wholeMatch(of: /[0-9a-f]{6}/) != nil)
      #expect(hex != RunFolder.fingerprint(of: ["seed": 8]))
      let second = try RunFolder.create(
        in: "\(root)/a/b", name: "adult", configuration: configuration, time: 1_700_000_000)
      #expect(second.path == first.path + "-2")
      #expect(try first.json("config.json") == configuration)
      #expect(try FileManager.default.contentsOfDirectory(atPath: first.path) == ["config.json"])
      second.remove()
      #expect(!FileManager.default.fileExists(atPath: second.path))
      // The folders above were made for the first one, and go with it once they are empty.
      first.remove()
      #expect(try FileManager.default.contentsOfDirectory(atPath: root).isEmpty)
    }
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
    (951_782_400, "2000-02-29T00:00:00Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
    (4_107_542_399, "2100-02-28T23:59:59Z", "Sun, 28 Feb 2100 23:59:59 GMT"),
    (4_107_542_400, "2100-03-01T00:00:00Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
    (-1, "1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
    (1_798_761_599, "2026-12-31T23:59:59Z", "Thu, 31 Dec 2026 23:59:59 GMT"),
    // The example of RFC 9110.
    (784_111_777, "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
  ])
  func calendar(seconds: Int, text: String, header: String) {
    let time = UTCTime(seconds: seconds)
    #expect(time.description == text)
    #expect(time.httpDate == header)
  }

  /// A device stays one, and a link goes on leading to the file that it led to.
  @Test func devicesAndLinksStayWhatTheyAre() throws {
    try withRoot { root in
      let fifo = "\(root)/pipe"
      #expect(mkfifo(fifo, 0o600) == 0)
      // Open for both, so that nobody waits.
      let descriptor = open(fifo, O_RDWR)
      try FileAccess.write(Array("through".utf8), to: fifo)
      var buffer = [UInt8](repeating: 0, count: 16)
      let count = read(descriptor, &buffer, 16)
      close(descriptor)
      #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "through")
      var status = stat()
      #expect(stat(fifo, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
      try "old".write(toFile: "\(root)/file", atomically: false, encoding: .utf8)
      try FileManager.default.createSymbolicLink(atPath: "\(root)/link", withDestinationPath: "file")
      try FileAccess.write(Array("new".utf8), to: "\(root)/link")
      #expect(try String(contentsOfFile: "\(root)/file", encoding: .utf8) == "new")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(root)/link") == "file")
      #expect(try FileManager.default.contentsOfDirectory(atPath: root).sorted() == ["file", "link", "pipe"])
      try FileManager.default.createSymbolicLink(atPath: "\(root)/early", withDestinationPath: "later")
      try FileAccess.write(Array("made".utf8), to: "\(root)/early")
      #expect(try String(contentsOfFile: "\(root)/later", encoding: .utf8) == "made")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(root)/early") == "later")
      // A file that is never whole leaves the old one, and nothing beside it.
      var replaced: ReplacedFile? = try ReplacedFile("\(root)/file")
      try replaced?.append(Array("half".utf8))
      replaced = nil
      #expect(try String(contentsOfFile: "\(root)/file", encoding: .utf8) == "new")
      #expect(try FileManager.default.contentsOfDirectory(atPath: root).count == 5)
    }
  }

  @Test func fileInTheWayIsNamed() throws {
    try withRoot { root in
      try "x".write(toFile: "\(root)/runs", atomically: false, encoding: .utf8)
      let message = "\(root)/runs: is a file, not a folder. Name another output folder with --output."
      let checked = #expect(throws: RecordError.self) { try RunFolder.check(output: "\(root)/runs", name: "adult") }
      #expect(checked?.description == message)
      #expect(checked?.exitStatus == 73)
      let created = #expect(throws: RecordError.self) {
        try RunFolder.create(in: "\(root)/runs", name: "adult", configuration: [:], time: 0)
      }
      #expect(created?.kind == .cannotCreate)
      #expect(try FileManager.default.contentsOfDirectory(atPath: root) == ["runs"])
    }
  }

  /// The system's own read-only folder, because the superuser may write where rights forbid it.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self")))
  func readOnlyFolderIsNamed() throws {
    for output in ["/proc", "/proc/runs"] {
      let checked = #expect(throws: RecordError.self) { try RunFolder.check(output: output, name: "adult") }
      #expect(
        checked?.description
          == "/proc: the folder cannot be made: no such file or directory. Name another output folder with --output.")
      let created = #expect(throws: RecordError.self) {
        try RunFolder.create(in: output, name: "adult", configuration: [:], time: 0)
      }
      #expect(created?.exitStatus == 73)
    }
  }

  @Test func checkingLeavesNothing() throws {
    try withRoot { root in
      try RunFolder.check(output: "\(root)/runs", name: "adult")
      #expect(try FileManager.default.contentsOfDirectory(atPath: root).isEmpty)
    }
  }

  /// A device that is always full.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullDiskIsNamed() throws {
    try withRoot { root in
      let folder = try RunFolder.create(in: root, name: "a", configuration: [:], time: 0)
      try FileManager.default.createSymbolicLink(
        atPath: folder.file("epochs.jsonl"), withDestinationPath: "/dev/full")
      let log = try folder.epochLog()
      let error = #expect(throws: RecordError.self) {
        try log.append(EpochRecord(phase: .game, epoch: 1, labelLoss: .defined(1), adversaryLoss: .defined(1)))
      }
      #expect(
        error?.description
          == "\(folder.path)/epochs.jsonl: writing failed: no space left on device. "
          + "Free some room, or name another folder with --output.")
      #expect(error?.exitStatus == 74)
    }
  }

  @Test func failedWriteLeavesTheOldFile() throws {
    try withRoot { root in
      let folder = try RunFolder.create(in: root, name: "a", configuration: ["seed": 1], time: 0)
      // A folder in the place of the file cannot be renamed over.
      try FileManager.default.createDirectory(atPath: folder.file("x.json") + "/y", withIntermediateDirectories: true)
      #expect(throws: RecordError.self) { try folder.write([1, 2], to: "x.json") }
      try folder.write(["seed": 2], to: "config.json")
      #expect(try folder.json("config.json") == ["seed": 2])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["config.json", "x.json"])
    }
  }

  @Test func epochsReadBackAndATornLineIsLeftOut() throws {
    try withRoot { root in
      let folder = try RunFolder.create(in: root, name: "a", configuration: [:], time: 0)
      let records = [
        EpochRecord(
          phase: .classifier, epoch: 1, labelLoss: .defined(0.25), adversaryLoss: .undefined("not trained yet")),
        EpochRecord(
          phase: .game, epoch: 2, labelLoss: .defined(0.5), adversaryLoss: .defined(1e-9),
          splits: [SplitEvaluation(.train, .sample()), SplitEvaluation(.test, .sample())]),
      ]
      let log = try folder.epochLog()
      for record in records { try log.append(record) }
      try log.close()
      #expect(try folder.epochs() == records)
      let bytes = try Data(contentsOf: URL(filePath: folder.file("epochs.jsonl")))
      for cut in 1...40 {
        try folder.write(Array(bytes.dropLast(cut)), to: "epochs.jsonl")
        #expect(try folder.epochs() == [records[0]])
      }
      try folder.write(Array("{\"phase\": \"game\"}\n".utf8), to: "epochs.jsonl")
      let error = #expect(throws: RecordError.self) { try folder.epochs() }
      #expect(
        error?.description
          == "\(folder.path)/epochs.jsonl:1: epoch should be a whole number. The record is damaged, or of another version."
      )
    }
  }

  @Test func summaryAndEnvironmentReadBack() throws {
    try withRoot { root in
      let folder = try RunFolder.create(in: root, name: "a", configuration: [:], time: 0)
      let unfinished = #expect(throws: RecordError.self) { try folder.summary() }
      #expect(unfinished?.message == "has no summary.json: the run did not come to its end.")
      let summary = RunSummary(
        name: "a", seed: 7, notices: ["1 row left out"],
        phases: [
          .init(.pretrained, splits: [SplitEvaluation(.train, .sample()), SplitEvaluation(.test, .sample())]),
          .init(.final, splits: [SplitEvaluation(.test, .sample())]),
        ], timing: [.init("data", seconds: 0.125), .init("game", seconds: 1.5)])
      try folder.write(summary)
      #expect(folder.isComplete)
      #expect(try folder.summary() == summary)
      let environment = EnvironmentRecord(
        version: "0.1.0", commit: nil, platform: "Linux x86_64", cores: 2, blasCore: "SkylakeX", blasThreads: 1,
        kernels: "avx512", configurationFolder: "/c", started: "2026-01-31T12:00:00Z",
        data: [.init("adult.data", sha256: "ab"), .init("census", sha256: nil)])
      try folder.write(environment)
      #expect(try folder.environment() == environment)
      for key in [nil, "0a"] {
        var limited = environment
        limited.memory = .init(
          budget: 1 << 30, cacheKey: key, windowRows: key.map { _ in 4096 }, blockRows: key.map { _ in 64 })
        try folder.write(limited)
        #expect(try folder.environment() == limited)
        #expect(try folder.json("environment.json")["memory"]?["mode"] == (key == nil ? "resident" : "mapped"))
      }
      // One from before the key.
      let members = environment.json.members ?? []
      try folder.write(.object(members.filter { $0.key != "memory" }), to: "environment.json")
      #expect(try folder.environment() == environment)
      #expect(try RunFolder(existing: folder.path + "/") == folder)
      let none = #expect(throws: RecordError.self) { try RunFolder(existing: root) }
      #expect(
        none?.description
          == "\(root): has no config.json, so it is not the folder of a run. Check the path.")
    }
  }

  /// The keys that others rely on.
  @Test func summaryHasTheDesignsKeys() throws {
    let json = RunSummary(name: "a", seed: 7, phases: [.init(.final, splits: [SplitEvaluation(.test, .sample())])]).json
    let test = try #require(json["phases"]?["final"]?["test"])
    #expect(test["rows"] == 8)
    #expect(test["rocAUC"] == .null)
    #expect(test["reasons"]?["rocAUC"] == "only one class")
    let sex = try #require(test["sensitive"]?["sex"])
    for key in [
      "pPercentRule", "demographicParityDifference", "equalizedOddsDifference", "equalOpportunityDifference",
      "adversaryAUC",
    ] { #expect(sex[key] != nil, "\(key)") }
    let group = try #require(sex["groups"]?["Fe=male\n"])
    #expect(group.members?.map(\.key) == ["rows", "selectionRate", "truePositiveRate", "falsePositiveRate", "reasons"])
    #expect(json.members?.last?.key == "timing")
  }

  @Test func damagedRecordsAreRefused() throws {
    try withRoot { root in
      let folder = try RunFolder.create(in: root, name: "a", configuration: [:], time: 0)
      let place = "\(folder.path)/summary.json"
      for (text, message) in [
        ("", "\(place):1:1: the text is empty. It should hold one JSON value. The record is damaged."),
        ("[]", "\(place): the record should be an object. The record is damaged, or of another version."),
        ("{\"format\": 99}", "\(place): was written by a newer version of Equipoise. Update the tool."),
        (
          "{\"format\": 1, \"phases\": {\"final\": {\"test\": {}}}}",
          "\(place): phases.final.test.sensitive is missing. The record is damaged, or of another version."
        ),
      ] {
        try folder.write(Array(text.utf8), to: "summary.json")
        let error = #expect(throws: RecordError.self) { try folder.summary() }
        #expect(error?.description == message)
        #expect(error?.exitStatus == 65)
      }
    }
  }

  @Test func predictionsReadBack() throws {
    let scores: [Float] = [0, 1, 0.1, 1e-7, 0.33333334, Float.leastNonzeroMagnitude]
    let file = PredictionsFile(
      rows: [5, 0, 3, 1, 2, 9], splits: [.train, .train, .test, .test, .validation, .test],
      labels: [0, 1, 1, 0, 1, 0], scores: scores, decisions: scores.map { $0 >= 0.5 },
      groups: [
        .init(name: "=sum(A1)", groups: ["@a,b", "c\"d\ne", "'x", "-1", "plain"], codes: [0, 1, 2, 3, 4, -1])
      ])
    let text = String(decoding: file.csv, as: UTF8.self)
    #expect(
      text == """
        row,split,label,score,decision,'=sum(A1)
        5,train,0,0,0,"'@a,b"
        0,train,1,1,1,"c""d
        e"
        3,test,1,0.1,0,''x
        1,test,0,1e-07,0,'-1
        2,validation,1,0.33333334,0,plain
        9,test,0,1e-45,0,

        """)
    #expect(try PredictionsFile(csv: file.csv, at: "p.csv") == file)
    let error = #expect(throws: RecordError.self) {
      try PredictionsFile(csv: Array("row,split,label,score,decision\n1,test,0,x,0\n".utf8), at: "p.csv")
    }
    #expect(error?.description == "p.csv:2: is no line of predictions. The record is damaged.")
  }

  @Test func predictionsOfSeveralFilesNameTheFile() throws {
    let file = PredictionsFile(
      rows: [0, 1, 0], files: .init(name: "file", groups: ["a.csv", "b,c.csv"], codes: [0, 0, 1]),
      splits: [.train, .train, .test], labels: [0, 1, 1], scores: [0, 1, 0.5], decisions: [false, true, true],
      groups: [.init(name: "file", groups: ["x"], codes: [0, -1, 0])])
    #expect(
      String(decoding: file.csv, as: UTF8.self) == """
        row,file,split,label,score,decision,file
        0,a.csv,train,0,0,0,x
        1,a.csv,train,1,1,1,
        0,"b,c.csv",test,1,0.5,1,x

        """)
    #expect(try PredictionsFile(csv: file.csv, at: "p.csv") == file)
    #expect(throws: RecordError.self) {
      try PredictionsFile(csv: Array("row,file,split,label,score,decision\n1,,test,0,0,0\n".utf8), at: "p.csv")
    }
  }
}

extension ClassifierEvaluation {
  static func sample() -> ClassifierEvaluation {
    ClassifierEvaluation(
      rows: 8, threshold: 0.5, accuracy: .defined(0.875), rocAUC: .undefined("only one class"),
      selectionRate: .defined(0.1),
      attributes: [
        AttributeEvaluation(
          name: "sex", pPercentRule: .defined(1.0 / 3), demographicParityDifference: .defined(0.25),
          equalizedOddsDifference: .undefined("a group has no positive row"),
          equalOpportunityDifference: .defined(0), adversaryAUC: .defined(0.52),
          groups: [
            GroupEvaluation(
              name: "Fe=male\n", rows: 3, selectionRate: .defined(0.1), truePositiveRate: .undefined("no positive row"),
              falsePositiveRate: .defined(0.5)),
            GroupEvaluation(
              name: "Male", rows: 4, selectionRate: .defined(0.3), truePositiveRate: .defined(1),
              falsePositiveRate: .defined(0)),
          ], missingRows: 1),
        AttributeEvaluation(
          name: "race", pPercentRule: .undefined("nobody is selected"), demographicParityDifference: .defined(0),
          equalizedOddsDifference: .defined(0), equalOpportunityDifference: .defined(0), groups: []),
      ])
  }
}
