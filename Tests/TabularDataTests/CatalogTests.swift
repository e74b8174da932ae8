import Foundation
import LinearAlgebra
import TabularData
import Testing

@Suite struct CatalogTests {
  /// A catalogue entry with a small file.
  static let entry: CatalogEntry = {
    var entry = CatalogEntry.adult
    entry.name = "small"
    entry.files = [
      CatalogEntry.File(
        name: "train", fileName: "small.csv", url: "https://example.org/small.csv",
        // Of "abc", from FIPS 180-2.
        sha256: ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"])
    ]
    return entry
  }()

  private func locator(
    _ folder: TemporaryFolder, given: [String: String] = [:], data: Bool = false,
    fetch: @escaping DatasetLocator.Fetch = { url, _ throws(DataError) in
      throw DataError(.noInput, at: url, "cannot be downloaded: no route. Check the connection and the proxy.")
    }
  ) -> DatasetLocator {
    var environment = ["XDG_CACHE_HOME": folder.path + "/cache", "HOME": "/nowhere"]
    if data { environment["EQUIPOISE_DATA"] = folder.path + "/data" }
    return DatasetLocator(given: given, environment: environment, fetch: fetch)
  }

  @Test func looksInOrder() throws {
    let folder = try TemporaryFolder()
    let file = Self.entry.files[0]
    let fetching = locator(folder, data: true) { _, path throws(DataError) in
      try? Data("abc".utf8).write(to: URL(fileURLWithPath: path))
    }
    #expect(try fetching.locate(file, of: Self.entry).place == .download)
    // Only the file itself is left in the cache, not the temporary one.
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path + "/cache/equipoise/small") == ["small.csv"])
    #expect(try locator(folder, data: true).locate(file, of: Self.entry).place == .cache)
    _ = try folder.write("abc".utf8, as: "data/small/small.csv")
    let found = try locator(folder, data: true).locate(file, of: Self.entry)
    #expect(found.place == .dataFolder && found.sha256 == file.sha256[0])
    let mine = try folder.write("my own".utf8, as: "mine.csv")
    let given = try locator(folder, given: ["train": mine], data: true).locate(file, of: Self.entry)
    #expect(given.place == .given && given.path == mine)
  }

  @Test func folders() {
    #expect(DatasetLocator(environment: ["HOME": "/h"]).cacheFolder == "/h/.cache/equipoise")
    #expect(
      DatasetLocator(environment: ["HOME": "/h", "XDG_CACHE_HOME": "relative"]).cacheFolder == "/h/.cache/equipoise")
    #expect(DatasetLocator(environment: ["EQUIPOISE_DATA": ""]).dataFolder == nil)
  }

  @Test func refusals() throws {
    let file = Self.entry.files[0]
    #expect(
      try message { folder in _ = try locator(folder).locate(file, of: Self.entry) }
        == "https://example.org/small.csv: cannot be downloaded: no route. Check the connection and the proxy. "
        + "Or put small.csv from https://example.org/small.csv into $EQUIPOISE_DATA/small yourself.")
    let other = "cb8379ac2098aa165029e3938a51da0bcecfc008fd6795f401178647f96c5b34"  // of "def"
    #expect(
      try message { folder in
        _ = try folder.write("def".utf8, as: "data/small/small.csv")
        _ = try locator(folder, data: true).locate(file, of: Self.entry)
      }
        == "data/small/small.csv: has SHA-256 \(other), expected \(file.sha256[0]). "
        + "Replace it, or name the path in the configuration to use it as it is.")
    #expect(
      try message { folder in
        _ = try folder.write("def".utf8, as: "cache/equipoise/small/small.csv")
        _ = try locator(folder).locate(file, of: Self.entry)
      }
        == "cache/equipoise/small/small.csv: has SHA-256 \(other), expected \(file.sha256[0]). "
        + "Delete it, and it is downloaded again.")
    var left: [String]?
    #expect(
      try message { folder in
        let fetching = locator(folder) { _, path throws(DataError) in
          try? Data("def".utf8).write(to: URL(fileURLWithPath: path))
        }
        defer { left = try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/cache/equipoise/small") }
        _ = try fetching.locate(file, of: Self.entry)
      }
        == "https://example.org/small.csv: sends a file with SHA-256 \(other), expected \(file.sha256[0]). "
        + "Try again; if it stays so, the publisher has changed the file.")
    #expect(left == [], "nothing half fetched stays behind")
    #expect(
      try message { _ in _ = try DatasetCatalog.entry(named: "adlut") }
        == "catalog: has no data set 'adlut'. Did you mean 'adult'?")
    #expect(
      try message { _ in _ = try CatalogEntry.adult.file(named: "dev") }
        == "catalog 'adult': has no file 'dev'. It has 'train', 'test'.")
  }

  @Test func downloadWithoutServerSaysSo() throws {
    // Port 9 of this machine: nobody listens there.
    let found = try message { folder in
      try Download.fetch("http://127.0.0.1:9/x", to: folder.path + "/x")
    }
    #expect(found.hasPrefix("http://127.0.0.1:9/x: cannot be downloaded: "))
    #expect(found.hasSuffix(" Check the connection and the proxy."))
  }
}

