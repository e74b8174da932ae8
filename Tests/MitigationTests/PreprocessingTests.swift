import LinearAlgebra
import MetricExpressions
import Mitigation
import TabularData
import TestSupport
import Testing

/// Rows with two attributes, one of them missing here and there, whose labels depend on both.
func crossedRows(_ count: Int, seed: UInt64, missing: Bool = false) -> Dataset {
  var stream = RandomStream(seed: seed)
  var features: [Float] = []
  var labels: [Float] = []
  var codes: [[Int32]] = [[], []]
  for row in 0..<count {
    let sex = Int32(stream.below(2))
    let race = Int32(stream.below(10)) / 4
    labels.append(stream.uniform() < 0.2 + 0.3 * Double(sex) + 0.1 * Double(race) ? 1 : 0)
    features += [Float(stream.normal() + Double(sex)), Float(stream.below(5) == 0 ? 1 : 0), Float(race)]
    codes[0].append(missing && row % 7 == 0 ? -1 : sex)
    codes[1].append(race)
  }
  return Dataset(
    features: Matrix(rows: count, columns: 3, values: features), baseRow: [0, 0, 0], labels: labels,
    sensitive: [
      SensitiveColumn(name: "sex", groups: ["Female", "Male"], privileged: 1, codes: codes[0]),
      SensitiveColumn(name: "race", groups: ["A", "B", "C"], privileged: 2, codes: codes[1]),
    ], sourceRows: Array(0..<count))
}

/// The weighted share of label 1 in each group.
private func labelRates(_ data: Dataset, _ partition: GroupPartition, weights: [Double]) -> [Double] {
  partition.groups.indices.map { group in
    let rows = (0..<data.rows).filter { partition.codes[$0] == Int32(group) }
    return rows.reduce(0) { $0 + weights[$1] * Double(data.labels[$1]) } / rows.reduce(0) { $0 + weights[$1] }
  }
}

@Suite struct ReweighingTests {
  @Test(arguments: [["sex"], ["race"], ["sex", "race"]], [false, true])
  func labelRatesBecomeEqual(attributes: [String], missing: Bool) throws {
    let data = crossedRows(1001, seed: 3, missing: missing)
    let outcome = try Reweighing(attributes: attributes).weights(for: data)
    let partition = try GroupPartition(data.sensitive, attributes: attributes, for: "test")
    // As the data set keeps them, in single precision.
    let rates = labelRates(data, partition, weights: outcome.weights.map(Double.init))
    let (low, high) = (rates.min() ?? 0, rates.max() ?? 1)
    #expect(high - low < 1e-9, "\(rates)")
    // Groups weigh what they did, but for the joint rounding.
    for group in partition.groups.indices {
      let rows = (0..<data.rows).filter { partition.codes[$0] == Int32(group) }
      let weight = rows.reduce(0) { $0 + Double(outcome.weights[$1]) }
      #expect(abs(weight / Double(rows.count) - 1) < 3e-4)
    }
    #expect(outcome.unchangedRows == partition.codes.count { $0 < 0 })
    #expect(outcome.cells.reduce(0) { $0 + $1.rows } + outcome.unchangedRows == 1001)
  }

  /// By hand: 4 women of whom 1, 4 men of whom 3 have label 1: P(g)P(y)/P(g,y) is ½·½/(1/8) = 2 for the rare cells.
  @Test func factorsByHand() throws {
    let data = Dataset(
      features: Matrix(rows: 8, columns: 1, repeating: 0), labels: [1, 0, 0, 0, 1, 1, 1, 0],
      sensitive: [
        SensitiveColumn(name: "sex", groups: ["F", "M"], privileged: nil, codes: [0, 0, 0, 0, 1, 1, 1, 1])
      ], sourceRows: Array(0..<8))
    let outcome = try Reweighing().weights(for: data)
    #expect(outcome.cells.map(\.rows) == [3, 1, 1, 3])
    for (factor, wanted) in zip(outcome.cells.map(\.factor), [2.0 / 3, 2, 2, 2.0 / 3]) {
      #expect(abs(factor - wanted) < 1e-15)
    }
    #expect(outcome.cells.map(\.group) == ["sex = F", "sex = F", "sex = M", "sex = M"])
  }

