import FairnessMetrics
import LinearAlgebra
import Mitigation
import TabularData
import Testing

/// Decisions by group thresholds, written into scores.
@Suite struct ScoreProcessingTests {
  private static let scores: [Float] = [0, 0.1, 0.25, 0.4999, 0.5, 0.7, 0.9, 1]

  private func process(
    _ cut: GroupThresholds.Cut, threshold: Double, group: Int32 = 0, scores: [Float] = scores
  ) throws -> [Float] {
    let thresholds = GroupThresholds(
      attributes: ["z"], groups: [.init(["a"], [.init(cut)]), .init(["b"], [.init(.from(0.25))])], fallback: .none)
    let processing = ScoreProcessing(decision: .init(thresholds, threshold: threshold, seed: 5))
    return try processing.scores(
      scores, features: Matrix(rows: scores.count, columns: 1, values: scores),
      sensitive: [
        SensitiveColumn(
          name: "z", groups: ["a", "b"], privileged: nil, codes: [Int32](repeating: group, count: scores.count))
      ])
  }

  /// A processed score is selected at the model's threshold exactly where the group's own rule selects the score, and
  /// keeps the order of the scores on both sides.
  @Test(
    arguments: [GroupThresholds.Cut.all, .none, .from(0.25), .from(0.7), .from(1.5), .from(-1)],
    [0.5, 0.3, 1, 1e-6])
  func decisionsAreKept(cut: GroupThresholds.Cut, threshold: Double) throws {
    let processed = try process(cut, threshold: threshold)
    let rule = DecisionRule<Float>(threshold: threshold)
    for (score, found) in zip(Self.scores, processed) {
      #expect(rule.selects(found) == cut.selects(score), "\(score) became \(found)")
      #expect((0...1).contains(found))
    }
    #expect(processed == processed.sorted())
  }

  @Test func everyGroupHasItsOwn() throws {
    let rule = DecisionRule<Float>(threshold: 0.5)
    // 0.7 as a float lies below 0.7.
    #expect(try process(.from(0.7), threshold: 0.5).filter(rule.selects).count == 2)
    #expect(try process(.from(0.7), threshold: 0.5, group: 1).filter(rule.selects).count == 6)
    #expect(try process(.from(0.7), threshold: 0.5, group: -1).filter(rule.selects).isEmpty, "the fallback decides")
  }

  /// Over many rows a lottery comes to its probabilities, and a row's draw is its own.
  @Test func lotteriesAreDrawnByTheRow() throws {
    let count = 4000
    let thresholds = GroupThresholds(
      attributes: ["z"],
      groups: [.init(["a"], [.init(.all, probability: 0.3), .init(.none, probability: 0.7)])])
    let features = Matrix<Float>(rows: count, columns: 1, values: (0..<count).map { Float($0) })
    func draw(_ rows: [Int], seed: UInt64) throws -> [Bool] {
      try ScoreProcessing(decision: .init(thresholds, threshold: 0.5, seed: seed)).scores(
        rows.map { _ in 0.5 }, features: features.gatheringRows(rows),
        sensitive: [
          SensitiveColumn(
            name: "z", groups: ["a"], privileged: nil, codes: [Int32](repeating: 0, count: rows.count))
        ]
      ).map { $0 >= 0.5 }
    }
    let all = try draw(Array(0..<count), seed: 1)
    // Four standard deviations of a binomial share.
    #expect(abs(Double(all.count { $0 }) / Double(count) - 0.3) < 4 * (0.21 / Double(count)).squareRoot())
    #expect(try draw([17, 3, 99], seed: 1) == [all[17], all[3], all[99]])
    #expect(try draw(Array(0..<count), seed: 2) != all)
  }

  @Test func readColumnsAreNamedOnce() throws {
    let data = crossedRows(200, seed: 4)
    let remover = try CorrelationRemover(fitting: data, attributes: ["sex"])
    let thresholds = GroupThresholds(attributes: ["sex"], groups: [])
    let processing = ScoreProcessing(removers: [remover], decision: .init(thresholds, threshold: 0.5, seed: 1))
    #expect(processing.readColumns == ["sex"] && !processing.isEmpty)
    #expect(ScoreProcessing().isEmpty)
    #expect(
      try processing.features(data.features, sensitive: data.sensitive) == remover.transformed(data).features)
  }
}
