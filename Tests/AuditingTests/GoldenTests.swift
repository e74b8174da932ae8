import Auditing
import FairnessMetrics
import Foundation
import LinearAlgebra
import Testing

/// Rows, and what scikit-learn's adversaries make of them: `Scripts/golden/adversaries.py`.
struct GoldenAdversaries: Decodable, Sendable {
  struct Logistic: Decodable, Sendable {
    var coefficients: [Double]
    var rocAUC: Double
  }

  struct Trees: Decodable, Sendable {
    var scores: [Double]
    var rocAUC: Double
  }

  struct Neighbours: Decodable, Sendable {
    var columns: Int
    var count: Int
    var votes: [Int]
    var rocAUC: Double
  }

  var training: Int
  var grid: [[Float]]
  var free: [[Float]]
  var targets: [Int8]
  var weights: [Double]
  var logistic: [String: Logistic]
  var trees: [String: Trees]
  var neighbours: [Neighbours]

  static func read() throws -> GoldenAdversaries {
    let url = try #require(Bundle.module.url(forResource: "Golden/adversaries", withExtension: "json"))
    return try JSONDecoder().decode(GoldenAdversaries.self, from: Data(contentsOf: url))
  }

  var trainingRows: [Int32] { (0..<Int32(training)).map { $0 } }
  var testRows: [Int32] { (Int32(training)..<Int32(targets.count)).map { $0 } }

  func area(_ scores: [Float]) -> Double? {
    rocAUC(scores: scores, labels: testRows.map { targets[Int($0)] == 1 }).value
  }
}

func matrix(_ rows: [[Float]], columns: Int) -> Matrix<Float> {
  Matrix(rows: rows.count, columns: columns, values: rows.flatMap { $0.prefix(columns) })
}

@Suite struct GoldenTests {
  @Test(arguments: ["plain", "weighted"])
  func logisticRegression(name: String) throws {
    let golden = try GoldenAdversaries.read()
    let expected = try #require(golden.logistic[name])
    let design = LogisticRegression.Design(matrix(golden.grid, columns: 3))
    let model = LogisticRegression(
      design, rows: golden.trainingRows, targets: golden.targets,
      weights: name == "weighted" ? golden.weights : nil, penalty: 1)
    for (found, wanted) in zip(model.coefficients, expected.coefficients) { #expect(abs(found - wanted) < 1e-7) }
    let area = try #require(golden.area(model.scores(design, rows: golden.testRows)))
    #expect(abs(area - expected.rocAUC) < 1e-9)
  }

  /// All distinct values have bins of their own, so the trees are the same but for rounding (our scores are `Float`).
  @Test(arguments: ["plain", "weighted"])
  func boostedTrees(name: String) throws {
    let golden = try GoldenAdversaries.read()
    let expected = try #require(golden.trees[name])
    let scores = BoostedTrees.scores(
      FeatureBins(matrix(golden.grid, columns: 3), limit: 256), training: golden.trainingRows,
      scored: golden.testRows, targets: golden.targets, weights: name == "weighted" ? golden.weights : nil,
      settings: BoostedTreesSettings(rounds: 30, depth: 3, shrinkage: 0.1, penalty: 1, minimumLeafHessian: 1e-3))
    let differences = zip(scores, expected.scores).map { abs(Double($0) - $1) }
    #expect(try #require(differences.max()) < 1e-4)
    #expect(abs(try #require(golden.area(scores)) - expected.rocAUC) < 1e-6)
  }

  /// Rows that share all bins are taken together where that pays, which changes the order of additions and no more.
  @Test(arguments: [1, 2], [false, true])
  func treesOnCells(columns: Int, isWeighted: Bool) throws {
    var fixture = Fixture(12)
    let count = 3000
    let values = (0..<count * columns).map { _ in Float(fixture.stream.below(30)) }
    let bins = FeatureBins(Matrix(rows: count, columns: columns, values: values), limit: 128)
    let targets = (0..<count).map { row -> Int8 in
      fixture.stream.uniform() < 0.2 + 0.02 * Double(values[row * columns]) ? 1 : 0
    }
    let weights = isWeighted ? (0..<count).map { _ in fixture.stream.uniform() + 0.5 } : nil
    // Some cells have rows to score and none to train on.
    let training = (0..<Int32(count / 3)).map { $0 }
    let scored = (Int32(count / 3)..<Int32(count)).map { $0 }
    func scores(usesCells: Bool) -> [Float] {
      BoostedTrees.scores(
        bins, training: training, scored: scored, targets: targets, weights: weights, settings: BoostedTreesSettings(),
        usesCells: usesCells)
    }
    let (together, apart) = (scores(usesCells: true), scores(usesCells: false))
    #expect(Set(together).count > 10)
    let difference = zip(together, apart).map { abs($0 - $1) }.max() ?? 1
    #expect(difference < 1e-4)
    #expect(bins.usesCells)
  }

  /// One column is searched on a line, three by differences, six by a matrix product.
  @Test(arguments: 0..<3)
  func nearestNeighbours(index: Int) throws {
    let golden = try GoldenAdversaries.read()
    let expected = golden.neighbours[index]
    let folds = golden.targets.indices.map { UInt8($0 < golden.training ? 0 : 1) }
    let search = NearestNeighbours(
      matrix(golden.free, columns: expected.columns), foldOfRow: folds, folds: 2, wanted: expected.count)
    let votes = NearestNeighbours.Votes(search.points, foldOfRow: folds, targets: golden.targets, weights: nil)
    let shares = (0..<search.blockCount).flatMap { search.shares(block: $0, votes: [votes]) }
    let scores = golden.testRows.map { shares[Int(search.queryOfRow[Int($0)])].outOfFold[0] }
    // A neighbour more or less where two are equally far but for rounding.
    let found = scores.map { Int(($0 * Float(expected.count)).rounded()) }
    #expect(zip(found, expected.votes).allSatisfy { abs($0 - $1) <= 1 })
    #expect(zip(found, expected.votes).count { $0 != $1 } <= 3)
    #expect(abs(try #require(golden.area(scores)) - expected.rocAUC) < 1e-3)
  }

  /// Of equal numbers all rows vote or none, whatever their order; those of the row's own fold never do.
  @Test func tiedNeighbours() {
    let view = Matrix<Float>(rows: 8, columns: 1, values: [0, 0, 0, 1, 1, 5, 5, 5])
    let folds: [UInt8] = [0, 1, 1, 0, 1, 0, 1, 1]
    let targets: [Int8] = [1, 1, 0, 1, 0, 0, 0, 1]
    let search = NearestNeighbours(view, foldOfRow: folds, folds: 2, wanted: 2)
    let votes = NearestNeighbours.Votes(search.points, foldOfRow: folds, targets: targets, weights: nil)
    let shares = (0..<search.blockCount).flatMap { search.shares(block: $0, votes: [votes]) }
    let found = search.queryOfRow.map { shares[Int($0)].outOfFold[0] }
    // Row 0 sees rows 1 and 2. Row 1 sees row 0 and, for the second vote, row 3. Row 3 sees 4, then 1 and 2 at 0.
    #expect(found[0] == 0.5 && found[1] == 1 && found[2] == 1)
    #expect(found[3] == 1 / 3 && found[5] == 0.5)
    #expect(found[6] == 0.5 && found[7] == 0.5)
  }
}
