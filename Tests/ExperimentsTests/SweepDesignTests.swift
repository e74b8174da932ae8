import Experiments
import Foundation
import OrderedJSON
import Testing

@Suite struct SweepDesignTests {
  /// A sweep over the quickstart.
  private func points(_ keys: String) throws -> [SweepPoint] {
    try withSweep(keys) { try SweepFile(path: $0).points }
  }

  private func withSweep<Result>(_ keys: String, _ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appending(path: "sweep-\(UUID().uuidString).json").path
    let base = #"{"name": "tiny", "data": {"source": {"simulated": "census", "rows": 500}}}"#
    try "{\"base\": \(base), \(keys)}".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  @Test func gridIsEveryCombinationOnce() throws {
    let found = try points(
      #""parameters": {"adversary.lambda": [0, 5], "training.batchSize": [32, 64, 128]}, "seeds": [1, 2]"#)
    #expect(
      found.map(\.text) == [
        "adversary.lambda=0, training.batchSize=32", "adversary.lambda=0, training.batchSize=64",
        "adversary.lambda=0, training.batchSize=128", "adversary.lambda=5, training.batchSize=32",
        "adversary.lambda=5, training.batchSize=64", "adversary.lambda=5, training.batchSize=128",
      ])
  }

  @Test(arguments: ["random", "sobol"])
  func aLongerDesignBeginsWithTheShorter(kind: String) throws {
    func design(_ points: Int, _ more: String = "") throws -> [SweepPoint] {
      try self.points(
        """
        "design": "\(kind)", "points": \(points), "designSeed": 4, "parameters": {
          "classifier.optimizer.learningRate": {"low": 0.0001, "high": 0.01, "scale": "log"}\(more)}
        """)
    }
    let short = try design(16)
    #expect(short.count == 16)
    #expect(try Array(design(64).prefix(16)) == short)
    // Another key leaves the values of this one as they are; with a Sobol design it has a dimension of its own.
    let wider = try design(16, #", "training.batchSize": {"low": 8, "high": 512, "scale": "log", "integer": true}"#)
    #expect(wider.map(\.values[0].value) == short.map(\.values[0].value))
    for point in wider {
      let rate = try #require(point.values[0].value.double)
      #expect(0.0001...0.01 ~= rate)
      // Four digits, so that people can read it.
      #expect(String(format: "%.3e", rate) == String(format: "%.3e", Double(String(format: "%.3e", rate))!))
      let size = try #require(point.values[1].value.integer)
      #expect(8...512 ~= size)
    }
  }

  /// Of 64 points of a Sobol design each of 64 equal parts of a key's range has exactly one.
  @Test func sobolFillsEveryPart() throws {
    let found = try points(
      """
      "design": "sobol", "points": 64, "parameters": {
        "adversary.lambda": {"low": 0, "high": 63, "integer": true},
        "training.gameEpochs": {"low": 1, "high": 64, "integer": true}}
      """)
    for key in 0...1 {
      #expect(Set(found.map { $0.values[key].value }).count == 64)
    }
  }

  @Test func integersHaveEqualShares() throws {
    let found = try points(
      """
      "design": "random", "points": 3000, "parameters": {
        "training.classifierEpochs": {"low": 1, "high": 3, "integer": true},
        "classifier.optimizer.learningRate": {"low": 0.000001, "high": 1, "scale": "log"}}
      """)
    for value in 1...3 {
      let count = found.count { $0.values[0].value.integer == value }
      // Five standard deviations of a binomial count with p = 1/3. Points that occur twice are in the design once.
      #expect(abs(count - found.count / 3) < 130, "\(value): \(count)")
    }
  }

  @Test(arguments: [
    (#""parameters": {"adversary.lamda": [1]}"#, "adversary.lamda = 1: adversary has no key \"lamda\""),
    (#""parameters": {"training.batchSize": [0]}"#, "training.batchSize = 0: training.batchSize should be a whole"),
    (#""parameters": {"adversary.lambda": {"low": 0, "high": 1}}"#, "is a range, and a grid needs lists"),
    (#""design": "random", "parameters": {"adversary.lambda": [1, 2]}"#, "lacks the key 'points'"),
    (#""points": 3, "parameters": {"adversary.lambda": [1]}"#, "applies only where design is random or sobol"),
    (#""parameters": {"seed": [1]}"#, "is given by seeds"),
    (#""set": {"adversary": {}}, "parameters": {"adversary.lambda": [1]}"#, "overlaps with 'adversary'"),
    (#""parameters": {"adversary.lambda": []}"#, "should be a list of at least 1"),
    (
      #""design": "sobol", "points": 4, "parameters": {"adversary.lambda": {"low": 0, "high": 1, "scale": "log"}}"#,
      "should be greater than 0, for the scale is a logarithm"
    ),
    (#""parameters": {"adversary.lambda": [1]}, "seeds": "3...1""#, "should name seeds such as"),
    (
      #""parameters": {"adversary.lambda": [1]}, "halving": {"metric": "test.accuracy", "initial": 2}"#,
      "choosing by the test rows"
    ),
    (#""parameters": {"adversary.lambda": [1]}, "sedes": [1]"#, "Did you mean 'seeds'?"),
  ])
  func sweepsThatMakeNoSense(keys: String, message: String) throws {
    try withSweep(keys) { path in
      let error = #expect(throws: ConfigurationError.self) {
        let file = try SweepFile(path: path)
        for point in file.points { _ = try file.configuration(point, seed: 1) }
      }
      #expect(error?.description.contains(message) == true, "\(error as Any)")
    }
  }

  @Test func theFileReadsBackEqual() throws {
    let keys = """
      "name": "all", "set": {"training.gameEpochs": 3}, "design": "sobol", "points": 8, "designSeed": 2,
      "parameters": {"adversary.lambda": [1, {"race": 2}], "training.batchSize": {"low": 8, "high": 64, "integer": true}},
      "seeds": "1...3,7", "metrics": ["validation.rocAUC"],
      "objectives": [{"metric": "validation.rocAUC"}, {"metric": "validation.sex.demographicParityDifference", "goal": "minimize"}],
      "halving": {"metric": "validation.rocAUC", "initial": 2, "factor": 4, "maximum": 32}
      """
    try withSweep(keys) { path in
      let file = try SweepFile(path: path)
      #expect(file.sweep.seeds == [1, 2, 3, 7])
      try file.json.serialized().write(toFile: path, atomically: true, encoding: .utf8)
      #expect(try SweepFile(path: path).sweep == file.sweep)
    }
  }
}

/// The files that come with the project.
@Suite struct SweepFileTests {
  private static let configs = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Configs").standardizedFileURL.path

  /// After a change of keys: `equipoise config schema --sweep > Configs/sweep.schema.json`.
  @Test func schemaFileIsTheGeneratedOne() throws {
    let file = try String(contentsOfFile: "\(Self.configs)/sweep.schema.json", encoding: .utf8)
    #expect(file == SweepFile.schema.serialized())
  }

  @Test func everyFileIsValid() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: "\(Self.configs)/sweeps") {
      let path = "\(Self.configs)/sweeps/\(name)"
      #expect(SweepFile.isMeant(by: try ConfigurationFile.bytes(path)))
      let file = try SweepFile(path: path)
      #expect("\(file.sweep.name ?? "").json" == name)
      for point in file.points { _ = try file.configuration(point, seed: file.seeds[0]) }
    }
  }

  @Test func theExampleIsASweep() throws {
    let path = "\(Self.configs)/example-\(UUID().uuidString).tmp"
    try SweepFile.commentedExample.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = try SweepFile(path: path)
    #expect(file.json == SweepFile.example)
    #expect(file.points.count == 3)
  }
}
