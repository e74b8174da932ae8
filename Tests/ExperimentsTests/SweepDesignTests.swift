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
    (#""parameters": {"output.directory": ["a", "b"]}"#, "is one folder for all runs of a sweep"),
    (
      #""parameters": {"training.gameEpochs": [2]}, "halving": {"metric": "train.accuracy", "initial": 2}"#,
      "'training.gameEpochs' overlaps with 'training.gameEpochs'"
    ),
    (
      #""parameters": {"adversary.lambda": [1]}, "halving": {"metric": "train.accuracy", "initial": 2, "resource": "seed"}"#,
      "'seed' overlaps with 'seed'"
    ),
    (
      #""parameters": {"adversary.lambda": [1]}, "halving": {"metric": "train.accuracy", "initial": 9, "maximum": 8}"#,
      "halving.initial is 9, more than the 8 of the last rung"
    ),
    (
      #""design": "random", "points": 4, "parameters": {"adversary.lambda": {"low": -1e308, "high": 1e308}}"#,
      "is too wide for numbers of 64 bits"
    ),
  ])
  func sweepsThatMakeNoSense(keys: String, message: String) throws {
    try withSweep(keys) { path in
      let error = #expect(throws: ConfigurationError.self) { _ = try SweepFile(path: path).plan() }
      #expect(error?.description.contains(message) == true, "\(error as Any)")
    }
  }

  /// Ten keys with ten values each are more points than anybody can wait for.
  @Test func aGridThatIsTooLarge() throws {
    let keys = [
      "batchSize", "classifierEpochs", "adversaryEpochs", "gameEpochs", "adversaryPassesPerEpoch",
      "classifierBatchesPerEpoch",
    ].map { "\"training.\($0)\": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]" }
    #expect(try points("\"parameters\": {\(keys.prefix(5).joined(separator: ", "))}").count == 100_000)
    let error = #expect(throws: ConfigurationError.self) {
      try points("\"parameters\": {\(keys.joined(separator: ", "))}")
    }
    #expect(error?.description.contains("grid of 10 × 10 × 10 × 10 × 10 × 10 points") == true, "\(error as Any)")
  }

  /// Where a range is narrow beside its values, or its ends are beyond what powers of ten reach, its points differ still.
  @Test(arguments: [
    ("100.01", "100.09"), ("0.999", "0.99999"), ("1e-320", "1e-310"), ("5e-324", "1e-322"), ("1e299", "2e299"),
    ("-3", "3"), ("1000000", "1000001"),
  ])
  func narrowAndExtremeRanges(low: String, high: String) throws {
    let found = try points(
      "\"design\": \"sobol\", \"points\": 8, \"parameters\": {\"adversary.lambda\": {\"low\": \(low), \"high\": \(high)}}"
    )
    let values = found.compactMap { $0.values[0].value.double }
    #expect(values.count == 8)
    #expect(values.allSatisfy { (Double(low) ?? 0)...(Double(high) ?? 0) ~= $0 }, "\(values)")
  }

  /// What the sweep sets itself cannot be set by an option: its points would be one.
  @Test(arguments: [
    ("adversary.lambda=5", "'adversary.lambda' is a parameter of the sweep"),
    (#"adversary={"lambda": 5}"#, "'adversary.lambda' is a parameter of the sweep"),
    ("training.gameEpochs=9", "'training.gameEpochs' is what the rungs of the halving set"),
    ("seed=3", "'seed' is given by the sweep's seeds"),
  ])
  func optionsAgainstTheSweep(option: String, message: String) throws {
    let keys = """
      "parameters": {"adversary.lambda": [0, 5]}, "seeds": [1, 2], "halving": {"metric": "train.accuracy", "initial": 2}
      """
    try withSweep(keys) { path in
      let error = #expect(throws: ConfigurationError.self) {
        try SweepFile(path: path, overrides: [try ConfigurationOverride(option: option)])
      }
      #expect(error?.description.contains(message) == true, "\(error as Any)")
      #expect(error?.exitStatus == 64)
      let other = try SweepFile(path: path, overrides: [try ConfigurationOverride(option: "training.batchSize=16")])
      #expect(try other.plan().runs.count == 4)
      let within = try SweepFile(path: path, overrides: [try ConfigurationOverride(option: "adversary.lambda.sex=7")])
      #expect(try within.plan().points.count == 2)
    }
  }

  @Test func pointsOfOneConfigurationAreOne() throws {
    let keys = #""parameters": {"adversary.lambda": [5, {"race": 5, "sex": 5}, 6]}, "seeds": [1, 2]"#
    try withSweep(keys) { path in
      let file = try SweepFile(path: path)
      let plan = try file.plan()
      #expect(plan.points.map(\.text) == ["adversary.lambda=5", "adversary.lambda=6"])
      #expect(plan.runs.map(\.seed) == [1, 2, 1, 2])
      #expect(file.notices(of: plan).count == 1)
      #expect(file.size(of: plan) == "4 runs")
    }
    let halving = """
      "parameters": {"adversary.lambda": [1, 2, 3, 4, 5, 6]}, "seeds": [1, 2],
      "halving": {"metric": "train.accuracy", "initial": 1, "maximum": 9}
      """
    try withSweep(halving) { path in
      let file = try SweepFile(path: path)
      // 6 points, 2 of them, 1 of these, with two seeds.
      #expect(file.rungs == [1, 3, 9])
      #expect(try file.size(of: file.plan()) == "at most 18 runs in 3 rungs, 12 of them in the first")
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

  /// After a change of keys: `equipoise config schema --comparison > Configs/comparison.schema.json`.
  @Test func comparisonSchemaIsTheGeneratedOne() throws {
    let file = try String(contentsOfFile: "\(Self.configs)/comparison.schema.json", encoding: .utf8)
    #expect(file == ComparisonFile.schema.serialized())
    for name in ["adult-methods.json", "compas-methods.json"] {
      #expect(ComparisonFile.isMeant(by: try ConfigurationFile.bytes("\(Self.configs)/\(name)")))
    }
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
