import FairnessMetrics
import Foundation
import LinearAlgebra
import MetricExpressions
import Mitigation
import NeuralNetworks
import TabularData
import Testing

@Suite struct PlugInTests {
  /// Rows whose cell probabilities are known: each of 250 places has its own, and the rows' cells are drawn from them.
  private static func planted(rows count: Int, seed: UInt64) -> (data: Dataset, probabilities: Matrix<Float>) {
    var stream = RandomStream(seed: 77)
    let places = (0..<250).map { place -> [Double] in
      let eta = (Double(place) + 0.5) / 250
      let groupB = 0.15 + 0.7 * eta + 0.3 * (stream.uniform() - 0.5)
      // Cells: 2 · group + label.
      return [(1 - eta) * (1 - groupB), eta * (1 - groupB), (1 - eta) * groupB, eta * groupB]
    }
    stream = RandomStream(seed: seed)
    var labels: [Float] = []
    var groups: [Int32] = []
    var probabilities: [Float] = []
    for _ in 0..<count {
      let place = places[Int(stream.below(250))]
      var left = stream.uniform()
      let cell =
        place.firstIndex { share in
          left -= share
          return left < 0
        } ?? 3
      labels.append(Float(cell % 2))
      groups.append(Int32(cell / 2))
      probabilities += place.map { Float($0) }
    }
    let data = Dataset(
      features: Matrix(rows: count, columns: 1, repeating: 0), labels: labels,
      sensitive: [SensitiveColumn(name: "group", groups: ["A", "B"], privileged: 1, codes: groups)],
      sourceRows: Array(0..<count))
    return (data, Matrix(rows: count, columns: 4, values: probabilities))
  }

  private static func rows(_ texts: [String], _ data: Dataset) throws -> RateConstraintRows {
    let columns = data.sensitive.map {
      SliceColumn(GroupColumn(name: $0.name, groups: $0.groups, codes: $0.codes))
    }
    let reduction = ConstraintReduction(columns: columns, rows: data.rows)
    return try RateConstraintRows(
      texts.flatMap { try reduction.constraints(MetricCondition($0)) }, of: data, split: "training")
  }

  private static func decisions(_ decision: PlugInDecision, _ probabilities: Matrix<Float>) -> [Double] {
    (0..<probabilities.rows).map { row in
      decision.gain(probabilities.values[row * probabilities.columns..<(row + 1) * probabilities.columns]) > 0 ? 1 : 0
    }
  }

  @Test(arguments: [
    ["demographic_parity_difference(group) <= 0.05"], ["p_percent_rule(group) >= 0.8"],
    ["equalized_odds_difference(group) <= 0.05"], ["fpr(group = B) <= 0.3", "tpr >= 0.6"],
  ])
  func constraintsAreMetAtLittleCost(texts: [String]) throws {
    let (data, probabilities) = Self.planted(rows: 6000, seed: 1)
    let rows = try Self.rows(texts, data)
    let fit = try PlugInFit(rows, probabilities: probabilities, labels: data.labels)
    #expect(fit.feasibility == .feasible, "\(fit.violations)")
    #expect(fit.multipliers.contains { $0 > 0 })
    // What the fit says of its decision is what the decision does.
    let decisions = Self.decisions(fit.decision, probabilities)
    for (found, wanted) in zip(rows.violations(selections: [decisions]), fit.violations) {
      #expect(abs(found - wanted) < 1e-9)
    }
    let correct = zip(decisions, data.labels).count { $0 == Double($1) }
    #expect(abs(Double(correct) / 6000 - fit.accuracy) < 1e-9)
    // Three standard errors of a share of 6,000 rows.
    #expect(fit.accuracy >= Self.bestAccuracy(rows, probabilities) - 0.02, "\(fit.accuracy)")
    // And it holds on other rows of the same kind, but for noise.
    let (other, otherProbabilities) = Self.planted(rows: 20_000, seed: 2)
    let otherRows = try Self.rows(texts, other)
    let violations = otherRows.violations(selections: [Self.decisions(fit.decision, otherProbabilities)])
    #expect(violations.allSatisfy { $0 < 0.04 }, "\(violations)")
  }

