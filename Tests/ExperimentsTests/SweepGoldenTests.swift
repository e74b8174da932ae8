import Experiments
import FairnessMetrics
import Foundation
import Testing

/// Against Scripts/golden/sweeps.py.
@Suite struct SweepGoldenTests {
  private struct Golden: Decodable {
    struct Quantile: Decodable {
      var degrees: Int
      var confidence: Double
      var value: Double
    }

    var sobol: [[UInt32]]
    var student: [Quantile]

    static func read() throws -> Golden {
      let url = try #require(Bundle.module.url(forResource: "Golden/sweeps", withExtension: "json"))
      return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }
  }

  @Test func sobolPointsAreThoseOfTheTable() throws {
    let golden = try Golden.read().sobol
    let sequence = SobolSequence(dimensions: 32)
    for (index, point) in golden.enumerated() { #expect(sequence.point(index) == point, "point \(index)") }
  }

  @Test func quantilesOfStudentsDistribution() throws {
    for golden in try Golden.read().student {
      let value = StudentDistribution.criticalValue(confidence: golden.confidence, degrees: golden.degrees)
      // The sum has half as many terms as there are degrees of freedom, each rounded once; the quantile magnifies an
      // error of the probability by the inverse density, which the far tails make large.
      let tolerance = 1e-14 * Double(golden.degrees + 100) * max(1, golden.value)
      #expect(abs(value - golden.value) <= tolerance, "\(golden): \(value)")
    }
  }
}
