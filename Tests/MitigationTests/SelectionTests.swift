import Foundation
import Mitigation
import TestSupport
import Testing

@Suite struct SelectionTests {
  struct Case: Decodable {
    var objectives: [Double]
    var violations: [[Double]]
    var mixtureViolation: Double
    var mixtureObjective: Double
    var bestRank: Int
    var ranks: [Int]
  }

  /// Golden values from Scripts/golden/selection.py.
  @Test func agreesWithSciPy() throws {
    let cases: [Case] = try goldenCases("choices", in: .module)
    #expect(cases.count == 40)
    for (number, wanted) in cases.enumerated() {
      let records = IterateRecords(objectives: wanted.objectives, violations: wanted.violations)
      let mixture = try #require(records.choice(by: .mixture), "case \(number)")
      #expect(max(0, mixture.largestViolation) <= wanted.mixtureViolation + 1e-8, "case \(number)")
      #expect(abs(mixture.objective - wanted.mixtureObjective) < 1e-7, "case \(number): \(mixture)")
      #expect(mixture.members.count <= wanted.violations[0].count + 1, "case \(number)")
      #expect(abs(mixture.members.reduce(0) { $0 + $1.probability } - 1) < 1e-12)
      #expect(mixture.feasibility == Feasibility(largestViolation: wanted.mixtureViolation), "case \(number)")

      let ranked = try #require(records.bestRank(), "case \(number)")
      #expect(wanted.ranks[ranked] == wanted.bestRank, "case \(number)")
      let rivals = wanted.objectives.indices.filter { wanted.ranks[$0] == wanted.bestRank }
      #expect(wanted.objectives[ranked] == rivals.map { wanted.objectives[$0] }.min(), "case \(number)")
      // Ties go to the later.
      #expect(ranked == rivals.last { wanted.objectives[$0] == wanted.objectives[ranked] }, "case \(number)")
    }
  }

  /// With one constraint the best mixture is of two iterates at most, so all pairs can be tried.
  @Test func mixtureOfTwoByTrying() throws {
    for seed in 0..<30 {
      let numbers = (0..<40).map { Double((seed * 7919 + $0 * 104_729) % 1009) / 1009 }
      let objectives = Array(numbers.prefix(20))
      let violations = numbers.suffix(20).map { $0 - 0.4 }
      var best = Double.infinity
      for a in 0..<20 {
        if violations[a] <= 0 { best = min(best, objectives[a]) }
        for b in 0..<20 where violations[a] < 0 && violations[b] > 0 {
          let share = violations[b] / (violations[b] - violations[a])
          best = min(best, share * objectives[a] + (1 - share) * objectives[b])
        }
      }
      let records = IterateRecords(objectives: objectives, violations: violations.map { [$0] })
      #expect(try abs(#require(records.mixture()).objective - best) < 1e-9, "seed \(seed)")
    }
  }

  private let records = IterateRecords(
    objectives: [0.10, 0.20, 0.15, 0.18, 0.30],
    violations: [[0.2, -0.1], [0, -0.2], [0.05, 0.1], [-0.1, -0.1], [-0.2, -0.3]])

  @Test func rulesByHand() throws {
    #expect(try #require(records.choice(by: .last)).members == [.init(4, probability: 1)])
    let feasible = try #require(records.choice(by: .bestFeasible))
    #expect(feasible.members == [.init(3, probability: 1)])
    #expect(feasible.feasibility == .feasible)
    #expect(feasible.violations == [-0.1, -0.1])
    // Ranks by objective 1, 4, 2, 3, 5; by violation 5, 1, 4, 1, 1: the largest are 5, 4, 4, 3, 5.
    #expect(records.bestRank() == 3)
    // Two thirds of iterate 3 and one third of iterate 0 meet the first constraint exactly.
    let mixture = try #require(records.choice(by: .mixture))
    #expect(mixture.members.map(\.iterate) == [0, 3])
    #expect(abs(mixture.members[0].probability - 1.0 / 3) < 1e-12)
    #expect(abs(mixture.objective - (0.1 + 2 * 0.18) / 3) < 1e-12)
  }

  @Test func whereNothingIsFeasible() throws {
    let records = IterateRecords(objectives: [0.1, 0.2, 0.2], violations: [[0.3, 0], [0.01, 0.02], [0.02, 0.004]])
    let single = try #require(records.choice(by: .bestFeasible))
    #expect(single.members == [.init(1, probability: 1)])
    #expect(single.feasibility == .infeasible)
    #expect(try #require(records.choice(by: .bestFeasible, near: 0.05)).feasibility == .nearlyFeasible)
    let mixture = try #require(records.choice(by: .mixture))
    #expect(mixture.largestViolation < 0.02)
    #expect(mixture.feasibility == .infeasible)
  }

  @Test func numbersThatAreNotFiniteAreNeverChosen() throws {
    let records = IterateRecords(
      objectives: [.nan, 0.2, 0.1, -.infinity], violations: [[-1], [-1], [.nan], [-1]])
    for rule in SelectionRule.allCases {
      #expect(try #require(records.choice(by: rule)).members == [.init(1, probability: 1)], "\(rule)")
    }
    let none = IterateRecords(objectives: [.nan], violations: [[0]])
    for rule in SelectionRule.allCases { #expect(none.choice(by: rule) == nil) }
    #expect(IterateRecords(objectives: [], violations: []).choice(by: .mixture) == nil)
    #expect(Feasibility(largestViolation: .nan) == .infeasible)
  }

  /// Who selects nobody meets every condition on differences, and is chosen where there is nobody else only.
  @Test func constantPredictorsAreChosenLast() throws {
    let records = IterateRecords(objectives: [0.25, 0.2, 0.22], violations: [[0], [0.03], [0.05]])
    for rule in [SelectionRule.bestFeasible, .mixture] {
      #expect(try #require(records.choice(by: rule)).members.map(\.iterate) == [0])
      let useful = records.withoutConstantPredictors(selectionRates: [0.001, 0.2, 0.3])
      #expect(try #require(useful.choice(by: rule)).members.map(\.iterate) == [1])
    }
    #expect(records.withoutConstantPredictors(selectionRates: [0, 1, 0.999]) == records)
  }

  @Test func withoutConstraintsTheObjectiveDecides() throws {
    let records = IterateRecords(objectives: [0.3, 0.1, 0.2], violations: [[], [], []])
    for rule in [SelectionRule.bestFeasible, .ranks, .mixture] {
      let choice = try #require(records.choice(by: rule))
      #expect(choice.members.map(\.iterate) == [1])
      #expect(choice.feasibility == .feasible)
    }
  }
}
