import Foundation
import Mitigation
import TestSupport
import Testing

@Suite struct LinearProgramTests {
  struct Case: Decodable {
    var c: [Double]
    var a: [[Double]]
    var b: [Double]
    var e: [[Double]]
    var d: [Double]
    var status: String
    var value: Double?

    var program: LinearProgram {
      LinearProgram(
        minimizing: c, upperBounds: zip(a, b).map { .init($0, $1) }, equalities: zip(e, d).map { .init($0, $1) })
    }
  }

  /// Golden values from Scripts/golden/selection.py.
  @Test func agreesWithSciPy() throws {
    let cases: [Case] = try goldenCases("programs", in: .module)
    #expect(cases.count == 60)
    for (number, wanted) in cases.enumerated() {
      switch wanted.program.solved() {
      case .optimal(let x, let value):
        #expect(wanted.status == "optimal", "case \(number)")
        let expected = try #require(wanted.value, "case \(number)")
        #expect(abs(value - expected) <= 1e-7 * max(1, abs(expected)), "case \(number): \(value), not \(expected)")
        expectMet(wanted, x, number)
        #expect(x.count { $0 > 0 } <= wanted.a.count + wanted.e.count, "case \(number) is no vertex")
      case .infeasible: #expect(wanted.status == "infeasible", "case \(number)")
      case .unbounded: #expect(wanted.status == "unbounded", "case \(number)")
      case .stalled: Issue.record("case \(number) stalled")
      }
    }
  }

  private func expectMet(_ wanted: Case, _ x: [Double], _ number: Int) {
    func product(_ row: [Double]) -> Double { zip(row, x).reduce(0) { $0 + $1.0 * $1.1 } }
    #expect(x.allSatisfy { $0 >= 0 }, "case \(number)")
    for (row, bound) in zip(wanted.a, wanted.b) { #expect(product(row) <= bound + 1e-7, "case \(number)") }
    for (row, bound) in zip(wanted.e, wanted.d) { #expect(abs(product(row) - bound) <= 1e-7, "case \(number)") }
  }

  /// Beale's example, on which the rule of the largest coefficient cycles for ever.
  @Test func doesNotCycle() {
    let program = LinearProgram(
      minimizing: [-0.75, 150, -0.02, 6],
      upperBounds: [.init([0.25, -60, -0.04, 9], 0), .init([0.5, -90, -0.02, 3], 0), .init([0, 0, 1, 0], 1)])
    guard case .optimal(let x, let value) = program.solved() else {
      Issue.record("no optimum: \(program.solved())")
      return
    }
    #expect(abs(value + 0.05) < 1e-12)
    #expect(abs(x[2] - 1) < 1e-12)
  }

  @Test func redundantAndEmptyRows() {
    let twice = LinearProgram(
      minimizing: [1, 2], equalities: [.init([1, 1], 1), .init([2, 2], 2), .init([0, 0], 0)])
    #expect(twice.solved() == .optimal(variables: [1, 0], value: 1))
    let never = LinearProgram(minimizing: [1], equalities: [.init([0], 1)])
    #expect(never.solved() == .infeasible)
    #expect(LinearProgram(minimizing: []).solved() == .optimal(variables: [], value: 0))
  }
}
