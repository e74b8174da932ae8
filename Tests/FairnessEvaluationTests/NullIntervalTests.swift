import FairnessEvaluation
import FairnessMetrics
import Testing

/// Intervals of gaps that noise alone makes: they should reach down to no gap.
@Suite struct NullIntervalTests {
  /// Rows of three groups that differ in nothing.
  private func rows(seed: UInt64) -> [EvaluationColumn] {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    func uniform() -> Double {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Double(state >> 11) * 0x1p-53
    }
    let n = 600
    return [
      EvaluationColumn("y", .numbers((0..<n).map { _ in uniform() + uniform() })),
      EvaluationColumn("s", .numbers((0..<n).map { _ in uniform() + uniform() })),
      EvaluationColumn("d", .numbers((0..<n).map { _ in uniform() < 0.5 ? 1 : 0 })),
      EvaluationColumn("p", .numbers((0..<n).map { _ in uniform() })),
      EvaluationColumn("g", .categories(codes: (0..<n).map { Int32($0 % 3) }, values: ["a", "b", "c"])),
    ]
  }

  private func passes(
    _ conditions: [String], of runs: Int, make: () -> EvaluationSpecification
  ) throws -> [Int] {
    var passes = conditions.map { _ in 0 }
    for seed in 1...runs {
      var specification = make()
      specification.draws = 100
      specification.seed = seed
      specification.gates = try conditions.map { try .init($0, failsIfMet: false) }
      let report = try EvaluationRunner(specification).evaluate(rows(seed: UInt64(seed)), named: "noise")
      for (index, gate) in report.models[0].gates.enumerated() where gate.verdict != .fail { passes[index] += 1 }
    }
    return passes
  }

  /// A gate that any gap beyond almost nothing would break: noise must not fail it.
  @Test func noiseFailsNoGateOnAbsoluteDifferences() throws {
    let passed = try passes(
      ["abs(selection_rate(g = a) - selection_rate(g = b)) <= 0.0001", "abs(auc(g = a) - auc(g = b)) <= 0.0001"],
      of: 30
    ) {
      var specification = EvaluationSpecification()
      specification.label = "d"
      specification.predictions = .scores(["p"])
      specification.groups = [GroupSource("g")]
      return specification
    }
    #expect(passed.allSatisfy { $0 >= 26 }, "\(passed) of 30")
  }

  @Test func noiseFailsNoGateOnGapsOfErrors() throws {
    let passed = try passes(
      ["mean_error_difference(g) <= 0.0001", "mae_difference(g) <= 0.0001"], of: 30
    ) {
      var specification = EvaluationSpecification()
      specification.label = "y"
      specification.predictions = .numbers(["s"])
      specification.groups = [GroupSource("g")]
      return specification
    }
    #expect(passed.allSatisfy { $0 >= 27 }, "\(passed) of 30")
  }
}
