import FairnessEvaluation
import Foundation
import TabularData
import Testing

@Suite struct ReaderTests {
  /// Cells of one row after the other, numbers and values as texts.
  private func rows(_ path: String, bufferSize: Int, limit: Int = 7) throws -> [[String]] {
    let reader = try CSVPieceReader(
      path, requests: [ColumnRequest("x", .number), ColumnRequest("name", .category)], bufferSize: bufferSize)
    var rows: [[String]] = []
    while let piece = try reader.next(limit: limit) {
      guard case .numbers(let numbers) = piece.columns[0], case .codes(let codes) = piece.columns[1] else { break }
      for row in 0..<piece.rows {
        let name = codes[row] < 0 ? "missing" : reader.values(of: 1)[Int(codes[row])]
        rows.append(["\(numbers[row])", name, piece.origins.place(ofRow: row).components(separatedBy: ":").last ?? ""])
      }
    }
    return rows
  }

  @Test func buffersOfAnySizeGiveTheSameRows() throws {
    let folder = try TemporaryFolder()
    var text = "\u{feff}id,name,x\r\n"
    for row in 0..<60 {
      text += "\(row),\"a \"\"quoted\"\", \n name \(row % 7)\",\(Double(row) / 3)\r\n"
      text += "\(row),plain name that is longer than sixteen bytes \(row % 5), -1.5e-3 \r\n\r\n"
      text += "\(row),,?\n"
    }
    text += "1,last,2"
    let path = try folder.write(text)
    let whole = try rows(path, bufferSize: 1 << 20)
    #expect(whole.count == 181)
    #expect(whole[0] == ["0.0", "a \"quoted\", \n name 0", "2"])
    #expect(whole[1] == ["-0.0015", "plain name that is longer than sixteen bytes 0", "4"])
    #expect(whole[2] == ["nan", "missing", "6"])
    #expect(whole[180] == ["2.0", "last", "302"])
    for bufferSize in [1, 2, 3, 17, 24, 25, 64, 65, 1000] {
      #expect(try rows(path, bufferSize: bufferSize) == whole, "\(bufferSize)")
    }
  }

