import Foundation
import LinearAlgebra
import TabularData
import Testing

@Suite struct DataRecipeTests {
  @Test func labelsAndSensitiveColumnsAreNoFeatures() throws {
    let table = try read(DataRefusalTests.people)
    let data = try DataRefusalTests.recipe.prepare(table)
    #expect(data.encoder.featureNames == ["age", "job=a", "job=b", "job=c"])
    var recipe = DataRefusalTests.recipe
    recipe.includeSensitiveInFeatures = true
    #expect(
      try recipe.prepare(table).encoder.featureNames
        == ["age", "sex=F", "sex=M", "race=Black", "race=White", "job=a", "job=b", "job=c"])
  }

  @Test func rowsStayAligned() throws {
    let table = try read(DataRefusalTests.people)
    let data = try DataRefusalTests.recipe.prepare(table)
    let (all, _) = try data.encoder.encode(table)
    var seen: [Int] = []
    for split in [SplitName.train, .test] {
      let dataset = try #require(data[split])
      #expect(dataset.rows == 6 && dataset.labels.reduce(0, +) == 3)
      let sex = try cells(table, "sex")
      let income = try cells(table, "income")
      for (position, row) in dataset.sourceRows.enumerated() {
        #expect(dataset.labels[position] == (income[row] == "yes" ? 1 : 0))
        #expect(dataset.sensitive[0].groups[Int(dataset.sensitive[0].codes[position])] == sex[row])
        for column in 0..<all.columns { #expect(dataset.features[position, column] == all[row, column]) }
      }
      seen += dataset.sourceRows
    }
    #expect(seen.sorted() == Array(0..<12))
    #expect(data[.train]?.sensitive[0].privileged == 1)
    #expect(data.counts[.train]?.rows == 6 && data[.validation] == nil)
  }

  @Test func equalSeedsGiveEqualSplits() throws {
    let table = try read(DataRefusalTests.people)
    func trainingRows(_ seed: UInt64) throws -> [Int]? {
      var recipe = DataRefusalTests.recipe
      recipe.split = .fractions([.train: 0.5, .test: 0.5], stratify: .label, seed: seed)
      return try recipe.prepare(table)[.train]?.sourceRows
    }
    #expect(try trainingRows(1) == trainingRows(1))
    #expect(try Set((1...8).map { try trainingRows($0) }).count > 1)
  }

  @Test func keptGroupsFiltersAndMissingValues() throws {
    let text = DataRefusalTests.people + "13,80,F,,a,1,test,yes\n14,81,X,White,b,1,test,yes\n15,82,F,White,c,1,test,\n"
    var recipe = DataRefusalTests.byFold(DataRefusalTests.recipe)
    recipe.sensitive[0].keep = ["M", "F"]
    recipe.label.dropsMissing = true
    recipe.filters = [RowFilter(column: "age", .between(25, 81))]
    let data = try recipe.prepare(read(text))
    #expect(data[.train]?.sourceRows == [1, 2, 3, 4, 5])
    #expect(data[.test]?.sourceRows == [6, 7, 8, 9, 10, 11, 12])
    #expect(data[.test]?.sensitive[1].codes.last == -1)
    #expect(data.counts[.test]?.missing["race"] == 1)
    #expect(
      data.warnings.map(\.message) == [
        "sensitive column 'race' is missing in 1 of 12 rows; they belong to no group."
      ])
    recipe.filters = []
    #expect(
      try recipe.prepare(read(text)).warnings.map(\.message).first
        == "label 'income' is missing in 1 rows; they are left out.")
  }

  @Test func numericGroupsAndBins() throws {
    let table = try read(DataRefusalTests.people)
    var recipe = DataRefusalTests.byFold(DataRefusalTests.recipe)
    recipe.sensitive = [DataRecipe.Sensitive(column: "age", privileged: ">=40", bins: [30, 40])]
    recipe.split = .fractions([.train: 0.5, .test: 0.5], stratify: .none, seed: 3)
    recipe.drop = ["id", "w", "fold"]
    // Small groups: any split that has them all will do here.
    var data: PreparedData?
    for seed in 1...50 where data == nil {
      recipe.split = .fractions([.train: 0.5, .test: 0.5], stratify: .none, seed: UInt64(seed))
      data = try? recipe.prepare(table)
    }
    let dataset = try #require(data?[.train])
    #expect(dataset.sensitive[0].groups == ["<30", "[30, 40)", ">=40"] && dataset.sensitive[0].privileged == 2)
    guard case .numeric(let ages) = try table.column(named: "age").cells else { return }
    for (row, code) in zip(dataset.sourceRows, dataset.sensitive[0].codes) {
      #expect(code == (ages[row] < 30 ? 0 : ages[row] < 40 ? 1 : 2))
    }
    let binary = try read("x,z,y\n1,0,a\n2,1,a\n3,0,b\n4,1,b\n1,0,a\n2,1,a\n3,0,b\n4,1,b\n")
    let numeric = try DataRecipe(
      label: DataRecipe.Label(column: "y"), sensitive: [DataRecipe.Sensitive(column: "z", privileged: "1.0")],
      split: .fractions([.train: 1], stratify: .none, seed: 1)
    ).prepare(binary)
    #expect(numeric.sensitive[0].groups == ["0", "1"] && numeric.sensitive[0].privileged == 1)
    #expect(numeric.label.positive == ["b"])
    #expect(numeric.warnings.map(\.message) == ["label 'y': 'b' counts as positive, as no positive value is named."])
  }

  /// A third value of the label becomes 0, which its reader should know.
  @Test(arguments: [
    (["maybe": 3], "'maybe' (3 rows) and 'no' (4 rows) count as negative."),
    (["": 2, "maybe": 1, "Yes": 2], "'Yes' (2 rows), 'maybe' (1 row) and 'no' (4 rows) count as negative."),
    ([:], nil),
    (
      Dictionary(uniqueKeysWithValues: (0..<9).map { ("m\($0)", 1) }),
      "'m0' (1 row), 'm1' (1 row), 'm2' (1 row), 'm3' (1 row), 'm4' (1 row), 'm5' (1 row), 'm6' (1 row), "
        + "'m7' (1 row) and 2 more count as negative."
    ),
  ])
  func severalValuesOfTheLabelAreNegative(more: [String: Int], expected: String?) throws {
    let counts = more.merging(["no": 4, "yes": 5]) { $1 }
    let labels = counts.sorted { $0.key < $1.key }.flatMap { Array(repeating: $0.key, count: $0.value) }
    let text = "x,z,y\n" + labels.enumerated().map { "\($0),\($0 % 2 == 0 ? "a" : "b"),\($1)\n" }.joined()
    let recipe = DataRecipe(
      label: DataRecipe.Label(column: "y", positive: ["yes"], dropsMissing: true),
      sensitive: [DataRecipe.Sensitive(column: "z")], split: .fractions([.train: 1], stratify: .none, seed: 1))
    let warnings = try recipe.prepare(read(text)).warnings.map(\.message).filter { $0.contains("negative") }
    #expect(warnings == (expected.map { ["label 'y': \($0)"] } ?? []))
  }

  @Test func severalNumbersOfTheLabelAreNegative() throws {
    let text = "x,z,y\n1,a,1\n2,b,0\n3,a,1.0\n4,b,2\n5,a,0\n6,b,1\n"
    let recipe = DataRecipe(
      label: DataRecipe.Label(column: "y", positive: ["1"]), sensitive: [DataRecipe.Sensitive(column: "z")],
      split: .fractions([.train: 1], stratify: .none, seed: 1))
    #expect(
      try recipe.prepare(read(text)).warnings.map(\.message)
        == ["label 'y': '0' (2 rows) and '2' (1 row) count as negative."])
  }

  @Test func splitsByColumnAndByTables() throws {
    let table = try read(DataRefusalTests.people)
    let byColumn = try DataRefusalTests.byFold(DataRefusalTests.recipe).prepare(table)
    let folder = try TemporaryFolder()
    let lines = DataRefusalTests.people.split(separator: "\n")
    let tables = try CSVReader().read([
      folder.write(lines[0...6].joined(separator: "\n").utf8, as: "a.csv"),
      folder.write((lines[0...0] + lines[7...]).joined(separator: "\n").utf8, as: "b.csv"),
    ])
    var recipe = DataRefusalTests.recipe
    recipe.split = .tables
    let byTables = try recipe.prepare([(.train, tables[0]), (.test, tables[1])])
    for split in [SplitName.train, .test] {
      #expect(byColumn[split]?.features == byTables[split]?.features)
      #expect(byColumn[split]?.sourceRows == byTables[split]?.sourceRows)
    }
    #expect(byColumn.encoder == byTables.encoder)
    let partial = try DataRefusalTests.byFold(DataRefusalTests.recipe, values: [.train: ["train"]]).prepare(table)
    #expect(partial[.test] == nil)
    #expect(partial.warnings.map(\.message) == ["column 'fold' puts 6 rows in no split; they are left out."])
  }

  @Test func weightsAndDroppedRows() throws {
    var recipe = DataRefusalTests.byFold(DataRefusalTests.recipe)
    recipe.drop = ["id"]
    recipe.weights = "w"
    recipe.missing.dropsRows = true
    let text = DataRefusalTests.replacing("2,25,M,White,b,1,", "2,25,M,White,,1,").replacing(
      "4,35,M,Black,c,1", with: "4,35,M,Black,c,2.5")
    let data = try recipe.prepare(read(text))
    #expect(data[.train]?.weights == [1, 1, 2.5, 1, 1])
    #expect(data.warnings.map(\.message) == ["1 of 12 rows miss a feature; they are left out."])
    #expect(!data.encoder.featureNames.contains("w"))
  }

  @Test func comesBackFromJSON() throws {
    for recipe in [DataRefusalTests.recipe, CatalogEntry.adult.recipe, CatalogEntry.compas.recipe] {
      #expect(try JSONDecoder().decode(DataRecipe.self, from: JSONEncoder().encode(recipe)) == recipe)
    }
  }
}

