import Foundation
import Testing

/// Runs, and what `predict` makes of their models.
@Suite struct PredictCommandTests {
  /// The quickstart, cut to a second, on rows that `data simulate` writes as well.
  private static let options = [
    "Configs/quickstart.json", "-q", "--set", "data.source.rows=2000", "--set", "data.source.seed=9", "--set",
    "training.gameEpochs=20",
  ]

  /// Trains, and returns the folder of the run.
  private func run(in folder: String, _ more: [String] = []) throws -> String {
    let result = try Tool.run(["run"] + Self.options + ["--output", folder] + more)
    try #require(result.status == 0, "\(result.error)")
    let parent = "\(folder)/quickstart"
    return "\(parent)/\(try #require(try FileManager.default.contentsOfDirectory(atPath: parent).first))"
  }

  private func lines(_ path: String) throws -> [String] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// Score and decision of each row, as they are written.
  private func scores(_ lines: [String], score: Int) -> [Int: String] {
    Dictionary(
      lines.dropFirst().map { line in
        let cells = line.split(separator: ",", omittingEmptySubsequences: false)
        return (Int(cells[0]) ?? -1, "\(cells[score]),\(cells[score + 1])")
      }, uniquingKeysWith: { "\($0) and \($1)" })
  }

  @Test func predictRepeatsTheRunToTheLastDigit() throws {
    try Tool.withFolder { folder in
      // A threshold that no single-precision number is equal to.
      let run = try run(in: folder, ["--set", "evaluation.thresholds=[0.3]"])
      let recorded = scores(try lines("\(run)/predictions.csv"), score: 3)
      #expect(recorded.count > 1500)
      #expect(Set(recorded.values.map { $0.suffix(2) }) == [",0", ",1"])

      let rows = "\(folder)/rows.csv"
      #expect(try Tool.run(["data", "simulate", "--rows", "2000", "--seed", "9", "--output", rows]).status == 0)
      let whole = try Tool.run(["predict", run, rows, "-q"])
      #expect(whole.status == 0 && whole.error.isEmpty)
      let predicted = scores(whole.output.split(separator: "\n").map(String.init), score: 1)
      #expect(predicted.count == 2000)
      // Rows of other groups take no part in the run.
      for (row, text) in recorded { #expect(predicted[row] == text, "row \(row)") }

      #expect(try Tool.run(["predict", run, "-", "-q"], input: rows).output == whole.output)
      let other = try Tool.run(["predict", run, "-", "-q", "--format", "jsonl"], input: rows)
      #expect(other.status == 65 && other.error.hasPrefix("equipoise: /dev/stdin:1: "), "\(other.error)")

      // Some rows, in another order, behind a comment: a row's score does not depend on the rows around it.
      let all = try lines(rows)
      let chosen = stride(from: 1999, through: 0, by: -7).map { $0 }
      let subset = "\(folder)/subset.csv"
      try (["|a comment", all[0]] + chosen.map { all[$0 + 1] }).joined(separator: "\n")
        .write(toFile: subset, atomically: false, encoding: .utf8)
      let part = try Tool.run(["predict", run, subset, "-q"])
      #expect(part.status == 0)
      let found = scores(part.output.split(separator: "\n").map(String.init), score: 1)
      #expect(found.count == chosen.count)
      for (index, row) in chosen.enumerated() { #expect(found[index] == predicted[row], "row \(row)") }
    }
  }

  @Test func rowsThatBeginWithABarAreRows() throws {
    try Tool.withFolder { folder in
      let run = try run(in: folder)
      let rows = "\(folder)/rows.csv"
      #expect(try Tool.run(["data", "simulate", "--rows", "20", "--seed", "9", "--output", rows]).status == 0)
      var text = try lines(rows)
      let bar = "note," + text[0]
      text = [bar] + text.dropFirst().enumerated().map { ($0 % 3 == 0 ? "|x," : "x,") + $1 }
      try text.joined(separator: "\n").write(toFile: rows, atomically: false, encoding: .utf8)
      let result = try Tool.run(["predict", run, rows, "-q"])
      #expect(result.status == 0)
      #expect(result.output.split(separator: "\n").count == 21)
    }
  }

  @Test func damagedModels() throws {
    try Tool.withFolder { folder in
      let run = try run(in: folder)
      let rows = "\(folder)/rows.csv"
      #expect(try Tool.run(["data", "simulate", "--rows", "20", "--seed", "9", "--output", rows]).status == 0)
      func damaged(_ name: String, _ change: (inout [UInt8]) -> Void) throws -> (status: Int32, error: String) {
        let path = URL(filePath: "\(run)/model/\(name)")
        let intact = try Data(contentsOf: path)
        defer { try? intact.write(to: path) }
        var bytes = Array(intact)
        change(&bytes)
        try Data(bytes).write(to: path)
        let result = try Tool.run(["predict", run, rows, "-q"])
        #expect(result.output.isEmpty)
        return (result.status, result.error.replacingOccurrences(of: "\(run)/", with: ""))
      }
      let scale = try damaged("model.json") { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        bytes = Array(text.replacing(/"droppedCount" : 1/, with: "\"droppedCount\" : 2", maxReplacements: 1).utf8)
      }
      #expect(scale.status == 65)
      #expect(
        scale.error
          == "equipoise: model/model.json: is damaged (encoder: column 'workclass' drops 2 categories). Use another copy.\n"
      )
      let text = try damaged("model.json") { $0 = Array($0.prefix(100)) }
      #expect(text.status == 65)
      #expect(text.error == "equipoise: model/model.json: is no model description. Use another copy.\n")
      let offsets = try damaged("weights.safetensors") { bytes in
        let header = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
        let tensor = #"{"a":{"dtype":"F32","shape":[1,1],"data_offsets":[1,-9223372036854775808]}}"#
        bytes.replaceSubrange(
          8..<header,
          with: Array(tensor.utf8) + Array(repeating: UInt8(ascii: " "), count: header - 8 - tensor.utf8.count))
      }
      #expect(offsets.status == 65)
      #expect(
        offsets.error
          == "equipoise: model/weights.safetensors: tensor 'a' of shape [1, 1] does not fit its offsets "
          + "[1, -9223372036854775808]; the file is damaged or no safetensors file. Use another copy.\n")
      // Finite weights that no training leads to: the sums of the hidden layers overflow to infinity.
      let huge = try damaged("weights.safetensors") { bytes in
        let header = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
        for index in stride(from: header, to: bytes.count, by: 4) {
          // The last layer of 32 inputs has both signs: infinity less infinity.
          let sign: UInt8 = index >= bytes.count - 4 * 33 && index / 4 % 2 == 0 ? 0xff : 0x7f
          bytes.replaceSubrange(index..<index + 4, with: [0xff, 0xff, 0x7f, sign])
        }
      }
      #expect(huge.status == 65)
      #expect(
        huge.error
          == "equipoise: model: gives row 0 of \(rows) a score that is not a number. The model is damaged. "
          + "Use another copy.\n")
      #expect(try Tool.run(["predict", run, rows, "-q"]).status == 0)
    }
  }

  @Test func lossThatIsNotFinite() throws {
    try Tool.withFolder { folder in
      let result = try Tool.run(
        ["run"] + Self.options + ["--output", "\(folder)/runs", "--set", "classifier.optimizer.learningRate=1e30"])
      #expect(result.status == 65)
      #expect(result.output.isEmpty)
      #expect(
        result.error
          == "equipoise: the classifier's loss is NaN at step 2 of epoch 1 in phase 'classifier'. Lower the learning rate "
          + "or λ, clip the gradient, or look for extreme values among features and row weights.\n")
      #expect(try FileManager.default.subpathsOfDirectory(atPath: folder).isEmpty)
    }
  }
}