  @Test func cutOffRowsLeaveNoGroupsBehind() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x,name\n" + (0..<200).map { "\($0),category \($0 % 3)\n" }.joined())
    for bufferSize in [30, 31, 32, 33, 40, 50] {
      let reader = try CSVPieceReader(
        path, requests: [ColumnRequest("name", .category)], bufferSize: bufferSize)
      while try reader.next(limit: 50) != nil {}
      #expect(reader.values(of: 0) == ["category 0", "category 1", "category 2"], "\(bufferSize)")
    }
  }

  @Test func gzipAndItsDamage() throws {
    let rows = randomRows(5000, seed: 4)
    let folder = try TemporaryFolder()
    let plain = try folder.write(rows)
    let gzip = Process()
    gzip.executableURL = URL(filePath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-k", plain]
    try gzip.run()
    gzip.waitUntilExit()
    let bytes = try Data(contentsOf: URL(filePath: plain + ".gz"))
    let runner = try EvaluationRunner(
      {
        var specification = EvaluationSpecification()
        specification.groups = [GroupSource("sex")]
        specification.intervals = false
        return specification
      }())
    let expected = try runner.evaluate(plain).models
    #expect(try runner.evaluate(plain + ".gz").models == expected)
    // Two members, then padding.
    let header = Data(bytes)
    #expect(throws: DataError.self) { try runner.evaluate(folder.write(header.prefix(bytes.count / 2), as: "cut.gz")) }
    var broken = header
    broken[broken.count - 6] ^= 1
    for (name, content, message) in [
      (
        "cut.gz", header.prefix(bytes.count / 2),
        "cut.gz: is cut off: the gzip data end before their check sum. Fetch it again."
      ),
      (
        "broken.gz", broken[...],
        "broken.gz: is not valid gzip (incorrect data check). Fetch it again, or unzip it first."
      ),
    ] {
      let path = try folder.write(content, as: name)
      do {
        _ = try runner.evaluate(path)
        Issue.record("\(name) was read")
      } catch {
        #expect("\(error)".hasSuffix(message), "\(error)")
      }
    }
    #expect(try runner.evaluate(folder.write(header + Data(count: 100), as: "padded.gz")).models == expected)
  }

  // MARK: - TFRecord

  /// A record of the format, written by other means than the reader's: check sums bit by bit, messages by hand.
  private func record(_ example: [UInt8]) -> [UInt8] {
    let length = (0..<8).map { UInt8(truncatingIfNeeded: example.count >> (8 * $0)) }
    return length + littleEndian(maskedCRC(length)) + example + littleEndian(maskedCRC(example))
  }

  private func littleEndian(_ word: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }

  private func maskedCRC(_ bytes: [UInt8]) -> UInt32 {
    let sum = crc(bytes)
    return (sum >> 15 | sum << 17) &+ 0xa282_ead8
  }

  /// CRC-32C bit by bit: another way than the reader's tables.
  private func crc(_ bytes: [UInt8]) -> UInt32 {
    var sum = ~UInt32(0)
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82f6_3b78 : sum >> 1 }
    }
    return ~sum
  }

  private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }

  private func example(label: UInt8, score: Float, sex: String?, packed: Bool) -> [UInt8] {
    let bits = littleEndian(score.bitPattern)
    var entries = [
      field(1, Array("label".utf8)) + field(2, field(3, packed ? field(1, [label]) : [0x08, label])),
      field(1, Array("score".utf8)) + field(2, field(2, packed ? field(1, bits) : [0x0d] + bits)),
    ]
    if let sex { entries.append(field(1, Array("sex".utf8)) + field(2, field(1, field(1, Array(sex.utf8))))) }
    return field(1, entries.flatMap { field(1, $0) })
  }

  @Test(arguments: [false, true]) func tfRecords(packed: Bool) throws {
    // The published check value of CRC-32C.
    #expect(crc(Array("123456789".utf8)) == 0xe306_9283)
    let bytes =
      record(example(label: 1, score: 0.75, sex: "Female", packed: packed))
      + record(example(label: 0, score: 0.25, sex: nil, packed: packed))
    let folder = try TemporaryFolder()
    var specification = EvaluationSpecification()
    specification.groups = [GroupSource("sex")]
    let report = try EvaluationRunner(specification).evaluate(folder.write(bytes, as: "data.tfrecord"))
    #expect(report.rows == 2)
    #expect(report.value("accuracy") == 1)
    #expect(report.value("selectionRate", "sex = Female") == 1)
    #expect(report.models[0].slices.map { "\($0.slice)" } == ["all rows", "sex = Female", "sex missing"])
  }

  /// A file that another program wrote, Scripts/golden/tfrecord_file.py, and the same rows as CSV.
  @Test func tfRecordsOfAnotherWriter() throws {
    func report(_ name: String) throws -> EvaluationReport {
      let url = try #require(Bundle.module.url(forResource: "Golden/\(name)", withExtension: nil))
      var specification = EvaluationSpecification()
      specification.groups = [GroupSource("sex"), try GroupSource(multiValued: "topics")]
      specification.draws = 20
      return try EvaluationRunner(specification).evaluate(url.path)
    }
    let records = try report("predictions.tfrecord")
    #expect(records.rows == 60)
    #expect(records.models == (try report("predictions.csv")).models)
    #expect(records.value("selectionRate", "sex = nichtbinär") != nil)
  }

  @Test func damagedTFRecords() throws {
    let good = record(example(label: 1, score: 0.75, sex: "F", packed: true))
    func message(_ change: (inout [UInt8]) -> Void) throws -> String {
      var bytes = good + good
      change(&bytes)
      return try refusal(bytes, as: "data.tfrecord") { _ in }
    }
    #expect(
      try message { $0[good.count + 1] ^= 1 }
        == "data.tfrecord, record 2: the check sum of its length is wrong. The file is damaged, or is no TFRecord file: "
        + "fetch it again.")
    #expect(
      try message { $0[20] ^= 1 }
        == "data.tfrecord, record 1: the check sum of its data is wrong. The file is damaged: fetch it again.")
    #expect(
      try message { $0.removeLast() }
        == "data.tfrecord, record 2: is cut off: the file ends inside it. Fetch it again.")
    #expect(
      try refusal(record([0xff, 0xff]), as: "data.tfrecord") { _ in }
        == "data.tfrecord, record 1: is no tf.Example. Write the records as serialised tf.train.Example.")
  }

  @Test func noBytesMakeTheDecoderCrash() throws {
    // Every one-byte change and every prefix of an example, in a record whose check sums are right.
    let good = example(label: 1, score: 0.75, sex: "F", packed: true)
    for index in good.indices {
      for value in [0, 1, 0x7f, 0x80, 0xff] as [UInt8] {
        var bytes = good
        bytes[index] = value
        _ = try refusal(record(bytes), as: "data.tfrecord") { $0.groups = [GroupSource("sex")] }
      }
      _ = try refusal(record(Array(good.prefix(index))), as: "data.tfrecord") { _ in }
    }
  }
}