  @Test func weightsThatRowsHaveAreMultiplied() throws {
    var data = crossedRows(600, seed: 8)
    data.weights = (0..<600).map { Float($0 % 5) / 2 }
    let outcome = try Reweighing().weights(for: data)
    let partition = try GroupPartition(data.sensitive, for: "test")
    // The factors in double precision make rates equal exactly; products in single precision nearly.
    let factors = Dictionary(uniqueKeysWithValues: outcome.cells.map { ("\($0.group) \($0.label)", $0.factor) })
    let exact = (0..<600).map { row in
      Double(data.weights?[row] ?? 1)
        * (factors["\(partition.name(of: Int(partition.codes[row]))) \(Int(data.labels[row]))"] ?? .nan)
    }
    let rates = labelRates(data, partition, weights: exact)
    #expect((rates.max() ?? 1) - (rates.min() ?? 0) < 1e-12)
    let stored = labelRates(data, partition, weights: outcome.weights.map(Double.init))
    #expect((stored.max() ?? 1) - (stored.min() ?? 0) < 1e-7)
  }

  @Test func groupsWithOneLabelAreRefusedOrLeft() throws {
    var data = crossedRows(200, seed: 4)
    for row in 0..<200 where data.sensitive[1].codes[row] == 2 { data.labels[row] = 0 }
    let error = try #require(throws: MitigationError.self) { try Reweighing(attributes: ["race"]).weights(for: data) }
    #expect(
      error.description
        == "reweighing: the group race = C has no training row with label 1, so that no weights give it the label rate "
        + "of the others. Cross fewer attributes, keep fewer groups, or let such groups keep their weights.")
    let outcome = try Reweighing(attributes: ["race"], oneLabelGroups: .leave).weights(for: data)
    #expect(outcome.unchangedRows == data.sensitive[1].codes.count { $0 == 2 })
    for row in 0..<200 where data.sensitive[1].codes[row] == 2 { #expect(outcome.weights[row] == 1) }
  }

  @Test func attributesMustBeThere() throws {
    let data = crossedRows(50, seed: 4)
    let error = try #require(throws: MitigationError.self) { try Reweighing(attributes: ["sxe"]).weights(for: data) }
    #expect(error.description == "reweighing: there is no sensitive attribute 'sxe'. Did you mean 'sex'?")
    #expect(throws: MitigationError.self) { try Reweighing(attributes: []).weights(for: data) }
    #expect(throws: MitigationError.self) { try Reweighing(attributes: ["sex", "sex"]).weights(for: data) }
    var one = data
    one.sensitive[0].codes = [Int32](repeating: 1, count: 50)
    let lone = try #require(throws: MitigationError.self) { try Reweighing(attributes: ["sex"]).weights(for: one) }
    #expect(lone.description.contains("only sex = Male has rows"))
  }
}

@Suite struct RuleWeightTests {
  private static func data() -> Dataset {
    let groups = ["female", "male", "male|female", "transgender"]
    return Dataset(
      features: Matrix(rows: 8, columns: 1, repeating: 0), labels: [0, 0, 0, 0, 1, 1, 0, 0],
      sensitive: [
        SensitiveColumn(name: "gender", groups: groups, privileged: nil, codes: [0, 1, 2, 3, 0, 1, -1, 0])
      ], sourceRows: Array(0..<8))
  }

  /// The rules of the toxicity tutorial; `male` is a word, and no part of `female`.
  @Test func laterRulesOverride() throws {
    let rules = try [
      "where label = 0 and gender contains transgender set weight 0.4",
      "where label = 0 and gender contains female set weight 0.5",
      "where label = 0 and gender contains male set weight 0.7",
    ].map { try WeightRule($0) }
    let outcome = try RuleWeights(rules).weights(for: Self.data())
    #expect(outcome.weights == [0.5, 0.7, 0.7, 0.4, 1, 1, 1, 0.5])
    #expect(outcome.reports.map(\.rows) == [[3], [0, 2, 7], [1, 2]])
    #expect(outcome.reports.map(\.lasting) == [1, 2, 2])
    #expect(outcome.untouchedRows == 3)
    #expect(outcome.warnings.isEmpty)
  }

