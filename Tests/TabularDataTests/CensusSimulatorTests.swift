import Foundation
import TabularData
import Testing

/// Golden files: Scripts/census/compare.py --golden, versions in Scripts/census/requirements.txt.
@Suite struct CensusSimulatorTests {
  let simulator = CensusSimulator()

  // MARK: - Rows

  @Test func equalSeedsGiveEqualRowsAndOthersDoNot() {
    let first = simulator.rows(count: 500, seed: 3)
    #expect(first.columns.map(\.name) == CensusSimulator.columnNames)
    #expect(firstDifference(spelled(first), spelled(CensusSimulator().rows(count: 500, seed: 3))) == nil)
    let other = simulator.rows(count: 500, seed: 4)
    for (left, right) in zip(first.columns, other.columns) { #expect((left == right) == false, "column \(left.name)") }
  }

  /// The sizes straddle the block of 1024 rows in which rows are drawn.
  @Test(arguments: [1, 7, 1000, 1024, 1025, 4000])
  func chunksEqualTheWhole(size: Int) {
    let whole = spelled(simulator.rows(count: 3000, seed: 11))
    let pieces = simulator.chunks(of: size, count: 3000, seed: 11).flatMap(spelled)
    #expect(firstDifference(pieces, whole) == nil)
    let part = spelled(simulator.rows(1500..<1500 + size, seed: 11))
    #expect(firstDifference(Array(part.prefix(1500)), Array(whole[1500..<min(1500 + size, 3000)])) == nil)
  }

  @Test func noRowsAreAnEmptyTable() {
    #expect(simulator.rows(count: 0, seed: 1).rowCount == 0)
    #expect(simulator.chunks(of: 10, count: 0, seed: 1).reduce(0) { $0 + $1.rowCount } == 0)
  }

  @Test func rowNumbersReachTheLargestInteger() {
    #expect(simulator.rows(Int.max - 3..<Int.max, seed: .max).rowCount == 3)
  }

  /// The second implementation, in numpy, gives the same rows, factual and counterfactual.
  @Test func rowsEqualTheScript() throws {
    struct Sample: Decodable {
      var seed: String
      var first: Int
      var setting: [String: String]
      var rows: [String]
    }
    let samples = try golden("census-rows.json", as: [Sample].self)
    #expect(samples.count == 4)
    for sample in samples {
      let seed = try #require(UInt64(sample.seed))
      let range = sample.first..<sample.first + sample.rows.count
      let table = try simulator.counterfactual(of: range, seed: seed, setting: sample.setting)
      #expect(firstDifference(spelled(table), sample.rows) == nil, "seed \(seed), setting \(sample.setting)")
    }
  }

  // MARK: - Adult's shares

  /// With n = 200,000 rows and k bins the distance that chance alone makes is about √(k / 2πn), below 0.006 for the 42
  /// countries; rounding of the tables and back-off add to it.
  @Test func marginalsAreAdults() throws {
    let adult = try golden("census-adult.json", as: AdultShares.self)
    let table = simulator.rows(count: 200_000, seed: 5)
    for name in CensusSimulator.columnNames {
      let expected = try #require(adult.shares[name])
      let found = shares(try #require(table[name]), bounds: adult.bounds[name])
      let keys = Set(expected.keys).union(found.keys)
      let distance = keys.reduce(0) { $0 + abs(expected[$1, default: 0] - found[$1, default: 0]) } / 2
      #expect(distance < 0.01, "\(name): total variation distance \(distance)")
    }
  }

  /// By sex and race, and by what the models see. Tolerance: four standard errors of Adult's rate and of the simulated
  /// one, with 0.02 for what the back-off to larger groups moves.
  @Test func baseRatesAreAdults() throws {
    let adult = try golden("census-adult.json", as: AdultShares.self)
    let table = simulator.rows(count: 200_000, seed: 6)
    let high = spelled(try #require(table["income"])).map { $0 == ">50K" }
    for (name, groups) in adult.baseRates {
      let cells = spelled(try #require(table[name]))
      for (group, countAndRate) in groups {
        let (count, rate) = (countAndRate[0], countAndRate[1])
        let members = cells.indices.filter { cells[$0] == group }
        guard count >= 100 else { continue }
        let found = Double(members.count { high[$0] }) / Double(members.count)
        let error = (rate * (1 - rate) * (1 / count + 1 / Double(members.count))).squareRoot()
        #expect(abs(found - rate) < 4 * error + 0.02, "\(name) = \(group): \(found), in Adult \(rate)")
      }
    }
    let ratio = try baseRateRatio(adult.baseRates, "sex", "Female", "Male")
    #expect(ratio > 0.34 && ratio < 0.38)
  }

  @Test func missingCellsAreWhereAdultHasThem() throws {
    let table = simulator.rows(count: 20_000, seed: 8)
    let workclass = spelled(try #require(table["workclass"]))
    let occupation = spelled(try #require(table["occupation"]))
    for row in workclass.indices {
      #expect((occupation[row] == "?") == ["?", "Never-worked"].contains(workclass[row]), "row \(row)")
    }
    for column in table.columns {
      guard case .categorical(let codes, let categories) = column.cells else { continue }
      #expect(categories == categories.sorted() && !categories.contains("?"))
      #expect(codes.contains(-1) == ["workclass", "occupation", "native-country"].contains(column.name))
    }
  }

  // MARK: - Helpers

  private struct AdultShares: Decodable {
    var bounds: [String: [Double]]
    var shares: [String: [String: Double]]
    /// Row count and share above 50K, by column and category.
    var baseRates: [String: [String: [Double]]]
  }

  private func baseRateRatio(
    _ rates: [String: [String: [Double]]], _ column: String, _ group: String, _ other: String
  ) throws -> Double {
    let groups = try #require(rates[column])
    return try #require(groups[group])[1] / (try #require(groups[other])[1])
  }

  private func shares(_ column: Table.Column, bounds: [Double]?) -> [String: Double] {
    var result: [String: Double] = [:]
    let share = 1 / Double(column.cells.count)
    if case .numeric(let values) = column.cells, let bounds {
      for value in values { result["\(bounds.count { $0 < value })", default: 0] += share }
    } else {
      for cell in spelled(column) { result[cell, default: 0] += share }
    }
    return result
  }
}

/// The cells of a column as Adult's file spells them.
func spelled(_ column: Table.Column) -> [String] {
  switch column.cells {
  case .numeric(let values): values.map { String(Int($0)) }
  case .categorical(let codes, let categories): codes.map { $0 < 0 ? "?" : categories[Int($0)] }
  }
}

/// The rows of a table as Adult's file spells them.
func spelled(_ table: Table) -> [String] {
  let columns = table.columns.map(spelled)
  return (0..<table.rowCount).map { row in columns.map { $0[row] }.joined(separator: ", ") }
}

/// A golden file of this target.
func golden<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
  let url = try #require(Bundle.module.url(forResource: "Golden/" + name, withExtension: nil), "no golden file \(name)")
  return try JSONDecoder().decode(type, from: Data(contentsOf: url))
}

/// The first row in which two lists of rows differ, in words; nil where they are equal. Short where they are long.
func firstDifference(_ left: [String], _ right: [String]) -> String? {
  if left == right { return nil }
  guard let row = zip(left, right).enumerated().first(where: { $1.0 != $1.1 }) else {
    return "\(left.count) rows, \(right.count) rows"
  }
  return "row \(row.offset): \(row.element.0) | \(row.element.1)"
}
