import FairnessMetrics
import Foundation
import Testing

/// Correlation and maximal correlation: known values, laws, and when there is none.
@Suite struct MaximalCorrelationTests {
  /// Normal numbers by Box and Muller, from a generator that is the same everywhere.
  private struct Draws {
    var state: UInt64

    mutating func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (Double(state >> 11) + 0.5) / Double(1 << 53)
    }

    mutating func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }
  }

  private func columns(_ rows: Int, _ make: (inout Draws) -> (Double, Double)) -> ([Float], [Float]) {
    var draws = Draws(state: 42)
    let pairs = (0..<rows).map { _ in make(&draws) }
    return (pairs.map { Float($0.0) }, pairs.map { Float($0.1) })
  }

  @Test func correlationByHand() throws {
    // Means 2 and 3: sums of products 2·(−1·−2 + 0·0 + 1·2) over √(2·8).
    #expect(correlation([1, 2, 3], [1, 3, 5]) == .defined(1))
    #expect(correlation([1, 2, 3], [5, 3, 1]) == .defined(-1))
    let value = try #require(correlation([0, 0, 1, 1], [0, 1, 1, 1]).value)
    #expect(abs(value - 1 / 3.0.squareRoot()) < 1e-12)
  }

  /// Of two columns with two values each there is one function each, and the maximal correlation is |φ|.
  @Test func ofTwoBinaryColumnsItIsTheAbsoluteCorrelation() throws {
    let (x, y) = columns(20_000) { draws in
      let x = draws.uniform() < 0.4 ? 1.0 : 0
      return (x, draws.uniform() < (x == 1 ? 0.3 : 0.6) ? 1 : 0)
    }
    let linear = try #require(correlation(x, y).value)
    let maximal = try #require(maximalCorrelation(x, y).value)
    #expect(linear < -0.2 && abs(maximal + linear) < 0.01)
  }

  /// Of a normal pair it is |ρ| (Lancaster 1957); a grid of 16 bins loses a little.
  @Test(arguments: [0.3, -0.7]) func ofNormalPairsItIsTheAbsoluteCorrelation(rho: Double) throws {
    let (x, y) = columns(50_000) { draws in
      let x = draws.normal()
      return (x, rho * x + (1 - rho * rho).squareRoot() * draws.normal())
    }
    let value = try #require(maximalCorrelation(x, y).value)
    #expect(value < abs(rho) + 0.01 && value > abs(rho) - 0.03)
  }

  @Test func nothingAtIndependence() throws {
    for rows in [100, 1000, 20_000] {
      let (x, y) = columns(rows) { ($0.normal(), $0.uniform()) }
      let value = try #require(maximalCorrelation(x, y).value)
      // Three times the standard error of a correlation.
      #expect(value < 3 / Double(rows).squareRoot())
    }
  }

  @Test func seesWhatCorrelationMisses() throws {
    let (x, y) = columns(5000) { draws in
      let z = 2 * draws.uniform() - 1
      return (z * z, z)
    }
    #expect(abs(try #require(correlation(x, y).value)) < 0.05)
    #expect(try #require(maximalCorrelation(x, y).value) > 0.95)
    // It does not matter in which order, in which units, or which way round.
    let value = try #require(maximalCorrelation(x, y).value)
    #expect(abs(try #require(maximalCorrelation(x.map { $0 * 7 - 3 }, y.map { -$0 }).value) - value) < 0.02)
  }

  @Test func whereThereIsNone() {
    let numbers = (0..<50).map { Float($0) }
    #expect(maximalCorrelation(numbers, [Float](repeating: 1, count: 50)) == .undefined("a column is constant"))
    #expect(correlation([2, 2], [0, 1]) == .undefined("a column is constant"))
    #expect(maximalCorrelation([1, 2, 3], [3, 1, 2]) == .undefined("fewer than 40 rows have the attribute"))
    #expect(correlation([1], [1]).reason != nil && correlation([], []).reason != nil)
    var broken = numbers
    broken[7] = .nan
    #expect(correlation(broken, numbers) == .undefined("a score is not a number"))
    #expect(maximalCorrelation(numbers, broken).reason != nil)
    broken[7] = .infinity
    #expect(correlation(broken, numbers).reason != nil)
  }

  @Test func missingValuesCountNowhere() throws {
    var values = (0..<60).map { Float($0 % 7) }
    let scores = (0..<60).map { Float($0 % 5) / 5 }
    for row in stride(from: 0, to: 60, by: 6) { values[row] = .nan }
    let evaluation = ContinuousEvaluation(name: "age", scores: scores, values: values)
    let known = (0..<60).filter { $0 % 6 != 0 }
    #expect(evaluation.missingRows == 10)
    #expect(evaluation.correlation == correlation(known.map { scores[$0] }, known.map { values[$0] }))
    #expect(evaluation.maximalCorrelation == maximalCorrelation(known.map { scores[$0] }, known.map { values[$0] }))
  }
}
