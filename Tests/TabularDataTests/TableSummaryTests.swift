import TabularData
import Testing

@Suite struct TableSummaryTests {
  private static func table(_ columns: [(String, Table.Cells)]) -> Table {
    Table(columns: columns.map { Table.Column(name: $0.0, cells: $0.1) }, source: "test")
  }

  private static func categories(_ values: [String?]) -> Table.Cells {
    let names = Set(values.compactMap { $0 }).sorted()
    return .categorical(
      codes: values.map { value in value.flatMap { names.firstIndex(of: $0) }.map(Int32.init) ?? -1 },
      categories: names)
  }

  // MARK: - Summary

  /// 40 rows of each sex; the town goes with it as [[30, 10], [10, 30]], so that φ² = 0.25 and n = 80.
  @Test func associationsHaveTheirBiasTakenOut() throws {
    let sex = (0..<80).map { $0 < 40 ? "f" : "m" }
    let town = (0..<80).map { ($0 < 40) == ($0 % 4 != 0) ? "a" : "b" }
    let table = Self.table([
      ("sex", Self.categories(sex)), ("town", Self.categories(town)),
      ("constant", Self.categories(sex.map { _ in "x" })),
      ("y", Self.categories((0..<80).map { $0 % 2 == 0 ? "yes" : "no" })),
    ])
    let recipe = DataRecipe(
      label: .init(column: "y", positive: ["yes"]), sensitive: [.init(column: "sex")],
      split: .fractions([.train: 1], stratify: .none, seed: 0))
    let summary = try TableSummary(table, recipe: recipe)
    func association(_ column: String, _ with: String) -> Double? {
      summary.associations.first { $0.column == column && $0.with == with }?.cramersV
    }
    let corrected = ((0.25 - 1.0 / 79) / (1 - 1.0 / 79)).squareRoot()
    #expect(abs((association("town", "sex") ?? 0) - corrected) < 1e-12)
    #expect(association("constant", "sex") == nil && association("y", "sex") == 0)
    #expect(summary.associations.allSatisfy { $0.column != $0.with })
    #expect(summary.groups.map(\.group) == ["f", "m"] && summary.groups.allSatisfy { $0.description.rows == 40 })
    #expect(summary.groups[0].description.columns[1].top.map(\.rows) == [30, 10])
  }

  @Test func histogramsHoldEveryNumber() throws {
    let values = [0, 1, 2, 10, 10, .nan, 4.999_999, 5]
    let table = Self.table([
      ("x", .numeric(values)), ("same", .numeric(values.map { _ in 3 })), ("none", .numeric(values.map { _ in .nan })),
      ("huge", .numeric(values.map { $0 == 0 ? -1.5e308 : 1.5e308 })),
    ])
    let summary = try TableSummary(table)
    let histogram = try #require(summary.histograms["x"])
    #expect(histogram.edges.count == 21 && histogram.edges.first == 0 && histogram.edges.last == 10)
    #expect(histogram.counts.reduce(0, +) == 7 && histogram.counts[19] == 2)
    // Intervals are closed at the left: 5 lies in the eleventh, what is less in the tenth.
    #expect(histogram.counts[9] == 1 && histogram.counts[10] == 1)
    #expect(summary.histograms.count == 1)
    let whole = try TableSummary(Self.table([("years", .numeric([1, 3, 3, .nan, 4]))]))
    #expect(whole.histograms["years"] == Histogram([1, 3, 3, 4], edges: [0.5, 1.5, 2.5, 3.5, 4.5]))
    #expect(whole.histograms["years"]?.counts == [1, 0, 2, 1])
  }

  // MARK: - Skew

  @Test func distancesAreThoseOfTheirDefinitions() throws {
    let first = Self.table([
      ("x", .numeric([0, 0, 1, 1])), ("c", Self.categories(["a", "a", "b", nil])), ("only", .numeric([1, 2, 3, 4])),
      ("type", .numeric([1, 2, 3, 4])),
    ])
    let second = Self.table([
      ("c", Self.categories(["a", "b", "b", "b"])), ("x", .numeric([0, 0, 0, 0])),
      ("type", Self.categories(["1", "2", "3", "4"])),
    ])
    let skew = TableSkew(first, second)
    let x = try #require(skew.columns.first { $0.name == "x" })
    // ½·(½·log₂(½/¾) + ½·log₂(½/¼)) + ½·log₂(1/¾)
    #expect(abs(x.value - 0.311_278_124_459_132_8) < 1e-12 && x.distance == .jensenShannon)
    let c = try #require(skew.columns.first { $0.name == "c" })
    #expect(c.value == 0.5 && c.distance == .chebyshev)
    #expect(c.largest?.category == "b" && c.largest?.first == 0.25 && c.largest?.second == 0.75)
    #expect(skew.notCompared == ["only", "type"])
    #expect(skew.columns.map(\.name) == ["c", "x"])
    #expect(TableSkew(first, first).columns.allSatisfy { $0.value == 0 })
  }

  @Test func numbersThatShareNothingAreOneApart() {
    let low = Self.table([("x", .numeric((0..<50).map(Double.init)))])
    let high = Self.table([("x", .numeric((0..<50).map { 1000 + Double($0) }))])
    #expect(abs(TableSkew(low, high).columns[0].value - 1) < 1e-9)
    let missing = Self.table([("x", .numeric([Double](repeating: .nan, count: 50)))])
    #expect(abs(TableSkew(low, missing).columns[0].value - 1) < 1e-9)
    #expect(TableSkew(missing, missing).columns[0].value == 0)
  }

  // MARK: - Expectations

  private static let good = table([
    ("age", .numeric([20, 30, .nan, 40])), ("job", categories(["a", "b", "a", "b"])),
    ("sex", categories(["f", "m", "f", "m"])),
  ])

  @Test func goodDataAreAsTheyLetExpect() {
    let expectations = TableExpectations(of: Self.good)
    #expect(expectations.anomalies(in: Self.good).isEmpty)
    #expect(expectations.columns.map(\.minimumPresent) == [0.7, 1, 1])
    #expect(expectations.columns[1].categories == ["a", "b"] && expectations.columns[0].maximum == nil)
  }

  @Test func everyAnomalyIsFound() {
    var expectations = TableExpectations(of: Self.good)
    expectations.minimumRows = 5
    expectations.columns[0].minimum = 18
    expectations.columns[0].maximum = 60
    let bad = Self.table([
      ("age", .numeric([17, 70, .nan, .nan])), ("job", .numeric([1, 2, 3, 4])), ("town", .numeric([1, 2, 3, 4])),
    ])
    let found = expectations.anomalies(in: bad)
    #expect(
      found.map(\.kind) == [
        .tooFewRows, .lowFractionPresent, .outOfRange, .otherType, .missingColumn, .newColumn,
      ])
    #expect(found[2].message == "2 rows lie outside of 18...60, such as 17")
    let strange = Self.table([
      ("age", .numeric([1, 2, 3, 4])), ("job", Self.categories(["a", "c", "c", "d"])),
      ("sex", Self.categories(["f", "m", "f", nil])),
    ])
    let values = TableExpectations(of: Self.good).anomalies(in: strange)
    #expect(values.map(\.kind) == [.unexpectedValues, .lowFractionPresent])
    #expect(values[0].message == "3 rows hold 'c', 'd', which the expected values lack")
  }
}