@Suite(.enabled(if: DataFolder.isThere, "EQUIPOISE_DATA names no folder"))
struct CatalogDataTests {
  @Test func adultInTheArticlesPreparation() throws {
    let (tables, files) = try CatalogEntry.adult.load()
    #expect(files.map(\.sha256) == CatalogEntry.adult.files[0].sha256)
    #expect(tables[0].rowCount == 32_561 && tables[0].columns.count == 15)
    let data = try CatalogEntry.adult.recipe.prepare(tables[0])
    let train = try #require(data[.train])
    let test = try #require(data[.test])
    #expect(train.rows == 15_470 && test.rows == 15_470 && train.features.columns == 93)
    #expect(train.labels.reduce(0, +) == 3752 && test.labels.reduce(0, +) == 3752)
    #expect(data.sensitive.map(\.groups) == [["Black", "White"], ["Female", "Male"]])
    #expect(try BatchSchedule(rows: train.rows, batchSize: 32, dropLast: true).batchCount == 483)
    // Two ways: what one pass over the file gives is what the encoder gives for the same rows alone.
    let encoded = try data.encoder.encode(tables[0], rows: train.sourceRows).features
    #expect(FeatureRows(encoded, base: data.encoder.baseRow) == train.featureRows)
    // Rows kept as deviations give back the matrix but for the last bit of a sum, and exactly the same deviations.
    let features = train.features
    #expect(FeatureRows(features, base: data.encoder.baseRow) == train.featureRows)
    // Counted apart: a base row of the most frequent values is one from which few deviate.
    let base = try #require(data.encoder.baseRow)
    #expect(
      encoded.values.indices.allSatisfy { index in
        let value = encoded.values[index]
        return abs(features.values[index] - value) <= 2 * max(abs(value), abs(base[index % 93])).ulp
      })
    let differing = encoded.values.indices.reduce(0) { $0 + (encoded.values[$1] == base[$1 % 93] ? 0 : 1) }
    let deviations = try #require(train.featureRows.deviationsPerRow)
    #expect(abs(deviations - Double(differing) / Double(train.rows)) < 1e-12 && deviations < 8)
    for column in 0..<93 {
      let values = features.column(column).map(Double.init)
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
      #expect(abs(mean) < 1e-5 && (abs(variance - 1) < 1e-5 || variance == 0))
    }
  }

  /// Golden values from Scripts/golden/tabular_data.py.
  @Test func adultAgreesWithPandasAndScikitLearn() throws {
    let golden = try Golden.load().adult
    let table = try CatalogEntry.adult.load().tables[0]
    let race = try cells(table, "race")
    let kept = race.indices.filter { race[$0] == "White" || race[$0] == "Black" }
    #expect(kept.count == golden.rows)
    let names = table.columns.map(\.name).filter { !["race", "sex", "fnlwgt", "income"].contains($0) }
    let training = stride(from: 0, to: kept.count, by: 2).map { kept[$0] }
    let encoder = try FeatureEncoder.fit(
      to: table, columns: names, keptRows: kept, trainingRows: training, options: EncodingOptions(dropFirst: true))
    #expect(encoder.featureNames == golden.features.map { $0.replacing("_", with: "=") })
    let moments = encoder.columns.flatMap { column -> [(Double, Double)] in
      switch column.encoding {
      case .numeric(let numeric): [(numeric.mean, numeric.scale)]
      case .categorical(let categorical): Array(zip(categorical.offsets, categorical.scales))
      }
    }
    for (moment, expected) in zip(moments, zip(golden.mean, golden.scale)) {
      #expect(abs(moment.0 - expected.0) <= 1e-11 * max(1, abs(expected.0)))
      #expect(abs(moment.1 - expected.1) <= 1e-11 * max(1, abs(expected.1)))
    }
    let (features, warnings) = try encoder.encode(table, rows: kept)
    #expect(warnings.count == 1 && warnings[0].message.contains("\(golden.unseenCells) of \(kept.count) rows"))
    for (row, expected) in zip(golden.sampleRows, golden.sample) {
      for (column, value) in expected.enumerated() {
        #expect(abs(Double(features[row, column]) - value) <= 1e-6 * max(1, abs(value)))
      }
    }
    for (column, sum) in golden.columnSums.enumerated() {
      let found = features.column(column).reduce(0.0) { $0 + Double($1) }
      // 30,940 numbers, each rounded to 24 bits; the largest of them are about 180.
      #expect(abs(found - sum) < 0.01)
    }
  }

  @Test func adultsTestFileHasTheSameLabels() throws {
    let (tables, _) = try CatalogEntry.adult.load(files: ["train", "test"])
    #expect(tables.map(\.rowCount) == [32_561, 16_281])
    var recipe = CatalogEntry.adult.recipe
    recipe.split = .tables
    let data = try recipe.prepare([(.train, tables[0]), (.test, tables[1])])
    #expect(data[.train]?.rows == 30_940 && data[.test]?.rows == 15_507)
    #expect(data.label.positive == [">50K"] && data.label.negative == ["<=50K"])
    #expect(tables[1].origins.place(ofRow: 0).hasSuffix("adult.test:2"))
  }

  @Test func compasWithProPublicasFilters() throws {
    let (tables, _) = try CatalogEntry.compas.load()
    let table = tables[0]
    #expect(table.rowCount == 7214)
    #expect(CatalogEntry.compas.identifying.allSatisfy { table[$0] == nil })
    let data = try CatalogEntry.compas.recipe.prepare(table, missingMarkers: [])
    let rows = data.counts.values.reduce(0) { $0 + $1.rows }
    #expect(rows == 6172)
    // ProPublica's own count of people who were charged again: 2,809.
    #expect(data.counts.values.reduce(0) { $0 + $1.positives } == 2809)
    #expect(
      Set(data.encoder.columns.map(\.name)) == [
        "age", "age_cat", "juv_fel_count", "juv_misd_count", "juv_other_count", "priors_count", "c_charge_degree",
        "c_charge_desc",
      ])
  }

  @Test func describesAdult() throws {
    let table = try CatalogEntry.adult.load().tables[0]
    let description = try TableDescription(table, recipe: CatalogEntry.adult.recipe)
    #expect(description.rows == 30_940)
    let whole = try TableDescription(table)
    let age = try #require(whole.columns.first { $0.name == "age" })
    // UCI's own summary of the file: ages 17 to 90, mean 38.58, and 1,836 people without a work class.
    #expect(age.numbers?.minimum == 17 && age.numbers?.maximum == 90 && age.numbers?.median == 37)
    #expect(abs((age.numbers?.mean ?? 0) - 38.5816) < 1e-4 && age.distinct == 73)
    let work = try #require(whole.columns.first { $0.name == "workclass" })
    #expect(work.missing == 1836 && work.top.first?.value == "Private" && work.top.first?.rows == 22_696)
    #expect(
      description.labelRates.map { "\($0.column) \($0.group)" } == [
        "race Black", "race White", "sex Female", "sex Male",
      ])
    #expect(description.labelRates[0].rows == 3124 && description.labelRates[0].positives == 387)
  }
}
