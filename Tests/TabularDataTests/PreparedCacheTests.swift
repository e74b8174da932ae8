import Foundation
import LinearAlgebra
import TabularData
import Testing

/// Rows that are prepared piece by piece into files, against the same rows in memory.
@Suite struct PreparedCacheTests {
  static func census(_ change: (inout DataRecipe) -> Void = { _ in }) -> DataRecipe {
    var recipe = CatalogEntry.adult.recipe
    change(&recipe)
    return recipe
  }

  /// Checks that two preparations are equal to the bit.
  static func expectEqual(_ one: PreparedData, _ other: PreparedData, sourceLocation: SourceLocation = #_sourceLocation)
  {
    #expect(one.encoder == other.encoder, sourceLocation: sourceLocation)
    #expect(one.label == other.label && one.sensitive == other.sensitive, sourceLocation: sourceLocation)
    #expect(one.continuous == other.continuous, sourceLocation: sourceLocation)
    #expect(one.schema == other.schema && one.counts == other.counts, sourceLocation: sourceLocation)
    #expect(one.warnings == other.warnings, sourceLocation: sourceLocation)
    #expect(
      one.splits.keys.sorted { $0.rawValue < $1.rawValue } == other.splits.keys.sorted { $0.rawValue < $1.rawValue })
    for (name, dataset) in one.splits {
      guard let twin = other[name] else { continue }
      #expect(dataset.featureRows == twin.featureRows, sourceLocation: sourceLocation)
      #expect(dataset.features == twin.features, sourceLocation: sourceLocation)
      #expect(dataset.labels == twin.labels && dataset.weights == twin.weights, sourceLocation: sourceLocation)
      #expect(dataset.sensitive == twin.sensitive, sourceLocation: sourceLocation)
      #expect(
        dataset.continuous.map(\.name) == twin.continuous.map(\.name)
          && dataset.continuous.map { $0.values.map(\.bitPattern) }
            == twin.continuous.map { $0.values.map(\.bitPattern) },
        sourceLocation: sourceLocation)
      #expect(dataset.sourceRows == twin.sourceRows, sourceLocation: sourceLocation)
    }
  }

  static func identity(_ recipe: DataRecipe, _ sources: [String] = ["census"]) -> CacheIdentity {
    CacheIdentity(sources: sources, recipe: recipe, reading: ReadingOptions())
  }

  @Test func simulatedRowsAreThoseInMemory() throws {
    let folder = try TemporaryFolder()
    let cache = try PreparedCache(folder: folder.path)
    // Several pieces, the last one shorter.
    let (rows, seed) = (50_000, UInt64(11))
    let table = CensusSimulator().rows(count: rows, seed: seed)
    for (number, recipe) in [
      Self.census(),
      Self.census {
        $0.split = .fractions([.train: 0.6, .validation: 0.1, .test: 0.2], stratify: .column("sex"), seed: 3)
        $0.weights = "fnlwgt"
        $0.drop = []
        $0.encoding.standardize = .numeric
        $0.missing.dropsRows = true
        $0.continuous = ["age", "hours-per-week"]
      },
      // Numbers only: dense.
      Self.census {
        $0.drop = [
          "fnlwgt", "workclass", "education", "marital-status", "occupation", "relationship", "native-country",
        ]
        $0.split = .fractions([.train: 0.01, .test: 0.99], stratify: .none, seed: 9)
        $0.sensitive = [.init(column: "age", privileged: ">=40", bins: [25, 40])]
      },
    ].enumerated() {
      let inMemory = try recipe.prepare(table)
      var shares: [PreparationProgress.Stage: [Double]] = [:]
      let mapped = try cache.prepare(SimulatedRows(rows: rows, seed: seed), Self.identity(recipe, ["\(number)"])) {
        shares[$0.stage, default: []].append($0.share)
      }
      Self.expectEqual(mapped, inMemory)
      #expect(mapped[.train]?.featureRows.isMapped == true)
      #expect((mapped[.train]?.baseRow == nil) == (number == 2))
      #expect(shares[.encoding] == shares[.encoding]?.sorted() && shares[.encoding]?.last == 1)
      Self.expectEqual(try #require(cache.open(Self.identity(recipe, ["\(number)"]).key)), inMemory)
      // In memory as well, from the same pieces.
      Self.expectEqual(try recipe.prepare(SimulatedRows(rows: rows, seed: seed)), inMemory)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 3)
  }

  /// Rows with whatever a CSV file may have: missing cells, quoted ones, numbers of all kinds, categories that turn up
  /// late, spellings that Unicode counts as equal.
  static func text(rows: Int, seed: UInt64, header: Bool = true, first: Int = 0) -> String {
    var stream = RandomStream(seed: seed)
    var text = header ? "x,job,city,w,z,fold,y\n" : ""
    for row in first..<first + rows {
      let x = ["\(Double(stream.below(100_000)) / 7)", "-0", "2147483648", "", "\(stream.below(50))", "1e-300"]
      let cities = ["\"a,b\"", "\"say \"\"no\"\"\"", "caf\u{e9}", "cafe\u{301}", "?"]
      let city = row > 20_000 ? "late\(stream.below(300))" : cities[Int(stream.below(5))]
      text += "\(x[Int(stream.below(6))]),\(["a", "b", "", "dd"][Int(stream.below(4))]),\(city),"
      text += "\(stream.below(4)),\(["u", "v", "?"][Int(stream.below(3))]),"
      text += "\(["train", "train", "test", "none"][Int(stream.below(4))]),\(stream.below(3) == 0 ? "1" : "0.0")\n"
      if row % 9999 == 0 { text += "\n" }
    }
    return text
  }

  static let recipe = DataRecipe(
    label: .init(column: "y", positive: ["1"]), sensitive: [.init(column: "z", privileged: "u")], drop: ["fold"],
    split: .fractions([.train: 0.5, .test: 0.5], stratify: .label, seed: 5))

  @Test func csvRowsAreThoseInMemory() throws {
    let folder = try TemporaryFolder()
    let cache = try PreparedCache(folder: folder.path + "/cache")
    let path = try folder.write(Self.text(rows: 40_000, seed: 1).utf8)
    let options = ReadingOptions(unchecked: ["fold"])
    let table = try CSVReader(options: options).read(path)
    var recipes = [Self.recipe]
    recipes.append(Self.recipe)
    recipes[1].split = .column("fold", values: nil)
    recipes[1].drop = []
    recipes[1].weights = "w"
    recipes.append(Self.recipe)
    recipes[2].split = .fractions([.train: 0.3, .test: 0.3], stratify: .column("city"), seed: 2)
    recipes[2].filters = [RowFilter(column: "w", .among(["1", "2"]))]
    recipes[2].encoding.dropFirst = true
    recipes[2].includeSensitiveInFeatures = true
    for recipe in recipes {
      let identity = CacheIdentity(
        sources: [try FileHash.sha256(ofFileAt: path)], recipe: recipe, reading: options)
      Self.expectEqual(
        try cache.prepare(CSVRows([(path, nil)], options: options), identity), try recipe.prepare(table))
    }
  }

  @Test func filesOfASplitAreThoseInMemory() throws {
    let folder = try TemporaryFolder()
    let cache = try PreparedCache(folder: folder.path + "/cache")
    let paths = try [
      folder.write(Self.text(rows: 17_000, seed: 1).utf8, as: "a.csv"),
      folder.write(Self.text(rows: 9000, seed: 2, first: 15_000).utf8, as: "b.csv"),
      folder.write(Self.text(rows: 300, seed: 3).utf8, as: "c.csv"),
    ]
    let parts: [SplitName] = [.train, .test, .train]
    var recipe = Self.recipe
    recipe.split = .tables
    let tables = try CSVReader().read(paths)
    let inMemory = try recipe.prepare(Array(zip(parts, tables)).map { ($0, $1) })
    let source = try CSVRows(zip(paths, parts).map { ($0, $1) })
    Self.expectEqual(try cache.prepare(source, Self.identity(recipe)), inMemory)
  }

  /// What `CSVReader` refuses is refused in pieces too, in the same words; and so is what only files in pieces cannot.
  @Test(arguments: [
    ("age\n39\n50\nnan\n", true), ("age\n39\n-Inf\n50\n", true), ("a,b\n", true), ("", true), ("a,b\n1,2\n3\n", true),
    ("age\n" + (1...20).map { "\($0)\n" }.joined() + "l7\n", true),
    ("a,b,a\n1,2,1\n1,2,3\n", false),
  ])
  func refusals(text: String, isSame: Bool) throws {
    let inPieces = try message { folder in _ = try CSVRows([(folder.write(text.utf8), nil)]) }
    let inMemory = try message { folder in _ = try CSVReader().read(folder.write(text.utf8)) }
    #expect((inPieces == inMemory) == isSame)
    #expect(inPieces.hasPrefix("data.csv"))
  }

  @Test func damagedOnesAreMadeAgain() throws {
    let folder = try TemporaryFolder()
    let cache = try PreparedCache(folder: folder.path)
    let recipe = Self.census()
    let identity = Self.identity(recipe)
    func make() throws -> PreparedData { try cache.prepare(SimulatedRows(rows: 3000, seed: 1), identity) }
    let whole = try make()
    let path = cache.path(of: identity.key)
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    #expect(names.count == 15 && names.contains("manifest") && names.contains("train.starts"))
    for name in names {
      let file = URL(fileURLWithPath: "\(path)/\(name)")
      let bytes = try Data(contentsOf: file)
      var flipped = bytes
      flipped[bytes.count / 2] ^= 4
      for damaged in [flipped, bytes.dropLast(), bytes + [0], Data()] {
        try damaged.write(to: file)
        #expect(cache.open(identity.key) == nil, "\(name)")
      }
      try FileManager.default.removeItem(at: file)
      #expect(cache.open(identity.key) == nil, "\(name)")
      // Made again over what is there.
      Self.expectEqual(try make(), whole)
      #expect(try Data(contentsOf: file) == bytes)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [identity.key])
  }

  @Test func keysTellContentsApart() {
    let recipe = Self.census()
    var keys: Set<String> = [Self.identity(recipe).key, Self.identity(recipe).key]
    #expect(keys.count == 1)
    keys.insert(Self.identity(recipe, ["other"]).key)
    keys.insert(Self.identity(Self.census { $0.encoding.dropFirst.toggle() }).key)
    keys.insert(CacheIdentity(sources: ["census"], recipe: recipe, reading: ReadingOptions(missingMarkers: [])).key)
    keys.insert(CacheIdentity(sources: ["census"], recipe: recipe, reading: ReadingOptions(unchecked: ["a", "b"])).key)
    keys.insert(
      CacheIdentity(sources: ["census"], recipe: recipe, reading: ReadingOptions(), columnNames: ["a"]).key)
    #expect(keys.count == 6)
    #expect(
      CacheIdentity(sources: [], recipe: recipe, reading: ReadingOptions(unchecked: ["a", "b", "c", "d"])).key
        == CacheIdentity(sources: [], recipe: recipe, reading: ReadingOptions(unchecked: ["d", "c", "b", "a"])).key)
  }

  @Test func failuresLeaveNothing() throws {
    let folder = try TemporaryFolder()
    let cache = try PreparedCache(folder: folder.path + "/cache")
    let identity = Self.identity(Self.census { $0.label.positive = ["nope"] })
    #expect(throws: DataError.self) { try cache.prepare(SimulatedRows(rows: 300, seed: 1), identity) }
    #expect(throws: DataError.self) {
      try cache.prepare(SimulatedRows(rows: 300, seed: 1), Self.identity(Self.census())) { progress throws(DataError) in
        if progress.stage == .encoding { throw DataError(.inputOutput, at: "", "stop") }
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/cache").isEmpty)
    let file = try folder.write("x".utf8, as: "file")
    #expect(
      try message { _ in
        _ = try PreparedCache(folder: file + "/cache").prepare(SimulatedRows(rows: 300, seed: 1), identity)
      }.hasSuffix("cannot be made. Name a folder for prepared rows with --cache."))
  }

  private static let budgetTexts: [(String, Int?)] = [
    ("1GiB", 1 << 30), ("1g", 1 << 30), ("1.5GiB", 3 << 29), ("512M", 1 << 29), ("2 TiB", 2 << 40),
    ("100MB", 100_000_000), ("1048576K", 1 << 30), ("0.25G", 1 << 28), ("1", nil), ("GiB", nil), ("1XB", nil),
    ("-1GiB", nil), ("63MiB", nil), ("1e3G", nil), ("1..5G", nil), ("nan", nil), ("9999999999T", nil), ("", nil),
    ("١G", nil),
  ]

  @Test(arguments: budgetTexts)
  func budgets(text: String, bytes: Int?) {
    #expect(MemoryBudget(text)?.bytes == bytes)
  }

  @Test func budgetsDecide() throws {
    let budget = MemoryBudget(bytes: 1 << 30)
    #expect(budget.holds(simulatedRows: 1_000_000) && !budget.holds(simulatedRows: 10_000_000))
    #expect(!budget.holds(simulatedRows: .max))
    #expect(
      try message { _ in try budget.check(rows: 1 << 30, at: "census") }
        == "census: has 1073741824 rows, whose labels and scores alone take up about 80 GiB, more than the 1 GiB of "
        + "--memory. Give more memory, or use fewer rows.")
  }
}