  @Test func otherPredicatesAndMissingValues() throws {
    func weights(_ text: String) throws -> [Float] {
      try RuleWeights([WeightRule(text)]).weights(for: Self.data()).weights
    }
    #expect(try weights("where gender is missing set weight 0") == [1, 1, 1, 1, 1, 1, 0, 1])
    #expect(try weights("where gender = 'male|female' or label = 1 set weight 2") == [1, 1, 2, 1, 2, 2, 1, 1])
    #expect(try weights("where not (gender contains male) set weight 3") == [3, 1, 1, 3, 3, 1, 1, 3])
    let none = try RuleWeights([WeightRule("where gender contains mail set weight 3")]).weights(for: Self.data())
    #expect(
      none.warnings
        == ["The rule 'where gender contains mail set weight 3' is about no training row. Check its values."])
  }

  @Test(arguments: [
    ("label = 0 set weight 1", 0, "found 'label' where 'where' should stand, as in: where label = 0 set weight 0.5"),
    ("where label = 0 weight 1", 16, "found 'weight' where 'set weight' and a number should stand."),
    ("where label = 0 set weight -1", 27, "found '-' where a weight should stand: a number of at least 0."),
    ("where label = 0 set weight 1 or", 29, "found 'or' after the end of the rule."),
    ("where label = 0 set weight 1e31", 27, "a weight of 1e+31 is too large: 1e30 at most."),
    ("where gendre contains male set weight 1", 6, "there is no column 'gendre' to tell groups by. Did you mean"),
    ("where label = 2 set weight 1", 14, "the column 'label' has no group '2'."),
  ])
  func refusals(text: String, column: Int, message: String) throws {
    let error = try #require(throws: ExpressionError.self) {
      try RuleWeights([WeightRule(text)]).weights(for: Self.data())
    }
    #expect(error.message.hasPrefix(message), "\(error.message)")
    #expect(error.column == column)
  }

  @Test func containsReadsBackAsWritten() throws {
    let rule = try WeightRule("where not (gender contains 'a b') and label != 1 set weight 0.5")
    #expect("\(rule.rows)" == "not (gender contains 'a b') and label != 1")
  }
}

@Suite struct CorrelationRemoverTests {
  struct Case: Decodable {
    var features: [[Double]]
    var codes: [Int32]
    var groups: Int
    var alpha: Double
    var expected: [[Double]]
  }

  /// Golden values from Scripts/golden/mitigation.py: fairlearn's.
  @Test func agreesWithFairlearn() throws {
    let cases: [Case] = try goldenCases("correlation", in: .module)
    #expect(cases.count == 6)
    for wanted in cases {
      let data = Dataset(
        features: Matrix(rows: wanted.features), labels: [Float](repeating: 0, count: wanted.codes.count),
        sensitive: [
          SensitiveColumn(
            name: "z", groups: (0..<wanted.groups).map { "g\($0)" }, privileged: nil, codes: wanted.codes)
        ], sourceRows: Array(wanted.codes.indices))
      let remover = try CorrelationRemover(fitting: data, alpha: wanted.alpha)
      let found = try remover.transformed(data).features
      // Features are in single precision.
      #expect(firstDeviation(of: found.values, from: wanted.expected.flatMap(\.self), absolute: 2e-6) == nil)
    }
  }

  @Test func nothingCorrelatesAfterwards() throws {
    let data = crossedRows(500, seed: 12, missing: true)
    let remover = try CorrelationRemover(fitting: data)
    let result = try remover.transformed(data)
    for column in 0..<3 {
      let values = result.features.column(column).map(Double.init)
      for (attribute, groups) in [(0, 1...1), (1, 1...2)] {
        for group in groups {
          let known = (0..<500).filter { data.sensitive[attribute].codes[$0] >= 0 }
          let share = known.map { data.sensitive[attribute].codes[$0] == Int32(group) ? 1.0 : 0 }
          let mean = share.reduce(0, +) / Double(known.count)
          let covariance = zip(known, share).reduce(0) { $0 + ($1.1 - mean) * values[$1.0] } / 500
          #expect(abs(covariance) < 1e-6, "feature \(column), attribute \(attribute), group \(group)")
        }
      }
    }
    // The third feature is the race itself: a constant is left.
    let third = result.features.column(2)
    #expect((third.max() ?? 1) - (third.min() ?? 0) < 1e-5)
  }

