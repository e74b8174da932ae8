import FairnessMetrics
import Testing

@Suite struct SlicingTests {
  static let rows = 2000

  /// Random rows with two ordinary columns, one of them with missing values, and one of overlapping groups.
  struct Rows {
    var scores: [Float] = []
    var labels: [Bool] = []
    var weights: [Double] = []
    var sex: [Int32] = []
    var race: [Int32] = []
    var topics: [[Int32]?] = []

    init(seed: UInt64) {
      var generator = TestGenerator(seed: seed)
      for _ in 0..<SlicingTests.rows {
        scores.append((Float(generator.uniform()) * 100).rounded() / 100)
        labels.append(generator.uniform() < 0.4)
        weights.append(Double(generator.next() % 16) / 4)
        sex.append(Int32(generator.next() % 2))
        race.append(Int32(generator.next() % 5) - 1)
        topics.append(generator.uniform() < 0.1 ? nil : (0..<3).filter { _ in generator.uniform() < 0.4 })
      }
    }

    func columns(_ range: Range<Int>) -> [SliceColumn] {
      [
        SliceColumn(GroupColumn(name: "sex", groups: ["F", "M"], codes: Array(sex[range]))),
        SliceColumn(GroupColumn(name: "race", groups: ["a", "b", "c", "d"], codes: Array(race[range]))),
        SliceColumn(name: "topics", groups: ["x", "y", "z"], memberships: Array(topics[range])),
      ]
    }

    /// Whether a row is in a slice, read off the terms' names.
    func contains(_ slice: Slice, _ row: Int) -> Bool {
      slice.terms.allSatisfy { term in
        switch (term.column, term.group) {
        case ("sex", let group): group == ["F", "M"][Int(sex[row])]
        case ("race", let group): group == (race[row] < 0 ? nil : ["a", "b", "c", "d"][Int(race[row])])
        case (_, nil): topics[row] == nil
        case (_, let group?): topics[row]?.contains { ["x", "y", "z"][Int($0)] == group } == true
        }
      }
    }
  }

  static let crossings: [[String]] = [
    [], ["sex"], ["race"], ["topics"], ["sex", "race"], ["topics", "sex"], ["sex", "race", "topics"],
  ]

