import Foundation
import ModelFiles
import TabularData
import Testing

/// `Scripts/golden/onnx_scores.py` scored rows with onnxruntime, by the files that lie beside its scores. So a file that
/// is written as it was then is right, and the scores of runtime and model have to agree.
///
/// After a change of what is written: run these tests with EQUIPOISE_GOLDEN naming the folder of the golden files, which
/// writes them anew, and then the script.
@Suite struct ONNXTests {
  private static let kinds: [(name: String, kind: ModelFixture.Kind)] = [
    ("network", .network), ("corrected", .corrected), ("reading", .reading),
  ]

  private struct Golden: Decodable {
    var columns: [String]
    var rows: [[String]]
    var scores: [String: [Double]]
    var decisions: [String: [Int]]
  }

  private static func golden(_ name: String) throws -> Data {
    let url = try #require(Bundle.module.url(forResource: "Golden/\(name)", withExtension: nil))
    return try Data(contentsOf: url)
  }

  @Test(arguments: kinds.map(\.name)) func writesWhatTheRuntimeRead(name: String) throws {
    let kind = try #require(Self.kinds.first { $0.name == name }).kind
    let bytes = try ModelFixture.model(kind).onnx(withDecision: true, version: "golden")
    if let folder = ProcessInfo.processInfo.environment["EQUIPOISE_GOLDEN"] {
      try Data(bytes).write(to: URL(filePath: "\(folder)/\(name).onnx"))
    }
    #expect(try Self.golden("\(name).onnx") == Data(bytes))
  }

  @Test(arguments: kinds.map(\.name)) func scoresAsTheRuntimeDoes(name: String) throws {
    let kind = try #require(Self.kinds.first { $0.name == name }).kind
    let model = try ModelFixture.model(kind)
    let golden = try JSONDecoder().decode(Golden.self, from: Self.golden("onnx_scores.json"))
    let text = ([golden.columns] + golden.rows).map { cells in
      cells.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
    }.joined(separator: "\n")
    let table = try ModelFixture.table(text + "\n", options: model.schema.readingOptions)
    let scores = model.scores(
      try model.encoder.encode(table).features, sensitive: try model.readSensitive(of: table))
    let expected = try #require(golden.scores[name])
    try #require(scores.count == expected.count)
    // Rows of missing and unknown cells are among them, so that scores differ by more than chance would let them agree.
    #expect(Set(expected).count > 5)
    for (score, other) in zip(scores, expected) { #expect(abs(Double(score) - other) < 1e-6) }
    #expect(golden.decisions[name] == scores.map { Double($0) >= model.threshold ? 1 : 0 })
  }

  @Test func aMixtureIsRefused() throws {
    let model = try ModelFixture.mixture()
    let error = #expect(throws: ModelFileError.self) { try model.onnx(withDecision: false, version: "1") }
    #expect(error?.description.contains("one of 3 networks, drawn by a hash of the row") == true)
  }
}