  @Test func otherRowsAndRefusals() throws {
    let data = crossedRows(300, seed: 12)
    let remover = try CorrelationRemover(fitting: data, attributes: ["sex"], alpha: 0.5)
    // A row's result does not depend on the rows beside it, nor on the order of the groups.
    var other = data.gatheringRows([5, 3])
    other.sensitive[0].groups = ["Male", "Female"]
    other.sensitive[0].codes = other.sensitive[0].codes.map { 1 - $0 }
    let whole = try remover.transformed(data).features
    #expect(try remover.transformed(other).features == whole.gatheringRows([5, 3]))
    #expect(try CorrelationRemover(fitting: data, alpha: 0).transformed(data).features == data.features)

    other.sensitive[0].groups = ["Male", "Unknown"]
    other.sensitive[0].codes = [1, 0]
    let error = try #require(throws: MitigationError.self) { try remover.transformed(other) }
    #expect(
      error.description == "the correlation remover: 'sex' has the group 'Unknown', which no row fitted on had.")
    #expect(throws: MitigationError.settings("the correlation remover's alpha is 1.5; it must lie in 0...1.")) {
      try CorrelationRemover(fitting: data, alpha: 1.5)
    }
  }
}

@Suite struct ResamplingTests {
  @Test(arguments: Resampling.Choice.allCases)
  func labelAndGroupsBecomeIndependent(choice: Resampling.Choice) throws {
    let data = crossedRows(2000, seed: 5, missing: true)
    let scores = data.features.column(0)
    var stream = RandomStream(seed: 1)
    let outcome = try Resampling(choice).rows(of: data, scores: scores, using: &stream)
    #expect(outcome.rows.count == 2000)
    let drawn = data.gatheringRows(outcome.rows)
    let partition = try GroupPartition(drawn.sensitive, for: "test")
    let rates = labelRates(drawn, partition, weights: [Double](repeating: 1, count: 2000))
    // A row more or less in groups of a hundred.
    #expect((rates.max() ?? 1) - (rates.min() ?? 0) < 0.02, "\(rates)")
    #expect(outcome.cells.reduce(0) { $0 + $1.after } == outcome.cells.reduce(0) { $0 + $1.before })
    // Rows without a group stay once each.
    let missing = (0..<2000).filter { data.sensitive[0].codes[$0] < 0 }
    #expect(outcome.rows.filter { data.sensitive[0].codes[$0] < 0 } == missing)
    var again = RandomStream(seed: 1)
    #expect(try Resampling(choice).rows(of: data, scores: scores, using: &again) == outcome)
  }

  /// By hand: 4 women of whom 1, 4 men of whom 3 have label 1; each cell gets 2 rows.
  @Test func theHardestRowsChange() throws {
    let data = Dataset(
      features: Matrix(rows: 8, columns: 1, repeating: 0), labels: [1, 0, 0, 0, 1, 1, 1, 0],
      sensitive: [
        SensitiveColumn(name: "sex", groups: ["F", "M"], privileged: nil, codes: [0, 0, 0, 0, 1, 1, 1, 1])
      ], sourceRows: Array(0..<8))
    var stream = RandomStream(seed: 1)
    let outcome = try Resampling(.preferential).rows(
      of: data, scores: [0.5, 0.1, 0.4, 0.2, 0.9, 0.6, 0.7, 0.3], using: &stream)
    #expect(outcome.rows == [0, 0, 1, 3, 4, 6, 7, 7])
    #expect(outcome.cells.map(\.after) == [2, 2, 2, 2])
    #expect(throws: MitigationError.self) { try Resampling(.preferential).rows(of: data, using: &stream) }
    var empty = data
    empty.labels[0] = 0
    #expect(throws: MitigationError.self) { try Resampling().rows(of: empty, using: &stream) }
  }

  @Test func gatheredRowsKeepTheirForm() {
    let data = crossedRows(40, seed: 2)
    let indices = [3, 3, 39, 0, 7]
    let gathered = data.gatheringRows(indices)
    #expect(gathered.features == data.features.gatheringRows(indices))
    #expect(gathered.baseRow == data.baseRow)
    #expect(gathered.featureRows == FeatureRows(data.features.gatheringRows(indices), base: data.baseRow))
    #expect(gathered.labels == indices.map { data.labels[$0] })
    #expect(gathered.sensitive[1].codes == indices.map { data.sensitive[1].codes[$0] })
  }
}
