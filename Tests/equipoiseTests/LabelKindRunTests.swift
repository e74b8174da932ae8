import Foundation
import Testing

/// Labels with several classes and numbers through the tool: run, records, predict, audit, report, export, and what refuses.
@Suite struct LabelKindRunTests {
  /// Rows whose level and hours depend on merit and on a proxy of the group.
  private static func rows(_ count: Int) -> String {
    var state: UInt64 = 88_172_645_463_325_252
    func uniform() -> Double {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Double(state >> 11) / Double(1 << 53)
    }
    func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + uniform() } }
    var text = "proxy,merit,sex,level,hours\n"
    for _ in 0..<count {
      let isM = uniform() < 0.6
      let (proxy, merit) = (normal() + (isM ? 1.2 : -1.2), normal())
      let due = 1.5 * proxy + 1.5 * merit + normal()
      let level = due < -1 ? "low" : due < 1 ? "middle" : "high"
      text += "\(proxy),\(merit),\(isM ? "M" : "F"),\(level),\(40 + 6 * due)\n"
    }
    return text
  }

  /// A value of a JSON file; nil in it where a key is missing.
  private struct Node {
    var value: Any?

    subscript(key: String) -> Node { Node(value: (value as? [String: Any])?[key]) }
    var double: Double? { (value as? NSNumber)?.doubleValue }
    var text: String? { value as? String }
    var isNull: Bool { value is NSNull }
    var isThere: Bool { value != nil }
  }

  private func run(
    _ kind: String, in folder: String, rows: String? = nil, _ options: [String] = [], status: Int32 = 0
  ) throws -> (folder: String, output: String, error: String) {
    try (rows ?? Self.rows(1500)).write(toFile: "\(folder)/people.csv", atomically: false, encoding: .utf8)
    let (label, other) = kind == "continuous" ? ("hours", "level") : ("level", "hours")
    let configuration = """
      {"name": "t", "data": {"source": {"csv": "people.csv"}, "label": {"column": "\(label)", "kind": "\(kind)"},
        "sensitive": [{"column": "sex"}], "drop": ["\(other)"],
        "split": {"fractions": {"train": 0.6, "test": 0.4}, "stratify": "sex"}},
       "classifier": {"hidden": [16], "dropout": 0, "optimizer": {"learningRate": 0.01}},
       "adversary": {"lambda": 6, "hidden": [16], "lambdaInAdversaryLoss": false, "optimizer": {"learningRate": 0.003}},
       "training": {"batchSize": 64, "classifierEpochs": 4, "adversaryEpochs": 3, "gameEpochs": 60,
         "classifierBatch": "full"},
       "audit": {"enabled": true}, "evaluation": {"draws": 50}}
      """
    try configuration.write(toFile: "\(folder)/c.json", atomically: false, encoding: .utf8)
    let result = try Tool.run(["run", "\(folder)/c.json", "-q", "--output", "\(folder)/runs"] + options)
    try #require(result.status == status, "\(result.error)")
    let made = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/runs/t")) ?? []
    return (made.first.map { "\(folder)/runs/t/\($0)" } ?? "", result.output, result.error)
  }

  private func json(_ path: String) throws -> Node {
    Node(value: try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))))
  }

  private func lines(_ text: String) -> [[String]] {
    text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  @Test(arguments: ["categorical", "continuous"])
  func fromTheTableToTheReport(kind: String) throws {
    let isNumber = kind == "continuous"
    try Tool.withFolder { folder in
      let (run, output, _) = try run(kind, in: folder)
      #expect(output.contains(isNumber ? "root mean squared error" : "ROC AUC, mean of classes"))
      #expect(output.contains("adversary AUC, sex") && output.contains("Audit by fresh adversaries"))
      #expect(!output.contains("decisions at"))

      // λ has lowered what the adversary reads and the gap, and the label is still learned.
      let summary = try json("\(run)/summary.json")
      func test(_ phase: String) -> Node { summary["phases"][phase]["test"] }
      func adversary(_ phase: String) -> Double { test(phase)["sensitive"]["sex"]["adversaryAUC"].double ?? -1 }
      #expect(adversary("final") < adversary("pretrained") - 0.1 && adversary("final") > 0)
      #expect(!test("final")["threshold"].isThere && test("final")["sensitive"]["sex"]["groups"]["F"]["rows"].isThere)
      if isNumber {
        func distance(_ phase: String) -> Double {
          test(phase)["regression"]["sensitive"]["sex"]["kolmogorovSmirnovDistance"].double ?? -1
        }
        #expect(distance("final") < distance("pretrained") / 1.5 && distance("final") >= 0)
        #expect((test("final")["regression"]["rSquared"].double ?? 0) > 0.1)
        #expect(test("final")["accuracy"].isNull && test("final")["rocAUC"].isNull)
        #expect(test("final")["reasons"]["rocAUC"].text == "the label is a number and has no classes")
      } else {
        func gap(_ phase: String) -> Double {
          test(phase)["classes"]["sensitive"]["sex"]["demographicParityDifference"].double ?? -1
        }
        #expect(gap("final") < gap("pretrained") / 1.5 && gap("final") >= 0)
        #expect((test("final")["accuracy"].double ?? 0) > 0.45)
        #expect(test("final")["selectionRate"].isNull)
      }

      // What is written reads back, and the model says the same again.
      let predictions = lines(try String(contentsOfFile: "\(run)/predictions.csv", encoding: .utf8))
      #expect(
        predictions[0]
          == (isNumber
            ? ["row", "split", "label", "prediction", "predictionBefore", "sex"]
            : [
              "row", "split", "label", "decision", "score.high", "score.low", "score.middle", "decisionBefore", "sex",
            ]))
      #expect(predictions.count == 1501)
      let predicted = try Tool.run(["predict", run, "\(folder)/people.csv", "-q"])
      #expect(predicted.status == 0, "\(predicted.error)")
      let again = lines(predicted.output)
      #expect(again[0] == ["row"] + predictions[0][3..<(isNumber ? 4 : 7)])
      let byRow = Dictionary(uniqueKeysWithValues: again.dropFirst().map { ($0[0], Array($0.dropFirst())) })
      for line in predictions.dropFirst() { #expect(byRow[line[0]] == Array(line[3..<(isNumber ? 4 : 7)])) }
      let asJSON = try Tool.run(["predict", run, "\(folder)/people.csv", "-q", "--json"])
      #expect(asJSON.output.hasPrefix(isNumber ? #"{"row":0,"prediction":"# : #"{"row":0,"decision":""#))

      // The evaluation of a file says what the run's own does.
      let evaluation = try json("\(run)/evaluation.json")
      #expect(evaluation["splits"]["test"].isThere && evaluation["classes"].isThere == !isNumber)
      if isNumber {
        let file = try Tool.run([
          "evaluate", "--predictions", "\(run)/predictions.csv", "--label", "label", "--score", "prediction",
          "--regression", "--groups", "sex", "--json",
        ])
        #expect(file.status == 0, "\(file.error)")
      }
      #expect(try Tool.run(["evaluate", "--results", "\(run)/evaluation.json"]).status == 0)

      // Page, audit, other formats; a card and a page of scores there is none of.
      let page = try String(contentsOfFile: "\(run)/report.html", encoding: .utf8)
      #expect(page.contains(isNumber ? "Kolmogorov" : "smallest p%-rule") && !page.contains("id=\"thresholds\""))
      #expect(try Tool.run(["report", run]).status == 0)
      #expect(try Tool.run(["report", run, "--json"]).output.contains("\"headline\""))
      #expect(try Tool.run(["audit", run]).status == 0)
      #expect(try Tool.run(["audit", run, "--data", "\(folder)/people.csv"]).status == 0)
      #expect(try Tool.run(["export", run, "--format", "onnx", "--format", "safetensors", "--decision"]).status == 0)
      #expect(try Tool.run(["verify", run]).status == 0)

      let found = isNumber ? "is a number" : "has 3 classes"
      for (arguments, part) in [
        (["export", run], "a model card tells of scores"), (["report", run, run], "a comparison tells of scores"),
        (
          ["evaluate", "--model", run, "--data", "\(folder)/people.csv", "--label", "level", "--groups", "sex"],
          "holds a model whose label '\(isNumber ? "hours" : "level")' \(found), and an evaluation by the model"
        ),
        (["predict", run, "\(folder)/people.csv", "--chances"], "decides without chance"),
      ] {
        let refused = try Tool.run(arguments)
        #expect(refused.status == 65, "\(arguments[0]): \(refused.error)")
        #expect(refused.error.contains(part), "\(refused.error)")
      }
      let frontier = try Tool.run(["frontier", "\(folder)/c.json", "--lambda", "1,2"])
      #expect(frontier.status == 78 && frontier.error.contains("data.label.kind is \(kind), but a frontier"))
    }
  }

  /// Broken off or not, with one seed the same bytes.
  @Test(arguments: ["categorical", "continuous"])
  func equalSeedsGiveEqualBytes(kind: String) throws {
    try Tool.withFolder { folder in
      let options = ["--set", "training.gameEpochs=5", "--set", "audit.enabled=false"]
      let first = try run(kind, in: folder, options).folder
      let second = try Tool.run(
        ["run", "\(folder)/c.json", "-q", "--output", "\(folder)/again"] + options)
      #expect(second.status == 0)
      let other = "\(folder)/again/t/"
      let name = try #require(try FileManager.default.contentsOfDirectory(atPath: other).first)
      for file in [
        "predictions.csv", "epochs.jsonl", "evaluation.json", "model/model.json", "model/weights.safetensors",
      ] {
        #expect(FileManager.default.contents(atPath: "\(first)/\(file)") != nil, "\(file)")
        #expect(
          FileManager.default.contents(atPath: "\(first)/\(file)")
            == FileManager.default.contents(atPath: other + name + "/" + file), "\(file)")
      }
      #expect(!FileManager.default.fileExists(atPath: "\(first)/scores.json"))
    }
  }

  @Test(arguments: [
    ("categorical", ",low,", ",NaN?,", Int32(0), ""),
    ("continuous", "\n", ",\n", 65, ""),
    ("continuous", "hours\n", "hours\n1,2,M,low,nan\n", 65, "hours"),
    ("continuous", "hours\n", "hours\n1,2,M,low,inf\n", 65, "hours"),
    ("continuous", "hours\n", "hours\n1,2,M,low,\n", 65, "label 'hours' is missing"),
    ("continuous", "hours\n", "hours\n1,2,M,low,many\n", 65, "hours"),
    ("categorical", "hours\n", "hours\n1,2,M,,3\n", 65, "label 'level' is missing"),
  ])
  func hostileCells(kind: String, found: String, replacement: String, status: Int32, part: String) throws {
    try Tool.withFolder { folder in
      let all = Self.rows(300)
      let range = try #require(all.range(of: found))
      // One class more, in one row, may be in training or not: neither is a crash.
      let text = all.replacingCharacters(in: range, with: replacement)
      try text.write(toFile: "\(folder)/people.csv", atomically: false, encoding: .utf8)
      let options = ["--set", "training.gameEpochs=2", "--set", "audit.enabled=false"]
      if kind == "categorical" && status == 0 {
        let result = try? run(kind, in: folder, rows: text, options)
        if result == nil {
          #expect(
            try run(kind, in: folder, rows: text, options, status: 65).error.contains("a class that no training row"))
        }
        return
      }
      let (made, _, error) = try run(kind, in: folder, rows: text, options, status: status)
      #expect(error.contains(part), "\(error)")
      #expect(made.isEmpty, "nothing half-written stays behind")
    }
  }
}
