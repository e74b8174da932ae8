import Experiments
import Foundation
import OrderedJSON
import RunRecords
import TabularData
import Testing

/// What the explorer says of decisions where a sensitive attribute is another one.
@Suite struct AttributeFlipsTests {
  private static let rows = 800

  private static func withRun(includingSensitive: Bool, _ body: (String, JSON) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let configuration = try ConfigurationFile(
      Array(
        """
        {"name": "flips", "data": {"source": {"simulated": "census", "rows": \(rows), "seed": 5},
          "label": {"column": "income", "positive": ">50K"}, "drop": ["fnlwgt"],
          "sensitive": [{"column": "sex", "privileged": "Male"}],
          "includeSensitiveInFeatures": \(includingSensitive)},
         "classifier": {"hidden": [8], "optimizer": {"learningRate": 0.01}}, "adversary": {"name": null},
         "training": {"classifierEpochs": 8}, "evaluation": {"draws": 20}, "output": {"directory": "\(folder)", "report": false}}
        """.utf8), source: "flips.json")
    let run = try ExperimentRunner(configuration).run().folder.path
    try body(run, try RunExplorer(run: run).json())
  }

  /// A column that the model does not read changes nothing; the person does, as `predict` on the counterfactual rows says.
  @Test func personsOfASimulator() throws {
    try Self.withRun(includingSensitive: false) { run, json in
      let flips = try #require(json["flips"]?.elements)
      #expect(flips.filter { $0["way"]?.text == "column" }.map { $0["isRead"] } == [.bool(false)])
      let test = Set(json["rows"]?.elements?.compactMap(\.integer) ?? [])
      for group in ["Female", "Male"] {
        let flip = try #require(flips.first { $0["way"]?.text == "person" && $0["group"]?.text == group })
        let actual = CensusSimulator().rows(count: Self.rows, seed: 5)
        let changed = try CensusSimulator().counterfactual(of: 0..<Self.rows, seed: 5, setting: ["sex": group])
        let before = try Self.decisions(run, actual)
        let after = try Self.decisions(run, changed)
        let others = test.filter { row in actual.text("sex", row) != group }
        #expect(flip["rows"]?.integer == others.count)
        #expect(flip["toSelected"]?.integer == others.count { !before[$0] && after[$0] })
        #expect(flip["toRejected"]?.integer == others.count { before[$0] && !after[$0] })
        #expect(flip["largest"]?.elements?.count == 5)
      }
    }
  }

  @Test func theColumnAloneWhereItIsRead() throws {
    try Self.withRun(includingSensitive: true) { run, json in
      let flips = try #require(json["flips"]?.elements)
      let column = flips.filter { $0["way"]?.text == "column" }
      #expect(column.compactMap { $0["group"]?.text }.sorted() == ["Female", "Male"])
      let test = Set(json["rows"]?.elements?.compactMap(\.integer) ?? [])
      for flip in column {
        let group = flip["group"]?.text ?? ""
        var table = CensusSimulator().rows(count: Self.rows, seed: 5)
        let before = try Self.decisions(run, table)
        let others = test.filter { table.text("sex", $0) != group }
        table = table.with("sex", [String](repeating: group, count: Self.rows))
        let after = try Self.decisions(run, table)
        #expect(flip["toSelected"]?.integer == others.count { !before[$0] && after[$0] })
        #expect(flip["toRejected"]?.integer == others.count { before[$0] && !after[$0] })
      }
    }
  }

  @Test func nothingOfItWithoutSensitiveColumns() throws {
    try Self.withRun(includingSensitive: false) { run, _ in
      var options = RunExplorer.Options()
      options.includesSensitive = false
      let json = try RunExplorer(run: run, options: options).json()
      #expect(json["flips"] == .array([]))
    }
  }

  /// Whether each row is selected, by way of a file.
  private static func decisions(_ run: String, _ table: Table) throws -> [Bool] {
    let path = "\(run)/rows.csv"
    let names = table.columns.map(\.name)
    let lines = (0..<table.rowCount).map { row in
      names.map { "\"\(table.text($0, row))\"" }.joined(separator: ",")
    }
    try ([names.joined(separator: ",")] + lines).joined(separator: "\n")
      .write(toFile: path, atomically: false, encoding: .utf8)
    return try Predictor(run: run).predict(path).decisions ?? []
  }
}

extension Table {
  fileprivate func text(_ name: String, _ row: Int) -> String {
    switch self[name]?.cells {
    case .numeric(let values): "\(values[row])"
    case .categorical(let codes, let categories): codes[row] < 0 ? "?" : categories[Int(codes[row])]
    case nil: ""
    }
  }

  fileprivate func with(_ name: String, _ texts: [String]) -> Table {
    let categories = Array(Set(texts)).sorted()
    let codes = texts.map { Int32(categories.firstIndex(of: $0) ?? -1) }
    return Table(
      columns: columns.map {
        $0.name == name ? Column(name: name, cells: .categorical(codes: codes, categories: categories)) : $0
      }, source: source)
  }
}