@Suite struct SplitDrawingTests {
  /// Golden values from Scripts/golden/tabular_data.py: train_test_split.
  @Test func sizesAgreeWithScikitLearn() throws {
    for golden in try Golden.load().splits {
      let strata = [Int](repeating: 1, count: golden.positives) + [Int](repeating: 0, count: golden.negatives)
      let sizes = SplitDrawing.sizes([.train: 1 - golden.test, .test: golden.test], rows: strata.count)
      #expect(sizes == [.train: golden.trainRows, .test: golden.testRows])
      let parts = SplitDrawing.draw(sizes, strata: strata, stream: RandomStream(seed: 1))
      #expect(parts[.train]?.reduce(0) { $0 + strata[$1] } == golden.trainPositives)
      #expect(parts[.test]?.reduce(0) { $0 + strata[$1] } == golden.testPositives)
    }
  }

  @Test func partsAreDisjointAndExact() {
    var stream = RandomStream(seed: 17)
    for _ in 0..<500 {
      let n = Int(stream.below(60)) + 1
      let strata = (0..<n).map { _ in Int(stream.below(4)) }
      let shares: [SplitName: Double] = [.train: 0.5, .validation: 0.2, .test: stream.below(2) == 0 ? 0.3 : 0.1]
      let sizes = SplitDrawing.sizes(shares, rows: n)
      let parts = SplitDrawing.draw(sizes, strata: strata, stream: stream.split("draw"))
      for (name, rows) in parts { #expect(rows.count == sizes[name] && rows == rows.sorted()) }
      let all = parts.values.joined()
      #expect(Set(all).count == all.count && all.allSatisfy { (0..<n).contains($0) })
      if shares[.test] == 0.3 { #expect(all.count == n) }
      // No stratum is off by a row or more from its proportion in the first part drawn.
      for stratum in 0..<4 {
        let count = strata.filter { $0 == stratum }.count
        let share = parts[.test]?.filter { strata[$0] == stratum }.count ?? 0
        #expect(abs(Double(share) - Double(count * (sizes[.test] ?? 0)) / Double(n)) < 1)
      }
    }
  }

  @Test func wholeSharesStayWhole() {
    // 0.7 · 10 is 7.000000000000001 in some orders of multiplication; nobody should get eight rows for it.
    for n in stride(from: 10, through: 2000, by: 10) {
      for tenths in 1...9 {
        let sizes = SplitDrawing.sizes([.train: 1 - Double(tenths) / 10, .test: Double(tenths) / 10], rows: n)
        #expect(sizes[.test] == n * tenths / 10)
      }
    }
  }
}
