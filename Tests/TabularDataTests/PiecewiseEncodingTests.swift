import Foundation
import LinearAlgebra
import TabularData
import Testing

/// Numbers in pieces: one more feature for each piece of a column's range.
@Suite struct PiecewiseEncodingTests {
  private static func encoder(_ table: Table, pieces: Int, training: [Int]? = nil) throws -> FeatureEncoder {
    let all = Array(0..<table.rowCount)
    return try FeatureEncoder.fit(
      to: table, columns: table.columns.map(\.name), keptRows: all, trainingRows: training ?? all,
      options: EncodingOptions(standardize: .numeric, numericPieces: pieces))
  }

  /// Nine values in four pieces: the knots are 0, 2, 4, 6, 8.
  @Test func piecesByHand() throws {
    let table = try read("n\n" + (0...8).map { "\($0)\n" }.joined())
    let encoder = try Self.encoder(table, pieces: 4)
    #expect(encoder.featureNames == ["n", "n 0...2", "n 2...4", "n 4...6", "n 6...8"])
    let rows: [(Double, [Float])] = [
      (-5, [0, 0, 0, 0]), (0, [0, 0, 0, 0]), (1, [0.5, 0, 0, 0]), (4, [1, 1, 0, 0]), (5.5, [1, 1, 0.75, 0]),
      (99, [1, 1, 1, 1]),
    ]
    let new = try read("n\n" + rows.map { "\($0.0)\n" }.joined() + "?\n")
    let features = try encoder.encode(new).features
    for (row, (_, expected)) in rows.enumerated() {
      #expect((1...4).map { features[row, $0] } == expected, "row \(row)")
    }
    // A missing number is the mean, 4.
    #expect((1...4).map { features[new.rowCount - 1, $0] } == [1, 1, 0, 0])
  }

  /// Ten equal quantiles say nothing about the rest, so the other values have knots as well.
  @Test func aSpikeLeavesKnotsForTheRest() throws {
    let values = [Int](repeating: 0, count: 95) + [100, 200, 300, 400, 500]
    let encoder = try Self.encoder(read("gain\n" + values.map { "\($0)\n" }.joined()), pieces: 4)
    #expect(
      encoder.featureNames == [
        "gain", "gain 0...100", "gain 100...200", "gain 200...300", "gain 300...400", "gain 400...500",
      ])
    #expect(try Self.encoder(read("n\n3\n3\n3\n"), pieces: 4).featureNames == ["n"])
  }

  @Test func onlyTrainingRowsMakeKnots() throws {
    let table = try read("n\n" + (0...8).map { "\($0)\n" }.joined() + "1000\n")
    let encoder = try Self.encoder(table, pieces: 4, training: Array(0...8))
    #expect(encoder.featureNames.last == "n 6...8")
  }

  private static func text(rows: Int) -> String {
    var stream = RandomStream(seed: 3)
    return "a,g,c,fold,y\n"
      + (0..<rows).map { row in
        let gain = stream.uniform() < 0.9 ? "0" : "\(stream.below(5000))"
        let age = row % 17 == 5 ? "?" : "\(17 + stream.below(60))"
        return "\(age),\(gain),k\(stream.below(9)),\(row % 3 == 0 ? "test" : "train"),\(stream.below(2))\n"
      }.joined()
  }

  /// Deviations from the base row say what the dense features say; the result does not depend on the pieces of the file.
  @Test func bothFormsAreEqual() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.text(rows: 700).utf8)
    let recipe = DataRecipe(
      label: .init(column: "y", positive: ["1"]), sensitive: [.init(column: "c")], includeSensitiveInFeatures: true,
      encoding: EncodingOptions(standardize: .numeric, numericPieces: 16), split: .column("fold", values: nil))
    let table = try CSVReader().read(path)
    let prepared = try recipe.prepare(table)
    let base = try #require(prepared.encoder.baseRow)
    // More than half of the rows are above the lower knots of age, and at the lower end of all of gain.
    #expect(base.contains(1))
    let training = try #require(prepared[.train])
    let dense = try prepared.encoder.encode(table, rows: training.sourceRows).features
    #expect(training.featureRows == FeatureRows(dense, base: base))
    let perRow = try #require(training.featureRows.deviationsPerRow)
    #expect(perRow < 0.4 * Double(dense.columns), "\(perRow) of \(dense.columns)")
    for (value, expected) in zip(training.features.values, dense.values) { #expect(abs(value - expected) < 1e-6) }
  }

  @Test func comesBackFromJSON() throws {
    let table = try read(Self.text(rows: 60))
    let encoder = try Self.encoder(table, pieces: 5)
    let again = try JSONDecoder().decode(FeatureEncoder.self, from: JSONEncoder().encode(encoder))
    #expect(again == encoder)
    #expect(try again.encode(table).features == encoder.encode(table).features)
    #expect(again.baseRow == encoder.baseRow)
  }
}