  /// The best accuracy that decisions by place are expected to have, at random where that helps, with the probabilities
  /// that the rows were drawn from: a linear programme, without any multipliers.
  private static func bestAccuracy(_ rows: RateConstraintRows, _ probabilities: Matrix<Float>) -> Double {
    var numbers: [[Float]: Int] = [:]
    var gains: [Double] = []
    var sums: [[Double]] = rows.constraints.map { _ in [] }
    var negatives = 0.0
    for row in 0..<probabilities.rows {
      let key = Array(probabilities.values[row * 4..<(row + 1) * 4])
      let place = numbers[key] ?? numbers.count
      if place == numbers.count {
        numbers[key] = place
        gains.append(0)
        for constraint in sums.indices { sums[constraint].append(0) }
      }
      let cells = key.map(Double.init)
      negatives += (cells[0] + cells[2]) / Double(probabilities.rows)
      gains[place] += (cells[1] + cells[3] - cells[0] - cells[2]) / Double(probabilities.rows)
      for constraint in sums.indices {
        sums[constraint][place] += zip(cells, rows.coefficients[constraint][0]).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    var bounds = zip(sums, rows.constants).map { LinearProgram.Row($0, -$1) }
    for index in gains.indices { bounds.append(.init(gains.indices.map { $0 == index ? 1 : 0 }, 1)) }
    guard case .optimal(_, let value) = LinearProgram(minimizing: gains.map { -$0 }, upperBounds: bounds).solved()
    else { return .nan }
    return negatives - value
  }

  @Test func withoutConstraintsTheLikelierLabelWins() throws {
    let (data, probabilities) = Self.planted(rows: 500, seed: 3)
    let fit = try PlugInFit(Self.rows([], data), probabilities: probabilities, labels: data.labels)
    #expect(fit.decision == .unconstrained(cells: 4))
    for row in 0..<500 {
      let cells = probabilities.values[row * 4..<(row + 1) * 4]
      let eta = Double(cells[cells.startIndex + 1]) + Double(cells[cells.startIndex + 3])
      #expect(abs(fit.decision.score(cells) - eta) < 1e-12)
    }
  }

  @Test func aMarginTightens() throws {
    let (data, probabilities) = Self.planted(rows: 4000, seed: 4)
    let rows = try Self.rows(["demographic_parity_difference(group) <= 0.1"], data)
    var settings = PlugInFit.Settings()
    settings.margin = 0.03
    let fit = try PlugInFit(rows, probabilities: probabilities, labels: data.labels, settings: settings)
    #expect(fit.violations.allSatisfy { $0 <= -0.03 + 1e-9 }, "\(fit.violations)")
  }

  @Test func aMarginInStandardErrorsHoldsOnOtherRows() throws {
    var met = 0
    for seed in UInt64(0)..<10 {
      let (data, probabilities) = Self.planted(rows: 3000, seed: 100 + seed)
      var settings = PlugInFit.Settings()
      settings.standardErrors = 2
      let fit = try PlugInFit(
        Self.rows(["demographic_parity_difference(group) <= 0.1"], data), probabilities: probabilities,
        labels: data.labels, settings: settings)
      for (violation, error) in zip(fit.estimatedViolations, fit.standardErrors) {
        #expect(violation + 2 * error <= 1e-9)
        #expect(error > 0.005 && error < 0.05)
      }
      let (other, otherProbabilities) = Self.planted(rows: 50_000, seed: 200 + seed)
      let rows = try Self.rows(["demographic_parity_difference(group) <= 0.1"], other)
      let selections = [Self.decisions(fit.decision, otherProbabilities)]
      if rows.violations(selections: selections).allSatisfy({ $0 <= 0 }) { met += 1 }
      // The error shrinks with the root of the rows.
      for (few, many) in zip(fit.standardErrors, rows.standardErrors(selections: selections)) {
        #expect(abs(few / many / (50.0 / 3).squareRoot() - 1) < 0.2)
      }
    }
    #expect(met >= 9, "\(met) of 10")
  }

  /// A margin that nothing of use can hold: not the nearly constant decision that comes nearest to it, but one that meets
  /// the constraints with as much of the margin as it can.
  @Test(arguments: [8.0, 20, 200])
  func aMarginOutOfReachLeavesADecisionOfUse(standardErrors: Double) throws {
    let (data, probabilities) = Self.planted(rows: 2000, seed: 5)
    let rows = try Self.rows(["demographic_parity_difference(group) <= 0.1"], data)
    var settings = PlugInFit.Settings()
    settings.trueShare = nil
    settings.standardErrors = standardErrors
    let fit = try PlugInFit(rows, probabilities: probabilities, labels: data.labels, settings: settings)
    let decisions = Self.decisions(fit.decision, probabilities)
    #expect(decisions.reduce(0, +) / 2000 > 0.1)
    #expect(fit.accuracy > 0.6)
    #expect(fit.violations.allSatisfy { $0 <= 1e-9 }, "\(fit.violations)")
  }

  /// Predicted rates are trusted with the margin only: what is observed holds, too.
  @Test func whatIsObservedHolds() throws {
    for seed in UInt64(0)..<8 {
      let (data, probabilities) = Self.planted(rows: 800, seed: 300 + seed)
      var settings = PlugInFit.Settings()
      settings.trueShare = nil
      let fit = try PlugInFit(
        Self.rows(["demographic_parity_difference(group) <= 0.1"], data), probabilities: probabilities,
        labels: data.labels, settings: settings)
      #expect((fit.violations + fit.estimatedViolations).allSatisfy { $0 <= 1e-9 }, "seed \(seed): \(fit.violations)")
    }
  }

  @Test func scoresAreAboveAHalfWhereRowsAreSelected() {
    var stream = RandomStream(seed: 9)
    for _ in 0..<5000 {
      let costs = (0..<4).map { _ in 4 * stream.normal() }
      let decision = PlugInDecision(cellCosts: costs)
      var cells = (0..<4).map { _ in stream.uniform() }
      if stream.uniform() < 0.1 { (cells[1], cells[3]) = (0, 0) }
      if stream.uniform() < 0.1 { (cells[0], cells[2]) = (0, 0) }
      let sum = cells.reduce(0, +)
      let probabilities = cells.map { Float($0 / max(sum, 1e-9)) }
      let (gain, score) = (decision.gain(probabilities), decision.score(probabilities))
      #expect(score >= 0 && score <= 1)
      if abs(gain) > 1e-5 { #expect((score > 0.5) == (gain > 0), "\(costs), \(probabilities): \(gain), \(score)") }
      // It grows with η where the cost stays: all cells of a label cost the same plus a part of the other's.
      let even = PlugInDecision(cellCosts: costs.map { _ in costs[0] / 10 })
      let shares = stride(from: 0.02, to: 0.99, by: 0.02).map { even.score([Float(1 - $0), Float($0), 0, 0]) }
      #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 < $1 }, "\(costs[0])")
    }
  }

  /// Each of single precision, the probabilities of a label's cells add up to more than 1.
  @Test func aScoreIsAtMostOne() {
    let certain: [Float] = [0, 0.7, 0, 0.300_000_04]
    #expect(certain.reduce(0) { $0 + Double($1) } > 1)
    #expect(PlugInDecision.unconstrained(cells: 4).score(certain) == 1)
    #expect(PlugInDecision.unconstrained(cells: 4).scores(Matrix(rows: 1, columns: 4, values: certain)) == [1])
    #expect((0.9...1).contains(PlugInDecision(cellCosts: [0.2, 0.1, -0.1, 0.3]).score(certain)))
  }

  /// Widths for which OpenBLAS would be at work, which tells rows apart by their place.
  @Test func aPredictionDoesNotDependOnTheRowsAround() {
    var stream = RandomStream(seed: 4)
    let labels = Perceptron(inputs: 20, hidden: [33, 7], outputs: 1)
    let groups = Perceptron(inputs: 20, hidden: [300, 64], outputs: 6)
    let predictor = CellPredictor(
      labelNetwork: labels, groupNetwork: groups,
      members: (0..<2).map { _ in
        .init(label: labels.initialParameters(using: &stream), groups: groups.initialParameters(using: &stream))
      })
    let features = Matrix<Float>(rows: 700, columns: 20, values: (0..<14000).map { _ in Float(stream.normal()) })
    let whole = predictor.probabilities(features)
    for indices in [Array(300..<428), [5], Array((31..<648).reversed())] {
      let part = predictor.probabilities(features.gatheringRows(indices))
      #expect(
        part.values.map(\.bitPattern) == whole.gatheringRows(indices).values.map(\.bitPattern), "\(indices.count)")
    }
  }

  /// Another machine's network gives probabilities that differ in the seventh digit; scores may do so in the fifth at
  /// most, wherever the threshold lies.
  @Test func lastDigitsOfProbabilitiesDoNotMatter() {
    var stream = RandomStream(seed: 11)
    var largest = 0.0
    for _ in 0..<20_000 {
      let decision = PlugInDecision(cellCosts: (0..<4).map { _ in 2 * stream.uniform() - 1.5 })
      // Chances that often are very small, as sure networks give them.
      let powers = (0..<4).map { _ in exp(-12 * stream.uniform()) }
      let sum = powers.reduce(0, +)
      let probabilities = powers.map { Float($0 / sum) }
      let nudged = probabilities.map { $0 * Float(1 + (stream.uniform() < 0.5 ? -2.4e-7 : 2.4e-7)) }
      largest = max(largest, abs(decision.score(probabilities) - decision.score(nudged)))
    }
    #expect(largest < 1e-5, "\(largest)")
  }

  @Test func severalThresholdsAreRefused() throws {
    let (data, probabilities) = Self.planted(rows: 200, seed: 4)
    let rows = try Self.rows(["fpr(overall at 0.3) <= 0.1"], data)
    #expect(throws: MitigationError.self) { try PlugInFit(rows, probabilities: probabilities, labels: data.labels) }
  }
}
