import Foundation
import Mitigation
import NeuralNetworks
import Testing

@Suite struct MultiplierTests {
  private static let formulations: [(ConstraintMultipliers.Formulation, ConstraintMultipliers.Update)] = [
    (.lagrangian(bound: 3), .additive), (.lagrangian(bound: 3), .multiplicative()), (.lagrangian(), .additive),
    (.externalRegret, .additive), (.externalRegret, .multiplicative(minimumRadius: 0.01)), (.swapRegret, .additive),
    (.swapRegret, .multiplicative()),
  ]

  @Test func additiveLagrangeMultipliersByHand() {
    var multipliers = ConstraintMultipliers(
      .lagrangian(bound: 1), .additive, constraints: 3, learningRate: 0.5,
      schedule: .inverseTime(factor: 1, steps: 1))
    #expect(multipliers.constraintWeights == [0, 0, 0])
    #expect(multipliers.objectiveWeight == 1)
    multipliers.learn(violations: [0.4, -1, 0.8])
    #expect(multipliers.constraintWeights == [0.2, 0, 0.4])
    // The second step is half as long. The sum would be 1.4, so 0.2 is taken off both that are above 0.
    multipliers.learn(violations: [2, -1, 1.2])
    let weights = multipliers.constraintWeights
    #expect(abs(weights[0] - 0.5) < 1e-12 && weights[1] == 0 && abs(weights[2] - 0.5) < 1e-12, "\(weights)")
    #expect(multipliers.steps == 2)
  }

  @Test func weightsBeginOnTheObjective() {
    for (formulation, update) in Self.formulations {
      let multipliers = ConstraintMultipliers(formulation, update, constraints: 4, learningRate: 1)
      let distribution = multipliers.distribution
      #expect(abs(distribution.reduce(0, +) - 1) < 1e-12, "\(formulation), \(update)")
      switch update {
      case .additive: #expect(abs(distribution[0] - 1) < 1e-12)
      case .multiplicative(let radius):
        #expect(abs(distribution[1] - radius / 5) < 1e-12, "\(formulation), \(update)")
      }
    }
  }

  @Test func violatedConstraintsGainAndOthersFall() {
    for (formulation, update) in Self.formulations {
      var multipliers = ConstraintMultipliers(formulation, update, constraints: 2, learningRate: 0.5)
      for _ in 0..<200 { multipliers.learn(violations: [0.3, -0.3]) }
      let weights = multipliers.constraintWeights
      #expect(weights[0] > 20 * weights[1], "\(formulation), \(update): \(weights)")
      switch formulation {
      case .lagrangian(let bound?):
        #expect(weights.reduce(0, +) <= bound + 1e-9 && weights[0] > 0.9 * bound, "\(update): \(weights)")
      case .lagrangian(nil): #expect(abs(weights[0] - 30) < 1e-9)
      default:
        #expect(weights[0] > 0.98, "\(formulation), \(update): \(weights)")
        #expect(abs(multipliers.objectiveWeight + weights.reduce(0, +) - 1) < 1e-9)
      }
      // Met at last, it loses its weight again: no weight is lost for ever.
      for _ in 0..<400 { multipliers.learn(violations: [-0.3, 0.3]) }
      #expect(multipliers.constraintWeights[1] > multipliers.constraintWeights[0], "\(formulation), \(update)")
    }
  }

  /// Against a player who answers best, the average of the plays tends to the game's value: matching pennies in two
  /// constraints has the solution ½, ½.
  @Test func averagePlayTendsToTheEquilibrium() {
    for (formulation, update) in Self.formulations.filter({ $0.0 == .externalRegret || $0.0 == .swapRegret }) {
      var multipliers = ConstraintMultipliers(
        formulation, update, constraints: 2, learningRate: 1, schedule: .inverseTime(factor: 0.02, steps: 1))
      var average = [0.0, 0.0]
      let rounds = 4000
      for _ in 0..<rounds {
        let weights = multipliers.constraintWeights
        // The classifier meets whichever constraint weighs more; the other is violated.
        multipliers.learn(violations: weights[0] > weights[1] ? [0.1, 0.9] : [0.9, 0.1])
        average[0] += weights[0] / Double(rounds)
        average[1] += weights[1] / Double(rounds)
      }
      #expect(abs(average[0] - average[1]) < 0.1, "\(formulation), \(update): \(average)")
      #expect(average[0] + average[1] > 0.9, "\(formulation), \(update): \(average)")
    }
  }

  @Test func whatIsNotFiniteMovesNothing() {
    for (formulation, update) in Self.formulations {
      var multipliers = ConstraintMultipliers(formulation, update, constraints: 2, learningRate: 1)
      multipliers.learn(violations: [0.2, 0.1])
      var other = multipliers
      multipliers.learn(violations: [.nan, -.infinity])
      other.learn(violations: [0, 0])
      #expect(multipliers == other)
    }
  }

  @Test func aStoredStateGoesOnAlike() throws {
    for (formulation, update) in Self.formulations {
      var multipliers = ConstraintMultipliers(formulation, update, constraints: 3, learningRate: 0.7)
      multipliers.learn(violations: [0.2, -0.1, 0.05])
      var restored = try JSONDecoder().decode(
        ConstraintMultipliers.self, from: JSONEncoder().encode(multipliers))
      #expect(restored == multipliers)
      restored.learn(violations: [0.1, 0.1, 0.1])
      multipliers.learn(violations: [0.1, 0.1, 0.1])
      #expect(restored == multipliers)
    }
  }

  @Test func projectionsAreTheNearestPoints() {
    let points = [[0.4, 0.3, 0.2], [2, -1, 0.5], [0, 0, 0], [-3, -1, -2], [0.5, 0.5, 0.5], [10, 9.5, 0]]
    for point in points {
      let projected = projectionOntoSimplex(point)
      #expect(abs(projected.reduce(0, +) - 1) < 1e-12)
      let distance = squaredDistance(point, projected)
      // No point of a fine grid over the simplex is nearer.
      for i in 0...60 {
        for j in 0...(60 - i) {
          let other = [Double(i) / 60, Double(j) / 60, Double(60 - i - j) / 60]
          #expect(squaredDistance(point, other) >= distance - 1e-12, "\(point): \(projected), \(other)")
        }
      }
    }
    #expect(projectionBelowSimplex([0.2, -1, 0.3], bound: 1) == [0.2, 0, 0.3])
    #expect(projectionBelowSimplex([2, 0, 3], bound: 1) == [0, 0, 1])
  }

  private func squaredDistance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }

  @Test func stationaryDistributionIsAFixedPoint() {
    let columns = [[0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]]
    let p = stationaryDistribution(of: columns)
    for row in 0..<3 {
      let image = zip(columns, p).reduce(0) { $0 + $1.0[row] * $1.1 }
      #expect(abs(image - p[row]) < 1e-12)
    }
    // Two states that swap: the plain power method would oscillate.
    #expect(stationaryDistribution(of: [[0, 1], [1, 0]]) == [0.5, 0.5])
  }
}