  @Test(arguments: crossings, [false, true])
  func countsAreThoseOfTheRowsOneByOne(crossing: [String], isWeighted: Bool) {
    let rows = Rows(seed: 1)
    var accumulator = SliceAccumulator(columns: ["sex", "race", "topics"], thresholds: [0.7, 0.3, 0.5])
    #expect(accumulator.thresholds == [0.3, 0.5, 0.7])
    accumulator.add(
      scores: rows.scores, labels: rows.labels, weights: isWeighted ? rows.weights : nil,
      columns: rows.columns(0..<Self.rows))
    let slices = accumulator.slices(crossing: crossing)
    #expect(Set(slices.map(\.slice)).count == slices.count)
    for (slice, statistics) in slices {
      for (index, threshold) in accumulator.thresholds.enumerated() {
        var expected = ConfusionCounts()
        for row in 0..<Self.rows where rows.contains(slice, row) {
          expected.add(
            label: rows.labels[row], decision: Double(rows.scores[row]) >= threshold,
            weight: isWeighted ? rows.weights[row] : 1)
        }
        // Weights are multiples of 1/4, so that their sums are exact.
        #expect(statistics.counts(thresholdIndex: index) == expected, "\(slice) at \(threshold)")
        #expect(expected.rows > 0)
      }
    }
    if !crossing.contains("topics") { #expect(slices.reduce(0) { $0 + $1.statistics.rows } == Self.rows) }
  }

  @Test func inPiecesAsAtOnce() {
    let rows = Rows(seed: 2)
    func fed(_ pieces: [Range<Int>]) -> SliceAccumulator {
      var accumulator = SliceAccumulator(
        columns: ["sex", "race", "topics"], thresholds: [0.5], calibrationBins: 10, histogramBins: 100)
      for piece in pieces {
        accumulator.add(
          scores: Array(rows.scores[piece]), labels: Array(rows.labels[piece]), columns: rows.columns(piece))
      }
      return accumulator
    }
    let whole = fed([0..<Self.rows])
    let pieces = fed([0..<1, 1..<700, 700..<1500, 1500..<Self.rows])
    var merged = fed([700..<Self.rows])
    merged.merge(fed([0..<700]))
    for crossing in Self.crossings {
      let expected = whole.slices(crossing: crossing)
      for found in [pieces.slices(crossing: crossing), merged.slices(crossing: crossing)] {
        #expect(found.map(\.slice) == expected.map(\.slice))
        for (found, expected) in zip(found, expected) {
          #expect(found.statistics.counts(thresholdIndex: 0) == expected.statistics.counts(thresholdIndex: 0))
          #expect(found.statistics.histogram == expected.statistics.histogram)
          expect(
            found.statistics.scoreSums?.logLoss ?? .undefined("nil"),
            near: expected.statistics.scoreSums?.logLoss.value ?? .nan)
        }
      }
    }
  }

  @Test func groupsThatTurnUpLater() {
    var accumulator = SliceAccumulator(columns: ["g"], thresholds: [0.5])
    func add(_ groups: [String], _ codes: [Int32]) {
      accumulator.add(
        scores: codes.map { _ in 1.0 }, labels: codes.map { _ in true },
        columns: [SliceColumn(GroupColumn(name: "g", groups: groups, codes: codes))])
    }
    add(["a"], [0, -1])
    add(["a", "b"], [1, 1, -1])
    let slices = accumulator.slices(crossing: ["g"])
    #expect(slices.map(\.slice.description) == ["g = a", "g = b", "g missing"])
    #expect(slices.map(\.statistics.rows) == [1, 2, 2])
  }

  @Test func areasAreThoseOfTheRowsOneByOne() {
    let rows = Rows(seed: 3)
    let cells = CrossedCells(rows.columns(0..<Self.rows), rows: Self.rows)
    let slices = [[], [0], [1], [2], [0, 1], [0, 2]].flatMap { cells.slices(crossing: $0) }
    let areas = rocAUC(scores: rows.scores, labels: rows.labels, cells: cells, slices: slices.map(\.cells))
    #expect(areas.count == slices.count)
    for (slice, area) in zip(slices, areas) {
      let members = (0..<Self.rows).filter { rows.contains(slice.slice, $0) }
      #expect(
        area == rocAUC(scores: members.map { rows.scores[$0] }, labels: members.map { rows.labels[$0] }),
        "\(slice.slice)")
    }
  }

  /// Five columns of 20 groups make 21⁵ combinations, more than there is room for: only those that occur may count.
  @Test func crossesOfManyGroups() {
    var generator = TestGenerator(seed: 4)
    let names = (0..<20).map { "g\($0)" }
    let columns = (0..<5).map { column in
      SliceColumn(
        GroupColumn(
          name: "c\(column)", groups: names, codes: (0..<500).map { _ in Int32(generator.next() % 21) - 1 }))
    }
    let cells = CrossedCells(columns, rows: 500)
    #expect(cells.codes.count <= 500)
    for row in 0..<500 { #expect(cells.codes[Int(cells.cells[row])] == columns.map { $0.codes[row] }) }
    #expect(CrossedCells(columns.map { $0 }, rows: 500).slices(crossing: [0]).count == 21)
  }

  @Test func binsAndAnnotations() throws {
    let bins = try #require(NumericBins(edges: [18, 65]))
    let ages = bins.column(name: "age", values: [17.9, 18, 64, 65, .nan, -.infinity, .infinity])
    #expect(ages.groups == ["< 18", "18 ..< 65", "≥ 65"])
    #expect(ages.codes == [0, 1, 1, 2, -1, 0, 2])
    #expect(NumericBins(edges: [2, 1]) == nil)
    #expect(NumericBins(edges: [.nan]) == nil)
    #expect(NumericBins(edges: [])?.column(name: "all", values: [1, .nan]).codes == [0, -1])

    let soft = SliceColumn(
      name: "identity", groups: ["female", "black"], annotations: [[0.5, 0.49, .nan, .nan], [1, 0, 0.6, .nan]])
    let groups = soft.codes.map { $0 < 0 ? nil : soft.members[Int($0)] }
    #expect(groups == [[0, 1], [], [1], nil])
  }
}
