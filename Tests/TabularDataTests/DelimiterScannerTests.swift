import CScanning
import Foundation
import LinearAlgebra
import TabularData
import Testing

@Suite struct DelimiterScannerTests {
  /// Random bytes of an alphabet, of every length around the blocks' ends: each variant against a loop over bytes.
  @Test(arguments: [",ab\n", "ab", ",", "ab,\n\"", "\u{2c}\u{ac}\u{0a}\u{8a}\"\u{a2}\u{ff}"])
  func everyVariantFindsWhatALoopFinds(alphabet: String) {
    // Code points as bytes, so that bytes which differ from a delimiter in the top bit alone are there.
    let bytes = alphabet.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    var generator = RandomStream(seed: 41)
    for length in [0, 1, 63, 64, 65, 127, 128, 500, 5000] {
      // Quotation marks are seldom, so that lists get long.
      let text = (0..<length).map { _ -> UInt8 in
        let byte = bytes.randomElement(using: &generator) ?? 0
        return byte == UInt8(ascii: "\"") && Int.random(in: 0..<50, using: &generator) > 0 ? UInt8(ascii: "a") : byte
      }
      for room in [64, 100, 4096] {
        var expected: [UInt32] = []
        var end = 0
        while end + 64 <= length && expected.count + 64 <= room
          && !text[end..<(end + 64)].contains(UInt8(ascii: "\""))
        {
          for index in end..<(end + 64) where text[index] == UInt8(ascii: ",") || text[index] == UInt8(ascii: "\n") {
            expected.append(UInt32(index))
          }
          end += 64
        }
        for variant in 0..<eq_delimiter_scanner_count() {
          var places = [UInt32](repeating: .max, count: room)
          var covered = -1
          let found = eq_delimiter_scanner_variant(variant)(text, length, UInt8(ascii: ","), &places, room, &covered)
          #expect(Array(places[..<found]) == expected, "variant \(variant), length \(length), room \(room)")
          #expect(covered == end, "variant \(variant), length \(length), room \(room)")
        }
      }
    }
  }

  /// Cells of every kind in random order, long enough for lists of delimiters and the slow way to take turns.
  @Test(arguments: [0, 3, 40], ["\n", "\r\n"])
  func tablesOfMixedCells(quotedInHundred: Int, lineEnd: String) throws {
    var generator = RandomStream(seed: 41)
    var text = "a,b,c" + lineEnd
    var expected: [[String?]] = [[], [], []]
    for row in 0..<2000 {
      for column in 0..<3 {
        let plain =
          ["", "x", "some words", "longer than sixteen bytes \(row % 50)", "  blanks\t", "a\"b"]
          .randomElement(using: &generator) ?? ""
        let quoted =
          ["x, y", "line\nbreak", "say \"\"hi\"\"", "", String(repeating: "long, ", count: 30)]
          .randomElement(using: &generator) ?? ""
        let isQuoted = Int.random(in: 0..<100, using: &generator) < quotedInHundred
        text += isQuoted ? "\"\(quoted)\"" : quotedInHundred == 0 ? plain.replacing("\"", with: "") : plain
        text += column < 2 ? "," : lineEnd
        let cell =
          isQuoted
          ? quoted.replacing("\"\"", with: "\"")
          : (quotedInHundred == 0 ? plain.replacing("\"", with: "") : plain)
            .trimmingCharacters(in: .whitespaces)
        expected[column].append(cell.isEmpty ? nil : cell)
      }
      if row % 97 == 0 { text += lineEnd }
    }
    let table = try read(text)
    for (column, name) in ["a", "b", "c"].enumerated() {
      #expect(try cells(table, name) == expected[column], "\(name)")
    }
  }
}
