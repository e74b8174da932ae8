import Foundation
import RunRecords
import Testing

/// What a checkpoint holds is read back bit for bit, or refused.
@Suite struct CheckpointTests {
  /// One of everything that a state may hold.
  private struct Sample: Codable, Equatable {
    enum Choice: Codable, Equatable {
      case plain
      case loaded(Double, name: String)
    }

    struct Part: Codable, Equatable {
      var numbers: [Float]
      var optional: Int?
    }

    var floats: [Float] = [0, -0.0, .infinity, .leastNonzeroMagnitude, 1.5]
    var doubles: [Double] = [.pi, -.infinity]
    var words: [UInt32] = [0, .max]
    var order: [Int32] = [.min, 3, .max]
    var longWords: [UInt64] = [.max, 1]
    var empty: [Part] = []
    var none: [Float]?
    var gaps: [Double?] = [1, nil, 3]
    var text = "ß \u{0} λ"
    var choices = [Choice.plain, .loaded(-0.0, name: "x")]
    var parts = [Part(numbers: [1], optional: nil), Part(numbers: [], optional: -7)]
    var table = ["b": 1, "a": 2]
    var flag = true
    var small: UInt8 = 255
  }

  private func withFolder(_ body: (CheckpointFolder, String) throws -> Void) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: root) }
    let folder = try RunFolder.create(in: root, name: "a", configuration: [:], time: 0)
    try body(folder.checkpoints, folder.file("checkpoint"))
  }

  @Test func everyValueComesBack() throws {
    let sample = Sample()
    let bytes = try StateEncoder.bytes(of: sample)
    let back = try StateDecoder.value(Sample.self, from: bytes[...])
    #expect(back == sample)
    #expect(back.floats.map(\.bitPattern) == sample.floats.map(\.bitPattern))
    #expect(try StateEncoder.bytes(of: back) == bytes)
    let notANumber = [Double.nan, -.nan]
    let other = try StateDecoder.value([Double].self, from: try StateEncoder.bytes(of: notANumber)[...])
    #expect(other.map(\.bitPattern) == notANumber.map(\.bitPattern))
    // The same as another coder's, by way of a type that both know.
    let data = try JSONEncoder().encode(sample.parts)
    #expect(try JSONDecoder().decode([Sample.Part].self, from: data) == back.parts)
  }

  /// No beginning of a state is one, and no byte of one can be trusted to be a length.
  @Test func bytesThatAreNoState() throws {
    let bytes = try StateEncoder.bytes(of: Sample())
    for count in bytes.indices {
      #expect(throws: DecodingError.self) { try StateDecoder.value(Sample.self, from: bytes[..<count]) }
    }
    for index in bytes.indices {
      for value: UInt8 in [0, 7, 255] {
        var changed = bytes
        changed[index] = value
        _ = try? StateDecoder.value(Sample.self, from: changed[...])
      }
    }
    var deep: [UInt8] = []
    for _ in 0..<100_000 { deep += [7, 1, 0, 0, 0, 0, 0, 0, 0] }
    #expect(throws: DecodingError.self) { try StateDecoder.value(Sample.self, from: deep[...]) }
  }

  @Test func theLastFiveAreKept() throws {
    try withFolder { checkpoints, path in
      #expect(checkpoints.files.isEmpty)
      for epochs in 8...14 { try checkpoints.write(["\(epochs)"], epochs: epochs, of: "r") }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
          == (10...14).map { "000000\($0).state" })
      let newest = checkpoints.newest([String].self, of: "r")
      #expect(newest.state == ["14"] && newest.refused.isEmpty)
      checkpoints.remove()
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  /// A file that is torn at any place, changed at any place, or another run's is refused, and the one before it used.
  @Test func tornDamagedAndForeignOnesAreRefused() throws {
    try withFolder { checkpoints, path in
      try checkpoints.write([Float](repeating: 1, count: 9), epochs: 1, of: "r")
      try checkpoints.write([Float](repeating: 2, count: 9), epochs: 2, of: "r")
      let file = "\(path)/00000002.state"
      let whole = try Data(contentsOf: URL(filePath: file))
      func refusal(_ data: Data, _ run: String = "r") throws -> String {
        try data.write(to: URL(filePath: file))
        let newest = checkpoints.newest([Float].self, of: run)
        #expect(newest.state == (run == "r" ? [Float](repeating: 1, count: 9) : nil))
        return String("\(newest.refused[0])".dropFirst(file.count + 2))
      }
      for count in 0..<whole.count {
        let message = try refusal(whole.prefix(count))
        #expect(
          message
            == (count < 24
              ? "is no checkpoint of Equipoise, or was torn at its beginning."
              : "is torn: it holds \(count - 24) of \(whole.count - 24) bytes."))
      }
      for index in whole.indices {
        var changed = whole
        changed[index] ^= 0x10
        #expect(try !refusal(changed).isEmpty)
      }
      var newer = whole
      newer[8] = 2
      #expect(try refusal(newer) == "is of version 2 of the format, and this program reads version 1.")
      #expect(try refusal(whole + [0]) == "is torn: it holds \(whole.count - 23) of \(whole.count - 24) bytes.")
      #expect(try refusal(Data("<html>".utf8)) == "is no checkpoint of Equipoise, or was torn at its beginning.")
      #expect(
        try refusal(whole, "other") == "belongs to another run: another configuration or other rows.")
      try whole.write(to: URL(filePath: file))
      // One that fits in form but not in kind, and one that its reader does not want.
      #expect(checkpoints.newest([String].self, of: "r").refused.count == 2)
      let unwanted = checkpoints.newest([Float].self, of: "r") { $0[0] == 2 ? "is unwanted." : nil }
      #expect(unwanted.state?[0] == 1 && "\(unwanted.refused[0])" == "\(file): is unwanted.")
    }
  }

  @Test func aLockHasOneHolder() throws {
    try withFolder { _, path in
      let folder = String(path.dropLast("/checkpoint".count))
      var one = try FileLock.onExisting("\(folder)/config.json")
      #expect(one != nil)
      #expect(try FileLock.onExisting("\(folder)/config.json") == nil)
      one = nil
      #expect(try FileLock.onExisting("\(folder)/config.json") != nil)
      #expect(throws: RecordError.self) { try FileLock.onExisting("\(folder)/missing") }
      var made = try FileLock.onNew("\(folder)/claim", note: "a")
      #expect(made != nil && FileManager.default.fileExists(atPath: "\(folder)/claim"))
      #expect(try FileLock.onNew("\(folder)/claim", note: "b") == nil)
      #expect(try String(contentsOfFile: "\(folder)/claim", encoding: .utf8) == "a")
      made = nil
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/claim"))
    }
  }
}
