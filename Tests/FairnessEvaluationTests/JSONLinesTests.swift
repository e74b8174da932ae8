import FairnessEvaluation
import Foundation
import TabularData
import Testing

/// Lines with the keys of the line before in their order are cut as they lie, others go through the JSON reader: what is
/// read must not depend on which of the two a line meets.
@Suite struct JSONLinesTests {
  private static let requests = [ColumnRequest("x", .number), ColumnRequest("name", .category)]

  /// Cells of one row after the other, numbers by their bits, and the line; or what is wrong.
  private func rows(_ bytes: some Sequence<UInt8>) throws -> [[String]] {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, as: "data.jsonl")
    do {
      return try Self.rows(of: path)
    } catch {
      return [["\(error)".replacingOccurrences(of: folder.path, with: "")]]
    }
  }

  private static func rows(of path: String) throws -> [[String]] {
    let reader = try PredictionsFormat(path: path).reader(
      path, requests: requests, missingMarkers: ["?", "-1"], csv: CSVFormat())
    var rows: [[String]] = []
    while let piece = try reader.next(limit: 7) {
      guard case .numbers(let numbers) = piece.columns[0], case .codes(let codes) = piece.columns[1] else { break }
      for row in 0..<piece.rows {
        rows.append([
          numbers[row].isNaN ? "missing" : String(numbers[row].bitPattern, radix: 16),
          codes[row] < 0 ? "missing" : reader.values(of: 1)[Int(codes[row])],
          piece.origins.place(ofRow: row).components(separatedBy: ":").last ?? "",
        ])
      }
    }
    return rows
  }

  private static let numbers = [
    "1", "-0.5", "1e3", "12345678901234567890.5", "0.1", "-0", "1E-400", "0", "9007199254740993", "null", "\"7\"",
    "\"?\"", "\"-1\"", "-1", "\"\"", "\" 3 \"", "true", "false",
  ]
  private static let names = [
    "\"a\"", "\"\"", "\"?\"", "\"a value that is longer than sixteen bytes\"", "\"sixteen bytes ok\"", "\"é\"",
    "\"e\u{301}\"", "\"q\\\"uote\"", "\"\\u0061\"", "5", "5.0", "-1", "false", "null", "\" a\"",
  ]
  private static let others = ["1", "\"x\"", "[1, {\"a\": 2}]", "null", "\"}\"", "{}", "-1.5e+3"]

  @Test func whatLooksAlikeIsReadAsAnythingElse() throws {
    var alike = ""
    var turned = ""
    for line in 0..<600 {
      let members = [
        "\"x\": \(Self.numbers[line * 7 % Self.numbers.count])", "\"name\":\(Self.names[line * 11 % Self.names.count])",
        "\"other\" :\t\(Self.others[line * 5 % Self.others.count])",
      ]
      let blank = line % 3 == 0 ? " " : ""
      let end = line % 5 == 0 ? "\r\n" : line % 17 == 0 ? " \n\n" : "\n"
      alike += "{\(blank)" + members.joined(separator: ",\(blank)") + "\(blank)}" + end
      turned += "{\(blank)" + (line % 2 == 0 ? members : members.reversed()).joined(separator: ",\(blank)")
      turned += "\(blank)}" + end
    }
    let last = "{\"x\": 8, \"name\": \"end\", \"other\": 0}"
    let whole = try rows((alike + last).utf8)
    #expect(whole.count == 601)
    #expect(whole == (try rows((turned + last).utf8)))
    // Keys that a line lacks, or has beyond the others.
    let some =
      "{\"x\": 1, \"name\": \"a\"}\n{\"name\": \"b\"}\n{\"name\": \"c\"}\n{\"name\": \"d\", \"x\": 4, \"y\": 5}\n"
    #expect(
      try rows(some.utf8).map { Array($0.prefix(2)) } == [
        [String((1.0).bitPattern, radix: 16), "a"], ["missing", "b"], ["missing", "c"],
        [String((4.0).bitPattern, radix: 16), "d"],
      ])
  }

  @Test(arguments: [
    #"{"x": 01, "name": "a"}"#, #"{"x": 1 "name": "a"}"#, #"{"x": "seven", "name": "a"}"#, #"{"x": 1., "name": "a"}"#,
    #"{"x": -, "name": "a"}"#, #"{"x": 1e, "name": "a"}"#, #"{"x": 1, "name": "a"} x"#, #"{"x": 1, "name": "a",}"#,
    #"{"x": 1, "name": "a""#, #"{"x": 1, "name": "a}"#, #"{"x": nul, "name": "a"}"#, #"{"x": 1, "x": 2}"#,
    #"{"x": 1e999, "name": "a"}"#, #"{"x": "nan", "name": "a"}"#, #"{"x": [1], "name": "a"}"#,
    "{\"x\": 1, \"name\": \"\u{1}\"}",
    #"{"x": 1, "name": "a\q"}"#, #"{"x": 1, "name": {"a": 1}}"#, #"{"x": 1, "name": nullx}"#, "{", "[]", "null",
    "{\"x\"",
  ])
  func faultsAreToldAsAnywhere(fault: String) throws {
    let good = [#"{"x": 1, "name": "a"}"#, #"{"x": 2, "name": "b"}"#, #"{"name": "b", "x": 2}"#]
    for end in ["", "\n", "\n\(good[0])\n"] {
      let fast = try rows("\(good[0])\n\(good[1])\n\(fault)\(end)".utf8)
      let slow = try rows("\(good[0])\n\(good[2])\n\(fault)\(end)".utf8)
      #expect(fast == slow)
      #expect(fast.count == 1 && fast[0].count == 1 && fast[0][0].contains("data.jsonl:3"), "\(fast)")
    }
  }

  @Test func bytesThatAreNotUTF8() throws {
    let good = Array("{\"x\": 1, \"name\": \"a\"}\n{\"x\": 1, \"name\": \"a\"}\n".utf8)
    let bad = good + Array("{\"x\": 1, \"name\": \"".utf8) + [0xff] + Array("\"}\n".utf8)
    #expect(try rows(bad)[0][0].contains("UTF-8"))
  }

  /// Texts around the words that are looked at at once, at the end of the file too.
  @Test func textsOfEveryLength() throws {
    for length in 0..<40 {
      let text = String(repeating: "z", count: length)
      let lines = Array(repeating: "{\"name\": \"\(text)\", \"x\": 3}", count: 3).joined(separator: "\n")
      let name = text.isEmpty ? "missing" : text
      #expect(try rows(lines.utf8).map { $0[1] } == [name, name, name])
    }
  }

  @Test func linesLongerThanTheBuffer() throws {
    let long = String(repeating: "long ", count: 200_000)
    let line = "{\"x\": 1, \"name\": \"a\", \"other\": \"\(long)\"}\n"
    let short = "{\"x\": 2, \"name\": \"b\", \"other\": \"\"}\n"
    let found = try rows((short + line + short + line + line + short).utf8)
    #expect(found.map { $0[1] } == ["b", "a", "b", "a", "a", "b"])
  }
}
